"""From assumptions and a seed to data: the population, the random streams and the two algorithms."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import cycle

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sopsem.errors import UsageError
from sopsem.runs.chunk_store import ChunkStore
from sopsem.sem.estimation.population import population_correlations
from sopsem.sem.model.spec import ModelSpec, model_spec
from sopsem.study.exact_covariance import (
    baseline_of,
    data_with_covariance,
    exact_covariance,
    scaled_to_baseline,
)
from sopsem.study.likert_search import LikertSearch, Progress, approach, cut
from sopsem.study.published import PublishedStudy
from sopsem.study.twin_statistics import TwinStatistics
from sopsem.study.twin_targets import TwinTargets

__all__ = ["STREAMS", "TwinMaker"]

Array = NDArray[np.float64]
STREAMS = ("covariance", "data", "margins", "search", "background")


@dataclass(frozen=True, kw_only=True)
class TwinMaker:
    """Population, statistics and random streams of one twin."""

    spec: ModelSpec
    targets: TwinTargets
    population: Array
    statistics: TwinStatistics
    factor: float
    seed: int

    @classmethod
    def of(
        cls,
        study: PublishedStudy,
        targets: TwinTargets,
        loadings: Sequence[float],
        higher_loadings: Sequence[float],
        factor_correlation: float,
        seed: int,
    ) -> "TwinMaker":
        """Build the population that has the printed effects and the aimed baseline chi2."""
        spec = model_spec(study.model.text if study.model is not None else "")

        def population(factor: float) -> Array:
            arrows = _arrows(spec, targets, [factor * v for v in loadings], higher_loadings)
            return population_correlations(spec, arrows, factor_correlation=factor_correlation)

        factor = scaled_to_baseline(population, targets, highest=0.99 / max(loadings))
        targets = _closed(targets, population(factor))
        return cls(
            spec=spec,
            targets=targets,
            population=population(factor),
            statistics=TwinStatistics.of(study, targets, population(factor)),
            factor=factor,
            seed=seed,
        )

    def rng(self, stream: str) -> np.random.Generator:
        """Return a fresh generator of one stream of the seed."""
        return np.random.Generator(
            np.random.PCG64(np.random.SeedSequence([self.seed, STREAMS.index(stream)]))
        )

    def exact(self, report: Progress) -> tuple[Array, pd.DataFrame]:
        """Return continuous data with the exact covariance matrix."""
        report("covariance", 0.0, "solving for a covariance matrix that returns the printed statistics")
        found = exact_covariance(self.statistics, self.targets, self.population, self.rng("covariance"))
        values = data_with_covariance(found.covariance, self.targets.n, self.rng("data"))
        steps = [
            {"stage": "covariance", "round": k, "deviation": d, "statistic": "largest"}
            for k, d in enumerate(found.deviations)
        ]
        return values, pd.DataFrame(steps)

    def likert(
        self,
        data: Array,
        history: pd.DataFrame,
        means: tuple[float, float],
        sds: tuple[float, float],
        scale: tuple[int, int],
        report: Progress,
        store: ChunkStore | None = None,
    ) -> tuple[Array, pd.DataFrame]:
        """Return integer answers that return every printed digit; a store keeps the rounds of the search."""
        draws = self.rng("margins")
        p = data.shape[1]
        low, high = scale
        wanted = data.T @ data / len(data)
        sd = np.sqrt(np.diag(wanted))
        report("approach", 0.05, "cutting the data into answers and restoring their correlations")
        middle = draws.uniform(*means, size=p) - low + 1.0
        spread = draws.uniform(*sds, size=p)
        answers = cut(data / sd, np.asarray(middle), np.asarray(spread), high - low + 1)
        if (answers.min(axis=0) == answers.max(axis=0)).any():
            raise UsageError(
                f"with means {means} and sds {sds} an item gets one answer from everybody; "
                "move the means into the scale or widen the sds"
            )
        search = self.rng("search")
        answers = approach(answers, wanted / np.outer(sd, sd), search)
        found = LikertSearch(statistics=self.statistics, targets=self.targets)
        answers, rounds = found.run(answers, search, report, store)
        rows = [
            {"stage": "search", "round": r.round, "deviation": r.deviation, "statistic": r.statistic}
            for r in rounds
        ]
        return np.asarray(answers + (low - 1.0)), pd.concat([history, pd.DataFrame(rows)], ignore_index=True)


def _closed(targets: TwinTargets, population: Array) -> TwinTargets:
    """Give a baseline chi2 that only has to be large enough an end: algorithm B measures in half widths."""
    if "baseline_chisq" not in targets.aims:
        return targets
    aim = targets.aims["baseline_chisq"].closed(baseline_of(population, targets))
    return replace(targets, aims={**targets.aims, aim.id: aim})


def _arrows(
    spec: ModelSpec, targets: TwinTargets, loadings: Sequence[float], higher_loadings: Sequence[float]
) -> dict[tuple[str, str], float]:
    """Return the standardized value of every loading and path by (target, source)."""
    arrows: dict[tuple[str, str], float] = {}
    items = {f: cycle(loadings) for f in spec.latent}
    factors = {f: cycle(higher_loadings) for f in spec.latent}
    for p in spec:
        if p.op == "=~":
            arrows[p.rhs, p.lhs] = next((factors if p.rhs in spec.latent else items)[p.lhs])
        elif p.op == "~" and (p.lhs, p.rhs) in targets.paths:
            arrows[p.lhs, p.rhs] = targets.paths[p.lhs, p.rhs]
    return arrows
