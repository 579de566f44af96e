"""Mediation judged on constructed populations: patterns, words, numbers and refusals."""

import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sopsem.errors import ModelError, UsageError
from sopsem.sem.effects.effects import effects
from sopsem.sem.effects.mediation import mediation
from sopsem.sem.effects.mediation_verdict import Pattern
from sopsem.sem.estimation.fit import fit
from sopsem.sem.estimation.population import population_correlations
from sopsem.sem.fit_measures.compare import compare
from sopsem.sem.model.spec import model_spec
from sopsem.sem.resampling.bootstrap import bootstrap

SURVEYS = Path(__file__).parents[3] / "surveys"
WITHOUT = "m ~ x; y ~ m"
WITH = "m ~ x; y ~ m + x"
ALIGNMENT = """
coordination =~ col1 + col2 + col3 + col4
conflict =~ con1 + con2 + con3 + con4
alignment =~ ali1 + ali2 + ali3 + ali4
internal =~ int1 + int2 + int3
market =~ mkt1 + mkt2 + mkt3
performance =~ internal + market
conflict ~ coordination
alignment ~ coordination
performance ~ conflict + alignment
"""


def matrix(a, b, c):
    """Correlations of x, m, y with paths a (x to m), b (m to y) and c (x to y)."""
    xm, xy, my = a, c + a * b, b + a * c
    return pd.DataFrame([[1, xm, xy], [xm, 1, my], [xy, my, 1]], index=list("xmy"), columns=list("xmy"))


def judge(a, b, c, n=400, model=WITHOUT, **options):
    """Judge a population by the delta method."""
    options = {"predictor": "x", "outcome": "y", "draws": 0} | options
    return mediation(fit(model, sample_cov=matrix(a, b, c), n_obs=n, sample_cov_rescale=False), **options)


def rows_of(covariance, n=150, seed=0):
    """Rows with exactly these correlations."""
    rng = np.random.default_rng(seed)
    noise = rng.normal(size=(n, len(covariance)))
    noise -= noise.mean(axis=0)
    white = noise @ np.linalg.inv(np.linalg.cholesky(noise.T @ noise / n)).T
    return pd.DataFrame(white @ np.linalg.cholesky(covariance.to_numpy()).T, columns=covariance.columns)


@pytest.fixture(scope="module")
def survey():
    """Ninety-two answers to eighteen items of the alignment model."""
    spec = model_spec(ALIGNMENT)
    arrows = {(p.rhs, p.lhs): 0.75 for p in spec if p.op == "=~"}
    arrows |= {
        ("conflict", "coordination"): -0.45,
        ("alignment", "coordination"): 0.5,
        ("performance", "conflict"): 0.1,
        ("performance", "alignment"): 0.75,
    }
    names = list(spec.observed)
    return rows_of(pd.DataFrame(population_correlations(spec, arrows), columns=names), n=92, seed=3)


@pytest.mark.parametrize(
    ("a", "b", "c", "pattern"),
    [
        (0.5, 0.5, 0.0, Pattern.INDIRECT_ONLY),
        (0.5, 0.4, 0.3, Pattern.COMPLEMENTARY),
        (-0.5, -0.4, 0.3, Pattern.COMPLEMENTARY),
        (0.5, 0.5, -0.3, Pattern.COMPETITIVE),
        (-0.5, 0.5, 0.3, Pattern.COMPETITIVE),
        (0.0, 0.5, 0.4, Pattern.DIRECT_ONLY),
        (0.5, 0.0, 0.4, Pattern.DIRECT_ONLY),
        (0.02, 0.02, 0.02, Pattern.NO_EFFECT),
    ],
)
def test_constructed_populations_get_their_pattern(a, b, c, pattern):
    result = judge(a, b, c)
    assert result.pattern is pattern
    assert pattern.value in result.verdict
    assert not [p.value for p in Pattern if p is not pattern and p.value in result.verdict]


