"""E41: the alignment index, with the band that other weights would give and what each component costs."""

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from sopsem.errors import PolicyError
from sopsem.executive.notices import Notice, fault, nearest, quote, refusal, warning
from sopsem.executive.result import Provenance, Result
from sopsem.executive.schema.policy import DEFAULT_POLICY, Policy

__all__ = ["COMPONENTS", "AlignmentIndex", "alignment_index", "compare_units"]

SOURCE = "own operationalisation; weights and bands after OECD/JRC 2008"
COMPONENTS = {
    "forecast_accuracy": "WAPE / WAPE of the naive forecast",
    "forecast_bias": "|optimism|",
    "pipeline_realism": "|value optimism|",
    "commitment_discipline": "share of order value checked against capacity",
    "capacity_fit": "share of periods inside the corridor",
    "delivery": "on time in full against the promised date",
    "inventory_fit": "distortion ratio of stock",
    "margin_realisation": "realised / list throughput",
    "cash": "cash cycle, days",
}
OUTCOMES = ("margin_realisation", "cash")  # left out where the index explains money (version S)
SIGNED = ("forecast_bias", "pipeline_realism")
LOW, HIGH = 0.05, 0.95
MOST_OVERLAP = 0.5


@dataclass(frozen=True, kw_only=True)
class AlignmentIndex(Result):
    """The index.

    ``table``: component, metric, value, bad, good, score (0 to 100), weight (among those known), gap (what the
    component takes from 100).  ``summary``: index (arithmetic), geometric, low and high (5 and 95 % over random
    weights), coverage, n_components, weakest, version.  Without enough coverage all of these numbers are NaN.
    """


def alignment_index(
    results: Mapping[str, float],
    policy: Policy = DEFAULT_POLICY,
    *,
    weights: Mapping[str, float] | None = None,
    version: Literal["full", "S"] = "full",
    seed: int | None = None,
) -> AlignmentIndex:
    """Return one number for alignment, marked as ours, with the spread that other weights would give.

    Score s = 100 clip((x - bad) / (good - bad), 0, 1) with the anchors of the policy, never those of a sample, so
    that scores compare over time and firms.  Index = sum w s; the geometric mean beside it punishes a collapse.
    The band holds 90 % of the indices over Dirichlet(1, ..., 1) weights.

    Parameters
    ----------
    results : mapping of str to float
        The measure of each component, as ``alignment_measures`` computes them; the keys of ``COMPONENTS``; NaN or
        absent where it cannot be computed.
    policy : Policy
        ``[index]``.
    weights : mapping of str to float, optional
        Of some components; by default all are equal.
    version : {"full", "S"}
        S leaves out margin and cash: for questions of what alignment does to money.
    seed : int, optional
        Of the random weights; the policy's by default.

    Returns
    -------
    AlignmentIndex
        Notice T13 below ``coverage_min`` of the weight: no index; T36 names the components that are not known.

    Raises
    ------
    DataError
        T02 for a component that is not known, T34 for an infinite measure or a weight that cannot be.
    PolicyError
        An anchor whose ends are the same, or weights other than equal in the policy.

    Examples
    --------
    >>> measures = {"forecast_accuracy": 1.0, "forecast_bias": -0.02, "pipeline_realism": 0.3,
    ...             "commitment_discipline": 0.5, "capacity_fit": 0.95, "delivery": 0.6, "cash": 60}
    >>> found = alignment_index(measures)
    >>> found.table["score"].round(1).tolist()
    [50.0, 100.0, 50.0, 50.0, 100.0, 0.0, nan, nan, 100.0]
    >>> round(found.summary["index"], 1), round(found.summary["coverage"], 3), found.summary["weakest"]
    (64.3, 0.778, 'delivery')

    """
    limits = policy["index"]
    names = [name for name in COMPONENTS if version == "full" or name not in OUTCOMES]
    share = _weights(weights, names, limits["weights"])
    value = _values(results, names)
    anchors = {name: _anchor(name, limits["anchors"][name]) for name in names}
    measured = np.array([_measured(n, value[n], limits["ccc_target_days"]) for n in names])
    bad, good = np.array([anchors[n] for n in names]).T
    score = 100 * np.clip((measured - bad) / (good - bad), 0, 1)
    known = ~np.isnan(score)
    coverage = float(share[known].sum())
    enough = coverage >= limits["coverage_min"] - 1e-12
    usable = share * known / coverage if coverage > 0 else np.full(len(names), np.nan)
    table = pd.DataFrame(
        {
            "component": names,
            "metric": [COMPONENTS[name] for name in names],
            "value": measured,
            "bad": bad,
            "good": good,
            "score": score,
            "weight": np.where(known, usable, 0.0),
            "gap": usable * (100 - score),
        }
    )
    chosen = int(policy["general"]["seed"] if seed is None else seed)
    numbers = _numbers(score[known], usable[known], limits["dirichlet"], chosen) if enough else _none()
    summary = {
        **numbers,
        "coverage": coverage,
        "n_components": int(known.sum()),
        "weakest": names[int(np.nanargmax(table["gap"]))] if enough else "",
        "version": version,
        "seed": chosen,
    }
    shown = ",".join(f"{n}={x:.12g}*{w:.12g}" for n, x, w in zip(names, measured, share, strict=True))
    digest = hashlib.sha256(shown.encode()).hexdigest()[:16]
    return AlignmentIndex(
        table=table,
        summary=summary,
        notices=_notices(names, known, coverage, limits["coverage_min"]),
        provenance=Provenance(formula="E41", source=SOURCE, policy=policy.digest, inputs=digest),
    )


