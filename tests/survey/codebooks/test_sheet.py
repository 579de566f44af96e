"""The item sheet: what TOML says, it says; what a consultant may type wrongly is told with its place."""

import csv
import io

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sopsem.errors import DataError, UsageError
from sopsem.survey import Instrument, load_instrument
from sopsem.survey.codebooks.carriers import carrier_bytes
from sopsem.survey.codebooks.sheet import sheet_sections

INSTRUMENT = load_instrument()


@pytest.fixture
def edit(tmp_path):
    """Change the cells of a sheet, write it, and return its path."""

    def editor(change, name="q.csv", delimiter=",", encoding="utf-8"):
        path = tmp_path / name
        text = carrier_bytes(INSTRUMENT, path).decode("utf-8-sig")
        rows = [dict(row) for row in csv.DictReader(io.StringIO(text, newline=""))]
        header = list(rows[0])
        rows = change(rows) or rows
        header += [name for row in rows for name in row if name not in header]
        out = io.StringIO(newline="")
        writer = csv.DictWriter(out, header, delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)
        path.write_bytes(out.getvalue().encode(encoding))
        return path

    return editor


def row_of(rows, section, name):
    return next(row for row in rows if row["section"] == section and row["name"] == name)


@pytest.mark.parametrize("ending", [".toml", ".csv"])
def test_each_carrier_gives_the_same_questionnaire_back(tmp_path, ending):
    path = tmp_path / f"q{ending}"
    path.write_bytes(carrier_bytes(INSTRUMENT, path))
    again = load_instrument(path)
    assert again == INSTRUMENT
    for part in ("items", "constructs", "scales", "background"):
        assert list(getattr(again, part)) == list(getattr(INSTRUMENT, part))


TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12).filter(
    lambda text: text.strip() and len(text.splitlines()) == 1
)
ONE_LINE = TEXTS.map(str.strip).filter(bool)


@st.composite
def instruments(draw):
    """A small questionnaire with texts of any kind, formulas among them."""
    text = st.one_of(TEXTS, st.sampled_from(["=1+1", "'=1", "-x", "@a", "yes", "NA", "1.0", 'a,b;c"d']))
    data = {
        "title": draw(text),
        "version": draw(text),
        "language": "en",
        "instruction": draw(st.one_of(st.just(""), text)),
        "missing": draw(st.sampled_from([{}, {"": "no answer"}, {"-9": "refused"}])),
        "scales": {"s": {"stem": draw(text), "codes": {"1": "no", "2": draw(text) + "?"}}, "free": {}},
        "constructs": {
            "f": {
                "label": draw(text),
                "higher_is": draw(st.sampled_from(["better", "worse"])),
                "min_valid": draw(st.sampled_from([None, 1, 2, 0.5, 0.333, 1.0])),
                "sources": draw(st.lists(ONE_LINE, max_size=2)),
            },
            "g": {"label": "G"},
            "h": {"label": "H", "of": ["f", "g"]},
        },
        "items": {
            "a": {"text": draw(text), "construct": "f", "scale": "s", "reverse": draw(st.booleans())},
            "b": {"text": "B", "construct": "f", "scale": "s", "column": draw(st.one_of(st.none(), text))},
            "c": {"text": "C", "construct": "g", "scale": "free", "optional": draw(st.booleans())},
            "d": {"text": "D", "construct": "g", "scale": "s", "expected": draw(st.sampled_from([None, 1]))},
        },
        "background": {"who": {"text": draw(text), "codes": {"x": draw(text)}, "asked": draw(st.booleans())}},
    }
    return Instrument.model_validate(data)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(instruments(), st.sampled_from([".toml", ".csv"]))
def test_any_questionnaire_survives_the_round_trip(tmp_path, instrument, ending):
    path = tmp_path / f"q{ending}"
    path.write_bytes(carrier_bytes(instrument, path))
    try:
        again = load_instrument(path)
    except DataError:
        # what one carrier refuses, such as two labels that differ in spaces only, the other refuses too
        other = tmp_path / f"q{'.csv' if ending == '.toml' else '.toml'}"
        other.write_bytes(carrier_bytes(instrument, other))
        with pytest.raises(DataError):
            load_instrument(other)
    else:
        assert again == instrument


