"""How often tests of a true model reject, and how often 95 % intervals cover, with data of three kinds.

The model is true in every cell: three factors of three items, a structural path from two of them to the third.
Rows are normal; skewed and kurtotic with the same covariance matrix (Vale & Maurelli, 1983, skewness 2, excess
kurtosis 7 of every item); or answers in five ordered categories of normal responses (5, 10, 20, 40 and 25 % of
the answers).  Methods:

ML         standard test and standard errors
MLM        Satorra-Bentler test, robust standard errors ("robust_sem")
MLR        Yuan-Bentler test in Mplus's form, sandwich standard errors ("robust_huber_white")
WLSMV      scaled and shifted test, robust standard errors; for answers only, through polychoric correlations

Where answers are taken as numbers (ML, MLM, MLR) the values to cover are those that the model has at the
population covariance matrix of the answers, and the model holds but for ``misfit``, the discrepancy there.

Replication r of a cell draws from a generator seeded by (seed, cell, r), so any number of workers gives the same
numbers.  Nothing is dropped silently: what did not converge, what is improper (kept: it is a solution) and what
ended in an error is counted.  Writes robust_levels_results.csv (after every cell; --resume goes on where a run
stopped) and robust_levels.png beside this file.
"""

import argparse
import os

for _variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_variable] = "1"  # before NumPy is loaded

import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd
from scipy.optimize import brentq, fsolve
from scipy.special import ndtri
from scipy.stats import multivariate_normal

import sopsem
from sopsem.sem.fit_measures.scaled_tests import fit_tests

HERE = Path(__file__).resolve().parent
RESULTS, FIGURE = "robust_levels_results.csv", "robust_levels.png"
MODEL = "F1 =~ x1 + x2 + x3\nF2 =~ x4 + x5 + x6\nF3 =~ x7 + x8 + x9\nF3 ~ F1 + F2"
ITEMS = [f"x{i}" for i in range(1, 10)]
STRENGTH = np.array([0.8, 0.7, 0.6])  # standardized loadings of every factor
BETWEEN, PATHS = 0.4, np.array([0.4, 0.3])
SKEWNESS, KURTOSIS = 2.0, 7.0
THRESHOLDS = ndtri(np.cumsum([0.05, 0.10, 0.20, 0.40]))
SIZES = (92, 200, 500)
LEVEL, NORMAL_975 = 0.05, 1.959963984540054
METHODS = {"ML": "standard", "MLM": "satorra_bentler", "MLR": "yuan_bentler_mplus", "WLSMV": "scaled_shifted"}
SLICE = 25  # replications that a worker takes at a time
ANSWERED, NOT_CONVERGED, ERROR = 0, 1, 2
COLUMNS = ("outcome", "improper", "chisq", "rejected", "loadings", "paths")


@dataclass(frozen=True)
class Cell:
    """One kind of data at one size; ``number`` seeds it."""

    number: int
    kind: str
    n: int

    @property
    def methods(self) -> tuple[str, ...]:
        return tuple(m for m in METHODS if m != "WLSMV" or self.kind == "five answers")


def population() -> np.ndarray:
    """Return the correlation matrix of the items."""
    factors = np.eye(3)
    factors[0, 1] = factors[1, 0] = BETWEEN
    factors[2, :2] = factors[:2, 2] = factors[:2, :2] @ PATHS
    loadings = np.kron(np.eye(3), STRENGTH[:, None])
    common = loadings @ factors @ loadings.T
    return common + np.diag(1.0 - np.diag(common))


