"""Gap between what is perceived and what is measured: by unit, and as a surface where there are many units."""

import math

import numpy as np
import numpy.typing as npt
import pandas as pd
from statsmodels.regression.linear_model import OLS

from sopsem.errors import DataError
from sopsem.executive.notices import fault, refusal

__all__ = ["APART", "QUADRANTS", "gaps", "response_surface", "standardised"]

# (measured is high, perceived is high) among the units compared
QUADRANTS = {
    (True, True): "aligned and know it",
    (True, False): "aligned and doubt it",
    (False, False): "misaligned and know it",
    (False, True): "misaligned and confident",
}
APART = (QUADRANTS[False, True], QUADRANTS[True, False])  # view and record disagree


def standardised(values: "pd.Series[float]") -> "pd.Series[float]":
    """Return (x - mean) / sd over what is known; NaN without spread.

    >>> standardised(pd.Series([1.0, np.nan, 3.0])).round(3).tolist()
    [-0.707, nan, 0.707]
    """
    sd = values.std(ddof=1)
    return (values - values.mean()) / (sd if sd > 0 else math.nan)


def gaps(perceived: "pd.Series[float]", measured: "pd.Series[float]") -> pd.DataFrame:
    """Return z scores, gap = z perceived - z measured, and the quadrant of every unit that has both.

    The scores are among these units: a unit is high or low beside the others, not by itself.

    Parameters
    ----------
    perceived, measured : Series by unit
        More is better aligned.

    Examples
    --------
    >>> both = gaps(pd.Series([5.0, 3.0, 4.0], list("ABC")), pd.Series([60.0, 70.0, np.nan], list("ABC")))
    >>> both["quadrant"].tolist()
    ['misaligned and confident', 'aligned and doubt it', '']

    """
    both = perceived.notna() & measured.notna()
    seen, real = standardised(perceived.where(both)), standardised(measured.where(both))
    placed = [
        QUADRANTS[m >= 0, p >= 0] if not math.isnan(m + p) else "" for p, m in zip(seen, real, strict=True)
    ]
    return pd.DataFrame(
        {"z_perceived": seen, "z_measured": real, "gap": seen - real, "quadrant": placed},
        index=perceived.index,
    )


def response_surface(
    perceived: npt.ArrayLike, measured: npt.ArrayLike, outcome: npt.ArrayLike
) -> pd.DataFrame:
    """Return slope and curvature of an outcome along agreement and along disagreement (Edwards & Parry 1993).

    Z = b0 + b1 X + b2 Y + b3 X^2 + b4 XY + b5 Y^2; along X = Y: slope b1 + b2, curvature b3 + b4 + b5; along X = -Y:
    slope b1 - b2, curvature b3 - b4 + b5.  Errors are HC3.

    Parameters
    ----------
    perceived, measured, outcome : array, shape (units,)
        X and Y on one scale, such as z scores.

    Returns
    -------
    DataFrame
        line (agreement, disagreement), term (slope, curvature), est, se, t, p, n, r_squared.

    Raises
    ------
    DataError
        T13 with fewer than eight units (six coefficients), T16 where the surface is not determined.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> x, y = rng.normal(size=(2, 60))
    >>> found = response_surface(x, y, 1 + x - (x - y) ** 2)
    >>> found["est"].round(6).tolist()
    [1.0, 0.0, 1.0, -4.0]

    """
    x, y, z = (np.asarray(given, float) for given in (perceived, measured, outcome))
    terms = np.column_stack([np.ones_like(x), x, y, x**2, x * y, y**2])
    if len(x) < terms.shape[1] + 2:
        raise refusal([fault("T13", f"response surface: have {len(x)} units, need {terms.shape[1] + 2}")])
    if np.linalg.matrix_rank(terms) < terms.shape[1]:
        raise _undetermined()
    fitted = OLS(z, terms).fit(cov_type="HC3", use_t=True)
    lines = np.array(
        [[0, 1, 1, 0, 0, 0], [0, 0, 0, 1, 1, 1], [0, 1, -1, 0, 0, 0], [0, 0, 0, 1, -1, 1]], float
    )
    tested = fitted.t_test(lines)
    return pd.DataFrame(
        {
            "line": ["agreement", "agreement", "disagreement", "disagreement"],
            "term": ["slope", "curvature"] * 2,
            "est": tested.effect,
            "se": tested.sd.ravel(),
            "t": tested.tvalue.ravel(),
            "p": tested.pvalue,
            "n": len(x),
            "r_squared": float(fitted.rsquared),
        }
    )


def _undetermined() -> DataError:
    message = "response surface: perceived and measured do not vary apart, its terms cannot be told apart"
    return refusal([fault("T16", message)])
