"""Modification indices: reference numbers, units, and what they promise about chi2."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sopsem.sem.estimation.fit import fit
from sopsem.sem.fit_measures.modification import modification_indices

DATA = Path(__file__).parents[2] / "parity" / "small" / "data"
WHEATON = """
alien67 =~ anomia67 + power67
alien71 =~ anomia71 + power71
ses =~ educ + sei
alien67 ~ ses
alien71 ~ alien67 + ses
"""
# lavaan 0.7-2, model above, Wheaton et al. (1977): mi, epc, sepc.lv, sepc.all
LARGEST = {
    ("anomia67", "anomia71"): (63.774667, 1.9516102, 1.9516102, 0.50678552),
    ("anomia67", "power71"): (49.882986, -1.5068181, -1.5068181, -0.39537809),
    ("power67", "anomia71"): (49.804919, -1.533316, -1.533316, -0.44662918),
    ("power67", "power71"): (37.296897, 1.1584095, 1.1584095, 0.3409559),
}


@pytest.fixture(scope="module")
def covariance():
    return pd.read_csv(DATA / "wheaton.csv").set_index("variable")


def test_indices_of_wheaton_agree_with_lavaan(covariance):
    """The four largest rows have lavaan's index and changes, largest first; the set has lavaan's 24 rows."""
    table = modification_indices(fit(WHEATON, sample_cov=covariance, n_obs=932))
    assert len(table) == 24
    assert list(zip(table.lhs, table.rhs, strict=True))[:4] == list(LARGEST)
    found = table.loc[:3, ["mi", "epc", "sepc_lv", "sepc_all"]].to_numpy()
    assert found == pytest.approx(np.array(list(LARGEST.values())), rel=1e-5)
    assert table.mi.is_monotonic_decreasing


def test_rows_the_model_leaves_no_information_on_are_not_listed(covariance):
    """Markers, factor variances and the two residuals of a two-indicator factor cannot be tested."""
    table = modification_indices(fit(WHEATON, sample_cov=covariance, n_obs=932))
    listed = set(zip(table.lhs, table.op, table.rhs, strict=True))
    assert not listed & {
        ("alien67", "=~", "anomia67"),
        ("ses", "~~", "ses"),
        ("anomia67", "~~", "power67"),
        ("ses", "~", "alien67"),
    }


@pytest.mark.parametrize("factor", [1e-6, 1e6])
def test_units_do_not_change_an_index(covariance, factor):
    """Items in other units: the same indices and standardized changes; epc follows the units."""
    scale = pd.Series([factor, 1.0, 1.0, 1.0 / factor, 1.0, factor], index=covariance.index)
    rescaled = covariance.mul(scale, axis=0).mul(scale, axis=1)
    plain = modification_indices(fit(WHEATON, sample_cov=covariance, n_obs=932), sort=False)
    other = modification_indices(fit(WHEATON, sample_cov=rescaled, n_obs=932), sort=False)
    assert other.mi.to_numpy() == pytest.approx(plain.mi.to_numpy(), rel=1e-7, abs=1e-9)
    assert other.sepc_all.to_numpy() == pytest.approx(plain.sepc_all.to_numpy(), rel=1e-6, abs=1e-9)
    row = plain.query("op == '~~' and lhs == 'anomia67' and rhs == 'power71'").index[0]
    assert other.epc[row] == pytest.approx(plain.epc[row])


def test_an_index_is_the_fall_in_chisq_when_the_misfit_is_small():
    """One covariance of 0.02 left out: chi2 falls by the index, the estimate moves by epc (Sorbom, 1989)."""
    loadings = np.array([0.8, 0.7, 0.6, 0.75, 0.65])
    sigma = np.outer(loadings, loadings) + np.diag(1.0 - loadings**2)
    sigma[0, 1] += 0.02
    sigma[1, 0] += 0.02
    names = list("abcde")
    frame = pd.DataFrame(sigma, index=names, columns=names)
    model = "f =~ a + b + c + d + e"
    restricted = fit(model, sample_cov=frame, n_obs=1000)
    freed = fit(model + "\na ~~ b", sample_cov=frame, n_obs=1000)
    row = modification_indices(restricted).query("op == '~~' and lhs == 'a' and rhs == 'b'").iloc[0]
    assert row.mi == pytest.approx(restricted.chisq - freed.chisq, rel=0.05)
    assert row.epc == pytest.approx(0.02 * 999 / 1000, rel=0.1)


def test_intercepts_are_candidates_only_with_a_mean_structure():
    """A fixed intercept of 0 is listed when means are modelled, and no intercept otherwise."""
    rng = np.random.default_rng(5)
    data = pd.DataFrame(1.0 + rng.normal(size=(80, 1)) + rng.normal(size=(80, 4)), columns=list("abcd"))
    without = modification_indices(fit("f =~ a + b + c + d", data))
    assert not without.op.eq("~1").any()
    restricted = modification_indices(fit("f =~ a + b + c + d\nb ~ 0*1\na ~ 0*1\nf ~ NA*1", data))
    assert set(restricted.query("op == '~1'").lhs) == {"a", "b"}


def test_a_saturated_mean_structure_changes_no_covariance_index():
    """With free intercepts the indices of loadings and covariances are those without means."""
    rng = np.random.default_rng(6)
    data = pd.DataFrame(rng.normal(size=(90, 1)) + rng.normal(size=(90, 5)) + 3.0, columns=list("abcde"))
    model = "f =~ a + b + c\ng =~ d + e\n"
    plain = modification_indices(fit(model, data), sort=False)
    means = modification_indices(fit(model, data, meanstructure=True), sort=False).query("op != '~1'")
    assert means.mi.to_numpy() == pytest.approx(plain.mi.to_numpy(), rel=1e-6, abs=1e-8)


def test_a_factor_at_loading_zero_gives_no_index():
    """Where a second-order factor is estimated to do nothing, its other paths are 0/0 and not listed."""
    r = np.full((6, 6), -0.05)
    r[:3, :3] = r[3:, 3:] = 0.5
    np.fill_diagonal(r, 1.0)
    names = [f"x{i}" for i in range(1, 7)]
    frame = pd.DataFrame(r, index=names, columns=names)
    model = "f =~ x1 + x2 + x3\ng =~ x4 + x5 + x6\nh =~ NA*f + k*f + k*g\nh ~~ 1*h"
    table = modification_indices(fit(model, sample_cov=frame, n_obs=300))
    assert np.isfinite(table[["mi", "epc"]].to_numpy()).all()
    assert not (table.lhs.eq("h") | table.rhs.eq("h")).any()


# lavaan 0.6-14, the three largest of modindices(cfa("f=~a+b+c; g=~d+e+h", ...)): mi, epc, sepc.lv, sepc.all
GAPS = {
    ("b", "~~", "e"): (13.30266814, 0.184335547, 0.184335547, 0.354514768),
    ("c", "~~", "e"): (6.19132433, -0.130079874, -0.130079874, -0.300421741),
    ("b", "~~", "d"): (5.10522399, -0.109085945, -0.109085945, -0.219293469),
}
ANSWERS = {
    ("c", "~~", "e"): (2.008057806, -0.143668302, -0.143668302, -0.392884792),
    ("f", "=~", "d"): (0.816921175, 0.158013420, 0.108490010, 0.108490010),
    ("e", "~~", "h"): (0.816921077, 0.112265975, 0.112265975, 0.237797916),
}


@pytest.mark.parametrize(
    ("data", "options", "expected"),
    [
        ("lattice_gaps", {"missing": "ml"}, GAPS),
        ("lattice_answers", {"ordered": list("abcdeh")}, ANSWERS),
    ],
)
def test_indices_of_incomplete_and_ordered_data_agree_with_lavaan(request, data, options, expected):
    """missing = "ml" takes the expected information; ordered variables count N - 1 of N in the score."""
    table = modification_indices(
        fit("f =~ a + b + c\ng =~ d + e + h", request.getfixturevalue(data), **options)
    )
    assert len(table) == 21
    table = table.set_index(["lhs", "op", "rhs"])
    for row, values in expected.items():
        found = table.loc[row, ["mi", "epc", "sepc_lv", "sepc_all"]].to_numpy(dtype=float)
        assert found == pytest.approx(values, rel=1e-3)
