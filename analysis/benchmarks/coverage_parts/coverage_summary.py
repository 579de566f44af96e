"""From limits to tables: coverage, misses and widths with their Monte Carlo errors, and where everything went.

``coverage`` is the share of the intervals that hold the population value; ``missed_below`` the share with the value
below them, ``missed_above`` above them.  ``width`` is the median, its error half the distance between the order
statistics one binomial standard error off the middle.  The row "five totals" has the mean over the headline effects.
"""

import numpy as np
import pandas as pd
from coverage_limits import FEWEST, METHODS, NOT_CONVERGED, Plan
from coverage_population import HEADLINE, Cell, truth, wanted

from sopsem.sem.resampling.draw_status import DrawStatus

POOLED = "five totals"
OUTCOMES = ("proper", "improper", "not_converged", "refused", "crashed")


def coverage_rows(cell: Cell, plan: Plan, found: dict[str, np.ndarray]) -> pd.DataFrame:
    """Return one row per method, policy and effect."""
    names, values = [e.name for e in wanted()], truth(cell.kind)
    lower, upper = found["limits"][..., 0], found["limits"][..., 1]
    known = np.isfinite(lower) & np.isfinite(upper)
    parts = {  # (data sets, methods, effects)
        "coverage": np.where(known, (lower <= values) & (values <= upper), np.nan),
        "missed_below": np.where(known, lower > values, np.nan),
        "missed_above": np.where(known, upper < values, np.nan),
        "width": np.where(known, upper - lower, np.nan),
    }
    headline = [names.index(name) for name in HEADLINE]
    rows = []
    for m, (method, policy) in enumerate(METHODS):
        for place, effect in [*enumerate(names), (headline, POOLED)]:
            each = {key: _mean(part[:, m, place]) for key, part in parts.items()}
            defined = int(np.isfinite(each["coverage"]).sum())
            if not defined:
                continue
            row: dict[str, object] = {"data": cell.kind, "n": cell.n, "method": method, "policy": policy}
            row |= {"effect": effect, "truth": np.nan if effect == POOLED else round(float(values[place]), 5)}
            row |= {"data_sets": len(lower), "draws": plan.draws, "seed": plan.seed, "defined": defined}
            row |= {"undefined": int((found["outcome"] < NOT_CONVERGED).sum()) - defined}
            for key in ("coverage", "missed_below", "missed_above"):
                row[key], row[f"{key}_se"] = share(each[key], 1 if effect != POOLED else len(headline))
            row["width"], row["width_se"] = _median(each["width"])
            rows.append(row)
    return pd.DataFrame(rows)


def _mean(values: np.ndarray) -> np.ndarray:
    """Return one value per data set: that of an effect, or the mean over several."""
    return values if values.ndim == 1 else values.mean(axis=1)


def share(values: np.ndarray, effects: int) -> tuple[float, float]:
    """Return the mean of what is known and its Monte Carlo error, at least that of one interval among all."""
    known = values[np.isfinite(values)]
    spread = max(float(known.std()), (len(known) - 1.0) ** 0.5 / len(known) / effects)
    return round(float(known.mean()), 5), round(spread / len(known) ** 0.5, 5)


def _median(values: np.ndarray) -> tuple[float, float]:
    known = np.sort(values[np.isfinite(values)])
    step = 0.5 / len(known) ** 0.5
    low, middle, high = np.quantile(known, [max(0.5 - step, 0.0), 0.5, min(0.5 + step, 1.0)])
    return round(float(middle), 5), round(float(high - low) / 2.0, 5)


def account(cell: Cell, plan: Plan, found: dict[str, np.ndarray]) -> pd.DataFrame:
    """Return one row: how the data sets ended, and how their draws, kept as they are and with bounds."""
    row: dict[str, object] = {
        "data": cell.kind,
        "n": cell.n,
        "seed": plan.seed,
        "data_sets": len(found["outcome"]),
    }
    row |= {name: int((found["outcome"] == code).sum()) for code, name in enumerate(OUTCOMES)}
    row["draws"] = plan.draws * (row["proper"] + row["improper"])
    for policy, counts in zip(("keep", "bound"), found["classes"].sum(axis=0), strict=True):
        row |= {f"{policy}_{s.name.lower()}": int(counts[s]) for s in DrawStatus}
    improper = found["classes"][:, 0, DrawStatus.IMPROPER]
    few = plan.draws - found["classes"][:, 0, DrawStatus.NOT_CONVERGED] - improper < FEWEST
    row["few_left_after_dropping"] = (
        int((few & (found["outcome"] < NOT_CONVERGED)).sum()) if plan.draws else 0
    )
    return pd.DataFrame([row])