def test_a_p_above_05_alone_is_never_called_full_mediation():
    """N = 60: the direct effect .15 is missed, not excluded, and the words say what could not be seen."""
    result = judge(0.5, 0.5, 0.15, n=60)
    assert result.comparison.pvalue > 0.05
    assert result.pattern is Pattern.INDIRECT_ONLY
    assert not result.equivalent
    assert "full mediation" not in result.verdict.lower()
    assert "complete mediation" not in result.verdict.lower()
    assert "its absence was not shown" in result.verdict
    assert f"must be at least {result.detectable:.2f} to be found with power 0.80" in result.verdict
    assert f"{result.power['power'][1]:.2f} for 0.20" in result.verdict


def test_a_direct_effect_shown_to_be_negligible_is_said_to_be():
    result = judge(0.5, 0.5, 0.0, n=1000)
    assert result.equivalent
    assert "practically zero" in result.verdict
    assert "not shown" not in result.verdict
    assert judge(0.5, 0.5, 0.0, n=1000, equivalence_bound=0.02).equivalent is False


def test_equivalence_needs_the_whole_interval_inside_the_bound():
    result = judge(0.5, 0.5, 0.05, n=300)
    row = result.direct.iloc[0]
    for bound in (row.tost_upper + 0.001, row.tost_upper - 0.001):
        assert judge(0.5, 0.5, 0.05, n=300, equivalence_bound=bound).equivalent == (bound > row.tost_upper)


def test_a_found_and_negligible_direct_effect_is_both():
    result = judge(0.5, 0.5, 0.06, n=4000)
    assert result.pattern is Pattern.COMPLEMENTARY
    assert result.equivalent


def test_the_model_may_be_given_with_or_without_the_direct_path():
    without, with_path = (judge(0.5, 0.4, 0.2, model=m) for m in (WITHOUT, WITH))
    assert without.comparison.dchisq == pytest.approx(with_path.comparison.dchisq, abs=1e-8)
    assert without.verdict == with_path.verdict
    labelled = judge(0.5, 0.4, 0.2, model="m ~ a*x; y ~ b*m + c*x; total := c + a*b")
    assert labelled.verdict == without.verdict


def test_the_difference_test_is_that_of_the_two_models_fitted_by_hand():
    given = {"sample_cov": matrix(0.5, 0.4, 0.2), "n_obs": 400, "sample_cov_rescale": False}
    by_hand = compare(fit(WITHOUT, **given), fit(WITH, **given))
    result = judge(0.5, 0.4, 0.2)
    assert result.comparison.dchisq == pytest.approx(by_hand.dchisq, abs=1e-9)
    assert result.comparison.bf01 == pytest.approx(by_hand.bf01)
    assert result.comparison.dchisq == pytest.approx(
        400 * np.log1p(0.2**2 * 0.75 / (1 - 0.5**2 * 0 - 0.16 - 0.04 - 0.08))
    )


def test_the_direct_effect_is_found_by_the_difference_test_not_by_its_interval():
    """At a level between the two p values they disagree, and the chi2 difference decides."""
    result = judge(0.5, 0.4, 0.12, n=200)
    by_chisq, by_wald = result.comparison.pvalue, result.routes.pvalue_std[0]
    between = judge(0.5, 0.4, 0.12, n=200, level=1 - (by_chisq + by_wald) / 2)
    direct = between.routes.iloc[0]
    assert direct.found == (by_chisq < by_wald)
    assert direct.found != (direct.ci_lower_std > 0)


def test_routes_hold_every_effect_and_the_given_model_beside_them():
    result = judge(0.5, 0.4, 0.2)
    routes = result.routes.set_index("kind")
    assert routes.est_std[["direct", "indirect", "total_indirect", "total"]].tolist() == pytest.approx(
        [0.2, 0.2, 0.2, 0.4]
    )
    assert routes.est_std_without_direct["indirect"] == pytest.approx(0.5 * 0.5)
    assert np.isnan(routes.est_std_without_direct["direct"])


