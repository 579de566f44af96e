"""Intervals and p from draws, for the parameters of a model or any statistic of them."""

from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sopsem.errors import UsageError
from sopsem.sem.estimation.fit import Fit
from sopsem.sem.model.definitions import defined_values
from sopsem.sem.resampling.bootstrap import Draws, jackknife
from sopsem.sem.resampling.draw_errors import draw_standard_errors
from sopsem.sem.resampling.intervals import bootstrap_pvalue, interval, monte_carlo_se, pvalue_monte_carlo_se
from sopsem.sem.resampling.policies import require_intact

__all__ = ["bootstrap_estimates", "statistic_intervals"]

Array = NDArray[np.float64]


def bootstrap_estimates(
    fit: Fit, draws: Draws, *, kind: str = "percentile", level: float = 0.95, rule: str = "weibull"
) -> pd.DataFrame:
    """Return bootstrap standard errors, intervals and p of every free parameter and every ``:=``.

    Parameters
    ----------
    draws : Draws
        Of this fit, of all groups.
    kind : str
        percentile, bc, bca, normal, basic or studentized.
    level : float
    rule : str
        End-point rule of quantiles: weibull, normal_interp, floor, inverse_cdf.

    Returns
    -------
    DataFrame
        lhs, op, rhs, group (0 for ``:=``), label, est, se (spread of the draws), ci_lower, ci_upper, pvalue,
        their Monte-Carlo errors mc_lower, mc_upper, mc_pvalue, and n_draws that entered.

    Raises
    ------
    UsageError
        Draws of another fit, an unknown kind or rule, BC or BCa where more than 5 % of the draws are lost.

    Examples
    --------
    >>> from sopsem.sem.estimation.fit import fit
    >>> from sopsem.sem.resampling.bootstrap import bootstrap
    >>> rng = np.random.default_rng(1)
    >>> x = rng.normal(size=50)
    >>> rows = pd.DataFrame({"x": x, "y": x + rng.normal(size=50)})
    >>> result = fit("y ~ b*x; twice := 2*b", rows)
    >>> table = bootstrap_estimates(result, bootstrap(result, rows, draws=50, seed=1))
    >>> print(table[["lhs", "op", "rhs", "est", "n_draws"]].round(2).to_string(index=False))
      lhs op rhs  est  n_draws
        y  ~   x 0.96       50
        y ~~   y 0.67       50
    twice := 2*b 1.91       50

    """
    if not draws.belong_to(fit):
        raise UsageError("these draws are of another fit; give those of bootstrap(fit, ...)")
    draws.require_whole("bootstrap_estimates")
    free = np.flatnonzero(fit.free)

    basis = fit.parameters.row_basis

    def rows_at(theta: Array) -> Array:
        rows = fit.parameters.rows(theta)
        for number, group in enumerate(fit.groups, start=1):
            rows[:, list(fit.spec.rows_of(number))] = group.model.table_rows(theta)
        return rows

    def values_at(theta: Array) -> Array:
        rows = rows_at(theta)
        none = np.zeros((rows.shape[1], 0))  # values are wanted, no gradients
        return np.hstack([rows[:, free], defined_values(fit.spec, rows, none)[0]])

    def slopes_at(theta: Array) -> Array:
        own = np.broadcast_to(basis[free], (len(theta), *basis[free].shape))
        return np.concatenate([own, defined_values(fit.spec, rows_at(theta), basis)[1]], axis=1)

    listed = [fit.spec.parameters[i] for i in free]
    names = [(p.lhs, p.op, p.rhs, p.group, p.label) for p in listed]
    names += [(d.lhs, ":=", d.rhs, 0, d.lhs) for d in fit.spec.definitions]
    head = pd.DataFrame(names, columns=["lhs", "op", "rhs", "group", "label"])
    table = statistic_intervals(draws, values_at, slopes_at, kind=kind, level=level, rule=rule)
    return pd.concat([head, table], axis=1)


def statistic_intervals(
    draws: Draws,
    statistic: Callable[[Array], Array],
    slopes: Callable[[Array], Array],
    *,
    kind: str,
    level: float,
    rule: str,
) -> pd.DataFrame:
    """Return est, se, interval, p and their Monte-Carlo errors of each of m statistics.

    Parameters
    ----------
    statistic : callable
        From kernel parameters (B, k) to values (B, m).
    slopes : callable
        From kernel parameters (B, k) to d values / d parameters (B, m, k), for the studentized interval.

    Raises
    ------
    UsageError
        As ``bootstrap_estimates``.

    """
    require_intact(draws, kind)
    est = statistic(draws.fit.kernel_theta[None])[0]
    values = np.full((len(draws), len(est)), np.nan)
    values[draws.used] = statistic(draws.kernel_theta[draws.used])
    left_out = statistic(jackknife(draws)) if kind == "bca" else None
    studentized = draw_standard_errors(draws, slopes) if kind == "studentized" else None
    rows = []
    for i in range(len(est)):
        extra: dict[str, Array] = {}
        if left_out is not None:
            extra["jackknife"] = left_out[:, i]
        if studentized is not None:
            extra |= {"draw_se": studentized[0][:, i], "se": studentized[1][i]}
        rows.append(_summary(values[:, i], float(est[i]), kind, level, rule, extra))
    return pd.DataFrame(rows)


def _summary(
    values: Array, est: float, kind: str, level: float, rule: str, extra: dict[str, Array]
) -> dict[str, float]:
    lower, upper = interval(values, est, kind=kind, level=level, rule=rule, **extra)
    mc_lower, mc_upper = monte_carlo_se(
        values, est, kind=kind, level=level, rule=rule, against=np.inf, **extra
    )
    finite = values[np.isfinite(values)]
    return {
        "est": est,
        "se": float(finite.std(ddof=1)) if len(finite) > 1 else float("nan"),
        "ci_lower": lower,
        "ci_upper": upper,
        "pvalue": bootstrap_pvalue(values, est, kind=kind, **extra),
        "mc_lower": mc_lower,
        "mc_upper": mc_upper,
        "mc_pvalue": pvalue_monte_carlo_se(values, est, kind=kind, against=np.inf, **extra),
        "n_draws": len(finite),
    }
