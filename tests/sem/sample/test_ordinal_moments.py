"""Everything assembled: lavaan's numbers, units, invariances, recovery, and notes."""

import numpy as np
import pytest
from scipy.special import ndtri

from sopsem.errors import DataError
from sopsem.sem.sample.ordinal_moments import ordinal_moments

NAMES, ORDERED = ["a", "b", "c", "d"], [True, True, False, False]


def small_data():
    """Return two ordered and two continuous variables and a covariate that need no random stream."""
    u = (np.arange(1, 241)[:, None] * np.sqrt([2.0, 3.0, 5.0, 7.0, 11.0, 13.0])) % 1.0
    e = ndtri(u)
    f, x = e[:, 0], e[:, 5]
    a = np.digitize(0.8 * f + 0.6 * e[:, 1] + 0.3 * x, [-0.8, 0.5]) + 1.0
    b = np.digitize(0.6 * f + 0.8 * e[:, 2], [0.3]) + 1.0
    c = np.round(5.0 + 2.0 * (0.7 * f + 0.7 * e[:, 3] - 0.2 * x), 2)
    d = np.round(-1.0 - 0.5 * f + 0.9 * e[:, 4] + 0.4 * x, 2)
    return np.column_stack([a, b, c, d]), np.round(x, 2)[:, None]


def with_gaps(table):
    table = table.copy()
    for j in range(4):
        table[np.arange(240) % (7 + 2 * j) == j, j] = np.nan
    return table


# lavaan 0.6-14: cfa("f =~ a + b + c + d", ordered = c("a", "b")), with "f ~ x" where a covariate is said, and
# missing = "pairwise" where gaps are; lavInspect(fit, "wls.obs") and the diagonal, last column and sum of absolute
# entries of lavInspect(fit, "gamma")
LAVAAN = {
    "mixed": (
        [
            -0.78350038,
            0.50058011,
            0.28584087,
            -5.00595833,
            0.98595833,
            4.17209991,
            1.26431158,
            0.42487042,
            0.86124441,
            -0.21902097,
            0.70843664,
            -0.42980930,
            -0.80891033,
        ],
        [
            1.9702447,
            1.7215629,
            1.6182354,
            4.2090028,
            1.2647282,
            38.6698631,
            3.5298100,
            1.5183477,
            4.9475061,
            1.3343767,
            6.1842014,
            2.0489870,
            6.1008605,
        ],
        [
            -0.3674256,
            0.0709121,
            0.1597385,
            -0.2077010,
            0.0056037,
            -7.4279586,
            -2.2389374,
            -0.2061619,
            -1.7806388,
            1.1811989,
            -2.5671006,
            1.1724449,
            6.1008605,
        ],
        188.271474,
    ),
    "mixed, covariate": (
        [
            -0.82708702,
            0.52557760,
            0.28601120,
            -5.00375902,
            0.98374681,
            0.33838658,
            -0.02282777,
            -0.51748619,
            0.52035900,
            3.91078443,
            1.00008667,
            0.45641147,
            1.07164327,
            -0.39905208,
            0.69824261,
            -0.41535252,
            -0.54614416,
        ],
        [
            2.0961982,
            1.7909265,
            1.6186840,
            3.9776914,
            1.0006834,
            1.3511309,
            1.6681931,
            4.2048726,
            1.0448562,
            35.1886365,
            2.5888630,
            1.5077389,
            4.4928257,
            1.1607871,
            5.8555425,
            1.6309385,
            4.1148735,
        ],
        [
            -0.6495899,
            0.1228372,
            0.0511426,
            -0.1133434,
            0.0526798,
            0.1118914,
            0.2107041,
            -0.0406774,
            0.0329515,
            -5.0263782,
            -1.4184095,
            -0.3859591,
            -2.0852860,
            1.2900002,
            -1.8258435,
            0.7949125,
            4.1148735,
        ],
        198.003542,
    ),
    "mixed, gaps": (
        [
            -0.84162123,
            0.51739844,
            0.26795703,
            -5.02036697,
            0.96909502,
            4.26139803,
            1.25912588,
            0.40636290,
            0.89058390,
            -0.25134187,
            0.66127353,
            -0.48391987,
            -0.82712333,
        ],
        [
            2.3898984,
            2.0282355,
            1.8167872,
            4.7207112,
            1.3673827,
            44.6377443,
            3.6272821,
            2.0284209,
            6.3742068,
            1.7038158,
            7.7351187,
            2.2968167,
            7.1828623,
        ],
        [
            -0.2595331,
            0.0909185,
            0.2267776,
            -0.1954332,
            0.0059685,
            -8.4322527,
            -2.3407225,
            -0.3456908,
            -1.9845916,
            1.4898377,
            -3.6503760,
            1.3135307,
            7.1828623,
        ],
        211.757122,
    ),
    "mixed, gaps, covariate": (
        [
            -0.87585578,
            0.53820902,
            0.26792071,
            -5.03267827,
            0.97767617,
            0.29350761,
            -0.00265333,
            -0.61840168,
            0.49906126,
            3.88259355,
            1.01461666,
            0.43967201,
            1.06867422,
            -0.41955348,
            0.63760507,
            -0.46648048,
            -0.53208485,
        ],
        [
            2.5553746,
            2.0723134,
            1.8171371,
            4.2978066,
            1.1021872,
            1.5927847,
            1.8978094,
            4.8143834,
            1.0743835,
            39.0566892,
            2.9693489,
            1.9372237,
            5.3301618,
            1.4254868,
            6.9959154,
            1.8617654,
            4.8586985,
        ],
        [
            -0.6544245,
            0.1484169,
            0.0869992,
            -0.0853918,
            0.0088985,
            0.2834480,
            0.1895092,
            -0.0504843,
            0.0825319,
            -5.4930997,
            -1.5768746,
            -0.4694757,
            -2.0001662,
            1.5210708,
            -2.6183984,
            0.9242527,
            4.8586985,
        ],
        218.695023,
    ),
}


