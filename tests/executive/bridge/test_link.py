"""E43: floors, units, and that nothing is said that the data do not allow."""

import math
from dataclasses import FrozenInstanceError

import numpy as np
import pandas as pd
import pytest

from sopsem.errors import DataError
from sopsem.executive.bridge import link_survey
from sopsem.executive.schema.policy import make_policy


def test_one_unit_has_a_profile_and_nothing_else(people, ops, quick):
    found = link_survey(people(1), ops(1), categories=7, policy=quick)
    assert found.floors[0] == (
        "1 unit has both: nothing can be correlated; only the profile of what is perceived and measured is given."
    )
    unit = found.units.iloc[0]
    assert unit["quadrant"] == ""
    assert math.isnan(unit["gap"])
    assert unit["perceived"] > 0
    assert unit["measured"] > 0
    assert found.pairs["pearson"].isna().all()
    assert found.paths.empty
    assert set(found.profile["side"]) == {"perceived", "measured"}
    alignment = found.profile.set_index("what").loc["alignment"]
    assert alignment["score"] == pytest.approx(100 * (alignment["value"] - 1) / 6)


@pytest.mark.parametrize("units", [2, 7])
def test_few_units_are_compared_without_a_p_value(people, ops, quick, units):
    found = link_survey(people(units), ops(units), categories=7, policy=quick)
    assert "congruence table only" in found.floors[0]
    assert (found.units["quadrant"] != "").all()
    numbers = found.pairs.filter(regex="spearman|pearson|corrected")
    assert numbers.isna().all().all()
    assert found.paths.empty
    assert found.pairs["reason"].str.contains(f"{units} units have both; 8 are needed").sum() == 4


def test_eight_units_are_correlated_and_have_a_path(people, ops, quick):
    found = link_survey(people(8), ops(8), categories=7, policy=quick)
    known = found.pairs[found.pairs["reason"] == ""].set_index("metric")
    assert list(known.index) == ["commitment_discipline", "index_s", "cash", "price_realisation"]
    assert known.loc["index_s", "spearman"] > 0.8
    assert known.loc["cash", "pearson"] < -0.8
    assert (known["pearson_p"] < 0.05).all()
    assert (known["pearson_lower"] < known["pearson"]).all()
    assert (known["pearson"] < known["pearson_upper"]).all()
    assert (known["pearson_p_holm"] >= known["pearson_p"]).all()
    assert found.surface.empty
    assert list(found.paths["metric"]) == ["cash", "price_realisation"]
    assert (found.paths["measured_slope"] > 0).all()


def test_thirty_units_have_a_surface(people, ops, quick):
    found = link_survey(people(30, 5), ops(30), categories=7, policy=quick)
    assert set(found.surface["metric"]) == {"cash", "price_realisation"}
    assert "response surface" in found.floors[0]


def test_perceptions_that_are_not_shared_are_not_averaged(people, ops, quick):
    apart = people(10, spread=3.0)
    found = link_survey(apart, ops(10), categories=7, policy=quick)
    row = found.agreement.set_index("construct").loc["alignment"]
    assert not row["shared"]
    assert row["reason"].startswith("perceptions are not shared; unit means are not used")
    assert found.units["perceived"].isna().all()
    assert (found.units["quadrant"] == "").all()
    assert found.pairs["pearson"].isna().all()
    assert any("perceptions are not shared" in sentence for sentence in found.floors)


def test_the_rule_needs_both_agreement_and_reliability(people, ops):
    strict = make_policy(bridge={"icc2_min": 0.999})
    found = link_survey(people(3), ops(3), categories=7, policy=strict)
    assert not found.agreement["shared"].any()
    assert "ICC(2)" in found.agreement["reason"].iloc[0]


