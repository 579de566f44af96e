"""A table is frozen; each verb returns another one."""

from dataclasses import FrozenInstanceError

import numpy as np
import pandas as pd
import pytest

from sopsem.errors import UsageError
from sopsem.report.table import Table


@pytest.fixture
def table():
    return Table(
        title="Effects",
        columns=("path", "est", "low", "high"),
        rows=(("a", ".5", ".2", ".8"), ("b", "-.1", "—", "—")),
        alignment="lrrr",
    )


def test_a_table_cannot_be_changed(table):
    """Assigning a field fails, and a list given for the rows is copied."""
    rows = [["1"]]
    copy = Table(title="", columns=("a",), rows=rows)
    rows[0][0] = "2"
    assert copy.rows == (("1",),)
    with pytest.raises(FrozenInstanceError):
        table.title = "other"


VERBS = {
    "with_title": (lambda t: t.with_title("T"), lambda t: t.title == "T"),
    "with_note": (lambda t: t.with_note("n"), lambda t: t.notes == ("n",)),
    "with_source": (lambda t: t.with_source("synthetic"), lambda t: t.source_label == "synthetic"),
    "with_number": (lambda t: t.with_number("Table 1"), lambda t: t.number == "Table 1"),
    "with_row": (lambda t: t.with_row("c", "1", "2", "3"), lambda t: t.rows[-1] == ("c", "1", "2", "3")),
    "aligned": (lambda t: t.aligned("cccc"), lambda t: t.alignment == "cccc"),
    "renamed": (lambda t: t.renamed({"est": "β"}), lambda t: t.columns == ("path", "β", "low", "high")),
    "select": (
        lambda t: t.select("est", "path"),
        lambda t: (t.columns, t.rows[0], t.alignment) == (("est", "path"), (".5", "a"), "rl"),
    ),
    "with_interval": (
        lambda t: t.with_interval("low", "high", label="CI"),
        lambda t: (
            (t.columns, t.rows, t.alignment)
            == (("path", "est", "CI"), (("a", ".5", "[.2, .8]"), ("b", "-.1", "—")), "lrc")
        ),
    ),
}


@pytest.mark.parametrize("name", VERBS)
def test_each_verb_returns_a_new_table(table, name):
    """The verb does what it says and leaves the table as it was."""
    before = repr(table)
    act, holds = VERBS[name]
    assert holds(act(table))
    assert repr(table) == before


def test_every_public_verb_is_tested():
    """A new verb asks for its line above."""
    public = {name for name in vars(Table) if not name.startswith("_")}
    fields = set(Table.__dataclass_fields__)
    assert public - fields - {"from_frame"} == set(VERBS)


def test_from_frame_formats_each_column():
    """Defaults follow the names of the columns; formats may be a function or a number of decimals."""
    frame = pd.DataFrame(
        {
            "lhs": ["y", None],
            "n": [92, 71],
            "est": [0.5, np.nan],
            "std_all": [0.4, 1.354],
            "pvalue": [0.0001, 0.0741],
            "ok": [True, False],
        }
    )
    table = Table.from_frame(frame, title="T", labels={"pvalue": "p"}, formats={"est": 1})
    assert table.columns == ("lhs", "n", "est", "std_all", "p", "ok")
    assert table.rows == (
        ("y", "92", "0.5", ".400", "< .001", "yes"),
        ("—", "71", "—", "1.354", ".074", "no"),
    )
    assert table.alignment == "lrrrrl"


def test_from_frame_keeps_an_empty_frame():
    """No rows is a table with headers only."""
    assert Table.from_frame(pd.DataFrame({"a": []}), title="T").rows == ()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Table(title="T", columns=(), rows=()), "no columns"),
        (lambda: Table(title="T", columns=("a",), rows=(("1",), ("1", "2"))), "row 2: 2 cells, 1 columns"),
        (lambda: Table(title="T", columns=("a",), rows=((1.0,),)), "cell 1.0 is not text"),
        (lambda: Table(title="T", columns=("a",), rows=(), alignment="x"), "alignment is 'x'"),
        (lambda: Table(title="T", columns=("a",), rows=(), spanners=("x", "y")), "2 spanners; give 1"),
        (lambda: Table(title="T", columns=("a",), rows=(("1",),), levels=(0, 1)), "2 levels; give 1"),
        (lambda: Table(title="T", columns=("a",), rows=(), notes="one"), "notes is one text"),
        (lambda: Table.from_frame(pd.DataFrame({"a": [1]}), title="T", formats={"b": 2}), "no column 'b'"),
        (lambda: Table(title="T", columns=("a",), rows=()).select("b"), "no column 'b'; it has a"),
        (lambda: Table(title="T", columns=("a",), rows=()).renamed({"b": "c"}), "no column 'b'"),
    ],
)
def test_a_wrong_shape_is_refused_by_name(make, message):
    """The message names the table, the row and what was found."""
    with pytest.raises(UsageError, match=message):
        make()


def test_a_notebook_shows_the_table_escaped():
    """The notebook view is the HTML fragment."""
    shown = Table(title="<i>", columns=("a",), rows=(("<b>",),))._repr_html_()
    assert "&lt;b&gt;" in shown
    assert "<b>" not in shown


def test_spanners_follow_their_columns():
    """Selecting, joining and adding keep spanners and levels as long as columns and rows."""
    table = Table(
        title="T", columns=("a", "lo", "hi"), rows=(("f", "", ""), ("x", ".1", ".2")),
        alignment="ldd", spanners=("", "CI", "CI"), levels=(0, 1),
    )  # fmt: skip
    assert table.select("hi", "a").spanners == ("CI", "")
    assert table.with_interval("lo", "hi", label="both").spanners == ("", "CI")
    assert table.with_row("y", ".3", ".4").levels == (0, 1, 1)


def test_the_frame_is_copied():
    """What the caller does with the numbers later changes nothing."""
    frame = pd.DataFrame({"a": [1.0]})
    table = Table(title="T", columns=("a",), rows=(("1",),), frame=frame)
    frame.loc[0, "a"] = 2.0
    assert table.frame["a"].tolist() == [1.0]
