"""Bollen-Stine test of exact fit: chi2 of draws from data that fit the model exactly."""

from dataclasses import dataclass

import numpy as np

from sopsem.errors import UsageError
from sopsem.sem.resampling.draws import Draws

__all__ = ["BollenStine", "bollen_stine"]


@dataclass(frozen=True, kw_only=True)
class BollenStine:
    """The test's result.

    Attributes
    ----------
    chisq, mean_chisq : float
        chi2 of the fit, and its mean over the draws that converged (the df a chi-square would have).
    pvalue, mc_se : float
        (k + 1)/(B + 1), k the draws with a chi2 at least as large, and its Monte-Carlo standard error.
    share : float
        k/B, as lavaan reports it.
    better, worse, failed : int
        Draws that fit better than the data, at least as badly, and not at all; they add up to the draws asked for.

    """

    chisq: float
    mean_chisq: float
    pvalue: float
    mc_se: float
    share: float
    better: int
    worse: int
    failed: int


def bollen_stine(draws: Draws) -> BollenStine:
    """Test exact fit with Bollen-Stine draws (Bollen & Stine, 1992).

    Raises
    ------
    UsageError
        The draws are of another kind, or none converged.

    Examples
    --------
    ``bollen_stine(bootstrap(fit, data, draws=1000, kind="bollen_stine")).pvalue``

    """
    if draws.kind != "bollen_stine":
        raise UsageError(f"these are {draws.kind} draws; make them with kind='bollen_stine'")
    found = draws.chisq[np.isfinite(draws.chisq)]
    if not len(found):
        raise UsageError("no draw converged, so there is nothing to compare with")
    worse = int((found >= draws.fit.chisq).sum())
    p = (worse + 1) / (len(found) + 1)
    return BollenStine(
        chisq=draws.fit.chisq,
        mean_chisq=float(found.mean()),
        pvalue=p,
        mc_se=float(np.sqrt(p * (1.0 - p) / len(found))),
        share=worse / len(found),
        better=len(found) - worse,
        worse=worse,
        failed=len(draws) - len(found),
    )
