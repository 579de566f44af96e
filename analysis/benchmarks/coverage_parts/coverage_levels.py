"""How often tests of a true model reject: chi2 raw and corrected for small samples, and the test of the direct path.

All data sets of a task are fitted together by the kernel, on the metric of the population, from the population
values; data sets that do not converge from there are counted.
"""

import numpy as np
import pandas as pd
from coverage_limits import Plan
from coverage_population import CELLS, Cell, population_fit, sample
from coverage_summary import share
from scipy.stats import chi2

import sopsem
from sopsem.kernel import Outcome, fit_batch
from sopsem.sem.estimation.admissibility import admissibility
from sopsem.sem.fit_measures.small_sample import bartlett_factor, swain_factor, yuan_factor

ALPHAS = (0.05, 0.01)


def statistics(plan: Plan, task: tuple[int, int, int]) -> dict[str, np.ndarray]:
    """Return the minima of both models for data sets ``first`` to ``last`` - 1 of a cell; NaN without convergence."""
    cell, first, last = task
    moments = [np.cov(sample(CELLS[cell], plan.seed, r).T, bias=True) for r in range(first, last)]
    found = {}
    for direct in (False, True):
        fit = population_fit(CELLS[cell].kind, direct=direct)
        batch = fit_batch(
            fit.model.layout, fit.kernel_theta, fit.model.scaled_moments(np.stack(moments), None)
        )
        good = batch.outcome == Outcome.CONVERGED
        found["direct" if direct else "model"] = np.where(good, batch.minimum, np.nan)
        if not direct:
            proper = np.zeros(len(good), dtype=bool)
            proper[good] = admissibility(fit.spec, fit.model, batch.theta[good]).proper
            found["proper"] = proper
    return found


def level_rows(cell: Cell, plan: Plan, found: dict[str, np.ndarray]) -> pd.DataFrame:
    """Return one row per test: how often it rejects at 5 % and 1 %, and what its statistic is on average."""
    fit = population_fit(cell.kind)
    by_test = {
        **_corrected(fit, cell.n, "N", found["model"]),
        **_corrected(fit, cell.n - 1, "N - 1", found["model"]),
    }
    by_test["difference"] = cell.n * (found["model"] - found["direct"])
    rows = []
    for test, values in by_test.items():
        df = 1 if test == "difference" else fit.df
        known = np.isfinite(values)
        row = {
            "data": cell.kind,
            "n": cell.n,
            "test": test,
            "df": df,
            "data_sets": len(values),
            "seed": plan.seed,
            "tested": int(known.sum()),
            "not_converged": int((~known).sum()),
            "improper": int((known & ~found["proper"]).sum()),
            "mean": round(float(values[known].mean()), 4),
        }
        for alpha in ALPHAS:
            label = f"rejected_{100 * alpha:g}"
            rejected = np.where(known, values > chi2.ppf(1.0 - alpha, df), np.nan)
            row[label], row[f"{label}_se"] = share(rejected, 1)
        rows.append(row | {"misfit": f"{fit.minimum:.1e}"})
    return pd.DataFrame(rows)


def _corrected(fit: sopsem.Fit, n: int, name: str, minimum: np.ndarray) -> dict[str, np.ndarray]:
    """Return n F, plain and with the package's corrections for this n: N, or N - 1 as AMOS has it."""
    p, factors = len(fit.spec.observed), len(fit.spec.latent)
    by_factor = {
        "raw": 1.0,
        "Swain": swain_factor(fit.df, n, p),
        "Yuan": yuan_factor(fit.npar, n, p),
        "Bartlett": bartlett_factor(n, p, factors),
    }
    return {f"{test} ({name})": n * minimum * factor for test, factor in by_factor.items()}