def test_routes_of_opposite_sign_are_named():
    """Two mediators whose effects cancel: nothing in total, two routes at work."""
    s = np.eye(4)
    s[0, 1] = s[0, 2] = 0.5
    s[1, 2] = 0.25
    s[1, 3], s[2, 3] = 0.4 - 0.4 * 0.25, 0.4 * 0.25 - 0.4
    s = pd.DataFrame(s + np.triu(s, 1).T, index=list("xmny"), columns=list("xmny"))
    given = fit("m ~ x; n ~ x; y ~ m + n", sample_cov=s, n_obs=400)
    result = mediation(given, predictor="x", outcome="y", draws=0)
    assert result.pattern is Pattern.INDIRECT_ONLY
    assert "Routes of opposite sign" in result.verdict
    assert result.routes.set_index("kind").loc["total_indirect", "est_std"] == pytest.approx(0.0, abs=1e-9)


def test_an_effect_that_cannot_be_split_is_still_said_to_be_there():
    """m is nearly x: the total effect is clear, its parts are not."""
    result = judge(0.97, 0.2, 0.2, n=150)
    assert result.pattern is Pattern.NO_EFFECT
    assert "cannot say how much of it is direct" in result.verdict
    assert "cannot say how much" not in judge(0.02, 0.02, 0.02).verdict


def test_draws_give_intervals_equivalence_and_the_bootstrap_test():
    data = rows_of(matrix(0.5, 0.4, 0.1))
    given = fit(WITHOUT, data)
    result = mediation(given, predictor="x", outcome="y", data=data, draws=300, seed=5)
    again = mediation(given, predictor="x", outcome="y", data=data, draws=300, seed=5)
    assert result.verdict == again.verdict
    assert (result.draws.kind, result.difference.restricted.kind) == ("case", "bollen_stine")
    assert result.direct.equals(again.direct)
    assert result.direct.method.tolist() == ["delta", "percentile"]
    assert result.difference.counts()["count"].sum() == result.draws.counts()["count"].sum() == 300
    table = effects(result.comparison.full, bootstrap(result.comparison.full, data, draws=300, seed=5))
    columns = ["ci_lower_std", "ci_upper_std"]
    by_hand = table[(table.predictor == "x") & (table.outcome == "y")][columns].to_numpy()
    np.testing.assert_allclose(result.routes[columns].to_numpy(), by_hand)
    percentile = result.direct.iloc[1]
    assert percentile.ci_lower_std < percentile.tost_lower < percentile.tost_upper < percentile.ci_upper_std
    assert f"p = {result.difference.pvalue:.3f}" in result.verdict


def test_without_rows_draws_are_parametric_and_said_to_be():
    result = judge(0.5, 0.4, 0.1, draws=50)
    assert result.draws.kind == result.difference.restricted.kind == "parametric"
    assert "Parametric bootstrap of the difference" in result.verdict


def test_the_level_moves_tests_intervals_and_power_together():
    strict, loose = (judge(0.5, 0.4, 0.12, n=200, level=level) for level in (0.99, 0.90))
    assert loose.comparison.pvalue == strict.comparison.pvalue
    assert strict.pattern is Pattern.INDIRECT_ONLY
    assert loose.pattern is Pattern.COMPLEMENTARY
    assert strict.direct.tost_level[0] == pytest.approx(0.98)
    assert (strict.power["power"] < loose.power["power"]).all()


def test_a_survey_of_92_with_a_thousand_draws_takes_seconds(survey):
    given = fit(ALIGNMENT, survey, mimic="amos")
    start = time.process_time()
    result = mediation(given, predictor="coordination", outcome="performance", data=survey, draws=1000)
    assert time.process_time() - start < 30.0  # several times what an idle core takes: other tests run beside
    assert (result.comparison.restricted.df, result.comparison.full.df) == (129, 128)
    assert result.comparison.dchisq == pytest.approx(
        0.0, abs=1e-6
    )  # exact rows of a population without the path
    assert result.pattern is Pattern.INDIRECT_ONLY
    assert (np.diff(result.power["power"]) > 0).all()
    assert result.difference.counts()["count"].sum() == 1000


