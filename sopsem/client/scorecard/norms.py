"""Where a score stands among the respondents of a norm sample: frozen means, SDs and quantiles, no rows.

References
----------
Lord, F. M., & Novick, M. R. (1968). Statistical Theories of Mental Test Scores. Addison-Wesley (standard error of
measurement).
Crawford, J. R., & Garthwaite, P. H. (2009). Percentiles please. The Clinical Neuropsychologist, 23 (mid-ranks).

"""

from typing import Self

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, model_validator

from sopsem.errors import PrivacyError

__all__ = ["LEAST_NORM", "Norm", "norm_of", "place_of_mean"]

Floats = npt.NDArray[np.float64]
LEAST_NORM = 40  # respondents; with fewer there is no norm, and the file would tell of its people
PER_INTERVAL = 10  # respondents between two quantiles, at least
GRIDS = (100, 40, 20, 12, 8, 4)  # intervals; each has the quartiles
DECIMALS = 3


class Norm(BaseModel):
    """The distribution of one scale in the norm sample.

    Attributes
    ----------
    n : int
        Respondents with a score.
    mean, sd : float
        SD with n - 1.
    alpha : float or None
        Cronbach's alpha of the scale's parts; None where the scale is no mean of parts.
    low, high : float or None
        The lowest and highest score there is; None where there is none.
    levels, quantiles : tuple of float
        Shares, and the scores below which they lie; at least ten respondents between two.

    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    n: int
    mean: float
    sd: float
    alpha: float | None
    low: float | None
    high: float | None
    levels: tuple[float, ...]
    quantiles: tuple[float, ...]

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        grid = np.array([self.levels, self.quantiles]) if len(self.levels) == len(self.quantiles) else None
        if grid is None or not grid.size or self.sd <= 0.0 or self.n < LEAST_NORM:
            raise ValueError("a norm needs an SD above 0, 40 respondents, and a quantile for each level")
        if (np.diff(grid, axis=1) < 0).any() or not 0.0 < grid[0, 0] <= grid[0, -1] < 1.0:
            raise ValueError("levels and quantiles of a norm must rise")
        return self

    @property
    def quartiles(self) -> tuple[float, float, float]:
        """The scores below which a quarter, a half and three quarters of the norm respondents lie."""
        first, second, third = np.interp([0.25, 0.5, 0.75], self.levels, self.quantiles)
        return float(first), float(second), float(third)

    def z(self, scores: Floats) -> Floats:
        """Return (score - mean) / SD.

        Examples
        --------
        >>> norm_of(np.arange(1.0, 41)).z(np.array([20.5])).tolist()
        [0.0]

        """
        return (scores - self.mean) / self.sd

    def t(self, scores: Floats) -> Floats:
        """Return T scores, 50 + 10 z."""
        return 50.0 + 10.0 * self.z(scores)

    def percentile(self, scores: Floats) -> Floats:
        """Return the percentage of norm respondents below a score (and half of those at it), from the quantiles.

        Right to half the distance of two levels; between quantiles linear.  The ends of the scale stand for 0 and
        100; without ends, scores outside of the quantiles have the outermost level, which is then a bound.

        Examples
        --------
        >>> norm = norm_of(np.repeat([1.0, 2, 3, 4, 5], 20), limits=(1, 5))
        >>> norm.percentile(np.array([1.0, 3, 5, 4.5])).round(1).tolist()
        [12.5, 50.0, 87.5, 78.1]

        """
        points, first, count = np.unique(self.quantiles, return_index=True, return_counts=True)
        levels = np.array(self.levels)
        middle = (levels[first] + levels[first + count - 1]) / 2.0  # of levels that share a score
        if self.low is not None and points[0] > self.low:
            points, middle = np.insert(points, 0, self.low), np.insert(middle, 0, 0.0)
        if self.high is not None and points[-1] < self.high:
            points, middle = np.append(points, self.high), np.append(middle, 1.0)
        return np.asarray(np.where(np.isnan(scores), np.nan, 100.0 * np.interp(scores, points, middle)))


def place_of_mean(norm: Norm, mean: float) -> float:
    """Return the percentile of a group's mean as it is told, a whole number; NaN where the mean is hidden.

    Reports and scores both tell this one.  It takes the printed mean: ranked among known respondents, a mean with all
    its decimals would tell more than the door lets through: a percentile may be 0.03 of a scale point wide.

    Examples
    --------
    >>> norm = norm_of(np.repeat([1.0, 2, 3, 4, 5], 20), limits=(1, 5))
    >>> place_of_mean(norm, 4.5), place_of_mean(norm, float("nan"))
    (78.0, nan)

    """
    return float(np.rint(norm.percentile(np.array([mean])))[0])


def norm_of(
    scores: Floats, *, alpha: float | None = None, limits: tuple[float, float] = (np.nan, np.nan)
) -> Norm:
    """Return the norm of the scores of a sample, NaN left out; rounded to three decimals.

    Raises
    ------
    PrivacyError
        Fewer than 40 scores, or all are one.

    Examples
    --------
    >>> norm = norm_of(np.arange(1.0, 101))
    >>> norm.n, norm.mean, norm.levels[:2], norm.quantiles[:2]
    (100, 50.5, (0.125, 0.25), (13.375, 25.75))

    """
    known = scores[~np.isnan(scores)]
    n = len(known)
    if n < LEAST_NORM or np.ptp(known) == 0.0:
        raise PrivacyError(
            f"{n} respondents with a score, or all with the same one; a norm needs {LEAST_NORM} or more who differ, "
            "with fewer it says little and would tell of its people"
        )
    intervals = next(grid for grid in GRIDS if n >= grid * PER_INTERVAL)
    levels = np.arange(1, intervals) / intervals
    low, high = (None if np.isnan(end) else float(end) for end in limits)
    return Norm(
        n=n,
        mean=round(float(known.mean()), DECIMALS),
        sd=round(float(known.std(ddof=1)), DECIMALS),
        alpha=None if alpha is None or np.isnan(alpha) else round(float(alpha), DECIMALS),
        low=low,
        high=high,
        levels=tuple(map(float, levels)),
        quantiles=tuple(
            round(float(q), DECIMALS)
            for q in np.quantile(known, levels, method="linear" if low is None else "inverted_cdf")
        ),
    )
