"""Statistics of ordered data as the kernel's structure reads them: order, units, origins."""

import numpy as np
import pytest

from sopsem.errors import ModelError
from sopsem.sem.estimation.fit import fit
from sopsem.sem.estimation.response_group import response_metric, response_origin, statistic_places

MODEL = "f =~ a + b + c\ny ~ x + f\nf ~ x"


@pytest.fixture(scope="module")
def answers(lattice_answers):
    """Three ordered items and a continuous outcome of a covariate, in large units."""
    wave = np.cos(np.arange(240.0))
    return lattice_answers.assign(y=3.0 * lattice_answers["x"] + 2.0 * wave + 50.0)


def fitted(data, model=MODEL, **options):
    """Fit with the items ordered."""
    return fit(model, data, ordered=list("abc"), **options)


@pytest.mark.parametrize("parameterization", ["delta", "theta"])
def test_the_saturated_part_of_a_model_is_reproduced_in_its_order(answers, parameterization):
    """Thresholds and the mean and variance of y are free here, so that each implied one is the sample's."""
    found = fitted(answers, parameterization=parameterization)
    group = found.groups[0]
    implied, sample = group.structure.moments(found.kernel_theta), group.statistics
    kinds = np.array([s.kind for s in group.moments.ordinal.index])
    for kind in ("threshold", "mean", "variance"):
        at = kinds == kind
        assert at.any()
        np.testing.assert_allclose(implied[at], sample[at], atol=1e-6)
    assert np.abs(implied - sample)[kinds == "covariance"].max() < 0.1
    assert len(implied) == len(sample) == 6 + 1 + 4 + 1 + 6


def test_metric_is_the_unit_of_every_statistic(answers):
    """1 for thresholds, that of y for its mean, over that of x for a slope, products for covariances."""
    group = fitted(answers).groups[0]
    model, ordinal = group.model, group.moments.ordinal
    unit = dict(zip(model.variables, model.units, strict=True))
    assert unit["a"] == 1.0
    assert unit["y"] > 3.0
    wanted = {
        ("threshold", "a", 0): 1.0,
        ("mean", "y", 0): unit["y"],
        ("slope", "y", 0): unit["y"] / unit["x"],
        ("slope", "a", 0): 1.0 / unit["x"],
        ("variance", "y", 0): unit["y"] ** 2,
        ("covariance", "y", "a"): unit["y"],
        ("covariance", "b", "a"): 1.0,
    }
    metric, origin, seen = response_metric(model, ordinal), response_origin(model, ordinal), 0
    for k, s in enumerate(ordinal.index):
        other = ordinal.names[s.j] if s.kind == "covariance" else 0
        for key in ((s.kind, ordinal.names[s.i], other), (s.kind, other, ordinal.names[s.i])):
            if key in wanted and (s.kind != "threshold" or s.j == 0):
                seen += 1
                assert metric[k] == pytest.approx(wanted[key])
    assert seen == len(wanted)
    center = model.center[list(model.variables).index("y")]
    assert center == pytest.approx(answers["y"].mean(), rel=0.05)
    assert min(origin) == -center
    assert np.count_nonzero(origin) == 1


@pytest.mark.parametrize("parameterization", ["delta", "theta"])
def test_no_unit_of_a_continuous_variable_matters(answers, parameterization):
    """y times 1000 and x divided by 100: the same chi2, slopes in the new units."""
    one = fitted(answers, parameterization=parameterization)
    other = fitted(
        answers.assign(y=answers["y"] * 1000.0, x=answers["x"] / 100.0), parameterization=parameterization
    )
    assert other.chisq == pytest.approx(one.chisq, rel=1e-6)
    at = {p.path(): i for i, p in enumerate(one.spec)}
    assert other.rows[at["y~x"]] == pytest.approx(1e5 * one.rows[at["y~x"]], rel=1e-5)
    assert other.rows[at["f~x"]] == pytest.approx(1e2 * one.rows[at["f~x"]], rel=1e-5)
    assert other.rows[at["b|t1"]] == pytest.approx(one.rows[at["b|t1"]], rel=1e-5)


def test_statistics_are_found_again_in_another_order_of_variables(answers):
    """Of the same data read in two orders: the same numbers at the places returned."""
    one = fitted(answers).groups[0].moments.ordinal
    other = fitted(answers, "f =~ c + a + b\ny ~ f + x\nf ~ x").groups[0].moments.ordinal
    assert one.names != other.names
    places = statistic_places(one, other)
    assert sorted(places) == list(range(len(one.index)))
    np.testing.assert_allclose(one.statistics[places], other.statistics, atol=1e-5)


def test_other_ordered_variables_have_no_common_statistics(answers):
    """One of the items as a number."""
    one = fitted(answers).groups[0].moments.ordinal
    other = fit(MODEL, answers, ordered=["a", "b"]).groups[0].moments.ordinal
    with pytest.raises(ModelError, match="fit both with the same ordered="):
        statistic_places(one, other)
