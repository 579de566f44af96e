"""What N is wanted for, and the table of N."""

import numpy as np
import pytest

from sopsem.errors import UsageError
from sopsem.sem.power.decisions import questions
from sopsem.sem.power.needed import Aim, smallest_n
from sopsem.sem.power.power import measure_power
from sopsem.sem.power.quantities import quantities_of


@pytest.fixture(scope="module")
def asked(mediation):
    return questions(mediation, quantities_of(mediation.full), alpha=0.05, bound=None, intervals=False)


def test_the_difference_test_is_the_goal_unless_another_is_named(asked):
    assert Aim(power=0.8).goal_among(asked).name == "difference:y~x"
    assert Aim(power=0.8, goal="wald:std:total:y~x").goal_among(asked).quantity == "total:y~x"


@pytest.mark.parametrize(
    ("aim", "why"),
    [
        (Aim(power=1.2), "target is 1.2"),
        (Aim(width=0.0), "width is 0.0"),
        (Aim(power=0.8, goal="wald"), "names 19 tests"),
        (Aim(power=0.8, goal="total:x~y"), "names 0 tests"),
    ],
)
def test_an_aim_that_is_none_is_refused(asked, aim, why):
    with pytest.raises(UsageError, match=why):
        aim.goal_among(asked)


def test_without_a_freed_line_the_goal_must_be_named(regression):
    with pytest.raises(UsageError, match="say with goal which test"):
        measure_power(regression, [], aim=Aim(power=0.8), replications=10)


def test_n_for_power_and_for_width_agree_with_theory(regression):
    """The slope .3 with residual variance .91: N = .91 (2.8016/.3)^2 and (2 z/width)^2 of the standardized slope."""
    aim = Aim(power=0.8, width=0.25, goal="wald:std:direct:y~x")
    result = measure_power(regression, [], replications=500, seed=4, aim=aim)
    needed = result.needed.set_index("name")
    found = needed.loc["wald:std:direct:y~x"]
    assert abs(found["n"] - found["analytic_n"]) < 4 * found["mc_se"] + 2
    raw = needed.loc["wald:raw:direct:y~x"]
    assert raw["analytic_n"] == pytest.approx(0.91 * (2.8016 / 0.3) ** 2, abs=1)
    assert np.isnan(raw["n"])  # not searched
    width = needed.loc["width:std:direct:y~x"]
    assert width["analytic_n"] == pytest.approx((2 * 1.96 * 0.91 / 0.25) ** 2, rel=0.02)
    assert abs(width["n"] - width["analytic_n"]) < 4 * width["mc_se"] + 0.03 * width["analytic_n"]
    assert list(result.n) == sorted(result.replicates)


def test_the_width_of_a_model_is_refused(mediation):
    with pytest.raises(UsageError, match="is about a model"):
        measure_power(mediation, [60], aim=Aim(width=0.2, goal="exact:restricted"), replications=10)
    assert smallest_n(18) == 19