@cache
def fleishman() -> np.ndarray:
    """Return b, c, d of -c + b Z + c Z^2 + d Z^3 with variance 1 and the skewness and kurtosis wanted."""

    def off(bcd: np.ndarray) -> list[float]:
        b, c, d = bcd
        return [
            b**2 + 6 * b * d + 2 * c**2 + 15 * d**2 - 1,
            2 * c * (b**2 + 24 * b * d + 105 * d**2 + 2) - SKEWNESS,
            24 * (b * d + c**2 * (1 + b**2 + 28 * b * d) + d**2 * (12 + 48 * b * d + 141 * c**2 + 225 * d**2))
            - KURTOSIS,
        ]

    return np.asarray(fsolve(off, [0.8, 0.25, 0.05], xtol=1e-13))


@cache
def root_of_correlations() -> np.ndarray:
    """Return the Cholesky factor of the normal correlations that the polynomials turn into ``population``."""
    b, c, d = fleishman()

    def after(rho: float) -> float:
        return rho * (b**2 + 6 * b * d + 9 * d**2) + 2 * c**2 * rho**2 + 6 * d**2 * rho**3

    wanted = population()
    before = np.eye(len(wanted))
    for i, j in zip(*np.tril_indices(len(wanted), -1), strict=True):
        before[i, j] = before[j, i] = brentq(lambda r, w=wanted[i, j]: after(r) - w, 0.0, 1.0, xtol=1e-14)
    return np.linalg.cholesky(before)


def draw(kind: str, n: int, rng: np.random.Generator) -> pd.DataFrame:
    """Return n rows of a kind of data."""
    normal = rng.normal(size=(n, len(ITEMS)))
    if kind == "skewed":
        b, c, d = fleishman()
        z = normal @ root_of_correlations().T
        return pd.DataFrame(-c + z * (b + z * (c + d * z)), columns=ITEMS)
    rows = normal @ np.linalg.cholesky(population()).T
    return pd.DataFrame(rows if kind == "normal" else np.digitize(rows, THRESHOLDS), columns=ITEMS)


def covariance_of_answers() -> np.ndarray:
    """Return the population covariance matrix of the answers as numbers: an answer counts thresholds passed."""
    passed = 1.0 - np.cumsum([0.05, 0.10, 0.20, 0.40])
    mean = passed.sum()

    def product(rho: float) -> float:
        law = multivariate_normal(cov=[[1.0, rho], [rho, 1.0]])
        return sum(float(law.cdf([-a, -b])) for a in THRESHOLDS for b in THRESHOLDS) - mean**2

    by_value = {r: product(r) for r in np.unique(population()[np.tril_indices(9, -1)])}
    variance = float((passed * np.arange(1, 8, 2)).sum() - mean**2)
    wanted = population()
    return np.array([[variance if i == j else by_value[wanted[i, j]] for j in range(9)] for i in range(9)])


@cache
def truth(as_numbers: bool) -> tuple[dict[str, float], float]:
    """Return the values to cover by name, and the discrepancy of the model in the population."""
    matrix = covariance_of_answers() if as_numbers else population()
    frame = pd.DataFrame(matrix, ITEMS, ITEMS)
    found = sopsem.fit(MODEL, sample_cov=frame, n_obs=1000, sample_cov_rescale=False)
    return dict(zip(found.names, found.theta.tolist(), strict=True)), found.minimum


def covered(fit: sopsem.Fit, wanted: dict[str, float]) -> tuple[float, float]:
    """Return the shares of the loadings and of the paths whose interval covers; NaN without an interval."""
    table = sopsem.estimates(fit)
    table = table[table.op.isin(["=~", "~"]) & (table.se > 0.0)]
    names = table.lhs + table.op + table.rhs
    hit = np.abs(table.est - names.map(wanted)) <= NORMAL_975 * table.se
    return tuple(float(hit[table.op == op].mean()) for op in ("=~", "~"))  # type: ignore[return-value]