def _weights(given: Mapping[str, float] | None, names: list[str], usual: str) -> np.ndarray:
    """Return weights that sum to 1."""
    if given is None:
        if usual != "equal":
            raise PolicyError(
                f"policy: index.weights is {quote(usual)}; write equal and give others as weights="
            )
        return np.full(len(names), 1 / len(names))
    _all_known(given)
    values = np.array([float(given.get(name, 0.0)) for name in names])
    if not (np.isfinite(values) & (values >= 0)).all() or values.sum() <= 0:
        raise refusal([fault("T34", "a weight is below 0, none is above 0, or one is no number")])
    return np.asarray(values / values.sum())


def _all_known(given: Mapping[str, float]) -> None:
    strange = sorted(set(given) - set(COMPONENTS))
    if strange:
        hint = nearest(strange[0], COMPONENTS)
        message = f"{quote(strange[0])} is no component{hint}; there are {', '.join(COMPONENTS)}"
        raise refusal([fault("T02", message)])


def _values(results: Mapping[str, float], names: list[str]) -> dict[str, float]:
    _all_known(results)
    values = {name: float(results.get(name, math.nan)) for name in names}
    wrong = [name for name, value in values.items() if math.isinf(value)]
    if wrong:
        raise refusal([fault("T34", f"{wrong[0]} is infinite; give a number, or NaN where it is not known")])
    return values


def _anchor(name: str, ends: tuple[float, float]) -> tuple[float, float]:
    if ends[0] == ends[1]:
        raise PolicyError(f"policy: index.anchors.{name} has the same bad and good end, {ends[0]:g}")
    return ends[0], ends[1]


def _measured(name: str, value: float, target: float) -> float:
    """Return a measure on the scale of its anchors: without its sign, and cash in multiples of its target."""
    if name == "cash":
        return value / target
    return abs(value) if name in SIGNED else value


def _numbers(score: np.ndarray, weight: np.ndarray, draws: int, seed: int) -> dict[str, float]:
    rng = np.random.default_rng(np.random.SeedSequence(seed))
    others = rng.dirichlet(np.ones(len(score)), size=draws) @ score
    low, high = np.quantile(others, [LOW, HIGH])
    counted = weight > 0
    with np.errstate(divide="ignore"):
        geometric = float(np.exp(weight[counted] @ np.log(score[counted])))
    return {"index": float(weight @ score), "geometric": geometric, "low": float(low), "high": float(high)}


def _none() -> dict[str, float]:
    return dict.fromkeys(("index", "geometric", "low", "high"), math.nan)


def _notices(names: list[str], known: np.ndarray, coverage: float, least: float) -> list[Notice]:
    notices = []
    lacking = [name for name, there in zip(names, known, strict=True) if not there]
    if lacking:
        message = f"not known: {', '.join(lacking)}; the others carry their weight"
        notices.append(warning("T36", message))
    if coverage < least:
        notices.append(
            warning("T13", f"alignment index: have {coverage:.0%} of the weight, need {least:.0%}")
        )
    return notices


def compare_units(found: Mapping[str, AlignmentIndex]) -> pd.DataFrame:
    """Return every pair of units and whether they may be ranked.

    Two bands that share more than half of the narrower one may not: other weights would turn the order.

    Parameters
    ----------
    found : mapping of str to AlignmentIndex
        By unit.

    Returns
    -------
    DataFrame
        unit, other, difference (index less the other's), overlap (share of the narrower band), rankable; a pair
        without an index is never rankable.

    Examples
    --------
    >>> low = alignment_index(dict.fromkeys(COMPONENTS, 0.9) | {"cash": 100})
    >>> compare_units({"A": low, "B": low})[["overlap", "rankable"]].values.tolist()
    [[1.0, False]]

    """
    rows = []
    names = list(found)
    for i, a in enumerate(names):
        for b in names[i + 1 :]:
            one, two = found[a], found[b]
            shared = _overlap(one, two)
            difference = one.number("index") - two.number("index")
            rows.append((a, b, difference, shared, bool(shared <= MOST_OVERLAP)))
    return pd.DataFrame(rows, columns=["unit", "other", "difference", "overlap", "rankable"])


def _overlap(one: AlignmentIndex, two: AlignmentIndex) -> float:
    """Return the common part of two bands as a share of the narrower; a band without width is in or out."""
    a, b = ((x.number("low"), x.number("high")) for x in (one, two))
    common = min(a[1], b[1]) - max(a[0], b[0])
    width = min(a[1] - a[0], b[1] - b[0])
    if math.isnan(common):
        return math.nan
    return max(0.0, common) / width if width > 0 else float(common >= 0)
