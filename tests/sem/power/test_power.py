"""The whole of it: Monte Carlo power against closed forms, levels, and what is refused."""

import numpy as np
import pytest

from sopsem.errors import UsageError
from sopsem.sem.fit_measures.noncentrality import rmsea_power, rmsea_sample_size
from sopsem.sem.power.design import Distribution, make_design
from sopsem.sem.power.power import measure_power


def test_power_of_a_slope_is_the_closed_form_within_monte_carlo_error(regression):
    """The z test with known residual variance; with N = 150 the t distribution is as good as normal."""
    result = measure_power(regression, [60, 150], replications=2000, seed=1)
    rows = result.table[result.table["name"] == "wald:raw:direct:y~x"]
    assert (np.abs(rows["power"] - rows["analytic"]) < 4 * rows["mc_se"] + 0.01).all()
    assert rows["analytic"].is_monotonic_increasing


def test_difference_test_of_a_path_is_the_noncentral_chi_square_within_error(mediation):
    result = measure_power(mediation, [120], replications=2000, seed=1)
    row = result.table.set_index("name").loc["difference:y~x"]
    assert abs(row["power"] - row["analytic"]) < 4 * row["mc_se"] + 0.01
    assert (result.accounting["proper"] == 2000).all()


def test_a_true_value_of_zero_gives_the_level():
    design = make_design("y ~ x + z", {"y~x": 0.4})
    result = measure_power(design, [200], replications=2000, seed=2, interval_draws=100)
    table = result.table.set_index("name")
    for name in ("wald:raw:direct:y~z", "interval:raw:direct:y~z"):
        assert table.loc[name, "true"] == pytest.approx(0.0, abs=1e-8)
        assert table.loc[name, "power"] == pytest.approx(0.05, abs=0.02)


def test_close_fit_by_replications_and_by_theory():
    values = {"f=~b": 0.8, "f=~c": 0.9, "f=~d": 0.7, "f=~e": 0.8}
    design = make_design("f =~ a + b + c + d + e", values, shape=Distribution(misfit=0.1), mimic="amos")
    result = measure_power(design, [400], replications=1000, seed=3)
    row = result.table.set_index("name").loc["close:full"]
    assert abs(row["power"] - row["analytic"]) < 4 * row["mc_se"] + 0.02
    planned = result.rmsea[result.rmsea["test"] == "close"].iloc[0]
    assert planned["power"] == rmsea_power(5, 399)
    assert planned["n_for_target"] == rmsea_sample_size(5) + 1


def test_equivalence_is_shown_more_often_by_larger_samples():
    design = make_design("y ~ x", {"y~x": 0.0})
    result = measure_power(design, [50, 400], replications=500, seed=1, equivalence=0.2)
    rows = result.table[result.table["name"] == "equivalence:std:direct:y~x"]
    assert rows["power"].iloc[0] < 0.2
    assert rows["power"].iloc[1] > 0.9
    assert (np.abs(rows["power"] - rows["analytic"]) < 4 * rows["mc_se"] + 0.02).all()


def test_the_same_seed_gives_the_same_tables_and_another_one_others(mediation):
    first, same, other = (measure_power(mediation, [60], replications=50, seed=s) for s in (1, 1, 2))
    assert first.table.equals(same.table)
    assert first.precision.equals(same.precision)
    assert not first.precision.equals(other.precision)
    assert "full model: 50 proper" in repr(first)


def test_skewed_answers_change_what_theory_says_of_normal_ones():
    shape = Distribution(skewness=2.0, kurtosis=8.0)
    values = {"f=~b": 0.8, "f=~c": 0.9, "f=~d": 0.7}
    text = "f =~ a + b + c + d"
    normal, skewed = (
        measure_power(make_design(text, values, shape=s), [300], replications=400, seed=1)
        for s in (Distribution(), shape)
    )
    name = "sd"
    a, b = (r.precision.set_index("quantity").loc["a~~a", name] for r in (normal, skewed))
    assert b > 1.3 * a


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"n": [2]}, "whole numbers from 3 on"),
        ({"n": [50.5]}, "whole numbers"),
        ({"n": []}, "give n"),
        ({"n": [50], "replications": 5}, "replications is 5"),
        ({"n": [50], "alpha": 0.7}, "alpha is 0.7"),
        ({"n": [50], "level": 1.0}, "level is 1.0"),
        ({"n": [50], "equivalence": 0.0}, "equivalence is 0.0"),
        ({"n": [50], "interval_draws": 50}, "interval_draws is 50"),
        ({"n": [50], "seed": -1}, "seed is -1"),
    ],
)
def test_what_cannot_be_run_is_refused(regression, options, why):
    with pytest.raises(UsageError, match=why):
        measure_power(regression, **options)