def one(cell: Cell, method: str, rows: pd.DataFrame) -> tuple[float, ...]:
    """Return the numbers of COLUMNS for one method and one sample."""
    nothing = (np.nan,) * (len(COLUMNS) - 1)
    try:
        fit = sopsem.fit(MODEL, rows, estimator=method, ordered=method == "WLSMV")
        if not fit.status.converged:
            return (NOT_CONVERGED, *nothing)
        test = fit_tests(fit, METHODS[method]).iloc[0]
    except sopsem.SopsemError:
        return (ERROR, *nothing)
    rejected = float(test.pvalue < LEVEL) if np.isfinite(test.pvalue) else np.nan
    wanted = truth(cell.kind == "five answers" and method != "WLSMV")[0]
    return (ANSWERED, float(bool(fit.improper)), test.stat, rejected, *covered(fit, wanted))


def replications(cell: Cell, seed: int, first: int, last: int) -> np.ndarray:
    """Return (replications, methods, columns) for replications first to last - 1."""
    found = []
    for r in range(first, last):
        rows = draw(cell.kind, cell.n, np.random.default_rng([seed, cell.number, r]))
        found.append([one(cell, method, rows) for method in cell.methods])
    return np.array(found)


def _mean(values: np.ndarray) -> tuple[float, float]:
    """Return the mean of what is known and its Monte Carlo standard error."""
    known = values[np.isfinite(values)]
    if len(known) < 2:
        return np.nan, np.nan
    return round(float(known.mean()), 5), round(float(known.std(ddof=1) / np.sqrt(len(known))), 5)


def summary(cell: Cell, seed: int, numbers: np.ndarray) -> list[dict[str, object]]:
    """Return one row per method."""
    rows = []
    for m, method in enumerate(cell.methods):
        part = dict(zip(COLUMNS, numbers[:, m].T, strict=True))
        row: dict[str, object] = {
            "data": cell.kind,
            "n": cell.n,
            "method": method,
            "test": METHODS[method],
            "replications": len(numbers),
            "seed": seed,
            "not_converged": int((part["outcome"] == NOT_CONVERGED).sum()),
            "errors": int((part["outcome"] == ERROR).sum()),
            "improper": int(np.nansum(part["improper"])),
            "tested": int(np.isfinite(part["rejected"]).sum()),
            "with_intervals": int(np.isfinite(part["paths"]).sum()),
        }
        for name in ("rejected", "loadings", "paths", "chisq"):
            label = {"loadings": "coverage_loadings", "paths": "coverage_paths", "chisq": "mean_chisq"}
            row[label.get(name, name)], row[label.get(name, name) + "_se"] = _mean(part[name])
        as_numbers = cell.kind == "five answers" and method != "WLSMV"
        rows.append({**row, "df": 24, "misfit": f"{abs(truth(as_numbers)[1]):.1e}"})
    return rows


def write(table: pd.DataFrame, path: Path) -> None:
    """Replace a file in one step, so that a run that is stopped leaves whole cells only."""
    waiting = path.with_suffix(".part")
    table.to_csv(waiting, index=False)
    waiting.replace(path)


def run(
    cells: list[Cell],
    *,
    draws: int,
    seed: int,
    workers: int,
    path: Path,
    resume: bool = False,
    say: Callable[[str], None] = lambda _: None,
) -> pd.DataFrame:
    """Run the cells that ``path`` does not hold yet, and return the table of all."""
    # as text, so that finished cells are written again to the letter
    table = (
        pd.read_csv(path, dtype=str, keep_default_na=False) if resume and path.exists() else pd.DataFrame()
    )
    if len(table):
        table = table[(table.replications == str(draws)) & (table.seed == str(seed))]
    with ProcessPoolExecutor(workers) as pool:
        for cell in cells:
            if len(table) and ((table.data == cell.kind) & (table.n.astype(str) == str(cell.n))).any():
                continue
            starts = range(0, draws, SLICE)
            task = partial(replications, cell, seed)
            found = []
            for part in pool.map(task, starts, [min(s + SLICE, draws) for s in starts]):
                found.append(part)
                say(f"\r{cell.kind}, N = {cell.n}: {sum(map(len, found))} of {draws}   ")
            table = pd.concat([table, pd.DataFrame(summary(cell, seed, np.concatenate(found)))])
            write(table, path)
    say("\n")
    return pd.read_csv(path)


