"""What the engine says when it cannot answer: what is wrong, where, and what to do, in one group and in several."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from sopsem.errors import ConvergenceError, DataError, ModelError, UsageError
from sopsem.kernel import Outcome
from sopsem.sem.estimation import search as search_module
from sopsem.sem.estimation.fit import Status, fit
from sopsem.sem.estimation.fit_notes import broken_constraints
from sopsem.sem.estimation.search import STRATEGIES, starts_tried

MODEL = "f =~ x1 + x2 + x3\ng =~ y1 + y2 + y3"
ITEMS = ["x1", "x2", "x3", "y1", "y2", "y3"]


@pytest.fixture(scope="module")
def rows(two_factors):
    """Rows of two groups of 100."""
    return two_factors(5, 200).assign(school=np.repeat(["a", "b"], 100))


@pytest.fixture(scope="module")
def answers(rows):
    """The same rows in four categories, 0 to 3."""
    return rows.assign(**{c: np.digitize(rows[c], [-0.8, 0.0, 0.8]) for c in ITEMS})


def refused(error, *words, model=MODEL, data=None, **options):
    """Return the message of a fit that is refused, which must contain all these words."""
    with pytest.raises(error) as caught:
        fit(model, data, **options)
    message = str(caught.value)
    for word in words:
        assert word in message, f"{word!r} is not in: {message}"
    return message


def test_what_is_not_identified_is_named(rows):
    """The parameters that can move together, and no others."""
    message = refused(
        ModelError,
        "not identified",
        "1 direction(s)",
        "f=~x1",
        "f~~f",
        model=MODEL.replace("x1", "NA*x1"),
        data=rows,
    )
    assert "y2" not in message
    assert "Fix one of them" in message


def test_what_is_not_identified_is_named_in_its_group(rows):
    """Only the parameters of the group where a marker was freed."""
    text = MODEL.replace("x1", "c(1, NA)*x1")
    message = refused(
        ModelError, "not identified", "f=~x1.g2", "f~~f.g2", model=text, data=rows, group="school"
    )
    assert "f=~x2," not in message


def test_parameters_tied_over_groups_are_named_by_their_paths(rows):
    """The labels that tie groups mean nothing to a reader."""
    text = MODEL.replace("x1", "NA*x1")
    message = refused(
        ModelError, "f=~x1", "f=~x3", model=text, data=rows, group="school", group_equal="loadings"
    )
    assert ".p" not in message


def test_means_of_factors_beside_all_intercepts_are_not_identified(rows):
    """The factor's mean and the intercepts of its items."""
    refused(ModelError, "not identified", "f~1", "x1~1", model=MODEL + "\nf ~ 1", data=rows)


@pytest.mark.parametrize(
    ("options", "counts"), [({}, ("9", "6", "-3")), ({"group": "school"}, ("24", "18", "-6"))]
)
def test_more_parameters_than_moments_are_counted(rows, options, counts):
    """How many of both, and how many to remove; over all groups."""
    text = "f =~ x1 + x2 + x3\nx1 ~~ x2 + x3\nx2 ~~ x3"
    npar, moments, df = counts
    refused(
        ModelError,
        f"{npar} parameters for {moments} sample moments",
        f"df = {df}",
        f"remove {df[1:]} of them",
        model=text,
        data=rows,
        **options,
    )


def impossible(rows):
    """Return a matrix with a correlation of 1.2, and one whose items add up to nothing."""
    cov = rows[["x1", "x2", "x3"]].cov()
    beyond = cov.copy()
    beyond.loc["x1", "x2"] = beyond.loc["x2", "x1"] = 1.2 * np.sqrt(cov.loc["x1", "x1"] * cov.loc["x2", "x2"])
    linear = rows[["x1", "x2"]].assign(x3=rows.x1 + rows.x2).cov()
    return beyond, linear


def test_a_matrix_that_is_not_positive_definite_names_items_and_eigenvalue(rows):
    """A correlation beyond 1, and a linear combination that is constant."""
    beyond, linear = impossible(rows)
    text = "f =~ x1 + x2 + x3"
    refused(
        DataError,
        "not positive definite",
        "smallest eigenvalue -",
        "'x1'",
        "'x2'",
        "1.2",
        model=text,
        sample_cov=beyond,
        n_obs=100,
    )
    refused(
        DataError,
        "smallest eigenvalue",
        "linear combination of 'x1', 'x2', 'x3'",
        model=text,
        sample_cov=linear,
        n_obs=100,
    )


