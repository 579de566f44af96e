"""Random identified models: is the minimum that sopsem reports the one that other starts reach as well?

Every number is a model: a kind (factors, second order, structural, paths, covariates, growth, groups with
equalities, labels, correlated errors; 3 to 20 variables), a random population in which it holds (or nearly: one
in three has a minor factor besides), rows from it (normal or heavy-tailed, complete or not, or answers in
ordered categories) and an estimator.  Each is fitted, and refitted from six starts drawn around the usual one
(every kernel parameter times a number from .3 to 1.7, plus a normal number of size .15; drawn again where the
implied matrix is not positive definite).

Reported per kind: how many fits are certified, and of the refits how many reach the same minimum (1e-6 in chi2),
a higher one, a lower one (a failure of the usual start), or none (the search runs off to infinity, or reaches the
limit of iterations).  ``which`` names the models that have another minimum.  Writes random_models_results.csv
beside this file.

With --lavaan it makes the stored estimates of the tests instead: the first models that lavaan fits as well, with
random_models.R; R is needed for that only.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.special import ndtri
from threadpoolctl import threadpool_limits

import sopsem
from sopsem.errors import SopsemError
from sopsem.kernel import Objective, Outcome
from sopsem.sem.estimation.search import minimise_problem
from sopsem.sem.estimation.start import start_values
from sopsem.sem.model.spec import Parameter, model_spec

HERE = Path(__file__).resolve().parent
RESULTS = "random_models_results.csv"
STORED = HERE.parent.parent / "tests" / "golden" / "random_models.json"
STARTS = 6
SAME = 1e-6  # of chi2
ROWS, STORED_MODELS = 75, 44  # of the stored estimates
KINDS = (
    "factors",
    "second order",
    "structural",
    "paths",
    "covariates",
    "growth",
    "groups",
    "labels",
    "correlated errors",
)
ESTIMATORS = ("ML", "MLR", "GLS", "ULSMV", "WLSMV", "FIML", "ordered", "ML")


@dataclass(frozen=True)
class RandomModel:
    """A model with its rows; ``options`` are arguments of ``sopsem.fit``."""

    number: int
    kind: str
    estimator: str
    text: str
    rows: pd.DataFrame
    options: dict[str, object] = field(default_factory=dict)

    def fit(self) -> sopsem.Fit:
        return sopsem.fit(self.text, self.rows, **self.options)


def _factors(rng: np.random.Generator, count: int, most: int = 5, least: int = 3) -> dict[str, list[str]]:
    """Return factors with their items, x1, x2, ... in order."""
    found, item = {}, 1
    for f in range(1, count + 1):
        size = int(rng.integers(least, most + 1))
        found[f"F{f}"] = [f"x{i}" for i in range(item, item + size)]
        item += size
    return found


def _measured(factors: dict[str, list[str]]) -> list[str]:
    return [f"{f} =~ {' + '.join(items)}" for f, items in factors.items()]


def _recursive(rng: np.random.Generator, names: list[str]) -> list[str]:
    """Return regressions of every variable but the first on some of those before it."""
    lines = []
    for k in range(1, len(names)):
        count = int(rng.integers(1, min(k, 3) + 1))
        causes = sorted(rng.choice(names[:k], size=count, replace=False).tolist())
        lines.append(f"{names[k]} ~ {' + '.join(causes)}")
    return lines


def _lines(kind: str, rng: np.random.Generator, *, errors: bool = True) -> list[str]:
    """Return the text of a random model of a kind; ``errors`` says whether it may set residual variances equal."""
    if kind == "paths":
        return _recursive(rng, [f"x{i}" for i in range(1, int(rng.integers(3, 9)) + 1)])
    if kind == "growth":
        times = int(rng.integers(4, 7))
        waves = [f"x{t}" for t in range(1, times + 1)]
        level = " + ".join(f"1*{w}" for w in waves)
        slope = " + ".join(f"{t}*{w}" for t, w in enumerate(waves))
        covariate = ["i ~ z", "s ~ z"] if rng.random() < 0.5 else []
        return [f"i =~ {level}", f"s =~ {slope}", *covariate]
    if kind == "second order":
        factors = _factors(rng, int(rng.integers(3, 5)), most=4)
        return [*_measured(factors), f"G =~ {' + '.join(factors)}"]
    if kind == "structural":
        factors = _factors(rng, int(rng.integers(2, 5)), most=4)
        return [*_measured(factors), *_recursive(rng, list(factors))]
    if kind == "covariates":
        factors = _factors(rng, int(rng.integers(1, 3)))
        given = " + ".join(f"z{i}" for i in range(1, int(rng.integers(1, 4)) + 1))
        return [*_measured(factors), *(f"{f} ~ {given}" for f in factors)]
    factors = _factors(rng, int(rng.integers(1, 5)), least=4 if kind == "correlated errors" else 3)
    lines = _measured(factors)
    if kind == "labels":
        first = factors["F1"]
        lines[0] = f"F1 =~ {first[0]} + a*{first[1]} + a*{first[2]}"
        if errors:
            lines.append(f"{first[0]} ~~ e*{first[0]}\n{first[1]} ~~ e*{first[1]}")
    if kind == "correlated errors":
        lines += [f"{items[0]} ~~ {items[2]}" for items in factors.values()]
    return lines


def _drawn_value(
    row: Parameter, latent: tuple[str, ...], caused: set[str], rng: np.random.Generator
) -> float:
    """Return a population value for a free row."""
    if row.op == "=~":
        return rng.uniform(0.6, 1.2)
    if row.op == "~":
        return rng.uniform(0.2, 0.5) * rng.choice([-1.0, 1.0])
    if row.op == "~1":
        return rng.normal(0.0, 0.5)
    if row.lhs != row.rhs:
        return rng.uniform(0.1, 0.35)
    factor = row.lhs in latent and row.lhs not in caused
    return rng.uniform(0.8, 1.2) if factor else rng.uniform(0.4, 0.8)


def _population(
    text: str, groups: tuple[str, ...], options: dict[str, object], rng: np.random.Generator
) -> dict[str, tuple[np.ndarray, np.ndarray, tuple[str, ...]]]:
    """Return mean, covariance matrix and names of the observed variables of every group."""
    keys = ("std_lv", "growth", "group_equal")
    spec = model_spec(
        text,
        groups=groups,
        fixed_x=False,
        meanstructure=True,
        **{k: options[k] for k in keys if k in options},
    )
    values: dict[str, float] = {}
    caused = {p.rhs for p in spec if p.op == "=~"} | {p.lhs for p in spec if p.op == "~"}

    found = {}
    for number, label in enumerate(groups, start=1):
        own = spec.of_group(number)
        names = (*own.observed, *own.latent)
        place = {v: i for i, v in enumerate(names)}
        paths, spread, level = np.zeros((len(names),) * 2), np.zeros((len(names),) * 2), np.zeros(len(names))
        for row in own:
            value = (
                values.setdefault(
                    row.label or f"{row.name}{number}", _drawn_value(row, spec.latent, caused, rng)
                )
                if row.free
                else row.value
            )
            i, j = place[row.lhs], place.get(row.rhs, 0)
            if row.op == "=~":
                paths[j, i] = value
            elif row.op == "~":
                paths[i, j] = value
            elif row.op == "~1":
                level[i] = value
            else:
                spread[i, j] = spread[j, i] = value
        total = np.linalg.inv(np.eye(len(names)) - paths)
        p = len(own.observed)
        sigma = (total @ spread @ total.T)[:p, :p]
        found[label] = (total @ level)[:p], sigma, own.observed
    return found


def _drawn_rows(
    mean: np.ndarray, sigma: np.ndarray, n: int, rng: np.random.Generator, *, heavy: bool, minor: bool
) -> np.ndarray:
    rows = rng.normal(size=(n, len(mean))) @ np.linalg.cholesky(sigma).T
    if minor:  # a factor that no model has
        rows = rows + 0.3 * rng.normal(size=(n, 1)) * rng.choice([-1.0, 0.0, 1.0], size=len(mean))
    if heavy:
        rows = rows * np.sqrt(4.0 / rng.chisquare(6, size=(n, 1)))
    return rows + mean


def random_model(number: int, n: int | None = None) -> RandomModel:
    """Return the model with this number, with ``n`` rows per group (by default a random number)."""
    rng = np.random.default_rng([20, number])
    kind = KINDS[number % len(KINDS)]
    estimator = ESTIMATORS[int(rng.integers(len(ESTIMATORS)))]
    if kind == "growth" and estimator in ("ordered", "GLS"):
        estimator = "ML"
    text = "\n".join(_lines(kind, rng, errors=estimator != "ordered"))
    groups = ("a", "b") if kind == "groups" else ("",)
    options: dict[str, object] = {}
    if kind == "growth":
        options["growth"] = True
    elif kind not in ("labels", "second order") and rng.random() < 0.3:
        options["std_lv"] = True
    if kind == "groups":
        options["group_equal"] = ["loadings", "intercepts"] if estimator != "ordered" else ["loadings"]
        options["group"] = "group"
    size = n or int(rng.choice([150, 250, 400]))
    parts = []
    for label, (mean, sigma, names) in _population(text, groups, options, rng).items():
        rows = _drawn_rows(mean, sigma, size, rng, heavy=estimator == "MLR", minor=number % 3 == 0)
        frame = pd.DataFrame(rows.round(2), columns=names)
        parts.append(frame.assign(group=label) if label else frame)
    data = pd.concat(parts, ignore_index=True)
    data, more = _as_observed(data, estimator, rng)
    return RandomModel(number, kind, estimator, text, data, {**options, **more})


def _as_observed(
    data: pd.DataFrame, estimator: str, rng: np.random.Generator
) -> tuple[pd.DataFrame, dict[str, object]]:
    """Return the rows as the estimator is to see them, with holes or in categories, and its arguments."""
    items = [c for c in data if str(c).startswith("x")]
    if estimator == "FIML":
        holes = rng.random((len(data), len(items))) < 0.12
        holes[:, 0] = False  # no row is empty
        # whoever answers high on the first item skips the last more often
        holes[:, -1] |= (data[items[0]] > data[items[0]].quantile(0.8)) & (rng.random(len(data)) < 0.5)
        return data.assign(**data[items].mask(holes)), {"missing": "ml"}
    if estimator == "ordered":
        several = int(rng.integers(3, 6))
        shares = np.cumsum(rng.dirichlet(np.full(several, 12.0)))[:-1]
        cuts = {c: data[c].mean() + data[c].std() * ndtri(shares) for c in items}
        return data.assign(**{c: np.digitize(data[c], cuts[c]) for c in items}), {"ordered": True}
    return data, {"estimator": estimator}


def _start(objective: Objective, usual: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return a start around the usual one at which the model is defined."""
    for _ in range(200):
        start = usual * rng.uniform(0.3, 1.7, usual.shape) + rng.normal(0.0, 0.15, usual.shape)
        if np.isfinite(objective.evaluate(start[None], np.zeros(1, dtype=np.intp))[0][0]):
            return start
    return usual


