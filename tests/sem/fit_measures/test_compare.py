"""Chi2 differences against lavaan's likelihood-ratio tables, and every reason to refuse one."""

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sopsem.errors import ConvergenceError, ModelError, UsageError
from sopsem.sem.estimation.fit import Status, fit
from sopsem.sem.fit_measures.compare import compare

ITEMS = ["anomia67", "power67", "anomia71", "power71", "educ", "sei"]
WHEATON = pd.DataFrame(  # Wheaton, Muthen, Alwin & Summers (1977), N = 932
    [
        [11.834, 6.947, 6.819, 4.783, -3.839, -21.899],
        [6.947, 9.364, 5.091, 5.028, -3.889, -18.831],
        [6.819, 5.091, 12.532, 7.495, -3.841, -21.748],
        [4.783, 5.028, 7.495, 9.986, -3.625, -18.775],
        [-3.839, -3.889, -3.841, -3.625, 9.610, 35.522],
        [-21.899, -18.831, -21.748, -18.775, 35.522, 450.288],
    ],
    index=ITEMS,
    columns=ITEMS,
)
NO_ERROR_COV = """
alien67 =~ anomia67 + power67
alien71 =~ anomia71 + power71
ses =~ educ + sei
alien67 ~ ses
alien71 ~ alien67 + ses
"""
ERROR_COV = NO_ERROR_COV + "anomia67 ~~ anomia71\npower67 ~~ power71\n"
TIME_INVARIANT = """
alien67 =~ 1*anomia67 + ly*power67
alien71 =~ 1*anomia71 + ly*power71
ses =~ educ + sei
alien67 ~ ses
alien71 ~ alien67 + ses
anomia67 ~~ t1*anomia67
anomia71 ~~ t1*anomia71
power67 ~~ t2*power67
power71 ~~ t2*power71
anomia67 ~~ t5*anomia71
power67 ~~ t5*power71
"""


def wheaton(model, n=932, **options):
    """Fit to the stored covariance matrix."""
    return fit(model, sample_cov=WHEATON, n_obs=n, **options)


def sample(seed=0, n=80, items="abcd"):
    """Rows with one common factor."""
    rng = np.random.default_rng(seed)
    return pd.DataFrame(rng.normal(size=(n, 1)) + 0.8 * rng.normal(size=(n, len(items))), columns=list(items))


@pytest.mark.parametrize(
    ("restricted", "dchisq", "ddf", "pvalue", "rmsea", "daic", "dbic"),
    [
        (NO_ERROR_COV, 66.81123919, 2, 3.105444302e-15, 0.1864670966, -62.81124, -53.13662),
        (TIME_INVARIANT, 7.951473585, 4, 0.09337204021, 0.03255679086, 0.04852, 19.39786),
    ],
)
def test_the_table_is_lavaans(restricted, dchisq, ddf, pvalue, rmsea, daic, dbic):
    result = compare(wheaton(restricted), wheaton(ERROR_COV))
    assert result.dchisq == pytest.approx(dchisq, abs=1e-5)
    assert result.ddf == ddf
    assert result.pvalue == pytest.approx(pvalue, rel=1e-4)
    assert result.rmsea == pytest.approx(rmsea, abs=1e-6)
    assert result.daic == pytest.approx(daic, abs=1e-4)
    assert result.dbic == pytest.approx(dbic, abs=1e-4)
    assert result.bf01 == pytest.approx(math.exp(dbic / 2), rel=1e-4)
    table = result.frame()
    assert table.columns.tolist() == [
        "model", "df", "aic", "bic", "chisq", "chisq_diff", "rmsea", "df_diff", "pvalue"
    ]  # fmt: skip
    assert table.chisq.tolist() == [result.full.chisq, result.restricted.chisq]
    assert table.chisq_diff.iloc[1] == result.dchisq
    assert table.chisq_diff.isna().tolist() == [True, False]


def test_orthogonal_against_oblique_factors(construct_cases):
    options = {
        "sample_cov": construct_cases.covariance("holzinger"),
        "n_obs": 301,
        "std_lv": True,
        "sample_cov_rescale": False,
    }
    model = construct_cases["holzinger"]["model"]
    result = compare(fit(model, orthogonal=True, **options), fit(model, **options))
    assert result.dchisq == pytest.approx(68.22157617, abs=1e-3)
    assert (result.ddf, result.pvalue) == (3, pytest.approx(1.025664756e-14, rel=1e-2))


def test_amos_differences_follow_from_its_own_aic_and_bic():
    pair = [wheaton(m, mimic="amos") for m in (NO_ERROR_COV, ERROR_COV)]
    result = compare(*pair)
    assert result.dchisq == pytest.approx(66.81123919 * 931 / 932, abs=1e-4)
    assert result.daic == pytest.approx(2 * result.ddf - result.dchisq)
    assert result.dbic == pytest.approx(2 * math.log(932) - result.dchisq)


def test_rows_and_their_covariance_matrix_are_the_same_data():
    rows = sample()
    from_rows = fit("f =~ 1*a + 1*b + 1*c + d", rows)
    from_matrix = fit("f =~ a + b + c + d", sample_cov=rows.cov(), n_obs=80)
    both = compare(from_rows, fit("f =~ a + b + c + d", rows))
    assert compare(from_rows, from_matrix).dchisq == pytest.approx(both.dchisq, abs=1e-8)


def test_the_order_of_the_variables_does_not_matter():
    rows = sample()
    full = fit("f =~ a + b + c + d", rows)
    mixed = fit("f =~ d + b + a + c", rows)
    restricted = fit("f =~ 1*a + 1*b + 1*c + 1*d", rows)
    assert mixed.spec.observed != full.spec.observed
    assert compare(restricted, mixed).dchisq == pytest.approx(compare(restricted, full).dchisq, abs=1e-7)


