"""The distribution functions are those of scipy.stats, far into the tails and outside the domain."""

import numpy as np
import pytest
from scipy import stats

from sopsem.sem import distributions as d

TINY = 10.0 ** np.arange(-300, 5, 5.0)
EDGES = [0.0, np.nan, np.inf]
Z = np.concatenate([-TINY, TINY, EDGES, [-np.inf], np.linspace(-40.0, 40.0, 161)])
P = np.concatenate([TINY[TINY < 1.0], 1.0 - 10.0 ** np.arange(-16.0, 0.0), [0.0, 1.0, -0.1, 1.1, np.nan]])
DF = np.array([-1.0, 0.0, 0.5, 1.0, 2.0, 3.7, 24.0, 100.0, 1e3, 1e5, np.nan])[:, None]
NCP = np.array([1e-10, 0.1, 1.0, 10.0, 100.0, 1e3, 1e4])[:, None, None]


def same(found, expected):
    """To 1e-14 of the value however small it is, and NaN in the same places."""
    assert np.shape(found) == np.shape(expected)
    np.testing.assert_allclose(found, expected, rtol=1e-14, atol=0.0, equal_nan=True)


@pytest.mark.parametrize(
    ("ours", "theirs", "arguments"),
    [
        (d.norm_cdf, stats.norm.cdf, (Z,)),
        (d.norm_sf, stats.norm.sf, (Z,)),
        (d.norm_pdf, stats.norm.pdf, (Z,)),
        (d.norm_logpdf, stats.norm.logpdf, (Z,)),
        (d.norm_ppf, stats.norm.ppf, (P,)),
        (d.chi2_sf, stats.chi2.sf, (Z, DF)),
        (d.chi2_cdf, stats.chi2.cdf, (Z, DF)),
        (d.chi2_ppf, stats.chi2.ppf, (P, DF)),
        (d.ncx2_cdf, stats.ncx2.cdf, (Z[np.abs(Z) < 1e4], DF, NCP)),
        (d.ncx2_ppf, stats.ncx2.ppf, (P, DF, NCP)),
        (d.t_sf, stats.t.sf, (Z, DF)),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_each_is_the_function_of_scipy_stats(ours, theirs, arguments):
    same(ours(*arguments), theirs(*arguments))


def test_a_tail_is_not_one_minus_the_rest():
    """There ``1 - cdf`` is 0 and the tail is not."""
    assert d.norm_sf(37.0) > 0.0 == 1.0 - d.norm_cdf(37.0)
    assert d.chi2_sf(1400.0, 3) > 0.0 == 1.0 - d.chi2_cdf(1400.0, 3)
