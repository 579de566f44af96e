"""Maximum likelihood means and covariances of incomplete data: the saturated and the baseline model.

EM for the multivariate normal (Dempster, Laird & Rubin, 1977) begins; Newton steps on the observed-data
likelihood finish, since EM alone comes near the maximum only linearly.  An EM step is the slope of the
likelihood times the inverse information of complete data, so the same matrix preconditions the conjugate
gradients that solve for the Newton step (Jamshidian & Jennrich, 1997).
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sopsem.errors import UsageError
from sopsem.sem.sample.factor_ascent import climb_factor
from sopsem.sem.sample.missing_checks import (
    check_bounded,
    check_identified,
    check_spread,
    correlation_matrix,
)
from sopsem.sem.sample.missing_likelihood import (
    LikelihoodPoint,
    point_or_error,
)
from sopsem.sem.sample.patterns import MissingPatterns, PatternStatistics

__all__ = ["EMMoments", "baseline_moments", "em_moments"]

Array = NDArray[np.float64]

NEWTON_FROM = 0.05  # EM moves less than this many standard deviations: near enough for Newton
ROUNDING = 1e-11  # relative loss of log-likelihood that rounding explains
CONJUGATE_STEPS = 200
HALVINGS = 6
KEPT = 0.1  # share of every variance, of combinations too, that a Newton step leaves at least
POLISHED = 1e-12  # as near as rounding lets EM come
PATIENCE = 200  # EM and Newton steps from one start


@dataclass(frozen=True, kw_only=True)
class EMMoments:
    """Maximum likelihood moments of the unrestricted normal model.

    Attributes
    ----------
    names : tuple of str
        The p variables.
    mean, covariance : (p,), (p, p) arrays
    n : float
        Rows with at least one value.
    log_likelihood : float
        With all constants.
    iterations : int
        EM and Newton steps taken.
    change : float
        The largest move, in standard deviations, of one more EM step.
    converged : bool
        Whether ``change`` is below the tolerance.

    smallest_eigenvalue : float
        Of the correlation matrix; about 0 where the data do not keep the maximum away from a singular matrix.

    """

    names: tuple[str, ...]
    mean: Array
    covariance: Array
    n: float
    log_likelihood: float
    iterations: int
    change: float
    converged: bool
    smallest_eigenvalue: float


class _Step(NamedTuple):
    """A direction in the space of means and covariance matrices."""

    mean: Array
    covariance: Array

    def plus(self, other: "_Step", scale: float) -> "_Step":
        return _Step(self.mean + scale * other.mean, self.covariance + scale * other.covariance)

    def dot(self, other: "_Step") -> float:
        return float(self.mean @ other.mean + (self.covariance * other.covariance).sum())


class _State(NamedTuple):
    """Moments with the likelihood there."""

    at: _Step
    point: LikelihoodPoint

    def slope(self) -> _Step:
        return _Step(self.point.mean_slope, self.point.covariance_slope)

    def complete_data_step(self, slope: _Step) -> _Step:
        """Return the slope times the inverse information that complete data would have."""
        sigma, n = self.at.covariance, self.point.count.sum()
        return _Step(sigma @ slope.mean / n, 2.0 / n * (sigma @ slope.covariance @ sigma))

    def change(self) -> float:
        """Return the largest move of one EM step in standard deviations."""
        move, sd = self.complete_data_step(self.slope()), np.sqrt(np.diag(self.at.covariance))
        return float(max(np.abs(move.mean / sd).max(), np.abs(move.covariance / np.outer(sd, sd)).max()))


def em_moments(
    patterns: MissingPatterns, *, tolerance: float = 1e-10, max_iterations: int = 1000
) -> EMMoments:
    """Return the maximum likelihood mean and covariance matrix of incomplete data.

    Parameters
    ----------
    patterns : MissingPatterns
        Of the variables of the model, and of auxiliary variables when their information is wanted.
    tolerance : float
        Stop when one more EM step would move nothing by more than this many standard deviations.
    max_iterations : int
        EM and Newton steps together.

    Returns
    -------
    EMMoments
        ``converged`` is False when ``max_iterations`` was not enough; the caller decides what that means.

    Raises
    ------
    UsageError
        ``tolerance`` or ``max_iterations`` is not positive.
    DataError
        Two variables are never observed together, a variable is constant, or variables observed together depend
        on each other, so that the likelihood has no bound.

    Notes
    -----
    Missing at random is assumed.  With complete data the result is the sample mean and the covariance matrix
    with divisor n.  When no row observes all variables, the maximum may be at a singular matrix though the
    likelihood is bounded: ``smallest_eigenvalue`` is then about 0, ``log_likelihood`` near its supremum, and
    ``converged`` may be False.

    Examples
    --------
    >>> from sopsem.sem.sample.patterns import patterns_from_values
    >>> rows = [[1.0, 2.0], [2.0, 1.0], [3.0, 5.0], [4.0, 4.0], [5.0, np.nan]]
    >>> found = em_moments(patterns_from_values(np.array(rows), ["a", "b"]))
    >>> found.mean.round(6).tolist(), found.converged
    ([3.0, 3.5], True)

    """
    if not (np.isfinite(tolerance) and tolerance > 0.0 and max_iterations >= 1):
        raise UsageError(f"tolerance is {tolerance}, max_iterations {max_iterations}; both must be positive")
    check_identified(patterns)
    centre, variance = baseline_moments(patterns)
    check_spread(patterns, centre, variance)
    sd = np.sqrt(variance)
    scaled = _rescaled(patterns, centre, sd)
    state, iterations = _maximum(scaled, tolerance, max_iterations)
    change = state.change()
    check_bounded(patterns, state.at.covariance)
    covariance = state.at.covariance * np.outer(sd, sd)
    logs = float(patterns.count @ (patterns.observed @ np.log(sd)))
    return EMMoments(
        names=patterns.names,
        mean=_frozen(centre + sd * state.at.mean),
        covariance=_frozen(0.5 * (covariance + covariance.T)),
        n=patterns.n,
        log_likelihood=state.point.log_likelihood - logs,
        iterations=iterations,
        change=change,
        converged=change <= tolerance,
        smallest_eigenvalue=float(np.linalg.eigvalsh(correlation_matrix(state.at.covariance))[0]),
    )


def _frozen(array: Array) -> Array:
    array.setflags(write=False)
    return array


def _rescaled(patterns: MissingPatterns, centre: Array, sd: Array) -> PatternStatistics:
    return PatternStatistics(
        observed=patterns.observed,
        count=patterns.count,
        mean=np.where(patterns.observed, (patterns.mean - centre) / sd, 0.0),
        covariance=patterns.covariance / np.outer(sd, sd),
    )


def _begin(patterns: PatternStatistics) -> _State:
    """Start from pairwise covariances, drawn towards zero until they are positive definite."""
    seen = patterns.observed.astype(np.float64)
    second = patterns.covariance + patterns.mean[:, :, None] * patterns.mean[:, None, :]
    total = np.einsum("k,kij->ij", patterns.count, second, optimize=True)
    pairwise = total / (seen.T @ (patterns.count[:, None] * seen))
    p = len(pairwise)
    off = pairwise - np.diag(np.diag(pairwise))
    for keep in (1.0, 0.9, 0.7, 0.4):
        start = np.diag(np.diag(pairwise)) + keep * off
        if np.linalg.eigvalsh(start)[0] > 0.01:
            break
    else:
        start = np.eye(p)
    return _state(patterns, _Step(np.zeros(p), start))


def _state(patterns: PatternStatistics, at: _Step) -> _State:
    return _State(at, point_or_error(patterns, at.mean, at.covariance))


def _maximum(patterns: PatternStatistics, tolerance: float, most: int) -> tuple[_State, int]:
    """Climb from pairwise covariances, else from none, else over a factor of the covariance matrix.

    With few rows the likelihood may also rise without bound towards singular matrices; the first two starts are
    there to find the maximum inside, which is the consistent one.
    """
    used = 0
    for start in (_begin(patterns), _state(patterns, _independent(patterns))):
        state, steps = _climb(patterns, start, tolerance, min(PATIENCE, most - used))
        used += steps
        if state.change() <= tolerance or used >= most:
            return state, used
    mean, covariance, steps = climb_factor(patterns, *state.at, most - used)
    used += steps
    state, steps = _climb(patterns, _state(patterns, _Step(mean, covariance)), tolerance, max(0, most - used))
    return state, used + steps


def _independent(patterns: PatternStatistics) -> _Step:
    p = patterns.mean.shape[1]
    return _Step(np.zeros(p), np.eye(p))


def _climb(
    patterns: PatternStatistics, state: _State, tolerance: float, max_iterations: int
) -> tuple[_State, int]:
    """Return the state where EM stands still, and the steps taken."""
    for iteration in range(max_iterations):
        change = state.change()
        if change <= tolerance:  # a Newton step more costs little and leaves rounding only
            return (_newton(patterns, state, change, 1) if change > POLISHED else None) or state, iteration
        better = _newton(patterns, state, change) if change < NEWTON_FROM else None
        try:
            state = better or _em(patterns, state)
        except np.linalg.LinAlgError:  # the maximum is at a singular matrix, and EM has come there
            return state, iteration
    return state, max_iterations


def _em(patterns: PatternStatistics, state: _State) -> _State:
    move = state.complete_data_step(state.slope())
    mean, covariance = state.at.plus(move, 1.0)
    return _state(patterns, _Step(mean, covariance - np.outer(move.mean, move.mean)))


def _newton(
    patterns: PatternStatistics, state: _State, change: float, halvings: int = HALVINGS
) -> _State | None:
    """Return the state after a Newton step, or None when no such step raises the likelihood."""
    step = _newton_step(state, max(1e-6, min(0.1, change)))  # more digits than a double holds mislead
    slack = ROUNDING * (abs(state.point.log_likelihood) + float(patterns.count.sum()))
    for halving in range(halvings):
        at = state.at.plus(step, 0.5**halving)
        try:
            np.linalg.cholesky(
                at.covariance - KEPT * state.at.covariance
            )  # not all the way to a singular one
            found = _state(patterns, at)
        except np.linalg.LinAlgError:
            continue
        # near the maximum the likelihood is flat within rounding, and the slope must tell
        gain = found.point.log_likelihood - state.point.log_likelihood
        if gain > slack or (gain >= -slack and found.change() < change):
            return found
    return None


def _newton_step(state: _State, accuracy: float) -> _Step:
    """Solve -H step = slope by preconditioned conjugate gradients, as far as the curvature is negative."""
    residual = state.slope()
    ready = state.complete_data_step(residual)
    step, direction = ready.plus(ready, -1.0), ready
    size = first = residual.dot(ready)
    for count in range(CONJUGATE_STEPS):
        curved = _Step(*state.point.hessian_product(*direction))
        curvature = -direction.dot(curved)
        if not curvature > 0.0:
            return step if count else direction
        step = step.plus(direction, size / curvature)
        residual = residual.plus(curved, size / curvature)
        ready = state.complete_data_step(residual)
        size, before = residual.dot(ready), size
        if not size > accuracy**2 * first:
            break
        direction = ready.plus(direction, size / before)
    return step


def baseline_moments(patterns: MissingPatterns) -> tuple[Array, Array]:
    """Return the mean and the variance (divisor: values observed) of each variable's observed values.

    They are the maximum likelihood estimates of the model without covariances, in closed form.

    Examples
    --------
    >>> from sopsem.sem.sample.patterns import patterns_from_values
    >>> rows = np.array([[1.0, 2.0], [3.0, np.nan], [5.0, 6.0]])
    >>> [m.round(4).tolist() for m in baseline_moments(patterns_from_values(rows, ["a", "b"]))]
    [[3.0, 4.0], [2.6667, 4.0]]

    """
    count = patterns.count[:, None] * patterns.observed
    total = count.sum(axis=0)
    mean = (count * patterns.mean).sum(axis=0) / total
    away = np.where(patterns.observed, patterns.mean - mean, 0.0)
    within = np.diagonal(patterns.covariance, axis1=1, axis2=2)
    variance = (count * (within + away**2)).sum(axis=0) / total
    return mean + (count * away).sum(axis=0) / total, variance
