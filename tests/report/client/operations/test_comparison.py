"""What a number of units allows, from released means only, and what is refused in words."""

import numpy as np
import pandas as pd
import pytest
from chapters import records, told
from scipy import stats

from sopsem.report.client.operations.comparison import operations_chapter


def units_of(n, size=9):
    return {f"U{i:02d}": size for i in range(n)}


def test_one_unit_has_a_profile_and_no_test():
    found = operations_chapter(*told(units_of(1), constructs=("alignment", "conflict")))
    assert found.sentences[0].startswith("One unit has both answers and records: nothing can be correlated")
    assert set(found.profile["side"]) == {"people", "records"}
    assert found.pairs.empty
    assert found.unit_paths.empty
    assert (found.units["quadrant"] == "").all()
    lines = found.profile.set_index("label")
    alignment = lines.loc["Sales-operations alignment"]
    assert alignment["score"] == pytest.approx((alignment["value"] - 1) / 6 * 100)
    conflict = lines.loc["Conflict (lower is better)"]
    assert conflict["score"] == pytest.approx(100 - (conflict["value"] - 1) / 6 * 100)
    assert "not computed from the tables" in lines.loc["inventory fit", "said"]


def test_a_few_units_have_quadrants_and_nothing_more():
    found = operations_chapter(*told(units_of(4)))
    assert "4 units have both answers and records: the quadrant of each, and no more" in found.sentences[0]
    assert "need 8 units" in found.sentences[0]
    assert (found.units["quadrant"] != "").all()
    assert found.pairs.empty
    assert found.unit_paths.empty
    assert found.profile.empty


def test_eight_units_have_correlations_from_the_printed_means(chapter):
    units = chapter.units.dropna(subset=["perceived", "index"])
    assert len(units) == 8
    assert (units["perceived"] == units["perceived"].round(1)).all()
    assert "A model with a measured outcome needs 30 units" in chapter.sentences[0]
    row = chapter.pairs[chapter.pairs["metric"] == "alignment index"].iloc[0]
    assert row["spearman"] == pytest.approx(stats.spearmanr(units["perceived"], units["index"]).statistic)
    assert row["n"] == 8
    z = units[["perceived", "index"]].apply(lambda c: (c - c.mean()) / c.std())
    assert (z["perceived"] - z["index"]).to_numpy() == pytest.approx(units["gap"].to_numpy())
    assert any(note.startswith("Not measured in these tables: meeting evidence") for note in chapter.notes)


def test_hidden_units_are_named_and_in_no_number(ten, chapter):
    """Other answers of the three people of the hidden unit change nothing that is told of units."""
    hidden = chapter.units[chapter.units["reason"].str.startswith("hidden")]
    assert "U02" in hidden["unit"].tolist()
    assert len(hidden) == 2
    assert hidden[["n", "perceived", "gap"]].isna().all().all()
    assert any("U02" in sentence and "Hidden" in sentence for sentence in chapter.sentences)
    _, made = ten
    sizes = {f"U{i:02d}": 3 if i == 2 else 9 for i in range(10)}
    names = ("alignment", "conflict", "market")
    again = operations_chapter(*told(sizes, made, names, turned="U02"))
    pd.testing.assert_frame_equal(again.units, chapter.units)
    pd.testing.assert_frame_equal(
        again.pairs.drop(columns="corrected"), chapter.pairs.drop(columns="corrected")
    )
    pd.testing.assert_frame_equal(again.unit_paths, chapter.unit_paths)


def test_units_that_do_not_differ_are_not_compared():
    found = operations_chapter(*told(units_of(9), differ=0.0, seed=4))
    assert (
        "their means are not compared: units differ too little for their people (ICC(2)" in found.sentences[0]
    )
    assert (found.units["quadrant"] == "").all()
    assert found.units["gap"].isna().all()
    assert found.pairs.empty


def test_units_of_one_side_are_listed():
    made = records([f"U{i:02d}" for i in (1, 2, 3, 7)])
    found = operations_chapter(*told(units_of(4), made))
    reasons = found.units.set_index("unit")["reason"]
    assert reasons["U00"] == "not measured"
    assert reasons["U07"] == "nobody of it answered"
    assert "Measured, but nobody answered: U07." in found.sentences
    assert "Answered, but not measured: U00." in found.sentences


def test_a_survey_without_units_is_refused_in_words():
    briefing, made = told(units_of(4), question="plant")
    found = operations_chapter(briefing, made)
    assert found.sentences == (briefing.views.refusal,)
    assert "no column 'plant'" in found.sentences[0]
    assert (found.units["reason"] == "no answers by unit").all()
    assert np.isfinite(found.units["index"]).all()


def test_inputs_are_hashed_from_both_sides(ten, chapter):
    briefing, made = ten
    assert chapter.trace.inputs_sha256 == operations_chapter(briefing, made).trace.inputs_sha256
    other = records(made.index["unit"], reliability=0.5)
    object.__setattr__(other.measured.provenance, "inputs", "ee" * 8)
    assert chapter.trace.inputs_sha256 != operations_chapter(briefing, other).trace.inputs_sha256