@pytest.mark.parametrize("twin", ["synthetic_twin_0", "synthetic_twin_1", "synthetic_twin_2"])
def test_synthetic_twins_return_the_printed_difference(twin):
    """The printed 3.19 (p .074), which AIC and BIC read in opposite ways."""
    answers = pd.read_csv(SURVEYS / twin / f"{twin}.csv")
    given = fit(ALIGNMENT, answers, mimic="amos")
    result = mediation(given, predictor="coordination", outcome="performance", draws=0)
    assert result.comparison.dchisq == pytest.approx(3.19, abs=0.005)
    assert result.comparison.pvalue == pytest.approx(0.074, abs=0.0005)
    assert (result.comparison.daic, result.comparison.dbic) == pytest.approx((-1.19, 1.33), abs=0.006)
    assert result.comparison.bf01 == pytest.approx(1.95, abs=0.01)
    assert not result.equivalent


def test_tests_of_the_difference_that_disagree_leave_the_pattern_undecided():
    """Twin 0: p .074 by chi2 and .042 by Bollen-Stine, so no pattern is named without the other."""
    answers = pd.read_csv(SURVEYS / "synthetic_twin_0" / "synthetic_twin_0.csv")
    given = fit(ALIGNMENT, answers, mimic="amos")
    result = mediation(given, predictor="coordination", outcome="performance", draws=1000)
    assert result.difference.pvalue < 0.05 < result.comparison.pvalue
    assert (result.pattern, result.alternative) == (Pattern.INDIRECT_ONLY, Pattern.COMPETITIVE)
    assert result.sentences[0].startswith("undecided between indirect-only and competitive mediation (Zhao")
    assert f"(p = 0.074) and its bootstrap (p = {result.difference.pvalue:.3f}) disagree" in result.verdict
    assert "A direct effect was not found" not in result.verdict
    strict = mediation(given, predictor="coordination", outcome="performance", draws=1000, level=0.99)
    assert strict.alternative is None
    assert strict.sentences[0].startswith("indirect-only mediation")


@pytest.mark.parametrize("c", [0.0, 0.4])
def test_tests_of_the_difference_that_agree_leave_no_alternative(c):
    result = judge(0.5, 0.4, c, draws=60)
    alpha = 1 - result.level
    assert (result.difference.pvalue < alpha) == (result.comparison.pvalue < alpha) == (c > 0)
    assert result.alternative is None
    assert result.sentences[0].startswith(result.pattern.value)
    assert "undecided" not in result.verdict


@pytest.mark.parametrize(
    ("model", "predictor", "outcome", "message"),
    [
        (WITHOUT, "x", "x", "name two variables"),
        (WITHOUT, "x", "z", "'z' is no variable of the model"),
        (WITHOUT, "x", "m", "no route leads from x to m"),
        ("m ~ x + y; y ~ m + x", "x", "y", "feedback|not identified|parameters for"),
    ],
)
def test_pairs_without_a_mediation_to_judge_are_refused(model, predictor, outcome, message):
    with pytest.raises(ModelError, match=message):
        judge(0.5, 0.4, 0.2, model=model, predictor=predictor, outcome=outcome)


def test_an_outcome_that_the_predictor_measures_is_refused(survey):
    given = fit(ALIGNMENT, survey)
    with pytest.raises(ModelError, match="the direct effect is a loading"):
        mediation(given, predictor="performance", outcome="market", draws=0)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"level": 95}, "level is 95"),
        ({"draws": -1}, "draws is -1"),
        ({"equivalence_bound": 0.0}, "smallest effect that matters"),
        ({"sizes": (0.1, 1.0)}, "below 1"),
        ({"target_power": 0.01}, "power must lie"),
    ],
)
def test_arguments_outside_their_range_are_refused(options, message):
    with pytest.raises(UsageError, match=message):
        judge(0.5, 0.4, 0.2, **options)
