"""What a path diagram has to show: variables and arrows, read from a tidy frame of standardized estimates."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

import pandas as pd

from sopsem.errors import UsageError

__all__ = ["Arrow", "ArrowKind", "PathModel", "read_paths"]

_DRAWN = frozenset({"=~", "<~", "~", "~~"})
_NEEDED = ("lhs", "op", "rhs", "est_std", "pvalue")


class ArrowKind(Enum):
    """What an arrow stands for; a weight leads from an indicator to its composite."""

    LOADING = "=~"
    WEIGHT = "<~"
    PATH = "~"
    COVARIANCE = "~~"


@dataclass(frozen=True, kw_only=True)
class Arrow:
    """One arrow; a covariance has two heads."""

    source: str
    target: str
    kind: ArrowKind
    estimate: float
    pvalue: float


@dataclass(frozen=True, kw_only=True)
class PathModel:
    """Variables and arrows.

    Attributes
    ----------
    factors, observed : tuple of str
        Latent variables and composites, and observed variables that take part in regressions.
    items : dict of str to tuple of str
        The items of each factor or composite; an item of several stands with the first.
    arrows : tuple of Arrow
    composites : tuple of str
        Which of the factors are composites.

    """

    factors: tuple[str, ...]
    observed: tuple[str, ...]
    items: dict[str, tuple[str, ...]]
    arrows: tuple[Arrow, ...]
    composites: tuple[str, ...] = ()

    @property
    def structure(self) -> tuple[str, ...]:
        """Everything but the items."""
        return (*self.factors, *self.observed)

    def structural_arrows(self) -> tuple[Arrow, ...]:
        """Return the arrows between the variables of the structure."""
        names = set(self.structure)
        return tuple(arrow for arrow in self.arrows if {arrow.source, arrow.target} <= names)

    def mirrored(self) -> tuple[str, ...]:
        """Return the factors that measure nothing but items of others and take part in nothing else.

        Specific factors beside a general one, or a method factor: they stand beyond the items.
        """
        joined = {name for arrow in self.structural_arrows() for name in (arrow.source, arrow.target)}
        return tuple(
            name
            for name in self.factors
            if name not in self.items and name not in joined and self.loaded(name) and self.items
        )

    def loaded(self, factor: str) -> tuple[str, ...]:
        """Return the items of a factor or composite, its own or those of others."""
        owned = {item for group in self.items.values() for item in group}
        measured = [_measure(a) for a in self.arrows if a.kind in {ArrowKind.LOADING, ArrowKind.WEIGHT}]
        return tuple(item for name, item in measured if name == factor and item in owned)


def read_paths(frame: pd.DataFrame, *, items: bool = True) -> PathModel:
    """Read variables and arrows from a frame of standardized estimates.

    Parameters
    ----------
    frame : DataFrame
        Columns lhs, op, rhs, est_std, pvalue; rows other than ``=~``, ``<~``, ``~`` and ``~~`` are not drawn, nor
        are variances.
    items : bool
        False leaves out the items and their arrows.

    Raises
    ------
    UsageError
        When a column is missing, the frame holds several groups, or nothing can be drawn.

    Examples
    --------
    >>> rows = [("f", "=~", "a", 0.8, 0.0), ("f", "=~", "b", 0.7, 0.0), ("f", "~", "x", 0.3, 0.2)]
    >>> model = read_paths(pd.DataFrame(rows, columns=["lhs", "op", "rhs", "est_std", "pvalue"]))
    >>> model.factors, model.observed, model.items
    (('f',), ('x',), {'f': ('a', 'b')})

    """
    _check(frame)
    arrows = [_arrow(row) for row in frame.itertuples(index=False) if row.op in _DRAWN and row.rhs]
    arrows = [arrow for arrow in arrows if arrow.source != arrow.target]
    measured = [_measure(arrow) for arrow in arrows if arrow.kind in {ArrowKind.LOADING, ArrowKind.WEIGHT}]
    composites = _ordered(arrow.target for arrow in arrows if arrow.kind is ArrowKind.WEIGHT)
    factors = _ordered(factor for factor, _ in measured)
    regressed = _ordered(name for a in arrows if a.kind is ArrowKind.PATH for name in (a.source, a.target))
    indicators = _ordered(item for _, item in measured if item not in {*factors, *regressed})
    free = _ordered(
        name
        for arrow in arrows
        for name in (arrow.source, arrow.target)
        if name not in {*factors, *indicators}
    )
    drawn = {*factors, *free, *(indicators if items else ())}
    if not drawn:
        raise UsageError(
            "no rows with the operators =~, <~, ~ or ~~ to draw; give the standardized estimates of a model"
        )
    return PathModel(
        factors=factors,
        observed=free,
        items=_owned(measured, indicators) if items else {},
        arrows=tuple(arrow for arrow in arrows if {arrow.source, arrow.target} <= drawn),
        composites=composites,
    )


def _check(frame: pd.DataFrame) -> None:
    missing = [name for name in _NEEDED if name not in frame.columns]
    if missing:
        raise UsageError(
            f"a path diagram needs the columns {', '.join(_NEEDED)}; missing: {', '.join(missing)}"
        )
    groups = sorted(set(frame["group"]) - {0}) if "group" in frame.columns else []
    if len(groups) > 1:
        raise UsageError(
            f"a path diagram shows one group, the frame has {len(groups)}; pass the rows of one group"
        )


def _arrow(row: object) -> Arrow:
    kind = ArrowKind(row.op)  # type: ignore[attr-defined]
    ends = (str(row.lhs), str(row.rhs))  # type: ignore[attr-defined]
    source, target = ends[::-1] if kind in {ArrowKind.PATH, ArrowKind.WEIGHT} else ends
    estimate, pvalue = float(row.est_std), float(row.pvalue)  # type: ignore[attr-defined]
    return Arrow(source=source, target=target, kind=kind, estimate=estimate, pvalue=pvalue)


def _ordered(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))


def _measure(arrow: Arrow) -> tuple[str, str]:
    """Return the factor or composite of a loading or weight, and its indicator."""
    return (arrow.source, arrow.target) if arrow.kind is ArrowKind.LOADING else (arrow.target, arrow.source)


def _owned(measured: list[tuple[str, str]], indicators: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    owner: dict[str, str] = {}
    for factor, item in measured:
        owner.setdefault(item, factor)
    owners = _ordered(owner[item] for item in indicators)
    return {name: tuple(item for item in indicators if owner[item] == name) for name in owners}
