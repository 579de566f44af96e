"""Replications counted: power, precision and accounting, each number with its Monte Carlo standard error."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sopsem.sem.distributions import norm_ppf
from sopsem.sem.power.decisions import Question, unit_errors
from sopsem.sem.power.design import Design
from sopsem.sem.power.quantities import Quantities
from sopsem.sem.power.replicates import Replicates

__all__ = ["accounting_table", "power_table", "precision_table", "wilson"]

Array = NDArray[np.float64]


def wilson(share: float, n: int, level: float = 0.95) -> tuple[float, float]:
    """Return Wilson's limits of a share of n, which hold near 0 and 1 too; NaN for n = 0.

    >>> [round(limit, 3) for limit in wilson(0.8, 1000)]
    [0.774, 0.824]
    """
    if n == 0:
        return float("nan"), float("nan")
    z = float(norm_ppf(0.5 + level / 2.0))
    middle = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * float(np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2)))
    return middle - half, middle + half


def _share(decisions: Array) -> tuple[float, float, int]:
    """Return the share of 1, its Monte Carlo standard error, and how many decisions it rests on."""
    used = decisions[np.isfinite(decisions)]
    if not len(used):
        return float("nan"), float("nan"), 0
    share = float(used.mean())
    return share, float(np.sqrt(share * (1.0 - share) / len(used))), len(used)


def power_table(found: Mapping[int, Replicates], asked: list[Question]) -> pd.DataFrame:
    """Return the power of every test at every N; see ``Power.table``."""
    rows = []
    for n, replicates in found.items():
        for q in asked:
            decisions = q.decide(replicates, n)
            power, mc_se, used = _share(decisions)
            lower, upper = wilson(power, used)
            proper, mc_se_proper, used_proper = _share(decisions[q.proper(replicates)])
            rows.append(
                {
                    "n": n,
                    "name": q.name,
                    "test": q.test,
                    "quantity": q.quantity,
                    "scale": q.scale,
                    "true": q.true,
                    "power": power,
                    "mc_se": mc_se,
                    "mc_lower": lower,
                    "mc_upper": upper,
                    "used": used,
                    "power_proper": proper,
                    "mc_se_proper": mc_se_proper,
                    "used_proper": used_proper,
                    "analytic": q.theory(n),
                }
            )
    return pd.DataFrame(rows)


def precision_table(
    found: Mapping[int, Replicates], design: Design, quantities: Quantities, level: float
) -> pd.DataFrame:
    """Return bias, spread, coverage and width of the intervals est -+ z se; see ``Power.precision``."""
    true = quantities.values(quantities.fit.kernel_theta[None])[0]
    unit, z = unit_errors(quantities), float(norm_ppf(0.5 + level / 2.0))
    rows = []
    for n, replicates in found.items():
        for at, (name, scale) in enumerate(quantities.labels):
            whole = _precision(replicates.est[:, at], replicates.se[:, at], float(true[at]), z)
            fine = replicates.proper()
            proper = _precision(replicates.est[fine, at], replicates.se[fine, at], float(true[at]), z)
            rows.append(
                {
                    "n": n,
                    "quantity": name,
                    "scale": scale,
                    "true": true[at],
                    **whole,
                    **{f"{k}_proper": v for k, v in proper.items()},
                    "analytic_width": 2.0 * z * unit[at] / np.sqrt(design.multiplier(n)),
                }
            )
    return pd.DataFrame(rows)


def _precision(est: Array, se: Array, true: float, z: float) -> dict[str, float]:
    ok = np.isfinite(est) & np.isfinite(se)
    est, se = est[ok], se[ok]
    n = len(est)
    names = ("mean", "mc_se_mean", "sd", "mean_se", "coverage", "mc_se_coverage", "width", "mc_se_width")
    if n < 2:
        return dict.fromkeys(names, float("nan")) | {"used": n}
    covered, sd, width = float((np.abs(est - true) <= z * se).mean()), float(est.std(ddof=1)), 2.0 * z * se
    values = (
        float(est.mean()),
        sd / np.sqrt(n),
        sd,
        float(se.mean()),
        covered,
        np.sqrt(covered * (1.0 - covered) / n),
        float(width.mean()),
        float(width.std(ddof=1)) / np.sqrt(n),
    )
    return dict(zip(names, map(float, values), strict=True)) | {"used": n}


def accounting_table(found: Mapping[int, Replicates], design: Design) -> pd.DataFrame:
    """Return n, model and how many replications are in each class; the classes add up to ``replications``."""
    rows = [
        {"n": n, "model": model, "replications": len(replicates), **replicates.counts(model)}
        for n, replicates in found.items()
        for model in design.fits
    ]
    return pd.DataFrame(rows)
