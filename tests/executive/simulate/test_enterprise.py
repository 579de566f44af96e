"""Units and their people: the survey follows the truth, operations do not in a null world."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from sopsem.errors import UsageError
from sopsem.executive.simulate import simulate_enterprise, simulate_moderation


def test_tables_of_all_units_and_of_one():
    firm = simulate_enterprise(2, 4, seed=1, periods=13, vary_fixed_cost=True, role_shift=1.0)
    tables = firm.tables()
    assert tables.units == ("U01", "U02")
    assert tables.of_unit("U02").units == ("U02",)
    assert tables.frame("financials").groupby("unit")["fixed_cost"].first().nunique() == 2
    assert firm.survey["role"].value_counts().tolist() == [4, 4]
    items = firm.survey.drop(columns=["unit", "respondent", "role"])
    assert items.to_numpy().min() >= 1
    assert items.to_numpy().max() <= 7


def test_answers_follow_the_alignment_of_the_unit():
    # the plants are not needed for the answers, and the rounding hides little of a range this wide
    firm = simulate_enterprise(6, 8, seed=2, periods=13)
    perceived = firm.survey.groupby("unit")[[f"alignment{i}" for i in range(1, 5)]].mean().mean(axis=1)
    conflict = firm.survey.groupby("unit")[[f"conflict{i}" for i in range(1, 5)]].mean().mean(axis=1)
    truth = firm.truth.set_index("unit")["alignment"]
    assert stats.pearsonr(perceived, truth).statistic > 0.5
    assert stats.pearsonr(perceived, conflict).statistic < -0.5


def test_moderation_is_planted_as_asked():
    slopes = {}
    for beta in (-0.5, 0.0):
        panel = simulate_moderation(2000, beta, seed=1)
        x, s = np.log(panel["dol"]), panel["alignment"] - panel["alignment"].mean()
        design = np.column_stack([np.ones(len(x)), x, s, x * s])
        slopes[beta] = np.linalg.lstsq(design, np.log(panel["cv_ebitda"]), rcond=None)[0][3]
    assert slopes[-0.5] == pytest.approx(-0.5, abs=0.1)
    assert slopes[0.0] == pytest.approx(0.0, abs=0.1)


def test_the_same_seed_gives_the_same_enterprise():
    one, two = (simulate_enterprise(1, 2, seed=5, periods=13) for _ in range(2))
    pd.testing.assert_frame_equal(one.survey, two.survey)
    pd.testing.assert_frame_equal(one.frames["orders"], two.frames["orders"])
    with pytest.raises(UsageError):
        simulate_enterprise(0)
