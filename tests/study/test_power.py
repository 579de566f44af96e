"""Power of the shipped study: the numbers that print and its assumptions imply, and what is refused."""

import numpy as np
import pandas as pd
import pytest
from study_editing import raw_study

from sopsem.errors import UsageError
from sopsem.study.audit import audit
from sopsem.study.power import power, study_population
from sopsem.study.published import PublishedStudy, load_study

PATH = "performance ~ coordination"


@pytest.fixture(scope="module")
def result():
    """N = 92 with a direct path of .30."""
    return power(load_study(), 92, free=f"{PATH} = 0.3", replications=1000)


@pytest.mark.parametrize(("size", "expected"), [(0.1, 0.09), (0.2, 0.21), (0.3, 0.44), (0.4, 0.72)])
def test_theory_gives_the_power_of_the_audit(size, expected):
    """Satorra & Saris (1985): .09, .21 (.215), .44 and .72, as the audit of print computes them."""
    found = power(load_study(), 92, free=f"{PATH} = {size}", replications=10)
    row = found.table.set_index("test").loc["difference"]
    assert row["analytic"] == pytest.approx(expected, abs=0.006)
    checks = audit(load_study()).checks.set_index("check")
    told = checks.loc["freed_power:performance~coordination", "computed"]
    assert f"{size:.2f}: {row['analytic']:.2f}".replace("0.", ".", 2)[1:] in told.replace("0.", ".")


def test_replications_agree_with_theory_about_the_difference_test(result):
    row = result.table.set_index("test").loc["difference"]
    assert row["power"] == pytest.approx(0.44, abs=4 * row["mc_se"])
    assert row["true"] == pytest.approx(0.3)


def test_the_raw_chi2_test_rejects_a_true_model_far_too_often(result):
    """About one time in five with 18 items and 92 respondents, among proper solutions too."""
    row = result.table.set_index("name").loc["exact:full"]
    assert row["power"] == pytest.approx(0.197, abs=4 * row["mc_se"])
    assert row["power_proper"] == pytest.approx(0.197, abs=4 * row["mc_se"])
    assert row["analytic"] == pytest.approx(0.05)


def test_improper_solutions_are_counted(result):
    rows = result.accounting.set_index("model")
    assert 20 <= rows.loc["full", "improper"] <= 80
    assert (rows[["proper", "improper", "not_converged", "singular"]].sum(axis=1) == 1000).all()


def test_rmsea_power_is_that_of_the_paper_size(result):
    """RMSEA .05 against .08: .69 at N = 92, .80 at N = 112; .05 against .01: .46."""
    rows = result.rmsea[result.rmsea["model"] == "restricted"].set_index("test")
    assert rows.loc["close", "power"] == pytest.approx(0.69, abs=0.006)
    assert rows.loc["close", "n_for_target"] == 112
    assert rows.loc["not_close", "power"] == pytest.approx(0.46, abs=0.006)


def test_golden_counts_of_one_seed():
    """These replications are the same on every machine, but for solutions on an edge."""
    found = power(load_study(), 92, free=f"{PATH} = 0.3", replications=128, seed=1)
    row = found.table.set_index("test").loc["difference"]
    assert round(row["power"] * 128) == 60
    assert found.replicates[92].chisq[:2].round(6).tolist() == [126.637532, 124.600273]


def test_a_study_brings_its_own_population():
    for given in ({"values": {"y~x": 1.0}}, {"population": pd.DataFrame()}):
        with pytest.raises(UsageError, match="its own population"):
            power(load_study(), 92, **given)
    with pytest.raises(UsageError, match="not both"):
        power("y ~ x", 92, values={"y~x": 0.3}, population="y ~ 0.3*x")


@pytest.mark.parametrize(
    ("free", "why"),
    [
        ("performance ~ coordination", "has no value"),
        ("performance ~ coordination = 0.9", "no such population"),
        ("market =~ int1 = 0.2", "a path is freed"),
    ],
)
def test_lines_from_which_no_population_follows_are_refused(free, why):
    with pytest.raises(UsageError, match=why):
        power(load_study(), 92, free=free, replications=10)


def test_a_study_without_model_or_with_other_covariances_is_refused():
    data = raw_study("sales_operations_alignment")
    del data["model"]
    with pytest.raises(UsageError, match="no model text"):
        power(PublishedStudy.model_validate({"name": "x"} | data), 92)
    with pytest.raises(UsageError, match=r"does not print paths|no such population"):
        study_population(load_study("political_democracy"))


def test_without_a_freed_path_the_printed_model_stands_alone():
    found = power(load_study(), 92, replications=10)
    assert found.restricted_model == ""
    assert found.mimic == "amos"
    assert set(found.accounting["model"]) == {"full"}
    assert np.isfinite(found.table["power"]).all()
