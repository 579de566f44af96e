"""Factors that correct the chi-square of a model for a small sample: corrected chi2 = factor x chi2.

Each factor is written for chi2 = (N - 1) F with ``n`` = N - 1.  p counts observed variables, q free
parameters, k common factors (higher-order ones included).

References
----------
Bartlett, M. S. (1950). Tests of significance in factor analysis. British Journal of Psychology, 3.
Swain, A. J. (1975). Analysis of parametric structures for variance matrices. PhD thesis, University of
Adelaide.
Herzog, W., Boomsma, A., & Reinecke, S. (2007). The model-size effect on traditional and modified tests of
covariance structures. Structural Equation Modeling, 14.
Yuan, K.-H. (2005). Fit indices versus test statistics. Multivariate Behavioral Research, 40.
Yuan, K.-H., Tian, Y., & Yanagihara, H. (2015). Empirical correction to the likelihood ratio statistic for
structural equation modeling with many variables. Psychometrika, 80.

"""

import math

__all__ = ["bartlett_factor", "swain_factor", "yuan_2005_factor", "yuan_factor"]


def swain_factor(df: float, n: float, n_variables: int) -> float:
    """Swain (1975): 1 - [p(2p^2+3p-1) - t(2t^2+3t-1)] / (12 df n), t = (sqrt(1+8q) - 1)/2; NaN when df is 0.

    q, the number of free parameters, is p(p+1)/2 - df.

    >>> round(swain_factor(129, 91, 18), 4)
    0.9213
    """
    if df <= 0:
        return math.nan
    p = n_variables
    free = p * (p + 1) / 2 - df
    t = (math.sqrt(1 + 8 * free) - 1) / 2
    return 1 - (p * (2 * p**2 + 3 * p - 1) - t * (2 * t**2 + 3 * t - 1)) / (12 * df * n)


def yuan_factor(npar: int, n: float, n_variables: int) -> float:
    """Yuan, Tian and Yanagihara (2015): [N - (2.381 + .367 p + .003 q)] / n with N = n + 1.

    >>> round(yuan_factor(42, 91, 18), 3)
    0.911
    """
    return (n + 1 - (2.381 + 0.367 * n_variables + 0.003 * npar)) / n


def yuan_2005_factor(n: float, n_variables: int, n_factors: int) -> float:
    """Yuan (2005): 1 - (2p + 2k + 7) / (6 n).

    >>> round(yuan_2005_factor(91, 18, 6), 4)
    0.8993
    """
    return 1 - (2 * n_variables + 2 * n_factors + 7) / (6 * n)


def bartlett_factor(n: float, n_variables: int, n_factors: int) -> float:
    """Bartlett (1950): 1 - (2p + 4k + 5) / (6 n).

    >>> round(bartlett_factor(91, 18, 6), 4)
    0.881
    """
    return 1 - (2 * n_variables + 4 * n_factors + 5) / (6 * n)
