"""What a twin has to return: the printed statistics of a study as intervals, with one aim inside each.

A paper rounds.  Printed effects need not fit together exactly, but some values inside their rounding
intervals do; the aims are the ones that stay farthest from all interval ends.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog

from sopsem.errors import DataError, UsageError
from sopsem.sem.fit_measures.fit_formulas import baseline_df
from sopsem.study.effect_graph import EffectGraph, effect_graph
from sopsem.study.printed import Printed
from sopsem.study.published import PublishedStudy
from sopsem.study.study_parts import Effect

__all__ = ["Aim", "TwinTargets", "multiplier", "targeted_rows", "twin_targets"]

Pair = tuple[str, str]
Array = NDArray[np.float64]
_N_MINUS_ONE = ("amos", "lisrel", "eqs")  # programs whose chi2 is (N - 1) F


@dataclass(frozen=True, kw_only=True)
class Aim:
    """One statistic: any value in [lower, upper) prints right, ``value`` is what the construction aims at.

    ``upper`` is infinite for a baseline chi2 behind an index of 1 that only has to be large enough.
    """

    id: str
    value: float
    lower: float
    upper: float

    @property
    def half_width(self) -> float:
        """Half of the interval."""
        return (self.upper - self.lower) / 2.0

    @property
    def center(self) -> float:
        """The middle of the interval."""
        return (self.upper + self.lower) / 2.0

    def closed(self, value: float) -> "Aim":
        """Return an aim without an end as the finite one around ``value``; any other as it is.

        >>> Aim(id="baseline_chisq", value=150.0, lower=100.0, upper=math.inf).closed(180.0).upper
        260.0
        """
        return self if math.isfinite(self.upper) else replace(self, value=value, upper=2 * value - self.lower)


@dataclass(frozen=True, kw_only=True)
class TwinTargets:
    """What a twin of a study has to return.

    Attributes
    ----------
    n, multiplier : observations, and what F is multiplied with (N or N - 1).
    aims : by id: chisq, and where printed dchisq, baseline_chisq, srmr and the effects under
        the ids of their cells.
    paths : the standardized direct paths behind the effects, by (outcome, predictor).

    """

    n: int
    multiplier: int
    aims: Mapping[str, Aim]
    paths: Mapping[Pair, float]


def multiplier(study: PublishedStudy) -> int:
    """Return what the study's program multiplies F with: N - 1 in the Wishart tradition, else N.

    >>> from sopsem.study.published import load_study
    >>> multiplier(load_study()), multiplier(load_study("three_factor_abilities"))
    (91, 301)
    """
    wishart = study.analysis.likelihood == "wishart" or (
        study.analysis.likelihood is None and study.analysis.program.lower() in _N_MINUS_ONE
    )
    return study.n - 1 if wishart else study.n


def twin_targets(study: PublishedStudy) -> TwinTargets:
    """Collect the targets of a study.

    Raises UsageError when the study prints no chi2 or has no model text, DataError when its printed numbers
    contradict each other, so that no data can return them.

    >>> from sopsem.study.published import load_study
    >>> targets = twin_targets(load_study())
    >>> [round(float(path), 4) for path in targets.paths.values()]
    [-0.4477, 0.5043, 0.8943, 0.1057]
    """
    if study.model is None or study.fit.chisq is None or study.fit.df is None:
        raise UsageError(f"the study {study.name} needs model text, a chi2 and its df to make a twin of it")
    if study.n_items is not None and study.n <= study.n_items + 1:
        raise DataError(
            f"the study {study.name}: {study.n} respondents cannot answer {study.n_items} items freely"
        )
    aims = [_aim("chisq", study.fit.chisq)]
    if study.nested is not None:
        aims.append(_aim("dchisq", study.nested.dchisq))
    aims += _baseline(study)
    if study.fit.srmr is not None:
        aims.append(_aim("srmr", study.fit.srmr))
    paths, effects = _effects(study)
    return TwinTargets(
        n=study.n,
        multiplier=multiplier(study),
        aims={aim.id: aim for aim in (*aims, *effects)},
        paths=paths,
    )


def _aim(name: str, number: Printed) -> Aim:
    if number.censored:
        raise DataError(f"{name} is printed as a bound, {number.text}; a twin needs a value")
    return Aim(id=name, value=number.value, lower=number.lower, upper=number.upper)


def _baseline(study: PublishedStudy) -> list[Aim]:
    """Return the baseline chi2 that prints every incremental index right; none where no index settles it."""
    fit = study.fit
    if fit.baseline_chisq is not None:
        return [_aim("baseline_chisq", fit.baseline_chisq)]
    if fit.chisq is None or fit.df is None or study.n_items is None:
        return []
    df0, excess = baseline_df(study.n_items), fit.chisq.value - fit.df.value
    gaps = {"cfi": max(excess, 0.0), "tli": excess * df0 / fit.df.value if fit.df.value > 0 else 0.0}
    found = [
        _implied_baseline(study, index, gap, df0)
        for index, gap in gaps.items()
        if getattr(fit, index) is not None
    ]
    lower = max((low for low, _ in found), default=float(df0))
    upper = min((high for _, high in found), default=math.inf)
    if not lower < upper:
        raise DataError(
            f"the study {study.name}: no baseline chi2 gives both the printed CFI and the printed TLI"
        )
    if math.isfinite(upper):
        return [Aim(id="baseline_chisq", value=(lower + upper) / 2.0, lower=lower, upper=upper)]
    if lower == df0:
        return []
    return [Aim(id="baseline_chisq", value=lower + (lower - df0) / 2.0, lower=lower, upper=upper)]


def _implied_baseline(study: PublishedStudy, name: str, gap: float, df0: int) -> tuple[float, float]:
    """Return the interval of the baseline chi2, above its df, in which an index prints as it does.

    CFI and TLI are both 1 - gap/(chi2_0 - df_0): for CFI gap = max(chi2 - df, 0), for TLI gap =
    (chi2 - df) df_0/df.  With gap = 0 the index is 1 whatever the baseline; with gap < 0 it is above 1 and
    falls as the baseline grows.
    """
    index: Printed = getattr(study.fit, name)
    below, above = 1.0 - index.lower, index.upper - 1.0  # how far the print reaches to both sides of 1
    possible = below > 0.0 if gap > 0.0 else above > 0.0 and (gap < 0.0 or below >= 0.0)
    if not possible:
        side = "below 1" if gap > 0.0 else "above 1" if gap < 0.0 else "1"
        raise DataError(
            f"the study {study.name}: {name.upper()} is printed as {index}, but with chi2 {study.fit.chisq} and "
            f"{study.fit.df} df it is {side} before rounding; compare them with the paper"
        )
    if gap == 0.0:
        return float(df0), math.inf
    far, near = (below, -above) if gap > 0.0 else (above, -below)
    return df0 + abs(gap) / far, df0 + abs(gap) / near if near > 0.0 else math.inf


def _effects(study: PublishedStudy) -> tuple[dict[Pair, float], list[Aim]]:
    """Return standardized paths and effect aims that fit together."""
    graph = effect_graph(study)
    found = _standardized_rows(study)
    if graph is None or not found:
        return {}, []
    absent = [f"{y} ~ {x}" for y, x in graph.paths if (y, x) not in graph.standardized]
    if absent:
        raise UsageError(f"the study {study.name} prints no standardized value for {', '.join(absent)}")
    numbers = [number for _, _, number in found]
    start = graph.coefficients({pair: number.value for pair, number in graph.standardized.items()})
    pairs = list(start)

    def effects_of(values: Array) -> Array:
        return _printed_effects(graph, pairs, values, [(row.kind, row.pair) for _, row, _ in found])

    values = _reconciled(effects_of, np.array(list(start.values())), numbers)
    reached = effects_of(values)
    aims = [
        Aim(id=name, value=float(value), lower=number.lower, upper=number.upper)
        for (name, _, number), value in zip(found, reached, strict=True)
    ]
    outside = [aim.id for aim in aims if not aim.lower < aim.value < aim.upper]
    if outside:
        raise DataError(
            f"the study {study.name}: no paths give every printed effect; off: {', '.join(outside)}"
        )
    return dict(zip(pairs, values.tolist(), strict=True)), aims


def _standardized_rows(study: PublishedStudy) -> list[tuple[str, Effect, Printed]]:
    """Return cell id, row and number of every effect that is printed standardized."""
    prefix, field = ("effect", "est") if study.effects.standardized else ("std", "std")
    return [
        (f"{prefix}:{name}", row, number)
        for name, row in study.effect_rows()
        if (number := getattr(row, field)) is not None and not number.censored
    ]


def targeted_rows(study: PublishedStudy, targets: TwinTargets) -> list[Effect]:
    """Return the rows of the table of effects that are targets, in the order of the aims."""
    rows = {name: row for name, row, _ in _standardized_rows(study)}
    return [rows[name] for name in targets.aims if name in rows]


def _printed_effects(
    graph: EffectGraph, pairs: list[Pair], values: Array, wanted: list[tuple[str, Pair]]
) -> Array:
    """Return direct, indirect or total effects at standardized direct paths."""
    place = {v: i for i, v in enumerate(graph.variables)}
    direct = np.zeros((len(place), len(place)))
    for (outcome, predictor), value in zip(pairs, values, strict=True):
        direct[place[outcome], place[predictor]] = value
    total = np.linalg.inv(np.eye(len(place)) - direct) - np.eye(len(place))
    by_kind = {"direct": direct, "total": total, "indirect": total - direct}
    return np.array([by_kind[kind][place[y], place[x]] for kind, (y, x) in wanted])


def _reconciled(effects_of: Callable[[Array], Array], values: Array, numbers: list[Printed]) -> Array:
    """Return the paths whose effects stay, relative to the rounding, nearest to every print (minimax).

    Effects are nearly linear over a rounding interval, so a few linear programs settle it.
    """
    half = np.array([0.5 * 10.0**-number.decimals for number in numbers])
    printed = np.array([number.value for number in numbers])
    k = len(values)
    for _ in range(5):
        step = 1e-6
        slopes = np.column_stack(
            [(effects_of(values + step * e) - effects_of(values - step * e)) / (2 * step) for e in np.eye(k)]
        )
        relative, gap = slopes / half[:, None], (printed - effects_of(values)) / half
        ones = np.ones((len(half), 1))
        solved = linprog(
            np.append(np.zeros(k), 1.0),
            A_ub=np.block([[relative, -ones], [-relative, -ones]]),
            b_ub=np.concatenate([gap, -gap]),
            bounds=[(None, None)] * k + [(0, None)],
        )
        values = values + solved.x[:k]
    return values