def test_a_matrix_that_is_not_positive_definite_names_its_group(rows):
    """Among several matrices."""
    beyond, _ = impossible(rows)
    both = {"north": rows[["x1", "x2", "x3"]].cov(), "south": beyond}
    refused(
        DataError,
        "group 'south'",
        "'x1' and 'x2'",
        model="f =~ x1 + x2 + x3",
        sample_cov=both,
        n_obs=[100, 100],
    )


@pytest.mark.parametrize("missing", ["listwise", "ml"])
def test_a_group_without_variance_in_an_item_is_named(rows, missing):
    """With the item."""
    flat = rows.copy()
    flat.loc[flat.school == "b", "x2"] = 3.0
    message = refused(DataError, "group 'b'", "'x2'", "constant", data=flat, group="school", missing=missing)
    assert "'a'" not in message


def test_an_empty_category_of_a_group_is_named(answers):
    """Item, category and group; the remedy is a merger in all groups."""
    empty = answers.copy()
    empty.loc[(empty.school == "b") & (empty.y3 == 3), "y3"] = 2
    refused(DataError, "group 'b'", "'y3'", "category 3", "merge", data=empty, group="school", ordered=True)
    assert fit(MODEL, empty.drop(columns="school"), ordered=True).status.converged


def test_weighted_least_squares_needs_more_rows_than_moments(rows):
    """How many there are of both, in which group, and what to use instead."""
    refused(DataError, "21 moments", "15 rows", "'DWLS'", data=rows.iloc[:15], estimator="WLS")
    message = refused(DataError, "group 'a'", "20 rows", data=rows.iloc[80:], group="school", estimator="WLS")
    assert "use more rows" in message
    assert fit(MODEL, rows.iloc[:15], estimator="DWLS", se="none", test="standard").n == 15


def test_weights_need_rows(rows):
    """A covariance matrix is not enough for weights that do not assume normal data."""
    refused(DataError, "need the rows", "give data", sample_cov=rows[ITEMS].cov(), n_obs=200, estimator="WLS")


@pytest.mark.parametrize("missing", ["ml", "two_stage"])
def test_two_variables_that_no_row_has_together_are_named(rows, missing):
    """In the whole sample, and in the group where it is so."""
    apart = rows.copy()
    apart.loc[:99, "x1"], apart.loc[100:, "y1"] = np.nan, np.nan
    refused(DataError, "no row has values of both 'x1' and 'y1'", data=apart, missing=missing)
    here = rows.copy()
    here.loc[:49, "x1"], here.loc[50:99, "y1"] = np.nan, np.nan
    refused(DataError, "group 'a'", "both 'x1' and 'y1'", data=here, missing=missing, group="school")
    assert fit(MODEL, here, missing=missing).status.converged


@pytest.mark.parametrize("option", ["cluster", "group"])
def test_a_column_that_is_not_there_is_named_beside_those_that_are(rows, option):
    """The option, the name given, and the columns of the data."""
    refused(
        UsageError, f"{option} is 'firm'", "no column of the data", "'school'", data=rows, **{option: "firm"}
    )


def test_a_cluster_is_needed_in_every_row(rows):
    """The first row without one, counted from 1; one cluster is none."""
    firm = pd.Series(np.tile(np.arange(40.0), 5)).mask(np.arange(200) == 6)
    refused(DataError, "'firm'", "1 row(s)", "row 7", data=rows.assign(firm=firm), cluster="firm")
    refused(DataError, "'firm' holds one cluster", data=rows.assign(firm=1), cluster="firm")


def test_a_start_that_leads_nowhere_says_what_was_tried(rows):
    """Three kinds of starts, six in all."""
    message = refused(
        ConvergenceError, "nothing can be estimated", model="f =~ x1 + x2 + x3\nx1 ~~ -9*x1", data=rows
    )
    assert starts_tried() in message
    assert starts_tried().count(",") >= 2
    assert f"{STRATEGIES - 2} random variation" in message


