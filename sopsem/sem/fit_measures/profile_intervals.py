"""Profile-likelihood intervals: the values of a parameter that the data do not reject.

For a value c the model is fitted under parameter = c; the interval holds the values at which chi2 rises by no
more than the quantile of chi2 with one degree of freedom (Venzon & Moolgavkar, 1988; Neale & Miller, 1997;
Pek & Wu, 2015).  Unlike est -+ 1.96 se it does not depend on how the parameter is written.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from threadpoolctl import threadpool_limits

from sopsem.errors import ConvergenceError, UsageError
from sopsem.kernel import Objective, Outcome, minimise_constrained
from sopsem.sem.distributions import chi2_ppf
from sopsem.sem.estimation.fit import Fit
from sopsem.sem.estimation.parameter_map import ConstraintValues
from sopsem.sem.model.targets import Target, target_of

__all__ = ["ProfileInterval", "profile_interval"]

Array = NDArray[np.float64]
EXPANSIONS = 24  # doublings of the distance before a limit counts as absent
NARROWINGS = 14  # halvings towards the edge of the values that can be fitted
PRECISION = 1e-9  # of the limits, in standard errors
ACCEPTED = (Outcome.CONVERGED, Outcome.SADDLE_POINT)


@dataclass(frozen=True, kw_only=True)
class ProfileInterval:
    """Estimate and limits of one parameter.

    Attributes
    ----------
    lower, upper : float
        NaN where there is no limit.
    lower_status, upper_status : str
        ``found``, or why there is none: ``unbounded`` (chi2 never rises enough) or ``boundary`` (beyond
        ``lower_reached`` no fit with that value was found, and chi2 has not risen enough there).
    lower_reached, upper_reached : float
        The limit, or the last value tried.

    """

    parameter: str
    est: float
    lower: float
    upper: float
    level: float
    lower_status: str
    upper_status: str
    lower_reached: float
    upper_reached: float

    def __repr__(self) -> str:
        """Show estimate and limits, and what is said about a limit that does not exist."""
        ends = []
        for name, value, status, reached in (
            ("lower", self.lower, self.lower_status, self.lower_reached),
            ("upper", self.upper, self.upper_status, self.upper_reached),
        ):
            text = f"{value:.4f}" if status == "found" else f"none ({status}, tried to {reached:.4g})"
            ends.append(f"{name} {text}")
        return (
            f"{self.parameter} = {self.est:.4f}, {100 * self.level:g}% profile likelihood: {', '.join(ends)}"
        )


def profile_interval(fit: Fit, parameter: str, *, level: float = 0.95) -> ProfileInterval:
    """Return the profile-likelihood interval of a free or defined parameter.

    Parameters
    ----------
    fit : Fit
        By maximum likelihood, of complete or incomplete rows, of one or several groups.
    parameter : str
        A row of the table (``"f =~ x2"``), a label, a ``:=`` name, or an expression of labels.
    level : float

    Returns
    -------
    ProfileInterval

    Raises
    ------
    UsageError
        Another estimator than maximum likelihood, a level outside 0..1, a parameter that is fixed.
    ModelError
        Nothing of that name.
    ConvergenceError
        The fit did not converge.

    Notes
    -----
    The limits solve chi2(c) - chi2 = quantile of chi2(1) with chi2(c) the least chi2 under parameter = c, to
    about 1e-9 standard errors.  Robust standard errors play no part: the interval assumes normal data.

    Examples
    --------
    >>> import pandas as pd
    >>> from sopsem.sem.estimation.fit import fit
    >>> cov = pd.DataFrame([[1.0, .5, .4], [.5, 1.0, .3], [.4, .3, 1.0]], *[list("abc")] * 2)
    >>> result = profile_interval(fit("b ~ s*a", sample_cov=cov, n_obs=100), "s")
    >>> round(result.lower, 3), round(result.upper, 3)
    (0.329, 0.671)

    """
    if fit.settings.estimator != "ML":
        raise UsageError(
            f"profile likelihood needs maximum likelihood; estimator is {fit.settings.asked!r}. Use the Wald "
            "interval of estimates(), or a bootstrap"
        )
    if not 0.0 < level < 1.0:
        raise UsageError(f"level is {level}; give a number between 0 and 1, e.g. 0.95")
    if not fit.status.converged:
        raise ConvergenceError("the fit did not converge, so that there is no minimum to rise from")
    profile = _Profile.of(fit, target_of(fit.spec, parameter))
    with threadpool_limits(limits=1, user_api="blas"):
        found = [profile.limit(side, float(np.sqrt(chi2_ppf(level, 1)))) for side in (-1.0, 1.0)]
    (lower, below, at_lower), (upper, above, at_upper) = found
    return ProfileInterval(
        parameter=parameter,
        est=profile.est,
        lower=lower,
        upper=upper,
        level=level,
        lower_status=below,
        upper_status=above,
        lower_reached=at_lower,
        upper_reached=at_upper,
    )


@dataclass(frozen=True, kw_only=True)
class _Profile:
    """The profile of one target: chi2 under target = c, from the nearest solution known."""

    fit: Fit
    target: Target
    objective: Objective
    est: float
    step: float
    known: dict[float, Array]

    @classmethod
    def of(cls, fit: Fit, target: Target) -> "_Profile":
        """Start from the estimate; the first step is one standard error."""
        whole, theta = fit.parameters, fit.kernel_theta
        value, slope = target.evaluate(whole.rows(theta[None]), whole.row_basis)
        if not np.abs(slope).max(initial=0.0) > 0.0:
            raise UsageError(f"{target.name!r} is fixed, so that it has no interval; name a free parameter")
        variance = float(slope[0] @ np.nan_to_num(fit.kernel_vcov) @ slope[0])
        est = float(value[0])
        return cls(
            fit=fit,
            target=target,
            objective=fit.problem.objective(),
            est=est,
            step=float(np.sqrt(variance)) if variance > 0.0 else 0.1 * max(abs(est), 1.0),
            known={est: theta},
        )

    def limit(self, side: float, wanted: float) -> tuple[float, str, float]:
        """Return the limit on one side (-1 or 1), its status, and the last value tried.

        ``wanted`` is the root of the rise of chi2; near the estimate that root grows by 1 with every standard
        error.
        """
        inside, outside, distance = self.est, None, wanted * self.step
        for _ in range(EXPANSIONS):
            at = self.est + side * distance
            root = self._root(at)
            if root is None:
                return self._at_edge(inside, at, wanted)
            if root >= wanted:
                outside = at
                break
            inside = at
            # the rise is about linear: aim a little beyond the place where it should suffice
            distance *= min(1.05 * wanted / root, 2.0) if root > 0.0 else 2.0
        if outside is None:
            return np.nan, "unbounded", inside
        return self._between(inside, outside, wanted)

    def _between(self, inside: float, outside: float, wanted: float) -> tuple[float, str, float]:
        """Return the limit between a value that fits well enough and one that does not."""

        def excess(value: float) -> float:
            root = 0.0 if value == self.est else self._root(value)
            return np.inf if root is None else root - wanted

        found = float(brentq(excess, inside, outside, xtol=PRECISION * self.step, rtol=1e-14))
        return found, "found", found

    def _at_edge(self, inside: float, beyond: float, wanted: float) -> tuple[float, str, float]:
        """Search between the last value that can be fitted and one that cannot."""
        for _ in range(NARROWINGS):
            middle = (inside + beyond) / 2.0
            root = self._root(middle)
            if root is None:
                beyond = middle
            elif root >= wanted:
                return self._between(inside, middle, wanted)
            else:
                inside = middle
            if abs(beyond - inside) <= 1e-3 * self.step:
                break
        return np.nan, "boundary", inside

    def _root(self, value: float) -> float | None:
        """Return the root of the rise of chi2 under target = value; None where the model cannot be fitted."""
        nearest = sorted(self.known, key=lambda known: abs(known - value))[:2]
        starts = [self.known[v] for v in nearest]
        if len(nearest) == 2 and nearest[0] != nearest[1]:
            share = (value - nearest[0]) / (nearest[0] - nearest[1])
            starts.insert(0, starts[0] + np.clip(share, -1.0, 1.0) * (starts[0] - starts[1]))
        for start in starts:
            found = minimise_constrained(
                self.objective, start, self._constraints(value), bounds=self.fit.parameters.active_bounds
            )
            if found.outcome[0] in ACCEPTED and np.isfinite(found.minimum[0]):
                self.known[value] = found.theta[0]
                rise = self.fit.multiplier * (float(found.minimum[0]) - self.fit.minimum)
                return float(np.sqrt(max(rise, 0.0)))
        return None

    def _constraints(self, value: float) -> Callable[[Array], ConstraintValues]:
        """Return the constraints of the model with target = value added."""
        whole = self.fit.parameters

        def constraints(theta: Array) -> ConstraintValues:
            own = whole.constraints(theta)
            found, slope = self.target.evaluate(whole.rows(theta), whole.row_basis)
            return ConstraintValues(
                equality=np.column_stack([own.equality, found - value]),
                inequality=own.inequality,
                equality_slopes=np.concatenate([own.equality_slopes, slope[:, None]], axis=1),
                inequality_slopes=own.inequality_slopes,
            )

        return constraints
