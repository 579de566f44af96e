"""Scores of ordered variables: numbers of lavaan, the mode by brute force, and refusals."""

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.stats import norm

from sopsem.errors import DataError, ModelError, UsageError
from sopsem.sem.constructs.scores import factor_scores
from sopsem.sem.estimation.fit import fit

MODEL = "f =~ a + b + c\ng =~ d + e + h"
ITEMS = list("abcdeh")
# lavaan 0.6-14, lavPredict(cfa(MODEL, data, ordered = TRUE))[1:4, ], which stops within about 1e-4 of the mode
LAVAAN = [
    [-0.1606197396, 0.0350341592],
    [0.6045530814, 0.1732598553],
    [-0.0372936373, -0.5417879906],
    [0.4087647414, 1.0915080789],
]


@pytest.fixture(scope="module")
def fitted(lattice_answers):
    return fit(MODEL, lattice_answers, ordered=ITEMS)


def test_scores_agree_with_lavaan(fitted):
    """The first four rows."""
    assert factor_scores(fitted).scores.to_numpy()[:4] == pytest.approx(np.array(LAVAAN), abs=3e-4)


def test_scores_are_modes_with_the_errors_of_their_curvature(lattice_answers):
    """A single factor: minus the log posterior is least at the score, its second derivative gives the error."""
    one = fit("f =~ a + b + c + d", lattice_answers, ordered=list("abcd"), std_lv=True)
    value = dict(zip([p.name for p in one.spec], one.rows, strict=True))
    row = lattice_answers.loc[6, list("abcd")]

    def minus_log(eta):
        total = 0.5 * float(np.ravel(eta)[0]) ** 2
        for v, answer in row.items():
            cuts = [-np.inf, value[f"{v}|t1"], value[f"{v}|t2"], np.inf]
            load = value[f"f=~{v}"]
            ends = (np.array(cuts)[[int(answer) - 1, int(answer)]] - load * np.ravel(eta)[0]) / np.sqrt(
                1 - load**2
            )
            total -= np.log(norm.cdf(ends[1]) - norm.cdf(ends[0]))
        return total

    best = minimize(minus_log, 0.0, method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-13}).x[0]
    found = factor_scores(one)
    assert found.scores.loc[6, "f"] == pytest.approx(best, abs=1e-6)
    h = 1e-3
    bend = (minus_log(best + h) - 2.0 * minus_log(best) + minus_log(best - h)) / h**2
    assert found.se.loc[6, "f"] == pytest.approx(bend**-0.5, rel=1e-4)


def test_the_parameterization_only_changes_the_unit_of_the_factors(lattice_answers, fitted):
    """Delta and theta are one model."""
    theta = fit(MODEL, lattice_answers, ordered=ITEMS, parameterization="theta")
    ratio = factor_scores(theta).scores / factor_scores(fitted).scores
    assert (ratio.max() / ratio.min()).to_numpy() == pytest.approx([1.0, 1.0], abs=1e-4)


def test_missing_answers_say_nothing_and_rows_without_answers_have_no_score(fitted, lattice_answers):
    """An answer that is missing draws the score to the mean; new rows keep their index."""
    rows = lattice_answers.loc[[10, 11], ITEMS].set_axis(["p", "q"])
    rows.loc["r"] = np.nan
    rows.loc["s"] = [3.0, np.nan, np.nan, np.nan, np.nan, np.nan]
    found = factor_scores(fitted, rows)
    assert found.scores.loc["p"].to_numpy() == pytest.approx(factor_scores(fitted).scores.loc[10].to_numpy())
    assert found.scores.loc["r"].isna().all()
    assert found.scores.loc["s", "f"] > found.scores.loc["s", "g"] > 0.0
    assert found.se.loc["s", "f"] > found.se.loc["p", "f"]


def test_covariates_move_the_scores(lattice_answers):
    """With no other difference, the row with the larger covariate has the larger score."""
    given = fit("f =~ a + b + c\nf ~ x", lattice_answers, ordered=list("abc"))
    rows = lattice_answers.loc[[0, 0], [*"abc", "x"]].reset_index(drop=True)
    rows["x"] = [-1.0, 1.0]
    low, high = factor_scores(given, rows).scores["f"]
    assert high > low
    rows.loc[0, "x"] = np.nan
    assert factor_scores(given, rows).scores["f"].isna().tolist() == [True, False]


def test_a_continuous_item_counts_whatever_its_units(lattice_answers, lattice):
    """The marker in other units only changes the unit of the scores, and it moves the score upward."""
    plain = lattice_answers.assign(c=lattice["c"])
    other = plain.assign(c=50.0 + 10.0 * plain["c"])
    one, two = (fit("f =~ c + a + b + d", rows, ordered=list("abd")) for rows in (plain, other))
    scores = factor_scores(one).scores["f"]
    assert factor_scores(two).scores["f"].to_numpy() == pytest.approx(10.0 * scores.to_numpy(), rel=1e-4)
    raised = factor_scores(one, plain.assign(c=plain["c"] + 1.0)).scores["f"]
    assert (raised > scores).all()


def test_what_has_no_such_score_is_refused(fitted, lattice_answers):
    """Bartlett, an unknown answer, a response that explains others."""
    with pytest.raises(UsageError, match="no Bartlett scores"):
        factor_scores(fitted, method="bartlett")
    with pytest.raises(DataError, match="answer 7"):
        factor_scores(fitted, lattice_answers.assign(a=7.0))
    chained = fit("f =~ a + b + c\nh ~ d + f", lattice_answers, ordered=list("abcdh"), fixed_x=False)
    with pytest.raises(ModelError, match="'d' explains"):
        factor_scores(chained)
