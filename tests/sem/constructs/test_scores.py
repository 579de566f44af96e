"""Factor scores: reference numbers, laws of both methods, refusals."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sopsem.errors import DataError, ModelError, UsageError
from sopsem.sem.constructs.scores import factor_scores
from sopsem.sem.estimation.fit import fit

SMALL = Path(__file__).parents[2] / "parity" / "small"
MODEL = "f =~ a + b + c\ng =~ d + e + h"


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(2)
    factors = rng.multivariate_normal([0, 0], [[1, 0.5], [0.5, 1]], size=200)
    items = np.repeat(factors, 3, axis=1) * 0.8 + 0.6 * rng.normal(size=(200, 6)) + 4.0
    return pd.DataFrame(items, columns=list("abcdeh"))


@pytest.mark.parametrize("method", ["regression", "bartlett"])
def test_growth_scores_agree_with_lavaan(method):
    """First five rows of the linear growth model of Potthoff and Roy (lavaan 0.7-2)."""
    case = json.loads((SMALL / "cases" / "p26_growth_potthoff.json").read_text(encoding="utf-8"))
    entry = next(f for f in case["fits"] if f["name"] == "linear")
    fitted = fit(entry["model"], pd.read_csv(SMALL / case["data"]["file"]), growth=True)
    reference = entry["expected"]["factor_scores"][{"bartlett": "Bartlett"}.get(method, method)][0]
    frame = pd.DataFrame(reference["rows"], columns=reference["columns"]).set_index("case_row")
    scores = factor_scores(fitted, method=method).scores
    assert scores.loc[frame.index - 1, frame.columns].to_numpy() == pytest.approx(frame.to_numpy(), rel=1e-5)


def test_regression_scores_shrink_and_their_variances_add_up(data):
    """Var(score) + se^2 is the factor variance, in the population the model describes."""
    fitted = fit(MODEL, data)
    found = factor_scores(fitted)
    explained = found.scores.var(ddof=0) + found.se.iloc[0] ** 2
    variance = [fitted.rows[[p.name for p in fitted.spec].index(n)] for n in ("f~~f", "g~~g")]
    assert explained.to_numpy() == pytest.approx(variance, rel=0.05)


def test_bartlett_scores_are_unbiased_given_the_factors(data):
    """Rows that lie exactly on the factors, without residuals, give these factors back."""
    fitted = fit(MODEL, data)
    names = [p.name for p in fitted.spec]
    load = [1.0, *(fitted.rows[names.index(f"f=~{v}")] for v in "bc")]
    load_g = [1.0, *(fitted.rows[names.index(f"g=~{v}")] for v in "eh")]
    truth = np.array([[0.5, -1.0], [2.0, 0.3]])
    rows = np.hstack([truth[:, [0]] * load, truth[:, [1]] * load_g]) + fitted.moments.mean
    found = factor_scores(fitted, pd.DataFrame(rows, columns=list("abcdeh")), method="bartlett")
    assert found.scores.to_numpy() == pytest.approx(truth)
    shrunken = factor_scores(fitted, pd.DataFrame(rows, columns=list("abcdeh"))).scores
    assert abs(shrunken.iloc[1, 0]) < 2.0


def test_the_error_of_a_bartlett_score_is_that_of_weighted_least_squares(data):
    """One factor: 1 / sqrt(sum of loading^2 / residual variance)."""
    fitted = fit("f =~ a + b + c", data)
    value = dict(zip([p.name for p in fitted.spec], fitted.rows, strict=True))
    precision = sum(value[f"f=~{v}"] ** 2 / value[f"{v}~~{v}"] for v in "abc")
    assert factor_scores(fitted, method="bartlett").se["f"].iloc[0] == pytest.approx(precision**-0.5)


def test_new_rows_score_as_the_fitted_ones_and_missing_ones_get_nan(data):
    """The same rows give the same scores under their own index; a gap gives NaN in score and error."""
    fitted = fit(MODEL, data)
    new = data.iloc[[3, 7]].set_axis(["x", "y"])
    new.loc["y", "a"] = np.nan
    found = factor_scores(fitted, new)
    assert found.scores.loc["x"].to_numpy() == pytest.approx(factor_scores(fitted).scores.loc[3].to_numpy())
    assert found.scores.loc["y"].isna().all()
    assert found.se.loc["y"].isna().all()


def test_rows_left_out_of_the_fit_keep_the_numbering_of_the_file(data):
    """The index of the scores is the position in the data that were given."""
    gaps = data.copy()
    gaps.loc[[0, 5], "a"] = np.nan
    scores = factor_scores(fit(MODEL, gaps)).scores
    assert list(scores.index[:5]) == [1, 2, 3, 4, 6]


def test_a_second_order_factor_has_scores_from_all_items(data):
    """Its Bartlett score weighs the items by their total loadings and is unbiased along it."""
    fitted = fit(MODEL + "\nt =~ f + l*g\nl == 1\nf ~~ v*f\ng ~~ v*g", data)
    found = factor_scores(fitted, method="bartlett")
    assert np.isfinite(found.scores["t"]).all()
    assert np.corrcoef(found.scores["t"], found.scores["f"] + found.scores["g"])[0, 1] > 0.9
    assert (found.se["t"] > 0.0).all()


def test_predictors_move_the_mean_of_the_factor(data):
    """Without intercepts in the model the factor mean is the path times the mean of the predictor."""
    rng = np.random.default_rng(4)
    with_x = data.assign(x=rng.normal(size=len(data)) + 5.0 + data["a"])
    fitted = fit("f =~ a + b + c\nf ~ x", with_x)
    slope = fitted.rows[[p.name for p in fitted.spec].index("f~x")]
    assert factor_scores(fitted).scores["f"].mean() == pytest.approx(slope * with_x["x"].mean())


def test_refusals_say_what_to_do(data):
    """No factor, no rows, an absent column, a text, an infinite value, an unknown method."""
    fitted = fit(MODEL, data)
    with pytest.raises(UsageError, match="no factor"):
        factor_scores(fit("a ~ b", data))
    with pytest.raises(UsageError, match="give the rows"):
        factor_scores(fit("f =~ a + b + c", sample_cov=data[list("abc")].cov(), n_obs=200))
    with pytest.raises(ModelError, match="'h'"):
        factor_scores(fitted, data.drop(columns="h"))
    with pytest.raises(DataError, match="not a number"):
        factor_scores(fitted, data.astype(object).replace({"a": {data["a"][0]: "much"}}))
    with pytest.raises(DataError, match="infinite"):
        factor_scores(fitted, data.replace(data["a"][0], np.inf))
    with pytest.raises(UsageError, match="bartlett"):
        factor_scores(fitted, method="thomson")


# lavaan 0.6-14, lavPredict(cfa(MODEL, data, missing = "ml"))[1:3, ] and method = "Bartlett"
GAPS = {
    "regression": [[-0.274370014, -0.0254324761], [0.513336937, -0.0253520659], [0.156340950, -0.6543019326]],
    "bartlett": [[-0.405390934, 0.0215114859], [0.706544168, -0.1675275720], [0.336408289, -0.9545583139]],
}


@pytest.mark.parametrize("method", ["regression", "bartlett"])
def test_rows_with_gaps_are_scored_from_what_they_have(lattice_gaps, method):
    """As lavaan, pattern by pattern; a score that rests on less has a larger error."""
    found = factor_scores(fit(MODEL, lattice_gaps, missing="ml"), method=method)
    assert found.scores.to_numpy()[:3] == pytest.approx(np.array(GAPS[method]), abs=2e-4)
    gaps = lattice_gaps[list("abc")].isna().any(axis=1)
    assert found.se["f"][gaps].min() > found.se["f"][~gaps].min()
    assert found.se["f"].notna().all()


def test_a_row_without_any_value_has_no_score(lattice_gaps):
    """Nothing is known of it but the mean of all."""
    fitted = fit(MODEL, lattice_gaps, missing="ml")
    empty = pd.DataFrame(np.nan, index=["n"], columns=list("abcdeh"))
    assert factor_scores(fitted, empty).scores.isna().all(axis=None)