@pytest.mark.parametrize("case", LAVAAN)
def test_statistics_and_gamma_are_lavaans(case):
    """Mixed data, with and without a covariate and gaps."""
    table, x = small_data()
    statistics, diagonal, last, total = LAVAAN[case]
    found = ordinal_moments(
        with_gaps(table) if "gaps" in case else table,
        NAMES,
        ORDERED,
        x if "covariate" in case else None,
        missing="pairwise" if "gaps" in case else "listwise",
    )
    np.testing.assert_allclose(found.statistics, statistics, atol=2e-7)
    np.testing.assert_allclose(np.diag(found.gamma), diagonal, rtol=2e-6)
    np.testing.assert_allclose(found.gamma[:, -1], last, atol=1e-5)
    assert np.abs(found.gamma).sum() == pytest.approx(total, rel=1e-6)


def test_a_filled_two_by_two_table_is_lavaans():
    """lavaan 0.6-14: cfa("f =~ p + q", ordered = TRUE) on a table with one empty cell."""
    table = np.repeat([[1.0, 1.0], [1.0, 2.0], [2.0, 2.0]], [20, 10, 15], axis=0)
    found = ordinal_moments(table, ["p", "q"], [True, True])
    np.testing.assert_allclose(found.statistics, [0.43072730, -0.13971030, 0.88472118], atol=1e-7)
    np.testing.assert_allclose(np.diag(found.gamma), [1.6808938, 1.5819830, 0.5895591], rtol=1e-6)
    np.testing.assert_allclose(found.gamma[:2, 2], [-0.1974954, 0.1761274], atol=1e-6)
    assert "empty cell" in found.notes[0]


def test_parts_agree_with_the_vector_of_statistics():
    """Every entry of the vector stands in its part at the place its index says."""
    table, x = small_data()
    found = ordinal_moments(table, NAMES, ORDERED, x)
    assert found.n_thresholds == (2, 1, 0, 0)
    starts = np.cumsum([0, *found.n_thresholds])
    read = {
        "threshold": lambda i, j: found.thresholds[starts[i] + j],
        "mean": lambda i, _: -found.means[i],
        "slope": lambda i, j: found.slopes[i, j],
        "variance": lambda i, j: found.covariance[i, j],
        "covariance": lambda i, j: found.covariance[i, j],
    }
    np.testing.assert_array_equal([read[s.kind](s.i, s.j) for s in found.index], found.statistics)
    assert np.diag(found.covariance)[:2].tolist() == [1.0, 1.0]
    np.testing.assert_allclose(found.covariate_mean, x.mean(axis=0))
    np.testing.assert_allclose(found.covariate_covariance, [[x.var()]])


def test_continuous_data_give_the_usual_moments():
    """Without ordered variables: means, covariances, and the covariance matrix of the means among gamma."""
    table = small_data()[0][:, 2:]
    found = ordinal_moments(table, ["c", "d"], [False, False])
    np.testing.assert_allclose(found.means, table.mean(axis=0), rtol=1e-13)
    np.testing.assert_allclose(found.covariance, np.cov(table.T, ddof=0), rtol=1e-12)
    assert found.thresholds.shape == (0,)


@pytest.mark.parametrize("covariate", [True, False])
def test_units_only_rescale(covariate):
    """Other units and origins of continuous variables and covariates carry over to statistics and gamma."""
    table, x = small_data()
    here = ordinal_moments(table, NAMES, ORDERED, x if covariate else None)
    there = ordinal_moments(
        table * [1, 1, 1e5, 1e-4] + [0, 0, 3e6, 0], NAMES, ORDERED, 1e3 * x + 2e4 if covariate else None
    )
    kinds = [s.kind in {"variance", "covariance"} for s in here.index]
    unit = {0: 1.0, 1: 1.0, 2: 1e5, 3: 1e-4}
    scale = np.array([unit[s.i] * unit[s.j] for s in here.index if s.kind in {"variance", "covariance"}])
    np.testing.assert_allclose(there.statistics[kinds], here.statistics[kinds] * scale, rtol=1e-7)
    block = np.ix_(kinds, kinds)
    np.testing.assert_allclose(there.gamma[block], here.gamma[block] * np.outer(scale, scale), rtol=1e-6)


