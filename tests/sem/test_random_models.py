"""Random identified models against lavaan's stored estimates: nine kinds, eight estimators, one and two groups.

The file is made by ``analysis/benchmarks/random_models.py --lavaan``; neither R nor the generator is needed here.
"""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sopsem.sem.estimation.estimates import estimates
from sopsem.sem.estimation.fit import fit
from sopsem.sem.fit_measures.scaled_tests import fit_tests

STORED = json.loads((Path(__file__).parents[1] / "golden" / "random_models.json").read_text("utf-8"))
CASES = {case["name"]: case for case in STORED["cases"]}
ANSWERS = 6  # fewer different values than this are answers, not hundredths


def rows_of(case):
    """Return the stored rows: groups and answers as they are, numbers in hundredths."""
    columns = {}
    for name, values in case["rows"].items():
        column = pd.Series(values)
        columns[name] = column if name == "group" or column.nunique() <= ANSWERS else column / 100.0
    return pd.DataFrame(columns)


def found_by(case):
    """Return the fit and {(lhs, op, rhs, group): (est, se)}, covariances under sorted names."""
    result = fit(case["model"], rows_of(case), **case["options"])
    table = estimates(result)
    return result, {key(r.lhs, r.op, r.rhs, r.group): (r.est, r.se) for r in table.itertuples()}


def key(lhs, op, rhs, group):
    """Return what names a row in either program."""
    return (*(sorted((lhs, rhs)) if op == "~~" else (lhs, rhs)), op, group)


@pytest.mark.parametrize("name", CASES)
def test_estimates_and_tests_are_those_of_lavaan(name):
    """Every row of lavaan's table: estimate to 1e-4, standard error to 1e-3; chi2 and scaled chi2 to 1e-3."""
    case = CASES[name]
    result, found = found_by(case)
    assert result.status.converged
    for lhs, op, rhs, group, est, se in case["estimates"]:
        own = found[key(lhs, op, rhs, group)]
        assert own[0] == pytest.approx(est, abs=1e-4, rel=1e-4), (lhs, op, rhs, group)
        if se > 0.0:
            assert own[1] == pytest.approx(se, abs=1e-3, rel=1e-3), (lhs, op, rhs, group)
    tests = fit_tests(result)
    assert result.df == case["tests"]["df"]
    assert result.npar == case["tests"]["npar"]
    assert result.chisq == pytest.approx(case["tests"]["chisq"], abs=1e-3, rel=1e-4)
    if "chisq.scaled" in case["tests"]:
        assert tests.stat.iloc[1] == pytest.approx(case["tests"]["chisq.scaled"], abs=1e-3, rel=1e-3)


def test_the_stored_models_cover_what_they_are_meant_to():
    """Kinds, estimators, groups and sizes are all there."""
    names = [name.split("_", 1)[1] for name in CASES]
    assert {n.rsplit("_", 1)[1] for n in names} == {"ML", "MLR", "GLS", "ULSMV", "WLSMV", "FIML", "ordered"}
    assert len({n.rsplit("_", 1)[0] for n in names}) == 9
    assert sum("group" in case["options"] for case in CASES.values()) >= 4
    sizes = [len(set(case["rows"]) - {"group"}) for case in CASES.values()]
    assert min(sizes) <= 4
    assert max(sizes) >= 14
    assert np.unique([len(case["estimates"]) for case in CASES.values()]).size > 10
