"""The populations of the coverage campaign: the study's model at its printed estimates, and data of two kinds.

Standardized paths are those that the study prints.  It prints no loadings: those of the items are taken as .7,
those of the second-order factor as .9 and .6.  Rows are normal, or skewed answers in five categories that cut
normal responses (5, 10, 20, 40 and 25 % of the answers).

Answers are analysed as numbers.  The values to cover are then those that maximum likelihood finds at the
population covariance matrix of the answers, which bivariate normal probabilities give exactly: no simulated
sample stands for it.  Standardized paths there are those of the normal responses but for ``misfit``, the
discrepancy of the model in that population.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd
from scipy.special import ndtri
from scipy.stats import multivariate_normal

import sopsem
from sopsem.sem.effects.routes import Effect, find_effects
from sopsem.sem.model.spec import ModelSpec, model_spec
from sopsem.sem.simulation.population import population_of_table

TO_CONFLICT, TO_ALIGNMENT = -0.448, 0.504  # from coordination; the study's Table 1
FROM_CONFLICT, FROM_ALIGNMENT = 0.106, 0.894  # to performance: in total .403 from coordination
ITEM, SECOND_ORDER = 0.7, {"internal": 0.9, "market": 0.6}
DIRECT = "performance ~ coordination"
SHARES = (0.05, 0.10, 0.20, 0.40)
THRESHOLDS = ndtri(np.cumsum(SHARES))
SIZES = (92, 300)
KINDS = ("normal", "five answers")
HEADLINE = (
    "total:conflict~coordination",
    "total:alignment~coordination",
    "total:performance~coordination",
    "total:performance~conflict",
    "total:performance~alignment",
)


@dataclass(frozen=True)
class Cell:
    """One kind of data at one size; ``number`` seeds it."""

    number: int
    kind: str
    n: int

    @property
    def name(self) -> str:
        return f"{self.kind}, N = {self.n}"


CELLS = tuple(Cell(2 * k + i, kind, n) for k, kind in enumerate(KINDS) for i, n in enumerate(SIZES))


@cache
def spec(*, direct: bool = False) -> ModelSpec:
    """Return the study's model, or the one with the direct path besides."""
    text = sopsem.load_instrument().model
    return model_spec(f"{text}\n{DIRECT}" if direct else text)


@cache
def population() -> pd.DataFrame:
    """Return the correlation matrix of the items."""
    between = TO_CONFLICT * TO_ALIGNMENT
    explained = FROM_CONFLICT**2 + FROM_ALIGNMENT**2 + 2.0 * FROM_CONFLICT * FROM_ALIGNMENT * between
    lines = [
        f"conflict ~ {TO_CONFLICT}*coordination",
        f"alignment ~ {TO_ALIGNMENT}*coordination",
        f"performance ~ {FROM_CONFLICT}*conflict + {FROM_ALIGNMENT}*alignment",
        "coordination ~~ 1*coordination",
        f"conflict ~~ {1.0 - TO_CONFLICT**2}*conflict",
        f"alignment ~~ {1.0 - TO_ALIGNMENT**2}*alignment",
        f"performance ~~ {1.0 - explained}*performance",
    ]
    for row in spec():
        if row.op == "=~":
            loading = SECOND_ORDER.get(row.rhs, ITEM)
            lines += [f"{row.lhs} =~ {loading}*{row.rhs}", f"{row.rhs} ~~ {1.0 - loading**2}*{row.rhs}"]
    found = population_of_table(model_spec("\n".join(lines)), {})[0]
    frame = pd.DataFrame(found.covariance, found.names, found.names)
    return frame.loc[list(spec().observed), list(spec().observed)]


@cache
def covariance_of_answers() -> pd.DataFrame:
    """Return the population covariance matrix of the answers as numbers: an answer counts thresholds passed."""
    passed = 1.0 - np.cumsum(SHARES)
    mean, wanted = passed.sum(), population()

    def covariance(rho: float) -> float:
        law = multivariate_normal(cov=[[1.0, rho], [rho, 1.0]])
        return sum(float(law.cdf([-a, -b])) for a in THRESHOLDS for b in THRESHOLDS) - mean**2

    correlations = wanted.to_numpy().round(12)
    by_value = {rho: covariance(rho) for rho in np.unique(correlations[correlations < 1.0])}
    by_value[1.0] = float((passed * np.arange(1, 2 * len(passed), 2)).sum() - mean**2)
    found = [[by_value[rho] for rho in line] for line in correlations]
    return pd.DataFrame(found, wanted.index, wanted.columns)


def moments(kind: str) -> pd.DataFrame:
    """Return the population covariance matrix of a kind of data."""
    return population() if kind == "normal" else covariance_of_answers()


@cache
def population_fit(kind: str, *, direct: bool = False) -> sopsem.Fit:
    """Return the fit of the model, or of the one with the direct path, to the population."""
    return sopsem.fit(spec(direct=direct), sample_cov=moments(kind), n_obs=1000, sample_cov_rescale=False)


@cache
def truth(kind: str) -> np.ndarray:
    """Return the standardized values of ``wanted`` in the population."""
    table = sopsem.effects(population_fit(kind)).set_index("effect")
    return table.est_std[[e.name for e in wanted()]].to_numpy()


@cache
def wanted() -> tuple[Effect, ...]:
    """Return the effects to cover, each once.

    A total effect without a route beside the path is the direct effect, and without a path the total indirect one.
    """
    return tuple(e for e in find_effects(spec()) if e.kind in ("total", "indirect"))


def sample(cell: Cell, seed: int, r: int) -> np.ndarray:
    """Return the rows (n, p) of data set r of a cell."""
    normal = np.random.default_rng([seed, cell.number, r]).normal(size=(cell.n, len(population())))
    rows = normal @ root().T
    return rows if cell.kind == "normal" else np.digitize(rows, THRESHOLDS).astype(float)


@cache
def root() -> np.ndarray:
    return np.linalg.cholesky(population().to_numpy())
