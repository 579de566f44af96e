"""Fits against stored lavaan numbers, and every model or data set that must not pass silently."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sopsem.errors import ConvergenceError, DataError, ModelError, UsageError
from sopsem.kernel import Outcome
from sopsem.sem.estimation import search as search_module
from sopsem.sem.estimation.estimates import estimates, standardized
from sopsem.sem.estimation.fit import Fit, Status, fit, fit_moments
from sopsem.sem.fit_measures.fit_indices import fit_indices

GOLDEN = json.loads((Path(__file__).parents[2] / "golden" / "lavaan_fits.json").read_text("utf-8"))
STORED = {f"{c['name']}/{f['name']}": (c, f) for c in GOLDEN["cases"] for f in c["fits"]}


def refit(name):
    case, stored = STORED[name]
    frame = pd.DataFrame(case["data"])
    if case["kind"] == "raw":
        return fit(stored["model"], frame, **stored["options"]), stored
    frame.index = frame.columns
    return fit(stored["model"], sample_cov=frame, n_obs=case["n_obs"], **stored["options"]), stored


@pytest.mark.parametrize("name", STORED)
def test_fits_are_those_of_lavaan(name):
    """chi2 and indices to 1e-6, estimates to 1e-5, standard errors to 1e-4."""
    result, stored = refit(name)
    measures = fit_indices(result)
    for key, wanted in stored["fit_measures"].items():
        assert measures[key] == pytest.approx(wanted, rel=1e-6, abs=1e-6), key
    mine = {(r.lhs, r.op, r.rhs): r for r in estimates(result).itertuples()}
    for lhs, op, rhs, est, se, std_lv, std_all in stored["estimates"]:
        key = (lhs, op, "" if op == "~1" else rhs)
        row = mine.get(key) or mine[rhs, op, lhs]
        assert row.est == pytest.approx(est, rel=1e-5, abs=1e-5), key
        assert row.se == pytest.approx(se, rel=1e-4, abs=1e-6), key
        assert row.std_all == pytest.approx(std_all, rel=1e-5, abs=1e-5), key
        assert row.std_lv == pytest.approx(std_lv, rel=1e-5, abs=1e-5), key
    assert result.status is (Status.CONVERGED if stored["admissible"] else Status.IMPROPER)
    assert result.certificate.holds


def test_wishart_is_the_normal_likelihood_with_one_fewer(two_factors, two_factor_model):
    """The same estimates of standardized parameters; chi2 times (N - 1)/N; covariances with divisor N - 1."""
    data = two_factors(1, 90)
    normal, wishart = (fit(two_factor_model, data, likelihood=k) for k in ("normal", "wishart"))
    assert wishart.chisq == pytest.approx(normal.chisq * 89 / 90, rel=1e-10)
    np.testing.assert_allclose(wishart.sample_cov, data.cov(), rtol=1e-12)
    np.testing.assert_allclose(standardized(wishart).est_std, standardized(normal).est_std, atol=1e-9)


def test_covariance_input_is_raw_input(two_factors, two_factor_model):
    data = two_factors(2)
    raw, cov = fit(two_factor_model, data), fit(two_factor_model, sample_cov=data.cov(), n_obs=len(data))
    assert cov.chisq == pytest.approx(raw.chisq, rel=1e-10)
    np.testing.assert_allclose(cov.theta, raw.theta, rtol=1e-9)
    np.testing.assert_allclose(cov.vcov, raw.vcov, rtol=1e-7, atol=1e-12)


def test_amos_keeps_the_moments_and_takes_one_off_the_multiplier(two_factors, two_factor_model):
    data = two_factors(3, 92)
    plain, amos = fit(two_factor_model, data), fit(two_factor_model, data, mimic="amos")
    np.testing.assert_array_equal(amos.theta, plain.theta)
    assert amos.chisq == pytest.approx(plain.chisq * 91 / 92, rel=1e-12)
    np.testing.assert_allclose(amos.vcov, plain.vcov * 92 / 91, rtol=1e-9, atol=1e-15)
    measures = fit_indices(amos)
    assert measures["aic"] == pytest.approx(amos.chisq + 2 * amos.npar)
    assert measures["bic"] == pytest.approx(amos.chisq + amos.npar * np.log(92))
    assert any("mimic='amos'" in note for note in amos.notes)


def test_observed_information_differs_from_expected_off_the_model(two_factors, two_factor_model):
    data = two_factors(4)
    expected, observed = (fit(two_factor_model, data, information=k) for k in ("expected", "observed"))
    np.testing.assert_array_equal(expected.theta, observed.theta)
    ratio = np.sqrt(np.diag(observed.vcov) / np.diag(expected.vcov))
    assert 1e-4 < np.abs(ratio - 1).max() < 0.5


@pytest.mark.parametrize("factor", [1e-6, 1e-3, 1e3, 1e6])
@pytest.mark.parametrize("items", [["x1"], ["x2", "y3"], "all"])
def test_no_unit_of_an_item_matters(two_factors, two_factor_model, factor, items):
    """One item, the marker among them, or all items a million times larger or smaller."""
    data = two_factors(5)
    scaled = data.copy()
    columns = data.columns if items == "all" else items
    scaled[columns] *= factor
    one, other = fit(two_factor_model, data), fit(two_factor_model, scaled)
    assert other.chisq == pytest.approx(one.chisq, abs=1e-8)
    np.testing.assert_allclose(standardized(other).est_std, standardized(one).est_std, atol=1e-8)
    np.testing.assert_allclose(standardized(other).se, standardized(one).se, atol=1e-6)


UNIDENTIFIED = {
    "one indicator with a free error": ("f =~ x1+x2+x3\ng =~ y1\ny1 ~~ y1", ["y1~~y1", "g~~g"]),
    "two indicators, isolated": ("f =~ x1+x2+x3\ng =~ y1+y2\nf ~~ 0*g", ["g=~y2", "g~~g"]),
    "no scale": ("f =~ NA*x1+x2+x3+x4", ["f=~x1", "f~~f"]),
    "no scale, twice": ("f =~ NA*x1+x2+x3\ng =~ NA*y1+y2+y3", ["f~~f", "g~~g"]),
    "no scale of an outcome": ("f =~ x1+x2+x3\ng =~ NA*y1+y2+y3\ng ~ f", ["g=~y1", "g~f", "g~~g"]),
    "second order over two": ("f =~ x1+x2+x3\ng =~ y1+y2+y3\nh =~ f+g", ["h=~g", "h~~h"]),
    "second order over two, unit variance": (
        "f =~ x1+x2+x3\ng =~ y1+y2+y3\nh =~ NA*f+g\nh ~~ 1*h",
        ["h=~f", "h=~g"],
    ),
    "second order with a residual covariance too many": (
        "f =~ x1+x2\ng =~ x3+x4\nk =~ y1+y2\nh =~ f+g+k\nf ~~ g",
        ["h=~k", "f~~g"],
    ),
    "two factors on all items": (
        "f =~ NA*x1+x2+x3+x4+y1+y2\ng =~ NA*x1+x2+x3+x4+y1+y2\nf ~~ 1*f\ng ~~ 1*g\nf ~~ 0*g",
        ["f=~x1", "g=~x1"],
    ),
    "feedback without an instrument": ("x1 ~ x2 + x3\nx2 ~ x1 + x3", ["x1~x2", "x2~x1"]),
    "path and covariance": ("x1 ~ x2\nx1 ~~ x2\nx3 ~ x4", ["x1~x2", "x1~~x2"]),
    "specific factor of two items": (
        "f =~ x1+x2+x3+x4+y1+y2\ns =~ x1+x2\nf ~~ 0*s",
        ["s=~x2", "s~~s"],
    ),
    "pairs of residuals": ("f =~ x1+x2+x3+x4\nx1 ~~ x2\nx3 ~~ x4", ["x1~~x2", "x3~~x4"]),
    "formative without a scale": ("p =~ 0\np ~ x1 + x2\ny1 + y2 ~ p\np ~~ 0*p", ["p~x1", "y1~p"]),
    "a factor that nothing measures": ("f =~ x1+x2+x3+x4\np =~ 0\np ~ f", ["p~f", "p~~p"]),
    "a mean too many": ("f =~ x1+x2+x3+x4\nf ~ 1", ["f~1", "x1~1"]),
}


@pytest.mark.parametrize("name", UNIDENTIFIED)
def test_a_model_that_is_not_identified_names_the_parameters(two_factors, name):
    model, parameters = UNIDENTIFIED[name]
    with pytest.raises(ModelError, match=r"not identified|df = -") as caught:
        fit(model, two_factors(0, 200, 6))
    message = str(caught.value)
    if "df = -" not in message:
        for parameter in parameters:
            assert parameter in message
    assert caught.value.exit_code == 5


def test_identified_neighbours_of_those_models_are_fitted(two_factors):
    """The check refuses what is not identified and nothing else."""
    data = two_factors(0, 200, 6)
    for model in (
        "f =~ x1+x2+x3\ng =~ y1",
        "f =~ x1+x2+x3\ng =~ y1+y2",
        "f =~ x1+x2+x3\ng =~ y1+y2+y3\nh =~ 1*f+1*g",
        "f =~ x1+x2+x3+x4\nx1 ~~ x2",
        "f =~ x1+x2+x3+x4\nx1 ~ 0*1\nf ~ 1",
        "x1 ~ x2 + x3\nx2 ~ x1 + x4",
    ):
        assert fit(model, data).status.converged, model


def test_negative_degrees_of_freedom_are_counted(two_factors):
    with pytest.raises(ModelError, match=r"7 parameters for 6 sample moments \(df = -1\)"):
        fit("f =~ x1 + x2 + x3\nx1 ~~ x2", two_factors())


def test_empirical_underidentification_is_a_status_of_its_own():
    """Two factors of two items each rest on their covariance; here the sample has none at all."""
    cov = np.eye(4)
    cov[0, 1] = cov[1, 0] = cov[2, 3] = cov[3, 2] = 0.5
    frame = pd.DataFrame(cov, index=list("abcd"), columns=list("abcd"))
    result = fit("f =~ a + b\ng =~ c + d", sample_cov=frame, n_obs=200)
    assert result.status is Status.EMPIRICALLY_UNIDENTIFIED
    assert result.certificate.rank < result.certificate.n_parameters
    assert {"f=~b", "g=~d"} <= set(result.certificate.null_space)
    table = estimates(result)
    lost = table.se.isna()
    assert lost[table.rhs.eq("b") & table.op.eq("=~")].all()
    assert not lost[table.lhs.eq("f") & table.rhs.eq("g")].all()


def heywood(value=0.8):
    """Correlations whose one-factor solution needs a residual variance of 1 - value^2/.5 for a."""
    cov = np.array([[1.0, value, value], [value, 1.0, 0.5], [value, 0.5, 1.0]])
    return pd.DataFrame(cov, index=list("abc"), columns=list("abc"))


@pytest.mark.parametrize("value", [0.71, 0.72, 0.75, 0.78, 0.8, 0.82])
@pytest.mark.parametrize("unit", [1.0, 1000.0])
def test_a_planted_heywood_case_is_flagged_with_parameter_and_value(value, unit):
    result = fit("f =~ a + b + c", sample_cov=heywood(value) * unit**2, n_obs=100, sample_cov_rescale=False)
    wanted = (1.0 - value**2 / 0.5) * unit**2
    assert result.status is Status.IMPROPER
    (one,) = result.improper
    assert one.parameter == "a~~a"
    assert one.value == pytest.approx(wanted, rel=1e-6)
    assert f"improper solution: a~~a: negative variance ({one.value:.4g})" in result.notes
    assert result.rows[[p.name for p in result.spec].index("a~~a")] == pytest.approx(wanted, rel=1e-6)


@pytest.mark.parametrize("value", [0.6, 0.65, 0.7])
def test_a_proper_neighbour_is_not_flagged(value):
    result = fit("f =~ a + b + c", sample_cov=heywood(value), n_obs=100)
    assert result.status is Status.CONVERGED
    assert result.improper == ()


def test_factors_that_correlate_beyond_one_are_flagged():
    cov = np.full((4, 4), 0.6)
    cov[0, 1] = cov[1, 0] = cov[2, 3] = cov[3, 2] = 0.4
    np.fill_diagonal(cov, 1.0)
    frame = pd.DataFrame(cov, index=list("abcd"), columns=list("abcd"))
    result = fit("f =~ a + b\ng =~ c + d", sample_cov=frame, n_obs=100)
    assert result.status is Status.IMPROPER
    assert [(i.parameter, i.value > 1.0) for i in result.improper] == [("f~~g", True)]
    assert "factors not positive definite" in str(result.improper[0])


def test_bounds_keep_variances_at_zero_and_say_so():
    free = fit("f =~ a + b + c", sample_cov=heywood(), n_obs=100)
    bounded = fit("f =~ a + b + c", sample_cov=heywood(), n_obs=100, bounds="pos.var")
    assert bounded.status is Status.CONVERGED
    assert bounded.chisq > free.chisq + 0.1
    assert bounded.variance_policy == "bounded at 0"
    assert "unbounded" in repr(free)
    assert any("on a bound" in note and "a~~a" in note for note in bounded.notes)
    assert estimates(bounded).set_index(["lhs", "op", "rhs"]).loc[("a", "~~", "a"), "se"] == 0.0


def test_the_certificate_fires_when_the_search_stops_early(monkeypatch, two_factors, two_factor_model):
    true = search_module.minimise

    def hasty(objective, start, **options):
        """Stop after two iterations and call it converged."""
        stopped = true(objective, start, **(options | {"max_iterations": 2}))
        return dataclasses.replace(stopped, outcome=np.full(1, Outcome.CONVERGED, dtype=np.int8))

    monkeypatch.setattr(search_module, "minimise", hasty)
    result = fit(two_factor_model, two_factors())
    assert result.status is Status.NOT_CONVERGED
    assert not result.certificate.holds
    assert result.certificate.remaining_chisq > 1e-8
    assert "do not interpret" in repr(result)


def test_a_fit_without_any_workable_point_is_an_error(two_factors):
    for model in ("x1 ~ 1*x2\nx2 ~ 1*x1", "f =~ x1+x2+x3\nx1 ~~ -500*x1", "f =~ x1+1e200*x2+x3"):
        with pytest.raises(ConvergenceError, match="nothing can be estimated") as caught:
            fit(model, two_factors())
        assert caught.value.exit_code == 6


@pytest.mark.parametrize("start", ["start(1e200)*x2", "start(-3)*x2"])
def test_a_bad_start_of_the_user_is_left_aside_when_it_fails(two_factors, start):
    wanted = fit("f =~ x1 + x2 + x3 + y1", two_factors())
    found = fit(f"f =~ x1 + {start} + x3 + y1", two_factors())
    np.testing.assert_allclose(found.theta, wanted.theta, atol=1e-6)


def test_a_factor_called_like_an_item_is_refused(two_factors):
    data = two_factors()
    with pytest.raises(ModelError, match="'y1' both as an indicator and as a factor"):
        fit("f =~ x1 + x2 + y1\ny1 =~ y2 + y3", data)
    with pytest.raises(ModelError, match="itself"):
        fit("x1 =~ x1 + x2 + x3", data)
    unused = fit("y1 =~ x1 + x2 + x3", data)
    assert "'y1' is a factor here; the column of that name in the data is not used" in unused.notes


def test_input_is_data_or_a_matrix(two_factors, two_factor_model):
    data = two_factors()
    for arguments in ({}, {"data": data, "sample_cov": data.cov(), "n_obs": 9}):
        with pytest.raises(UsageError, match="either data"):
            fit(two_factor_model, **arguments)


@pytest.mark.parametrize(
    "options", [{"likelihood": "reml"}, {"mimic": "lisrel"}, {"information": "first"}, {"bounds": "narrow"}]
)
def test_unknown_options_are_refused_with_the_choices(two_factors, two_factor_model, options):
    with pytest.raises(UsageError, match="choose one of"):
        fit(two_factor_model, two_factors(), **options)
    result = fit(two_factor_model, two_factors())
    with pytest.raises(UsageError, match="choose one of"):
        fit_moments(result.spec, result.moments, **options)


FOUR_WAVES = pd.DataFrame(
    [[2.5, 1.8, 1.9, 2.0], [1.8, 3.4, 2.6, 3.0], [1.9, 2.6, 4.4, 3.9], [2.0, 3.0, 3.9, 6.1]],
    *[["t1", "t2", "t3", "t4"]] * 2,
)
MEANS = pd.Series([0.6, 1.7, 2.6, 3.9], FOUR_WAVES.columns)
LINE = "i =~ 1*t1 + 1*t2 + 1*t3 + 1*t4\ns =~ 0*t1 + 1*t2 + 2*t3 + 3*t4"


def test_wishart_counts_one_fewer_in_means_too():
    """A growth model of made-up moments against lavaan 0.6-14, growth(likelihood = "wishart")."""
    result = fit(LINE, sample_cov=FOUR_WAVES, sample_mean=MEANS, n_obs=40, growth=True, likelihood="wishart")
    assert (result.npar, result.df) == (9, 5)
    assert result.chisq == pytest.approx(0.927522241, abs=1e-6)
    found = estimates(result).set_index(["lhs", "op"]).loc[[("i", "~1"), ("s", "~1")]]
    np.testing.assert_allclose(found.est, [0.585626319, 1.076704022], rtol=1e-5)
    np.testing.assert_allclose(found.se, [0.243993875, 0.111485222], rtol=1e-5)


def test_a_definition_with_an_unknown_label_is_refused_before_fitting(two_factors, two_factor_model):
    with pytest.raises(ModelError, match="q := a\\*b uses 'a', 'b', which is no label"):
        fit(f"{two_factor_model}\nq := a*b", two_factors())


def test_means_that_are_given_are_fitted():
    """As in lavaan 0.6-14 (npar 12, chi2 2.50740458), whatever meanstructure says."""
    given = {"sample_cov": FOUR_WAVES, "sample_mean": MEANS, "n_obs": 40}
    result = fit("i =~ t1 + t2 + t3 + t4", **given)
    assert (result.npar, result.df) == (12, 2)
    assert result.chisq == pytest.approx(2.50740458, abs=1e-6)
    assert fit("i =~ t1 + t2 + t3 + t4", **given, meanstructure=False).npar == 12


def test_groups_without_means_when_asked(two_factors, two_factor_model):
    """Free means fit exactly, so chi2 and df are those with them; the means are no parameters."""
    data = two_factors().assign(g=["a", "b"] * 75)
    means, none = (fit(two_factor_model, data, group="g", meanstructure=m) for m in (None, False))
    assert (none.npar, none.df) == (means.npar - 12, means.df)
    assert none.chisq == pytest.approx(means.chisq, rel=1e-8)


def test_intercepts_need_means(two_factors, two_factor_model):
    with pytest.raises(ModelError, match="supply sample_mean"):
        fit(two_factor_model, sample_cov=two_factors().cov(), n_obs=150, meanstructure=True)


def test_missing_rows_are_left_out_and_noted(two_factors, two_factor_model):
    data = two_factors()
    data.loc[[2, 30], "x1"] = np.nan
    result = fit(two_factor_model, data)
    assert result.n == 148
    assert "2 of 150 rows have a missing value and were left out (listwise)" in result.notes
    wide = two_factors(0, 92, 9)
    wide["x1"] = wide.x1.where(wide.index < 12)
    with pytest.raises(
        DataError, match=r"12 complete row\(s\) of 92 for 18 variables.*'x1' is missing in 80"
    ):
        fit("f =~ " + " + ".join(wide.columns), wide)


def test_a_fit_is_frozen(two_factors, two_factor_model):
    result = fit(two_factor_model, two_factors())
    assert isinstance(result, Fit)
    with pytest.raises(dataclasses.FrozenInstanceError):
        result.df = 3
    for name in ("rows", "sigma", "sample_cov", "kernel_theta", "kernel_vcov"):
        with pytest.raises(ValueError, match="read-only"):
            getattr(result, name)[0] = 0.0


def test_constraints_on_labels_hold_in_the_estimates(two_factors):
    data = two_factors(6)
    equal = fit("f =~ x1 + a*x2 + a*x3\ng =~ y1 + b*y2 + c*y3\nb == 2*c - 1", data)
    values = dict(zip(equal.names, equal.theta, strict=True))
    assert values["b"] == pytest.approx(2 * values["c"] - 1, abs=1e-12)
    assert equal.npar == fit("f =~ x1+x2+x3\ng =~ y1+y2+y3", data).npar - 2


REFUSED_CONSTRAINTS = {
    "a == 1\na == 2": "contradicts",
    "a > 2\na < 1": "contradict each other",
    "a == zz": "'zz', which is no label",
    "d := a*qq": "'qq', which is no label",
}


@pytest.mark.parametrize("constraint", REFUSED_CONSTRAINTS)
def test_constraints_that_cannot_be_kept_are_refused(two_factors, constraint):
    with pytest.raises(ModelError, match=REFUSED_CONSTRAINTS[constraint]):
        estimates(fit(f"f =~ x1 + a*x2 + b*x3 + y1\n{constraint}", two_factors()))


def test_covariance_matrices_of_groups_need_no_means(two_factors, two_factor_model):
    """Without means the model has no intercepts; its chi2 and df are those of the rows with free means."""
    rows = two_factors(4, 200).assign(school=np.repeat(["a", "b"], 100))
    items = [c for c in rows if c != "school"]
    matrices = {label: part[items].cov() for label, part in rows.groupby("school")}
    given = fit(two_factor_model, sample_cov=matrices, n_obs=[100, 100], group_equal="loadings")
    whole = fit(two_factor_model, rows, group="school", group_equal="loadings")
    assert given.chisq == pytest.approx(whole.chisq, abs=1e-7)
    assert given.df == whole.df
    assert not any(p.op == "~1" for p in given.spec)
