"""Checks of intervals and p-values of effects: do they agree, and what kind of interval can they be."""

from collections.abc import Iterator
from itertools import product

import numpy as np

from sopsem.sem.distributions import norm_cdf, norm_ppf, norm_sf
from sopsem.study.effect_graph import EffectGraph, Pair
from sopsem.study.effects_audit import traceable
from sopsem.study.findings import CHECKS, Finding, Verdict, agreement, extremes, number
from sopsem.study.printed import Printed
from sopsem.study.published import PublishedStudy
from sopsem.study.study_parts import Effect

__all__ = ["admissible_ceiling", "bc_pairs", "interval_rows", "normal_se", "standard_errors"]

Interval = tuple[Effect, Printed, Printed]


def interval_rows(study: PublishedStudy) -> list[Interval]:
    """Return the rows with two limits, and the limits."""
    rows = study.effects.rows
    return [(r, r.ci_lower, r.ci_upper) for r in rows if r.ci_lower is not None and r.ci_upper is not None]


def normal_se(study: PublishedStudy, lower: float, upper: float) -> float:
    """Return the standard error of a normal interval of this width.

    >>> from sopsem.study.published import load_study
    >>> round(normal_se(load_study(), -0.166, 0.596), 3)
    0.194
    """
    return (upper - lower) / (2 * _z(study))


def _z(study: PublishedStudy) -> float:
    return float(norm_ppf(0.5 + study.analysis.level / 2))


@CHECKS.register("interval", label="interval, estimate and p agree", source="duality of tests and intervals")
def interval_agreement(study: PublishedStudy) -> Iterator[Finding]:
    """Ask that the estimate lies in its interval, and that p is below 1 - level just when 0 lies outside."""
    alpha = round(1 - study.analysis.level, 10)
    for row, lower, upper in interval_rows(study):
        inside = lower.value <= row.est.value <= upper.value
        excludes = lower.value > 0 or upper.value < 0
        on_edge = lower.contains(0.0) or upper.contains(0.0)
        below = None if row.pvalue is None or row.pvalue.contains(alpha) else row.pvalue.upper <= alpha
        agree = below is None or on_edge or below == excludes
        yield Finding(
            part=row.name,
            computed=f"0 lies {'outside' if excludes else 'inside'} the {study.analysis.level:.0%} interval",
            printed=f"{row.est} [{lower}, {upper}]" + (f", p {row.pvalue}" if row.pvalue else ""),
            verdict=agreement(inside and agree),
            explanation=("" if inside else "The estimate lies outside its interval. ")
            + ("p and interval tell the same." if agree else "p and interval contradict each other."),
            values={"excludes_zero": float(excludes)},
        )


@CHECKS.register("asymmetry", label="asymmetry of the interval", digits=2, source="Efron & Tibshirani (1993)")
def asymmetry(study: PublishedStudy) -> Iterator[Finding]:
    """Divide the upper arm of each interval by the lower; a normal interval has ratio 1."""
    for row, lower, upper in interval_rows(study):
        if not lower.upper < row.est.lower < row.est.upper < upper.lower:
            continue
        below, above = row.est.value - lower.value, upper.value - row.est.value
        low, high = extremes(lambda est, lo, up: (up - est) / (est - lo), row.est, lower, upper)
        symmetric = low <= 1 <= high
        yield Finding(
            part=row.name,
            computed=f"{number(below)} below, {number(above)} above, ratio {number(above / below, 2)}",
            printed=f"{row.est} [{lower}, {upper}]",
            verdict=_symmetry_verdict(study, symmetric=symmetric),
            explanation="A symmetric normal interval is possible."
            if symmetric
            else "A symmetric normal interval is excluded.",
            values={"below": below, "above": above, "ratio": above / below},
        )


def _symmetry_verdict(study: PublishedStudy, *, symmetric: bool) -> Verdict:
    """Say whether the arms fit the kind of interval the study claims."""
    if study.analysis.interval == "normal" or study.analysis.draws is None:
        return agreement(symmetric)
    return Verdict.UNDECIDABLE if symmetric else Verdict.CONSISTENT