def test_order_of_rows_and_other_columns_change_nothing(people, ops, quick):
    survey, measures = people(9), ops(9)
    one = link_survey(survey, measures, categories=7, policy=quick)
    mixed = survey.sample(frac=1, random_state=3).assign(alignment_note="x", age=range(len(survey)))
    other = measures.sample(frac=1, random_state=4).assign(colour="red")
    two = link_survey(mixed, other, categories=7, policy=quick)
    assert one.to_markdown() == two.to_markdown()
    for name, frame in one.frames().items():
        pd.testing.assert_frame_equal(frame, two.frames()[name], obj=name)
    assert one.provenance == two.provenance


def test_a_quadrant_is_named_after_what_is_measured_and_what_is_perceived(people, ops, quick):
    measures = ops(4, noise=0.0)
    measures["index_s"] = [80.0, 30.0, 20.0, 90.0]
    found = link_survey(people(4), measures, categories=7, policy=quick)
    assert found.units["quadrant"].tolist() == [
        "aligned and doubt it",
        "misaligned and know it",
        "misaligned and confident",
        "aligned and know it",
    ]
    assert found.units["gap"].sum() == pytest.approx(0)


def test_units_of_one_side_only_and_units_with_few_people_are_named(people, ops, quick):
    survey = people(6)
    survey = survey[~((survey["unit"] == "U02") & (survey.groupby("unit").cumcount() > 3))]
    measures = ops(6).iloc[1:]
    measures.loc[6] = {"unit": "U99", "index_s": 50.0}
    found = link_survey(survey, measures, categories=7, policy=quick)
    reasons = found.units.set_index("unit")["reason"]
    assert reasons["U01"] == "no measures"
    assert reasons["U99"] == "no respondents"
    assert reasons["U02"] == "fewer than 5 respondents"
    assert math.isnan(found.units.set_index("unit").loc["U02", "perceived"])
    assert [n.message for n in found.notices if n.code == "T05"] == [
        "only in the survey: U01",
        "only in the measures: U99",
    ]
    assert any(s.startswith("U02: fewer than 5") for s in found.floors)


def test_pairs_whose_system_does_not_exist_say_so(people, ops, quick):
    found = link_survey(people(3), ops(3), categories=7, policy=quick).pairs.set_index("metric")
    for metric, system in (("roce", "E22"), ("plan_latency", "E40"), ("margin_realisation", "E21")):
        assert system in found.loc[metric, "reason"]
        assert f"give it as a column {metric}" in found.loc[metric, "reason"]


def test_every_row_is_accounted_for(people, ops, quick):
    survey = people(3).astype({"alignment1": float, "unit": object})
    survey.loc[4, "alignment1"] = np.nan
    survey.loc[5, "unit"] = None
    found = link_survey(survey, ops(3), categories=7, policy=quick)
    assert found.excluded["row"].tolist() == [6, 7]
    assert found.excluded["reason"].tolist() == ["alignment: alignment1 not answered", "no unit"]
    assert found.summary["respondents"] == 23
    counts = found.agreement.set_index("construct")["respondents"]
    assert (counts["alignment"], counts["conflict"]) == (22, 23)


def test_nothing_in_common_is_refused(people, ops):
    with pytest.raises(DataError, match="no unit is in both: the survey has U01") as caught:
        link_survey(people(2), ops(2).assign(unit=["X", "Y"]), categories=7)
    assert caught.value.code == "T05"
    with pytest.raises(DataError, match="no item of any construct"):
        link_survey(people(2)[["unit", "role"]], ops(2), categories=7)


def test_the_answer_is_frozen_and_plain(people, ops, quick):
    found = link_survey(people(2), ops(2), categories=7, policy=quick)
    with pytest.raises(FrozenInstanceError):
        found.floors = ()
    record = found.to_dict()
    assert record["floors"][0] == found.floors[0]
    assert record["table"][0]["unit"] == "U01"
    assert found.floors[0] in found.to_markdown()
    assert any("No direction is inferred" in sentence for sentence in found.floors)
