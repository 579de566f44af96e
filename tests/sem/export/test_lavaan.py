"""The R script holds the call with every option that matters."""

import numpy as np
import pytest

from sopsem.errors import UsageError
from sopsem.sem.estimation.fit import fit
from sopsem.sem.export.lavaan import to_lavaan

MODEL = "f =~ x1 + x2 + x3\ng =~ y1 + y2 + y3"
ITEMS = ["x1", "x2", "x3", "y1", "y2", "y3"]


def holes(data):
    made = data.copy()
    made.loc[::7, "x2"] = np.nan
    return made


def answers(data):
    return data.assign(**{v: np.digitize(data[v], [-0.7, 0.1, 0.9]) for v in ITEMS})


@pytest.mark.parametrize(
    ("options", "lines"),
    [
        ({}, ['estimator = "ML"', 'likelihood = "normal"', "meanstructure = FALSE", "fixed.x = TRUE"]),
        ({"likelihood": "wishart"}, ['likelihood = "wishart"']),
        ({"information": "observed"}, ['information = "observed"']),
        ({"estimator": "MLR"}, ['estimator = "MLR"', 'information = "observed"']),
        ({"estimator": "GLS"}, ['estimator = "GLS"']),
        ({"se": "robust_sem"}, ['estimator = "ML"', 'se = "robust.sem"', 'test = "standard"']),
        ({"missing": "ml"}, ['missing = "ml"', "meanstructure = TRUE"]),
        ({"group": "school"}, ['group = "school"', 'group.label = c("south", "north")']),
        ({"cluster": "firm"}, ['cluster = "firm"']),
        ({"bounds": "pos.var"}, ['bounds = "pos.var"']),
        ({"mimic": "amos"}, ["# multiply lavaan's chi2 by (N - G)/N."]),
    ],
)
def test_options_are_written(skewed_items, options, lines):
    """Each as an argument of its own, or in words where lavaan has no such option."""
    data = holes(skewed_items) if options.get("missing") else skewed_items
    script = to_lavaan(fit(MODEL, data, **options), group="school", cluster="firm")
    for line in lines:
        assert any(row.strip(" ,").startswith(line) or line in row for row in script.splitlines()), line
    assert 'data <- read.csv("data.csv", check.names = FALSE)' in script
    assert script.count("lavaan(\n") == 1


def test_least_squares_have_no_likelihood(skewed_items):
    """lavaan refuses the argument there."""
    assert "likelihood" not in to_lavaan(fit(MODEL, skewed_items, estimator="GLS"))


def test_ordered_variables_are_named(skewed_items):
    """With their parameterization."""
    script = to_lavaan(fit(MODEL, answers(skewed_items), ordered=True, parameterization="theta"))
    assert 'ordered = c("x1", "x2", "x3", "y1", "y2", "y3")' in script
    assert 'parameterization = "theta"' in script
    assert 'estimator = "WLSMV"' in script


def test_covariance_matrices_stand_in_the_script(skewed_items):
    """With their N, in full precision, for every group."""
    groups = {k: v[ITEMS] for k, v in skewed_items.groupby("school", sort=False)}
    fitted = fit(
        MODEL,
        sample_cov={k: v.cov() for k, v in groups.items()},
        n_obs=[60, 60],
        sample_mean=[v.mean() for v in groups.values()],
    )
    script = to_lavaan(fitted)
    assert 'sample.cov = list("south" = cov1, "north" = cov2)' in script
    assert "sample.nobs = list(60, 60)" in script
    assert "sample.cov.rescale = FALSE" in script
    assert "sample.mean = list(" in script
    assert f"{fitted.data_moments[1].covariance[2, 1]:.17g}" in script
    assert "read.csv" not in script


def test_nothing_in_a_name_ends_the_script_early(skewed_items):
    """Quotes and backslashes in a file name are escaped, line breaks refused."""
    fitted = fit(MODEL, skewed_items)
    assert r'read.csv("a\"; quit(); \\.csv"' in to_lavaan(fitted, 'a"; quit(); \\.csv')
    with pytest.raises(UsageError):
        to_lavaan(fitted, "a\nb.csv")
