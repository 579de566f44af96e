"""Of E29: how many of the open deals will be won, and what they are worth, as distributions."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from sopsem.executive.notices import fault, refusal
from sopsem.executive.result import Provenance, Result

__all__ = ["WinsResult", "win_distribution"]


@dataclass(frozen=True, kw_only=True)
class WinsResult(Result):
    """``table``: wins, chance (Poisson-binomial, exact).  ``summary``: unweighted, weighted, sd, p10, p50, p90.

    ``amounts``: value, chance: the distribution of the value won (exact up to 20 deals, else drawn).
    """

    amounts: pd.DataFrame


MOST_EXACT = 20


def win_distribution(
    probability: np.ndarray, amount: np.ndarray, *, n: int = 100_000, seed: int = 0
) -> WinsResult:
    """Return the law of the number of wins and of the value won, deals being independent.

    Raises
    ------
    DataError
        T07 for a probability outside 0 to 1; T02 for series of different length.

    Examples
    --------
    >>> found = win_distribution(np.array([.9, .6, .6, .3, .1]), np.array([200, 500, 150, 400, 800]))
    >>> found.table["chance"].round(4).tolist()
    [0.0101, 0.1264, 0.3606, 0.369, 0.1242, 0.0097]
    >>> [round(found.summary[name]) for name in ("unweighted", "weighted", "sd", "p10", "p50", "p90")]
    [2050, 770, 400, 200, 750, 1250]

    """
    p, value = np.asarray(probability, float), np.asarray(amount, float)
    if p.shape != value.shape or p.ndim != 1:
        raise refusal([fault("T02", "probabilities and amounts are two series of the same length")])
    if not ((p >= 0) & (p <= 1)).all():
        raise refusal([fault("T07", "a probability is outside 0 to 1", column="probability")])
    wins = np.arange(len(p) + 1)
    chance = stats.poisson_binom(p).pmf(wins) if len(p) else np.ones(1)
    totals, weight = _exact(p, value) if len(p) <= MOST_EXACT else _drawn(p, value, n, seed)
    cumulative = np.cumsum(weight)
    quantiles = {f"p{q}": float(totals[np.searchsorted(cumulative, q / 100 - 1e-12)]) for q in (10, 50, 90)}
    summary = {
        "unweighted": float(value.sum()),
        "weighted": float(p @ value),
        "sd": float(np.sqrt((p * (1 - p) * value**2).sum())),
        **quantiles,
        "n_deals": len(p),
    }
    return WinsResult(
        table=pd.DataFrame({"wins": wins, "chance": chance}),
        amounts=pd.DataFrame({"value": totals, "chance": weight}),
        summary=summary,
        provenance=Provenance(formula="E29", source="Hong 2013", policy="", inputs=f"{len(p)} deals"),
    )


def _exact(p: np.ndarray, value: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return every total and its chance, deal after deal."""
    totals: np.ndarray = np.zeros(1)
    weight: np.ndarray = np.ones(1)
    for chance, amount in zip(p, value, strict=True):
        both = np.r_[totals, totals + amount]
        mass = np.r_[weight * (1 - chance), weight * chance]
        totals, group = np.unique(both, return_inverse=True)
        weight = np.bincount(group, weights=mass)
    return totals, weight


def _drawn(p: np.ndarray, value: np.ndarray, n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(np.random.SeedSequence(seed))
    totals = np.zeros(n)
    for chance, amount in zip(p, value, strict=True):
        totals += amount * (rng.random(n) < chance)
    found, count = np.unique(totals, return_counts=True)
    return found, np.asarray(count / n)