def refits(number: int) -> dict[str, object]:
    """Fit one random model and refit it from other starts."""
    model = random_model(number)
    row: dict[str, object] = {"number": number, "kind": model.kind, "estimator": model.estimator, "error": ""}
    with threadpool_limits(limits=1, user_api="blas"):
        try:
            fit = model.fit()
        except SopsemError as error:
            return {**row, "error": str(error)}
        problem, objective = fit.problem, fit.problem.objective()
        usual, rng = start_values(problem), np.random.default_rng([21, number])
        reached = []
        for _ in range(STARTS):
            found = minimise_problem(problem, objective, _start(objective, usual, rng))
            done = found.outcome[0] == Outcome.CONVERGED
            reached.append(fit.multiplier * found.minimum[0] - fit.chisq if done else np.nan)
    gaps = np.array(reached)
    same = np.abs(gaps) <= SAME * (1.0 + abs(fit.chisq))
    return {
        **row,
        "variables": len(fit.spec.observed),
        "certified": fit.status.converged,
        "improper": bool(fit.improper),
        "strategy": fit.strategy,
        "chisq": fit.chisq,
        "same": int(same.sum()),
        "higher": int((~same & (gaps > 0.0)).sum()),
        "lower": int((~same & (gaps < 0.0)).sum()),
        "none": int(np.isnan(gaps).sum()),
        "gaps": [round(float(g), 3) for g in gaps[~same & np.isfinite(gaps)]],
    }