def test_models_that_are_not_nested_are_refused_with_what_is_lacking():
    """A full model with fewer df that lacks one of the restricted model's covariances."""
    with pytest.raises(
        ModelError, match=r"not nested.*leaves chi2 = .*anomia67~~anomia71\..*AIC or BIC"
    ) as caught:
        compare(
            wheaton(NO_ERROR_COV + "anomia67 ~~ anomia71"),
            wheaton(NO_ERROR_COV + "power67 ~~ power71\nanomia67 ~~ educ"),
        )
    assert caught.value.exit_code == 5


def test_degrees_of_freedom_in_the_wrong_order_or_equal_are_refused():
    with pytest.raises(ModelError, match="swap them"):
        compare(wheaton(ERROR_COV), wheaton(NO_ERROR_COV))
    with pytest.raises(ModelError, match="no restriction to test"):
        compare(wheaton(ERROR_COV), wheaton(ERROR_COV))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n": 931}, "fitted to 932 rows, the full model to 931"),
        ({"likelihood": "wishart"}, "differ in their likelihood"),
        ({"mimic": "amos"}, r"differ in their multiplier.*mimic="),
        ({"bounds": "pos.var"}, r"differ in their variance policy.*bounds="),
    ],
)
def test_fits_made_in_different_ways_are_refused(options, message):
    with pytest.raises(ModelError, match=message):
        compare(wheaton(NO_ERROR_COV), wheaton(ERROR_COV, **options))


def test_means_in_one_model_only_are_refused():
    rows = sample()
    with pytest.raises(ModelError, match="mean structure"):
        compare(fit("f =~ 1*a + 1*b + c + d", rows), fit("f =~ a + b + c + d", rows, meanstructure=True))


def test_a_predictor_fixed_in_one_model_and_random_in_the_other_is_refused():
    rows = sample(items="xmy")
    with pytest.raises(ModelError, match=r"fixed exogenous.*fixed_x="):
        compare(fit("m ~ x; y ~ m", rows), fit("m ~ x; y ~ m + x", rows, fixed_x=False))


def test_different_rows_of_the_same_number_are_refused():
    with pytest.raises(ModelError, match="different data"):
        compare(fit("f =~ 1*a + 1*b + c + d", sample(1)), fit("f =~ a + b + c + d", sample(2)))


def test_one_changed_answer_is_other_data():
    changed = sample()
    changed.iloc[3, 1] += 1.0
    with pytest.raises(ModelError, match="different data"):
        compare(fit("f =~ 1*a + 1*b + c + d", sample()), fit("f =~ a + b + c + d", changed))


def test_different_items_are_refused_by_name():
    rows = sample(items="abcde")
    with pytest.raises(ModelError, match=r"only in the restricted model e; only in the full model none"):
        compare(fit("f =~ 1*a + 1*b + c + d + e", rows), fit("f =~ a + b + c + d", rows))


def test_a_fit_that_did_not_converge_is_refused():
    failed = replace(wheaton(NO_ERROR_COV), status=Status.NOT_CONVERGED)
    with pytest.raises(ConvergenceError, match="restricted model did not converge"):
        compare(failed, wheaton(ERROR_COV))


def test_a_full_model_above_the_restricted_one_is_a_local_minimum():
    full = wheaton(ERROR_COV)
    with pytest.raises(ConvergenceError, match="local minimum"):
        compare(wheaton(NO_ERROR_COV), replace(full, minimum=full.minimum + 0.1))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(40, 200), st.floats(0.3, 1.5))
def test_a_restriction_never_lowers_chi2(seed, n, noise):
    """Nesting: 0 <= chi2 of the larger model <= chi2 of the smaller one."""
    rng = np.random.default_rng(seed)
    rows = pd.DataFrame(
        rng.normal(size=(n, 1)) + noise * rng.normal(size=(n, 5)) * rng.uniform(0.5, 1.5, 5),
        columns=list("abcde"),
    )
    models = ("f =~ 1*a + 1*b + 1*c + d + e", "f =~ a + b + c + d + e", "f =~ a + b + c + d + e; a ~~ b")
    fits = [fit(m, rows) for m in models]
    assume(all(f.status.converged for f in fits))
    for restricted, full in ((fits[0], fits[1]), (fits[1], fits[2]), (fits[0], fits[2])):
        result = compare(restricted, full)
        assert result.dchisq >= 0.0
        assert result.dchisq == pytest.approx(restricted.chisq - full.chisq, abs=1e-6)
        assert 0.0 <= result.pvalue <= 1.0


# lavaan 0.6-14: lavTestLRT of cfa(..., missing = "ml", estimator = e) with and without f ~~ 0*g
@pytest.mark.parametrize(("estimator", "stat"), [("ML", 37.8568643), ("MLR", 29.8765488)])
def test_full_information_fits_are_compared(lattice_gaps, estimator, stat):
    """Incomplete rows: the difference is that of the likelihoods, scaled for MLR."""
    text = "f =~ a + b + c\ng =~ d + e + h"
    full, restricted = (
        fit(t, lattice_gaps, missing="ml", estimator=estimator) for t in (text, text + "\nf ~~ 0*g")
    )
    found = compare(restricted, full)
    assert found.dchisq == pytest.approx(stat, rel=1e-4)
    if estimator == "MLR":
        with pytest.raises(UsageError, match="incomplete rows do not have"):
            compare(restricted, full, method="satorra_2000")
