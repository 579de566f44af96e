"""A table that compiles with booktabs and nothing else."""

import re
import shutil
import subprocess

import pytest

from sopsem.report.latex import latex_table
from sopsem.report.table import Table


def make(**changes):
    fields = {
        "title": "Fit & more",
        "columns": ("Item", "M", "SE", "β"),
        "rows": (("Trust", "", "", ""), ("a", "1.5", "0.12", "-.40***"), ("b", "2.25", "—", ".1")),
        "alignment": "lddd",
        "spanners": ("", "Raw", "Raw", ""),
        "levels": (0, 1, 1),
        "notes": ("N = 92, p < .001, 5 % & more.",),
    }
    return Table(**(fields | changes))


def test_spanners_rules_and_headings():
    """A text over two columns has its rule; a heading spans the table; rows are indented."""
    text = latex_table(make())
    assert r" & \multicolumn{2}{c}{Raw} &  \\" in text
    assert r"\cmidrule(lr){2-3}" in text
    assert r"\multicolumn{4}{l}{Trust} \\" in text
    assert r"\hspace*{1em}a & 1.5\phantom{0} & 0.12 & $-$.40*** \\" in text
    assert r"Item & \emph{M} & \emph{SE} & $\beta$" in text
    assert r"\emph{N} = 92, \emph{p} \textless{} .001, 5 \%" in text


def test_long_texts_are_broken_into_lines():
    """In a box that needs no package."""
    words = "We meet on a fixed calendar to settle one common plan for all of us."
    text = latex_table(make(rows=((words, "1", "2", ".3"),), levels=()))
    assert rf"\parbox[t]{{0.4\linewidth}}{{\raggedright {words}\strut}}" in text


@pytest.mark.parametrize(
    ("columns", "size"), [(4, ""), (14, r"\small"), (17, r"\footnotesize"), (30, r"\scriptsize")]
)
def test_wide_tables_get_smaller_letters(columns, size):
    """And very wide ones the advice to turn them."""
    wide = Table(
        title="",
        columns=tuple("c" * 4 for _ in range(columns)),
        rows=(tuple("1.23" for _ in range(columns)),),
    )
    text = latex_table(wide)
    assert (f"{size}\\setlength" in text) is bool(size)
    assert ("landscape" in text) is (columns == 30)


def test_letters_beyond_pdflatex_are_announced():
    """A comment names the engines that have them."""
    assert latex_table(make(title="品質")).startswith("% Compile with XeLaTeX")
    assert not latex_table(make(title="Größe")).startswith("%")


def test_every_line_of_the_grid_has_all_cells():
    """No row lacks an ampersand."""
    body = latex_table(make()).split("\\midrule\n")[1].split("\\bottomrule")[0]
    assert [len(re.findall(r"(?<!\\)&", line)) for line in body.splitlines()] == [0, 3, 3]


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="needs pdflatex")
def test_it_compiles(tmp_path, payloads):
    """Whatever the texts hold, as far as pdfLaTeX has the letters."""
    plain = [text for text in payloads if all(letter < "\u0250" for letter in text)]
    tables = [make(), *(make(title=t, rows=((t, "1", "2", ".3"),), levels=(), notes=(t,)) for t in plain)]
    body = "\n\\clearpage\n".join(map(latex_table, tables))
    head = "\\documentclass{article}\\usepackage[utf8]{inputenc}\\usepackage{booktabs}\\begin{document}\n"
    (tmp_path / "a.tex").write_text(head + body + "\n\\end{document}\n", "utf-8")
    command = ["pdflatex", "-halt-on-error", "-interaction=nonstopmode", "-no-shell-escape", "a.tex"]
    done = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, errors="replace", check=False
    )
    assert done.returncode == 0, done.stdout[-1500:]
