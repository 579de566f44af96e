"""Wald tests: whether the estimates are compatible with constraints that the model does not make."""

from dataclasses import dataclass

import numpy as np

from sopsem.errors import ModelError, UsageError
from sopsem.sem.distributions import chi2_sf
from sopsem.sem.estimation.fit import Fit
from sopsem.sem.model.definitions import constraint_value
from sopsem.sem.model.syntax import Relation, parse_syntax
from sopsem.sem.model.table_constraints import written_constraints

__all__ = ["WaldTest", "wald_test"]

DEPENDENT = 1e-10  # smallest eigenvalue of the correlations of the constraints


@dataclass(frozen=True, kw_only=True)
class WaldTest:
    """The test of all constraints together.

    Attributes
    ----------
    stat, df, pvalue : float, int, float
    se : str
        Which standard errors the test is made of.

    """

    stat: float
    df: int
    pvalue: float
    se: str

    def __repr__(self) -> str:
        """Show the test in one line."""
        return f"WaldTest: W({self.df}) = {self.stat:.3f}, p = {self.pvalue:.4f}   [se: {self.se}]"


def wald_test(fit: Fit, constraints: str) -> WaldTest:
    """Test constraints on the parameters of a fitted model that leaves them free.

    Parameters
    ----------
    fit : Fit
    constraints : str
        Equalities of labels, ``:=`` parameters and numbers, in lines or with semicolons: "a == b; c*d == 0.5".

    Returns
    -------
    WaldTest

    Raises
    ------
    UsageError
        No equality, or something else than equalities.
    ModelSyntaxError, ModelError
        Text that is no constraint; a name that is no label of the model; constraints on parameters that have
        no standard error; constraints that depend on each other.

    Notes
    -----
    W = h' (H V H')^-1 h with the constraints h(theta) = 0, their slopes H and the covariance matrix V of the
    estimates, whichever way ``se`` had it computed (Wald, 1943); chi2 with a df for each constraint.

    Examples
    --------
    >>> import pandas as pd
    >>> from sopsem.sem.estimation.fit import fit
    >>> s = [[1.0, 0.5, 0.4, 0.3], [0.5, 1.0, 0.3, 0.4], [0.4, 0.3, 1.0, 0.5], [0.3, 0.4, 0.5, 1.0]]
    >>> cov = pd.DataFrame(s, columns=list("abcd"), index=list("abcd"))
    >>> wald_test(fit("f =~ a + l*b + k*c + d", sample_cov=cov, n_obs=100), "l == k").df
    1

    """
    parsed = parse_syntax(constraints)
    wanted = written_constraints([r for r in parsed if isinstance(r, Relation)])
    if not wanted or len(wanted) < len(parsed) or any(c.op != "==" for c in wanted):
        raise UsageError(f"constraints is {constraints!r}; give equalities, e.g. 'a == b; c == 0'")
    pairs = [constraint_value(fit.spec, c, fit.rows[None], np.eye(len(fit.rows))) for c in wanted]
    values = np.array([float(v[0]) for v, _ in pairs])
    slopes = np.array([g[0] for _, g in pairs])
    vcov, used = fit.vcov_rows, (np.abs(slopes) > 0.0).any(axis=0)
    if np.isnan(np.diag(vcov)[used]).any():
        lost = [p.name for p, u, v in zip(fit.spec, used, np.diag(vcov), strict=True) if u and np.isnan(v)]
        raise ModelError(
            f"{', '.join(lost)} have no standard error, so that nothing can be tested about them"
        )
    spread = slopes @ np.nan_to_num(vcov) @ slopes.T
    sd = np.sqrt(np.maximum(np.diag(spread), 0.0))
    unit = np.where(sd > 0.0, sd, 1.0)
    correlation = spread / np.outer(unit, unit)
    if (sd <= 0.0).any() or np.linalg.eigvalsh(correlation)[0] < DEPENDENT:
        raise ModelError(
            "the constraints depend on each other, or concern what the model holds fixed; leave out those that "
            "follow from the model or from the others"
        )
    scaled = values / unit
    stat = float(scaled @ np.linalg.solve(correlation, scaled))
    return WaldTest(stat=stat, df=len(wanted), pvalue=float(chi2_sf(stat, len(wanted))), se=fit.settings.se)