@CHECKS.register("normal_p", label="p against estimate / SE", source="Wald test")
def normal_pvalue(study: PublishedStudy) -> Iterator[Finding]:
    """Compare the printed p with the normal p from the printed SE, or from the width of the interval."""
    for row, low, high, value in standard_errors(study):
        if row.pvalue is None or row.est.censored:
            continue
        ends = extremes(lambda est, se: 2 * norm_sf(abs(est) / se), row.est, (low, high))
        reached = row.pvalue.overlaps(*ends)
        z = row.est.value / value
        yield Finding(
            part=row.name,
            computed=f"SE {number(value)}, z {number(z, 2)}, normal p {number(2 * norm_sf(abs(z)), 4)}",
            printed=f"p {row.pvalue}",
            verdict=agreement(reached or (row.se is None and study.analysis.draws is not None)),
            explanation="p = 2 Phi(-|estimate / SE|) is possible."
            if reached
            else "p is not from estimate / SE; it fits only a p read from the bootstrap distribution.",
            values={"se": value, "z": z, "normal_p": 2 * norm_sf(abs(z))},
        )


def standard_errors(study: PublishedStudy) -> Iterator[tuple[Effect, float, float, float]]:
    """Yield rows with the range and the value of their SE: printed, or that of a normal interval as wide."""
    for row in study.effects.rows:
        if row.se is not None and row.se.lower > 0:
            yield row, row.se.lower, row.se.upper, row.se.value
    for row, lower, upper in interval_rows(study):
        if row.se is None and upper.lower > lower.upper:
            low, high = extremes(lambda lo, up: normal_se(study, lo, up), lower, upper)
            yield row, low, high, normal_se(study, lower.value, upper.value)


@CHECKS.register("wald_z", label="z = estimate / SE", source="Wald test")
def wald_ratio(study: PublishedStudy) -> Iterator[Finding]:
    """Compare a printed z with the printed estimate over the printed SE."""
    for row in study.effects.rows:
        if row.z is not None and row.se is not None and row.se.lower > 0:
            low, high = extremes(lambda est, se: est / se, row.est, row.se)
            yield Finding(
                part=row.name,
                computed=f"{number(low)} to {number(high)}",
                printed=str(row.z),
                verdict=agreement(row.z.overlaps(low, high)),
                explanation=f"{row.est} / {row.se} within rounding.",
                values={"lower": low, "upper": high},
            )


@CHECKS.register("improper", label="limits beyond the admissible ceiling", source="R2 <= 1 with path tracing")
def improper_draws(study: PublishedStudy) -> Iterator[Finding]:
    """Find limits of standardized paths that practically no admissible solution can have.

    A path b of y from x explains at least b^2 (1 - R2 of x on the other causes of y); R2 of y is at most 1.
    The ceiling holds while the other paths stay inside their printed intervals; a draw may leave them.
    """
    graph = traceable(study)
    if graph is None or not study.effects.standardized:
        return
    for row, lower, upper in interval_rows(study):
        if graph.paths.get(row.pair) is not row:
            continue
        limit, ceiling = max(-lower.value, upper.value), admissible_ceiling(study, graph, row.pair)
        if limit <= ceiling:
            continue
        draws = study.analysis.draws
        least = 0 if draws is None else round(draws * (1 - study.analysis.level) / 2)
        yield Finding(
            part=row.name,
            computed=f"ceiling {number(ceiling)}",
            printed=f"[{lower}, {upper}]",
            verdict=Verdict.CONSISTENT if draws else Verdict.UNDECIDABLE,
            explanation=f"{_needed(draws, least)} The ceiling is the highest over the corners of the printed "
            f"{study.analysis.level:.0%} intervals of the other paths; draws may lie outside them.",
            values={"ceiling": ceiling, "limit": limit, "improper_draws": least},
        )


def _needed(draws: int | None, least: int) -> str:
    """Say what a limit above the ceiling needs; a bias-corrected limit may be a more extreme quantile."""
    if draws is None:
        return "Practically no admissible solution reaches this limit."
    return (
        "The limit is practically possible only if improper solutions were kept among the draws: about "
        f"{least} of {draws} draws if the limits are percentiles, possibly fewer if bias-corrected."
    )