def figure(table: pd.DataFrame, path: Path) -> None:
    """Draw rejection rates and coverage with two Monte Carlo standard errors on either side."""
    mpl.use("Agg")
    from matplotlib import pyplot as plt  # noqa: PLC0415 - after the backend is chosen
    from matplotlib.ticker import MaxNLocator  # noqa: PLC0415

    kinds, methods = list(dict.fromkeys(table.data)), list(dict.fromkeys(table.method))
    panels = (
        ("rejected", "true model rejected (%)", 5.0),
        ("coverage_loadings", "loadings covered (%)", 95.0),
        ("coverage_paths", "paths covered (%)", 95.0),
    )
    style = {
        "ML": ("#999999", "o"),
        "MLM": ("#0072B2", "s"),
        "MLR": ("#D55E00", "^"),
        "WLSMV": ("#009E73", "D"),
    }
    shown, axes = plt.subplots(3, len(kinds), figsize=(9.5, 8.2), sharex=True, sharey="row", squeeze=False)
    for (column, label, nominal), line in zip(panels, axes, strict=True):
        for kind, ax in zip(kinds, line, strict=True):
            ax.axhline(nominal, color="black", linewidth=0.8, linestyle="--")
            for k, method in enumerate(methods):
                own = table[(table.data == kind) & (table.method == method)]
                if own.empty:
                    continue
                at = np.arange(len(own)) + 0.12 * (k - (len(methods) - 1) / 2)
                ax.errorbar(
                    at,
                    100.0 * own[column],
                    200.0 * own[column + "_se"],
                    color=style[method][0],
                    marker=style[method][1],
                    markersize=5,
                    linewidth=1,
                    capsize=2,
                    label=method,
                )
            sizes = sorted(set(table.n))
            ax.set_xticks(range(len(sizes)), [f"N = {n}" for n in sizes])
            ax.spines[["top", "right"]].set_visible(False)
        line[0].set_ylabel(label)
        line[0].yaxis.set_major_locator(MaxNLocator(8, integer=True))
    for kind, ax in zip(kinds, axes[0], strict=True):
        ax.set_title(kind)
    lines, names = axes[0][-1].get_legend_handles_labels()
    shown.legend(
        lines, names, loc="lower center", ncols=len(names), frameon=False, bbox_to_anchor=(0.5, 0.02)
    )
    shown.text(
        0.5,
        0.012,
        f"{table.replications.iloc[0]:,} replications; bars: two Monte Carlo standard errors",
        ha="center",
        fontsize=8,
    )
    shown.tight_layout(rect=(0, 0.06, 1, 1))
    shown.savefig(path, dpi=150, metadata={"Software": None})
    plt.close(shown)


def all_cells() -> list[Cell]:
    kinds = ("normal", "skewed", "five answers")
    return [Cell(3 * k + i, kind, n) for k, kind in enumerate(kinds) for i, n in enumerate(SIZES)]


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--replications", type=int, default=1500)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--workers", type=int, default=os.cpu_count())
    arguments.add_argument("--folder", type=Path, default=HERE, help="where the results go")
    arguments.add_argument("--resume", action="store_true", help="keep the cells that are finished")
    chosen = arguments.parse_args()

    def say(text: str) -> None:
        if sys.stderr.isatty():
            print(text, end="", file=sys.stderr, flush=True)

    table = run(
        all_cells(),
        draws=chosen.replications,
        seed=chosen.seed,
        workers=chosen.workers,
        path=chosen.folder / RESULTS,
        resume=chosen.resume,
        say=say,
    )
    figure(table, chosen.folder / FIGURE)
    print(table.to_string(index=False))


if __name__ == "__main__":
    main()
