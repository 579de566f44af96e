"""The measurement model as printed."""

import pytest

import sopsem
from sopsem.errors import UsageError


def rows_of(table, name):
    return next(row for row in table.rows if row[0].startswith(name))


def test_reliability_stands_in_the_row_of_the_construct(study, tables):
    """Alpha, omega, CR, AVE are those of ``reliability``."""
    own = sopsem.reliability(study.single).set_index("factor").loc["f"]
    row = rows_of(tables["measurement"], "Zusammenarbeit")
    printed = [float(cell) for cell in row[-4:]]
    assert printed == pytest.approx([own["alpha"], own["omega"], own["cr_std"], own["ave_std"]], abs=0.0051)
    assert row[1:-4] == ("",) * 6


def test_a_fixed_loading_has_no_standard_error(tables):
    """The marker shows a dash, and the note says what it means."""
    table = tables["measurement"]
    assert rows_of(table, "α_1 100%")[1:3] == ("1.00", "—")
    assert "dash" in table.notes[0]


def test_item_texts_follow_the_names(tables):
    """The wording stands after the item."""
    assert any("fixed calendar" in row[0] for row in tables["measurement"].rows)


def test_stars_come_with_their_note(tables):
    """Without the option there is neither."""
    assert any("***" in row[3] for row in tables["measurement"].rows)
    assert tables["measurement"].notes[-1].startswith("* p < .05")
    assert not any("*" in cell for row in tables["measurement_groups"].rows for cell in row)
    assert len(tables["measurement_groups"].notes) == 1


def test_every_group_has_its_part(study, tables):
    """Group, construct, item are three levels; the note counts the groups."""
    table = tables["measurement_groups"]
    assert [table.levels[n] for n, row in enumerate(table.rows) if not any(row[1:])] == [0, 0]
    assert {row[0] for row in table.rows} >= set(study.groups.spec.groups)
    assert max(table.levels) == 2
    assert f"N = {study.groups.n} (" in table.notes[0]
    assert "MLR" in table.notes[0]


def test_a_second_order_factor_has_cr_and_ave_of_its_dimensions(study, tables):
    """Alpha and omega of items are not claimed for it."""
    from sopsem.sem.constructs.second_order import second_order

    row = next(row for row in tables["measurement_second"].rows if row[0] == "z")
    found = second_order(study.paths).query("part == ''").set_index("coefficient")["est"]
    assert row[-4:-2] == ("", "")
    assert [float(c) for c in row[-2:]] == pytest.approx([found["cr_L2"], found["ave_L2"]], abs=0.0051)


def test_an_improper_solution_is_printed_and_named(tables):
    """A standardized loading above 1 shows itself in full; the note names the parameter."""
    table = tables["measurement_improper"]
    assert any(float(row[3]) > 1.0 for row in table.rows if row[3])
    assert "Improper solution" in table.notes[0]
    assert table.source_label == "synthetic data"


def test_rows_left_out_are_counted(tables):
    """The note accounts for incomplete rows, or says how they entered."""
    assert "10 rows with a missing value left out" in tables["measurement"].notes[0]
    assert "full-information" in tables["measurement_second"].notes[0]


def test_p_is_shown_unless_all_are_small(study):
    """A loading that is not significant brings the column."""
    noise = sopsem.simulate("f =~ 0.8*a + 0.7*b + 0.6*c + 0*d", 150, seed=4)
    assert "p" in sopsem.measurement_table(sopsem.fit("f =~ a + b + c + d", noise)).columns
    assert "p" not in sopsem.measurement_table(study.single).columns


def test_a_model_that_measures_nothing_is_refused():
    """The message says what is missing."""
    data = sopsem.simulate("y ~ 0.5*x", 50, seed=1)
    with pytest.raises(UsageError, match="neither factors"):
        sopsem.measurement_table(sopsem.fit("y ~ x", data))
