"""The Mplus input and its data belong together."""

import numpy as np
import pandas as pd
import pytest

from sopsem.errors import DataError, UsageError
from sopsem.sem.estimation.fit import fit
from sopsem.sem.export.mplus import to_mplus

MODEL = "f =~ x1 + x2 + x3\ng =~ y1 + y2 + y3"
ITEMS = ["x1", "x2", "x3", "y1", "y2", "y3"]


def numbers(content):
    return np.array([[float(v) for v in line.split()] for line in content.splitlines()])


def test_rows_are_those_of_the_fit(skewed_items):
    """In the order of NAMES, with the number of the group behind them."""
    script, content = to_mplus(fit(MODEL, skewed_items, group="school"))
    assert "NAMES ARE x1 x2 x3 y1 y2 y3 group_;" in script
    assert "GROUPING IS group_ (1 = g1 2 = g2);" in script
    assert "! Groups: g1 = south, g2 = north." in script
    wanted = skewed_items.sort_values("school", ascending=False, kind="stable")
    assert numbers(content)[:, :6] == pytest.approx(wanted[ITEMS].to_numpy())
    assert numbers(content)[:, 6].tolist() == [1.0] * 60 + [2.0] * 60


def test_missing_values_get_their_code(skewed_items):
    """A code that is a value of the data is refused."""
    data = skewed_items.copy()
    data.loc[3, "x1"] = np.nan
    fitted = fit(MODEL, data, missing="ml", estimator="MLR")
    script, content = to_mplus(fitted)
    assert "MISSING ARE ALL (-999);" in script
    assert "ESTIMATOR IS MLR;" in script
    assert (numbers(content) == -999).sum() == 1
    with pytest.raises(DataError, match="choose another"):
        to_mplus(fitted, missing_code=float(data["x2"].iloc[0]))


def test_ordered_variables_need_their_rows(skewed_items):
    """The fit does not keep them."""
    data = skewed_items.assign(**{v: np.digitize(skewed_items[v], [-0.7, 0.1, 0.9]) for v in ITEMS})
    fitted = fit(MODEL, data, ordered=True)
    with pytest.raises(UsageError, match="give them with data"):
        to_mplus(fitted)
    script, content = to_mplus(fitted, data=data)
    assert "CATEGORICAL ARE x1 x2 x3 y1 y2 y3;" in script
    assert "ESTIMATOR IS WLSMV;" in script
    assert set(np.unique(numbers(content))) == {0.0, 1.0, 2.0, 3.0}


def test_matrices_are_written_as_such(skewed_items):
    """Lower triangle with divisor N - 1 and the number of observations."""
    cov = skewed_items[ITEMS].cov()
    script, content = to_mplus(fit(MODEL, sample_cov=cov, n_obs=120))
    assert "TYPE IS COVARIANCE;" in script
    assert "NOBSERVATIONS ARE 120;" in script
    last = [float(v) for v in content.splitlines()[-1].split()]
    assert last == pytest.approx(cov.iloc[-1].tolist())


def test_clusters_and_plain_likelihood(skewed_items):
    """TYPE IS COMPLEX with MLR; NOMEANSTRUCTURE without intercepts."""
    script, _ = to_mplus(fit(MODEL, skewed_items, cluster="firm"))
    assert "CLUSTER IS cluster_;" in script
    assert "TYPE IS COMPLEX;" in script
    assert "MODEL IS NOMEANSTRUCTURE;" in to_mplus(fit(MODEL, skewed_items))[0]


def test_long_names_are_cut_and_listed():
    """Eight characters, lines under 90, and a comment that says which is which."""
    rng = np.random.default_rng(1)
    names = [f"coordination{i}" for i in range(12)]
    data = pd.DataFrame(rng.normal(size=(200, 12)) + rng.normal(size=(200, 1)), columns=names)
    script, _ = to_mplus(fit("alignment =~ " + " + ".join(names), data, mimic="amos"))
    assert max(map(len, script.splitlines())) <= 90
    assert "coordina = coordination0" in script
    assert "multiply chi2 by (N - G)/N" in script.replace("\n!   ", " ")


def test_groups_without_their_column_are_refused(skewed_items):
    """Rows given anew must say which group they belong to."""
    with pytest.raises(UsageError, match="group is None"):
        to_mplus(fit(MODEL, skewed_items, group="school"), data=skewed_items)
