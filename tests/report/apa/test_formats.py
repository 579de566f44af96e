"""What a table prints reads back as the numbers of the API, whatever the format."""

import csv
import io
import re
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest
from docx import Document

from sopsem.report.digits import MISSING
from sopsem.report.render import render

NAMES = (
    "measurement", "measurement_groups", "measurement_second", "measurement_ordinal", "measurement_improper",
    "validity", "validity_groups", "validity_ordinal", "effects", "effects_groups", "effects_draws",
    "fit", "fit_robust", "invariance", "correlations", "bootstrap",
)  # fmt: skip


def plain(text):
    """Return a cell as the table holds it: without the blanks that align it, with the hyphen for a minus."""
    return re.sub(r"[\u2007\u00a0]+$", "", text.strip(" \n")).replace("−", "-").replace("\u00a0", " ").strip()


class Cells(HTMLParser):
    """Collects the rows of a table body."""

    def __init__(self, text):
        super().__init__()
        self.rows, self.inside, self.body = [], False, False
        self.feed(text)

    def handle_starttag(self, tag, attrs):  # noqa: ARG002 - the name is the parser's
        self.body = (self.body or tag == "tbody") and tag != "thead"
        if tag == "tr" and self.body:
            self.rows.append([])
        if tag in {"td", "th"} and self.body:
            self.inside = True
            self.rows[-1].append("")

    def handle_endtag(self, tag):
        self.inside = self.inside and tag not in {"td", "th"}
        self.body = self.body and tag != "tbody"

    def handle_data(self, data):
        if self.inside:
            self.rows[-1][-1] += data


def from_html(table):
    return Cells(render(table, "html").decode()).rows


def from_docx(table):
    grid = Document(io.BytesIO(render(table, "docx"))).tables[0]
    rows = [[cell.text for cell in row.cells] for row in grid.rows][2 if table.spanners else 1 :]
    # a merged heading is met once for every column
    return [row[:1] if len(set(row)) == 1 and len(row) > 1 and row[0] else row for row in rows]


def from_markdown(table):
    lines = [line for line in render(table, "markdown").decode().splitlines() if line.startswith("|")][2:]
    cells = [re.split(r"(?<!\\)\|", line)[1:-1] for line in lines]
    return [
        [re.sub(r"\\(.)", r"\1", c).replace("&nbsp;", "").strip().removeprefix("**") for c in row]
        for row in cells
    ]


def from_latex(table):
    body = render(table, "latex").decode().split("\\midrule\n")[1].split("\\bottomrule")[0]
    undone = body.replace("$-$", "-").replace("---", MISSING).replace(r"\textless{}", "<")
    undone = re.sub(r"\\(phantom\{0\}|nobreakspace\{\}|hspace\*\{\dem\}|strut|raggedright )", "", undone)
    undone = undone.replace("$\\infty$", "∞").replace(r"\textgreater{}", ">")
    return [re.split(r"(?<!\\)&", line.removesuffix(" \\\\")) for line in undone.splitlines()]


READERS = {"html": from_html, "docx": from_docx, "markdown": from_markdown, "latex": from_latex}


@pytest.mark.parametrize("kind", READERS)
@pytest.mark.parametrize("name", NAMES)
def test_every_number_reads_back(tables, name, kind):
    """All cells but the first (names are escaped as the format asks) are those of the table, row by row."""
    table = tables[name]
    rows = READERS[kind](table)
    assert len(rows) == len(table.rows)
    for found, row in zip(rows, table.rows, strict=True):
        own = [plain(cell) for cell in found[1:]] or [""] * (len(row) - 1)
        assert own == list(row[1:])


@pytest.mark.parametrize("name", NAMES)
def test_csv_holds_the_unrounded_numbers(tables, name):
    """Every float of the frame reads back as itself, to the last bit."""
    table = tables[name]
    rows = list(csv.reader(io.StringIO(render(table, "csv").decode())))
    for place, column in enumerate(table.frame.columns):
        cells = [row[place] for row in rows[1:]]
        if pd.api.types.is_float_dtype(table.frame[column]):
            read = np.array([float(cell) if cell else np.nan for cell in cells])
            assert np.array_equal(read, table.frame[column].to_numpy(), equal_nan=True)
    assert rows[0][: len(table.frame.columns)] == list(map(str, table.frame.columns))


def unstarred(cell):
    return cell.rstrip("*")


def test_printed_numbers_are_the_frame_rounded(tables):
    """The printed loading is the API's to half a unit of its last decimal."""
    table = tables["measurement_groups"]
    items = [row for row in table.rows if row[1]]
    frame = table.frame
    assert len(items) == len(frame) == 12
    for row, (_, numbers) in zip(items, frame.iterrows(), strict=True):
        for cell, key in zip(
            row[1:7], ("est", "se", "est_std", "se_std", "ci_lower_std", "ci_upper_std"), strict=True
        ):
            if cell == MISSING:
                assert numbers["se"] == 0.0
            else:
                assert float(unstarred(cell)) == pytest.approx(numbers[key], abs=0.0005 + 1e-12)


@pytest.mark.parametrize("name", NAMES)
def test_no_number_between_minus_one_and_one_has_a_leading_zero_where_it_is_bounded(tables, name):
    """λ, β, p, CFI, RMSEA, reliabilities and correlations; estimates in raw units keep theirs."""
    table = tables[name]
    spanners = table.spanners or ("",) * len(table.columns)
    bounded = {"λ", "β", "p", "α", "ω", "CR", "AVE", "CFI", "TLI", "RMSEA", "SRMR", "ΔCFI"}
    places = [
        n
        for n, (c, s) in enumerate(zip(table.columns, spanners, strict=True))
        if c in bounded or s == "Standardized"
    ]
    places += [n for n, c in enumerate(table.columns) if c.isdigit()]
    for row in table.rows:
        for place in places:
            assert not re.match(r"-?0\.", row[place]), (name, table.columns[place], row)


def test_tables_of_hostile_names_stay_tables(study, payloads):
    """Names from a file can neither break a format nor become a formula."""
    from sopsem.report.apa.measurement import measurement_table

    for start in range(7):
        text = " ".join(payloads[start::7])
        table = measurement_table(
            study.single, labels={"f": text, "a": text}, texts={"a": text}, source_label=text
        )
        for kind, read in READERS.items():
            assert len(read(table)) == len(table.rows), (kind, text)
        for row in csv.reader(io.StringIO(render(table, "csv").decode(), newline="")):
            assert not any(cell.lstrip(" \ufeff\u200b").startswith(("=", "+", "@")) for cell in row)