def admissible_ceiling(study: PublishedStudy, graph: EffectGraph, pair: Pair) -> float:
    """Return the largest path that an admissible solution can have, at any corner of the printed intervals.

    It is 1/sqrt(1 - R2), R2 that of the predictor on the other causes of the outcome.
    """
    limits = {row.pair: (lower.value, upper.value) for row, lower, upper in interval_rows(study)}
    others = [v for v in graph.parents(pair[0]) if v != pair[1]]
    upstream = [path for path in graph.paths if path[0] != pair[0] and path in limits]
    point = {path: value.value for path, value in graph.standardized.items()}
    corners = product(*(limits[path] for path in upstream)) if others else []
    shares = [
        _shared(graph, pair[1], others, point | dict(zip(upstream, corner, strict=True)))
        for corner in corners
    ]
    largest = max(shares, default=0.0)
    return float("inf") if largest >= 1 else float(1 / np.sqrt(1 - largest))


def _shared(graph: EffectGraph, predictor: str, others: list[str], values: dict[Pair, float]) -> float:
    """Return R2 of the predictor on the other causes."""
    r = graph.correlations(values)
    where, one = [graph.variables.index(v) for v in others], graph.variables.index(predictor)
    return float(r[one, where] @ np.linalg.pinv(r[np.ix_(where, where)]) @ r[where, one])


@CHECKS.register("p_lattice", label="p-values that so many draws can give", source="interval inversion")
def p_lattice(study: PublishedStudy) -> Iterator[Finding]:
    """List which rules of a bootstrap p-value can print this p with this number of draws."""
    draws = study.analysis.draws
    if draws is None:
        return
    for row in study.effects.rows:
        if row.pvalue is None or row.pvalue.censored:
            continue
        found = {
            name: [p for p in lattice if row.pvalue.contains(p)] for name, lattice in _lattices(draws).items()
        }
        pairs = bc_pairs(row.pvalue, draws, positive=row.est.value >= 0)
        reach = [name for name, values in found.items() if values] + (["bias-corrected"] if pairs else [])
        missing = [name for name, values in found.items() if not values]
        yield Finding(
            part=row.name,
            computed=f"reached by {', '.join(reach) or 'no rule'}",
            printed=f"p {row.pvalue}",
            verdict=Verdict.UNDECIDABLE if reach else Verdict.INCONSISTENT,
            explanation=(f"Not reached by {', '.join(missing)}. " if missing else "")
            + f"{len(pairs)} pairs of counts reach it bias-corrected. "
            + f"The smallest percentile p is {2 / (draws + 1):.5f}.",
            values={f"n {name}": float(len(values)) for name, values in found.items()}
            | {"n bias-corrected": len(pairs)},
        )


def _lattices(draws: int) -> dict[str, list[float]]:
    """Return the p-values of the percentile rules: k of B draws beyond 0, ranks k/(B+1), ranks half way."""
    half = range(draws // 2 + 1)
    return {
        "percentile 2k/B": [2 * k / draws for k in half],
        "percentile 2k/(B+1)": [2 * k / (draws + 1) for k in half],
        "percentile between ranks": [2 * (k + 0.5) / (draws + 1) for k in half],
    }


def bc_pairs(p: Printed, draws: int, *, positive: bool = True) -> list[tuple[int, int]]:
    """Return the counts (draws below 0, draws below the estimate) that give this p bias-corrected.

    p = 2 min(q, 1 - q), q = Phi(Phi^-1(k/B) - 2 z0), z0 = Phi^-1(m/B) (Efron, 1987, without acceleration).
    Only m within three standard deviations of B/2 are listed: a larger bias would be remarkable in itself.

    >>> from sopsem.study.printed import printed
    >>> (50, 103) in bc_pairs(printed("0.453"), 200)
    True
    """
    k, m = np.meshgrid(np.arange(1, draws), np.arange(1, draws), indexing="ij")
    q = norm_cdf(norm_ppf(k / draws) - 2 * norm_ppf(m / draws))
    value = 2 * np.minimum(q, 1 - q)
    sided = k <= m if positive else k >= m
    wanted = (p.lower <= value) & (value < p.upper) & sided & (np.abs(m - draws / 2) <= 1.5 * np.sqrt(draws))
    return [(int(i), int(j)) for i, j in zip(k[wanted], m[wanted], strict=True)]