def summary(found: pd.DataFrame) -> pd.DataFrame:
    """Return one row per kind, and one for all."""
    rows = []
    for kind in (*KINDS, "all"):
        own = found if kind == "all" else found[found.kind == kind]
        fitted = own[own.error == ""]
        other = fitted[(fitted.higher > 0) | (fitted.lower > 0)]
        missed = fitted[~fitted.certified.astype(bool)]
        named = [f"{m.number} ({m.estimator}, chi2 {m.chisq:.2f}: {m.gaps})" for m in other.itertuples()]
        rows.append(
            {
                "kind": kind,
                "models": len(own),
                "errors": len(own) - len(fitted),
                "certified": int(fitted.certified.sum()),
                "from_first_start": int((fitted.strategy == 0).sum()),
                "improper": int(fitted.improper.sum()),
                "refits": STARTS * len(fitted),
                **{name: int(fitted[name].sum()) for name in ("same", "higher", "lower", "none")},
                "models_with_another_minimum": len(other),
                "which": "; ".join(named) if kind != "all" else "",
                "not_certified": " ".join(f"{m.number} ({m.estimator})" for m in missed.itertuples())
                if kind != "all"
                else "",
            }
        )
    return pd.DataFrame(rows)


def campaign(models: int, workers: int) -> pd.DataFrame:
    """Return the numbers of ``refits`` for the first models."""
    found = []
    with ProcessPoolExecutor(workers) as pool:
        for row in pool.map(refits, range(models), chunksize=5):
            found.append(row)
            if sys.stderr.isatty():
                print(f"\r{len(found)} of {models} models", end="", file=sys.stderr, flush=True)
    table = pd.DataFrame(found)
    for error in table.loc[table.error != ""].itertuples():
        print(f"model {error.number} ({error.kind}, {error.estimator}): {error.error}", file=sys.stderr)
    return table


