"""Monte Carlo intervals of functions of the parameters: draws from the normal distribution of the estimates.

The estimates are drawn from N(theta, V) with their covariance matrix V, the function is worked out in every
draw, and its quantiles are the limits (MacKinnon, Lockwood & Williams, 2004; Preacher & Selig, 2012).  For a
product of paths this follows the skewed distribution that est -+ 1.96 se leaves out, without refitting.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sopsem.errors import UsageError
from sopsem.sem.estimation.fit import Fit
from sopsem.sem.model.targets import target_of

__all__ = ["MonteCarloInterval", "monte_carlo_interval", "monte_carlo_limits", "parameter_draws"]

Array = NDArray[np.float64]
FEWEST = 100


@dataclass(frozen=True, kw_only=True)
class MonteCarloInterval:
    """Estimate, standard deviation of the draws, and limits of one function of the parameters.

    Attributes
    ----------
    draws : int
        Draws made.
    undefined : int
        Draws where the function has no value (a root or logarithm of a negative number); they are not used.

    """

    expression: str
    est: float
    se: float
    lower: float
    upper: float
    level: float
    draws: int
    undefined: int
    seed: int

    def __repr__(self) -> str:
        """Show the interval and what it rests on."""
        lost = f", {self.undefined} without a value" if self.undefined else ""
        return (
            f"{self.expression} = {self.est:.4f}, {100 * self.level:g}% Monte Carlo: "
            f"{self.lower:.4f} to {self.upper:.4f} ({self.draws} draws{lost}, seed {self.seed})"
        )


def monte_carlo_interval(
    fit: Fit, expression: str, *, level: float = 0.95, draws: int = 20_000, seed: int = 20_040
) -> MonteCarloInterval:
    """Return the Monte Carlo interval of a parameter, a ``:=`` parameter or any expression of labels.

    Parameters
    ----------
    fit : Fit
        Of any estimator; its standard errors, robust ones too, are the spread of the draws.
    expression : str
        ``"ab"``, ``"a*b"``, ``"a*b/(a*b + c)"``, ``"y ~ x"``.
    level : float
    draws : int
    seed : int
        The same seed gives the same draws.

    Returns
    -------
    MonteCarloInterval

    Raises
    ------
    UsageError
        Fewer than 100 draws, a level outside 0..1, or estimates without a covariance matrix.
    ModelError, ModelSyntaxError
        Nothing of that name, or an expression that cannot be read.

    Notes
    -----
    Quantiles are interpolated between order statistics (R's type 7).

    Examples
    --------
    >>> import pandas as pd
    >>> from sopsem.sem.estimation.fit import fit
    >>> cov = pd.DataFrame([[1.0, .5, .4], [.5, 1.0, .5], [.4, .5, 1.0]], *[list("xmy")] * 2)
    >>> result = monte_carlo_interval(fit("m ~ a*x; y ~ b*m + x", sample_cov=cov, n_obs=200), "a*b")
    >>> round(result.est, 3), 0.10 < result.lower < 0.13, 0.28 < result.upper < 0.31
    (0.2, True, True)

    """
    if draws < FEWEST:
        raise UsageError(f"draws is {draws}; give {FEWEST} or more, e.g. 20000")
    if not 0.0 < level < 1.0:
        raise UsageError(f"level is {level}; give a number between 0 and 1, e.g. 0.95")
    target, whole = target_of(fit.spec, expression), fit.parameters
    drawn = parameter_draws(fit, draws, seed)
    nothing = np.zeros_like(whole.row_basis)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        values, _ = target.evaluate(whole.rows(drawn), nothing)
    est, _ = target.evaluate(whole.rows(fit.kernel_theta[None]), nothing)
    used = values[np.isfinite(values)]
    if len(used) < FEWEST:
        raise UsageError(f"{expression!r} has a value in {len(used)} of {draws} draws only; no interval")
    lower, upper = monte_carlo_limits(used, level)
    return MonteCarloInterval(
        expression=expression,
        est=float(est[0]),
        se=float(used.std(ddof=1)),
        lower=lower,
        upper=upper,
        level=level,
        draws=draws,
        undefined=draws - len(used),
        seed=seed,
    )


def parameter_draws(fit: Fit, draws: int, seed: int) -> Array:
    """Return kernel parameters (draws, k) from the normal distribution of the estimates.

    Raises
    ------
    UsageError
        Estimates without a covariance matrix.

    """
    normals = np.random.default_rng(seed).normal(size=(draws, len(fit.kernel_theta)))
    return np.asarray(fit.kernel_theta + normals @ _root(fit).T)


def monte_carlo_limits(values: Array, level: float) -> tuple[float, float]:
    """Return the limits of a function from its values in the draws; NaN with fewer than 100 that are finite.

    Quantiles are interpolated between order statistics (R's type 7).

    Examples
    --------
    >>> monte_carlo_limits(np.arange(101.0), 0.5)
    (25.0, 75.0)

    """
    used = values[np.isfinite(values)]
    if len(used) < FEWEST:
        return float("nan"), float("nan")
    tail = (1.0 - level) / 2.0
    lower, upper = np.quantile(used, [tail, 1.0 - tail])
    return float(lower), float(upper)


def _root(fit: Fit) -> Array:
    """Return C with C C' the covariance matrix of the kernel parameters."""
    vcov = fit.kernel_vcov
    if np.isnan(np.diag(vcov)).any():
        raise UsageError(
            "some estimates have no standard error (se='none', or parameters without a unique value), so that "
            "there is no distribution to draw from"
        )
    values, vectors = np.linalg.eigh(vcov)
    return np.asarray(vectors * np.sqrt(np.maximum(values, 0.0)))