def test_no_convergence_says_what_was_tried_and_how_far_it_came(monkeypatch, rows):
    """All six starts, the lowest point reached and how the search ended there."""
    true, starts = search_module.minimise, []

    def hasty(objective, start, **options):
        starts.append(start)
        stopped = true(objective, start, **(options | {"max_iterations": 2}))
        return dataclasses.replace(stopped, outcome=np.full(1, Outcome.ITERATION_LIMIT, dtype=np.int8))

    monkeypatch.setattr(search_module, "minimise", hasty)
    result = fit(MODEL, rows)
    assert result.status is Status.NOT_CONVERGED
    assert len(starts) == STRATEGIES
    note = next(n for n in result.notes if n.startswith("no convergence"))
    assert starts_tried() in note
    assert f"chi2 = {result.chisq:.6g} (the limit of iterations was reached)" in note
    assert "give start() values" in note
    assert note in repr(result)


def test_a_converged_fit_says_nothing_of_the_kind(rows):
    """And all constraints of a fit with constraints hold."""
    result = fit("f =~ x1 + a*x2 + b*x3\na*b == 0.9", rows)
    assert result.status.converged
    assert not any("no convergence" in n or "does not hold" in n for n in result.notes)
    assert broken_constraints(result.parameters, result.kernel_theta) == ()


@pytest.mark.parametrize(
    ("rule", "name"),
    [("a*a + b*b == -1", "a*a+b*b == -1"), ("a > 2\nb > 1\na*b < -1", "a*b < -1")],
    ids=["no real root", "empty region"],
)
def test_constraints_that_nothing_meets_are_named(rows, rule, name):
    """The fit is not converged, and says which constraint is off by how much."""
    result = fit(f"f =~ x1 + a*x2 + b*x3\n{rule}", rows)
    assert result.status is Status.NOT_CONVERGED
    assert any(n.startswith(f"the constraint {name} does not hold") and "off by" in n for n in result.notes)


@pytest.mark.parametrize("options", [{"estimator": "GLS"}, {"likelihood": "wishart"}])
def test_a_matrix_is_not_rescaled_where_the_divisor_is_n_minus_1(rows, options):
    """An option that would do nothing is refused, with what to do instead."""
    with pytest.raises(UsageError, match="takes a matrix as it is given"):
        fit(MODEL, sample_cov=rows[list(ITEMS)].cov(), n_obs=len(rows), sample_cov_rescale=True, **options)


def test_auxiliary_variables_need_a_method_for_missing_values(rows):
    """Complete rows have nothing to recover; and what covaries with the model is not given."""
    one = MODEL.splitlines()[0]
    refused(UsageError, "two_stage", "'listwise'", model=one, data=rows, missing="listwise", auxiliary="y1")
    refused(UsageError, "y1", "in the model", data=rows, missing="ml", auxiliary="y1")
    refused(UsageError, "leave fixed_x out", model=one, data=rows, missing="ml", auxiliary="y1", fixed_x=True)
    assert fit(one, rows, missing="two_stage", auxiliary="y1").moments.gamma is not None


@pytest.mark.parametrize(
    "options", [{"estimator": "MLM"}, {"test": "scaled_shifted"}, {"se": "robust_sem"}, {"estimator": "MLMV"}]
)
def test_what_needs_complete_rows_is_refused_with_full_information(rows, options):
    """Standard errors or tests made of the covariances of sample moments would be NaN."""
    refused(UsageError, "needs complete rows", "MLR", data=rows, missing="ml", **options)


def test_an_ordered_variable_that_does_not_exist_is_named(answers):
    """A slip would silently make the variable continuous."""
    refused(UsageError, "'X1'", "no column", data=answers, ordered=["X1", *ITEMS[1:]])


def test_a_factor_gets_its_scale_once(rows):
    """Effect coding with a variance of 1 would be a restriction that nobody asked for."""
    refused(UsageError, "effect_coding", "std_lv", data=rows, std_lv=True, effect_coding=True)


def test_measurements_are_not_taken_for_answers(rows):
    """Hundreds of thresholds would be estimated from as many rows."""
    refused(DataError, "'x1'", "200 distinct values", "treat it as continuous", data=rows, ordered=True)