def test_no_cell_is_a_formula_and_numbers_stay_numbers(tmp_path):
    hostile = INSTRUMENT.model_copy(update={"title": "=cmd|' /C calc'!A0"})
    text = carrier_bytes(hostile, tmp_path / "q.csv").decode("utf-8-sig")
    cells = [cell for row in csv.reader(io.StringIO(text, newline="")) for cell in row]
    assert not any(cell.startswith("=") for cell in cells)
    assert "-99" in cells


def test_a_sheet_saved_again_with_semicolons_capitals_and_comments_is_read(edit):
    def change(rows):
        row_of(rows, "items", "con3")["reverse"] = " TRUE "
        row_of(rows, "items", "con4")["reverse"] = "x"
        row_of(rows, "items", "col1")["reverse"] = "No"
        row_of(rows, "constructs", "conflict")["min_valid"] = "0,75"
        row_of(rows, "constructs", "market")["min_valid"] = "2"
        row_of(rows, "items", "col1")["comment"] = "ask again?"
        rows.insert(5, dict.fromkeys(rows[0], ""))

    changed = load_instrument(edit(change, delimiter=";", encoding="cp1252"))
    assert changed.reversed_ids == INSTRUMENT.reversed_ids
    assert changed.constructs["conflict"].min_valid == 0.75
    assert (changed.constructs["market"].min_valid, type(changed.constructs["market"].min_valid)) == (2, int)


@pytest.mark.parametrize(
    ("section", "name", "column", "cell", "words"),
    [
        ("items", "con3", "reverse", "maybe", ["line 72", "column reverse: 'maybe' is neither yes nor no"]),
        ("items", "chk1", "expected", "three", ["column expected: 'three' is no whole number"]),
        ("items", "chk1", "expected", "9", ["items.chk1.expected: 9 is not a code", "(line 90)"]),
        ("items", "con3", "construct", "conflct", ["did you mean 'conflict'?", "(line 72)"]),
        ("items", "con3", "name", "con4", ["'con4' stands twice"]),
        ("items", "con3", "name", "", ["items: no name"]),
        ("items", "con3", "section", "item", ["no section 'item', did you mean 'items'?"]),
        ("items", "con3", "section", "", ["no section in column 'section'"]),
        ("items", "con3", "stem", "Hm", ["column stem does not belong to the section items"]),
        ("items", "con3", "revers", "yes", ["no column 'revers', did you mean 'reverse'?"]),
        ("constructs", "conflict", "min_valid", "most", ["'most' is neither a count such as 3 nor a share"]),
        ("codes", "plan", "name", "pln", ["'pln' has no row in scales, did you mean 'plan'?"]),
        ("codes", "plan", "code", "2", ["scales.plan: code '2' stands twice"]),
        ("questionnaire", "title", "name", "titel", ["no name 'titel', did you mean 'title'?"]),
        ("questionnaire", "title", "name", "version", ["version stands twice"]),
    ],
)
def test_what_is_typed_wrongly_is_told_with_its_place(edit, section, name, column, cell, words):
    def change(rows):
        row_of(rows, section, name)[column] = cell

    path = edit(change)
    with pytest.raises(DataError) as caught:
        load_instrument(path)
    for word in words:
        assert word in str(caught.value)


def test_a_source_of_two_lines_cannot_stand_in_a_sheet():
    parts = dict(INSTRUMENT.constructs)
    parts["conflict"] = parts["conflict"].model_copy(update={"sources": ("one\ntwo",)})
    with pytest.raises(DataError, match=r"constructs.conflict.sources: 'one\\ntwo' cannot stand in a sheet"):
        sheet_sections(INSTRUMENT.model_copy(update={"constructs": parts}))


def test_other_tables_and_other_endings_are_refused(tmp_path):
    (tmp_path / "a.csv").write_text("x,y\n1,2\n")
    with pytest.raises(UsageError, match="neither TOML nor an item sheet"):
        load_instrument(tmp_path / "a.csv")
    with pytest.raises(UsageError, match=r"text is written to \.toml"):
        carrier_bytes(INSTRUMENT, tmp_path / "a.docx")