def store() -> None:
    """Write the estimates of lavaan for the first models, with their rows, for the tests."""
    models = [random_model(number, n=ROWS) for number in range(STORED_MODELS)]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for model in models:
            model.rows.to_csv(folder / f"rows_{model.number}.csv", index=False, na_rep="NA")
            (folder / f"model_{model.number}.txt").write_text(model.text, encoding="utf-8")
            options = {k: "TRUE" if v is True else v for k, v in model.options.items()}
            lines = [f"{k}={','.join(v) if isinstance(v, list) else v}" for k, v in options.items()]
            (folder / f"options_{model.number}.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
        subprocess.run(["Rscript", str(HERE / "random_models.R"), str(folder)], check=True)  # noqa: S603, S607
        version = (folder / "version.txt").read_text(encoding="utf-8").strip()
        cases = [_case(model, folder) for model in models]
    kept = [case for case in cases if case]
    lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in kept)
    STORED.write_text(f'{{"reference":"lavaan {version}","cases":[\n{lines}\n]}}\n', encoding="utf-8")
    print(f"{len(kept)} of {len(models)} models stored, {STORED.stat().st_size} bytes")


def _case(model: RandomModel, folder: Path) -> dict[str, object] | None:
    """Return one model with its rows and lavaan's estimates, or None where lavaan did not converge."""
    path = folder / f"estimates_{model.number}.csv"
    if not path.exists():
        print(
            f"model {model.number} ({model.kind}, {model.estimator}): lavaan has no estimates",
            file=sys.stderr,
        )
        return None
    found = pd.read_csv(path, keep_default_na=False)
    tests = pd.read_csv(folder / f"tests_{model.number}.csv").iloc[0]
    columns = {c: _short(model.rows[c]) for c in model.rows}
    return {
        "name": f"{model.number}_{model.kind.replace(' ', '_')}_{model.estimator}",
        "model": model.text,
        "options": model.options,
        "rows": columns,
        "estimates": [
            [r.lhs, r.op, r.rhs, int(r.group), float(f"{r.est:.7g}"), float(f"{r.se:.6g}")]
            for r in found.itertuples()
        ],
        "tests": {k: float(f"{v:.8g}") for k, v in tests.items() if np.isfinite(v)},
    }


def _short(column: pd.Series) -> list[object]:
    """Return a column in few characters: hundredths of numbers, answers and groups as they are, null for a hole."""
    if column.name == "group":
        return column.tolist()
    whole = column if np.issubdtype(column.dtype, np.integer) else column * 100.0
    return [None if np.isnan(v) else round(v) for v in whole]


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--models", type=int, default=500)
    arguments.add_argument("--workers", type=int, default=os.cpu_count())
    arguments.add_argument("--folder", type=Path, default=HERE, help="where the results go")
    arguments.add_argument(
        "--lavaan", action="store_true", help="make the stored estimates of the tests (needs R)"
    )
    chosen = arguments.parse_args()
    if chosen.lavaan:
        store()
        return
    table = summary(campaign(chosen.models, chosen.workers))
    table.to_csv(chosen.folder / RESULTS, index=False)
    print(table.drop(columns=["which", "not_certified"]).to_string(index=False))


if __name__ == "__main__":
    main()
