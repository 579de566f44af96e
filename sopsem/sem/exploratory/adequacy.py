"""Is a correlation matrix worth factoring?  Kaiser-Meyer-Olkin measure and Bartlett's test of sphericity.

References
----------
Kaiser, H. F., & Rice, J. (1974). Little Jiffy, Mark IV. Educational and Psychological Measurement, 34.
Kaiser, H. F. (1974). An index of factorial simplicity. Psychometrika, 39.  (the words for its size)
Bartlett, M. S. (1951). The effect of standardization on a chi-square approximation in factor analysis. Biometrika, 38.

"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sopsem.sem.constructs.solution import correlations
from sopsem.sem.distributions import chi2_sf
from sopsem.sem.exploratory.complete_rows import complete_rows

__all__ = ["Adequacy", "kmo", "sampling_adequacy"]

Array = NDArray[np.float64]
_WORDS = ((0.9, "marvellous"), (0.8, "meritorious"), (0.7, "middling"), (0.6, "mediocre"), (0.5, "miserable"))


@dataclass(frozen=True, kw_only=True)
class Adequacy:
    """KMO overall and of every item, and Bartlett's test; frozen.

    Attributes
    ----------
    overall : float
        Sum of squared correlations over that sum plus the sum of squared partial correlations.
    items : DataFrame
        item, kmo, judgement (Kaiser, 1974).
    bartlett_chisq, bartlett_df, bartlett_pvalue : float, int, float
        -(n - 1 - (2p + 5)/6) ln|R| with p(p - 1)/2 degrees of freedom: no correlation at all is rejected or not.
    n, rows_excluded : int

    """

    overall: float
    items: pd.DataFrame
    bartlett_chisq: float
    bartlett_df: int
    bartlett_pvalue: float
    n: int
    rows_excluded: int

    @property
    def sentence(self) -> str:
        """What the numbers say."""
        p = "p < .001" if self.bartlett_pvalue < 0.001 else f"p = {self.bartlett_pvalue:.3f}"
        low = [f"{r.item} ({r.kmo:.2f})" for r in self.items.itertuples() if r.kmo < 0.5]
        weak = f" Under .50: {', '.join(low)}." if low else ""
        return (
            f"KMO is {self.overall:.2f} ({_word(self.overall)}); Bartlett's test of sphericity: chi2 "
            f"{self.bartlett_chisq:.1f} on {self.bartlett_df} df, {p}.{weak}"
        )


def _word(value: float) -> str:
    return next((word for least, word in _WORDS if value >= least), "unacceptable")


def sampling_adequacy(correlation: Array) -> tuple[float, Array]:
    """Return KMO overall and of every variable (p,) from a correlation matrix (p, p).

    >>> overall, own = sampling_adequacy(np.array([[1.0, 0.5, 0.5], [0.5, 1.0, 0.5], [0.5, 0.5, 1.0]]))
    >>> round(overall, 4)
    0.6923
    """
    inverse = np.linalg.inv(correlation)
    scale = np.sqrt(np.diag(inverse))
    partial = inverse / np.outer(scale, scale)
    off = ~np.eye(len(correlation), dtype=bool)
    r2, q2 = np.where(off, correlation**2, 0.0), np.where(off, partial**2, 0.0)
    own = r2.sum(axis=0) / (r2.sum(axis=0) + q2.sum(axis=0))
    return float(r2.sum() / (r2.sum() + q2.sum())), own


def kmo(items: pd.DataFrame) -> Adequacy:
    """Return the Kaiser-Meyer-Olkin measure of items and Bartlett's test of sphericity, of the complete rows.

    Parameters
    ----------
    items : DataFrame
        Two columns or more.

    Raises
    ------
    DataError
        A column that is not numeric or does not vary; too few complete rows; a singular covariance matrix.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> frame = pd.DataFrame(rng.normal(size=(90, 1)) + rng.normal(size=(90, 4)), columns=list("abcd"))
    >>> kmo(frame).items["judgement"].tolist()
    ['mediocre', 'meritorious', 'middling', 'middling']

    """
    moments = complete_rows(items)
    correlation = correlations(moments.covariance)
    overall, own = sampling_adequacy(correlation)
    p, n = len(own), moments.n
    statistic = -(n - 1 - (2 * p + 5) / 6.0) * np.linalg.slogdet(correlation)[1]
    df = p * (p - 1) // 2
    return Adequacy(
        overall=overall,
        items=pd.DataFrame({"item": moments.names, "kmo": own, "judgement": [_word(v) for v in own]}),
        bartlett_chisq=float(statistic),
        bartlett_df=df,
        bartlett_pvalue=float(chi2_sf(statistic, df)),
        n=n,
        rows_excluded=len(moments.rows_excluded),
    )
