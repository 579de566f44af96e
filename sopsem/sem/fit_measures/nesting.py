"""Whether one model is a special case of another: the test by numbers of Bentler & Satorra (2010)."""

from dataclasses import dataclass
from typing import Literal

from sopsem.errors import ConvergenceError, ModelError
from sopsem.sem.estimation.fit import Fit
from sopsem.sem.fit_measures.compare import NESTED, null_solution

__all__ = ["Nesting", "nesting"]

Verdict = Literal["nested", "equivalent", "not nested"]


@dataclass(frozen=True, kw_only=True)
class Nesting:
    """What the test says of two models.

    Attributes
    ----------
    verdict : {"nested", "equivalent", "not nested"}
    chisq : float
        What the full model leaves of the moments that the restricted one implies: 0 when it contains it.
    ddf : int
        Degrees of freedom of the restricted model minus those of the full one.

    """

    verdict: Verdict
    chisq: float
    ddf: int

    def __repr__(self) -> str:
        """Show the verdict with the two numbers behind it."""
        return f"{self.verdict}: leftover chi2 = {self.chisq:.3g}, df difference {self.ddf}"


def nesting(restricted: Fit, full: Fit) -> Nesting:
    """Say whether the restricted model is a special case of the full one, or equivalent to it.

    Parameters
    ----------
    restricted, full : Fit
        Of the same observed variables and groups; of two models with equal degrees of freedom in any order.

    Returns
    -------
    Nesting
        ``nested``: the full model reproduces all that the restricted one implies; ``equivalent``: so it does,
        with equal degrees of freedom; ``not nested``: it leaves a chi2, or has more degrees of freedom.

    Raises
    ------
    ConvergenceError
        One of the fits did not converge.
    ModelError
        Other observed variables or groups, or means in one model only.

    Notes
    -----
    The full model is fitted to the moments that the restricted one implies; a minimum of 0 (chi2 below 1e-5)
    says that it can be reproduced (NET procedure; Bentler & Satorra, 2010, Psychological Methods 15).  The
    sample enters through the point at which this is looked at.

    Examples
    --------
    >>> import pandas as pd
    >>> from sopsem.sem.estimation.fit import fit
    >>> s = [[1.0, .6, .3, .3], [.6, 1.0, .3, .3], [.3, .3, 1.0, .5], [.3, .3, .5, 1.0]]
    >>> cov = pd.DataFrame(s, columns=list("abcd"), index=list("abcd"))
    >>> one = fit("f =~ a + b + c + d", sample_cov=cov, n_obs=100)
    >>> two = fit("f =~ a + b; g =~ c + d", sample_cov=cov, n_obs=100)
    >>> nesting(one, two).verdict, nesting(two, two).verdict, nesting(two, one).verdict
    ('nested', 'equivalent', 'not nested')

    """
    for name, fitted in (("restricted", restricted), ("full", full)):
        if not fitted.status.converged:
            raise ConvergenceError(f"the {name} model did not converge; mend it first")
    _check_comparable(restricted, full)
    ddf = restricted.df - full.df
    found = null_solution(restricted, full)
    verdict: Verdict = "not nested"
    if ddf >= 0 and found.chisq <= NESTED:
        verdict = "nested" if ddf else "equivalent"
    return Nesting(verdict=verdict, chisq=found.chisq, ddf=ddf)


def _check_comparable(restricted: Fit, full: Fit) -> None:
    """Refuse models that do not describe the same moments."""
    mine, theirs = set(restricted.spec.observed), set(full.spec.observed)
    if mine != theirs:
        raise ModelError(
            f"the models have different observed variables: {', '.join(sorted(mine ^ theirs))} in one of them "
            "only; fix a path at 0 (0*x) instead of leaving a variable out"
        )
    if restricted.spec.groups != full.spec.groups:
        raise ModelError(
            f"the models have different groups: {restricted.spec.groups} and {full.spec.groups}; give both "
            "the same group= and group_label="
        )
    if restricted.spec.meanstructure != full.spec.meanstructure:
        raise ModelError("only one of the models has means; fit both with the same meanstructure=")