def test_the_order_of_rows_does_not_matter():
    """Shuffled cases give the same."""
    table, x = small_data()
    order = np.random.default_rng(12).permutation(240)
    here, there = (
        ordinal_moments(table, NAMES, ORDERED, x),
        ordinal_moments(table[order], NAMES, ORDERED, x[order]),
    )
    np.testing.assert_allclose(there.statistics, here.statistics, atol=1e-9)
    np.testing.assert_allclose(there.gamma, here.gamma, atol=1e-7)


def test_only_the_order_of_answers_matters():
    """Any increasing codes give the same numbers."""
    table, _ = small_data()
    other = table.copy()
    other[:, 0] = np.exp(table[:, 0])
    other[:, 1] = 10.0 * table[:, 1] - 99.0
    here, there = ordinal_moments(table, NAMES, ORDERED), ordinal_moments(other, NAMES, ORDERED)
    np.testing.assert_allclose(there.statistics, here.statistics, atol=1e-10)
    assert there.categories[1] == (-89.0, -79.0)


def test_turning_an_item_round_turns_its_thresholds_and_correlations():
    """The rest, and the variances of all statistics, stay."""
    table, _ = small_data()
    other = table * [-1, 1, 1, 1]
    here, there = ordinal_moments(table, NAMES, ORDERED), ordinal_moments(other, NAMES, ORDERED)
    np.testing.assert_allclose(there.thresholds[:2], -here.thresholds[1::-1], atol=1e-12)
    np.testing.assert_allclose(there.covariance[0, 1:], -here.covariance[0, 1:], atol=1e-9)
    np.testing.assert_allclose(there.covariance[1:, 1:], here.covariance[1:, 1:], atol=1e-9)
    np.testing.assert_allclose(np.diag(there.gamma)[3:], np.diag(here.gamma)[3:], rtol=1e-7)


def test_without_gaps_pairwise_is_listwise():
    """The choice matters only where something is missing."""
    table, x = small_data()
    here = ordinal_moments(table, NAMES, ORDERED, x)
    assert ordinal_moments(table, NAMES, ORDERED, x, missing="pairwise").fingerprint == here.fingerprint


def test_what_generated_the_data_comes_back():
    """Polychoric, polyserial and ordinary correlations of a large sample."""
    rng = np.random.default_rng(13)
    sigma = np.array([[1, 0.5, -0.3, 0.6], [0.5, 1, 0.2, 0.4], [-0.3, 0.2, 1, 0.0], [0.6, 0.4, 0.0, 1]])
    z = rng.multivariate_normal(np.zeros(4), sigma, 20_000)
    table = np.column_stack([np.digitize(z[:, 0], [-1, 0, 1]), z[:, 1] > 0.5, z[:, 2], z[:, 3]])
    found = ordinal_moments(table, NAMES, ORDERED)
    error = np.sqrt(np.diag(found.gamma) / found.n)[-6:]
    i, j = np.tril_indices(4, -1)
    order = np.lexsort((i, j))
    assert (np.abs(found.statistics[-6:] - sigma[i, j][order]) < 4.0 * error).all()
    np.testing.assert_allclose(found.thresholds, [-1, 0, 1, 0.5], atol=0.04)


def test_rows_and_arrays_are_reported_and_frozen():
    """What was used can be read and not changed."""
    table = with_gaps(small_data()[0])
    found = ordinal_moments(table, NAMES, ORDERED)
    assert found.n == len(found.rows_used) == 240 - len(found.rows_excluded)
    assert found.rows_given == 240
    for array in (
        found.gamma,
        found.statistics,
        found.covariance,
        found.slopes,
        found.means,
        found.thresholds,
    ):
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0.0


def test_near_and_impossible_correlations_are_told():
    """Nearly 1 is noted; a matrix that no one population has, too; 1 itself is refused."""
    rng = np.random.default_rng(14)
    z = rng.normal(size=4000)
    near = np.column_stack([np.digitize(z + 0.05 * rng.normal(size=4000), [-1, 0, 1]) for _ in range(2)])
    found = ordinal_moments(near, ["a", "b"], [True, True])
    assert "'a' and 'b' is 0.99" in found.notes[0]
    with pytest.raises(DataError, match="'a' and 'b' has its maximum likelihood at 1"):
        ordinal_moments(near[:, [0, 0]], ["a", "b"], [True, True])


def test_a_matrix_that_is_not_positive_definite_is_noted():
    """Pairs estimated on different cases can contradict one another."""
    rng = np.random.default_rng(15)
    z = rng.normal(size=(300, 1)) + 0.3 * rng.normal(size=(300, 3))
    table = (z > 0.0).astype(float)
    table[:100, 2] = table[100:200, 1] = table[200:, 0] = np.nan
    table[200:, 2] = 1.0 - table[200:, 2]
    found = ordinal_moments(table, ["a", "b", "c"], [True] * 3, missing="pairwise")
    assert "not positive definite" in found.notes[-1]
