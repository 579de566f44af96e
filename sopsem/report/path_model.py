"""What a path diagram has to show: variables and arrows, read from a tidy frame of standardized estimates."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

import pandas as pd

from sopsem.errors import UsageError

__all__ = ["Arrow", "ArrowKind", "PathModel", "read_paths"]

_NEEDED = ("lhs", "op", "rhs", "est_std", "pvalue")


class ArrowKind(Enum):
    """What an arrow stands for."""

    LOADING = "=~"
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
        Latent variables, and observed variables that take part in regressions.
    items : dict of str to tuple of str
        The items of each factor; an item of several factors stands with the first.
    arrows : tuple of Arrow

    """

    factors: tuple[str, ...]
    observed: tuple[str, ...]
    items: dict[str, tuple[str, ...]]
    arrows: tuple[Arrow, ...]

    @property
    def structure(self) -> tuple[str, ...]:
        """Everything but the items."""
        return (*self.factors, *self.observed)

    def structural_arrows(self) -> tuple[Arrow, ...]:
        """Return the arrows between the variables of the structure."""
        names = set(self.structure)
        return tuple(arrow for arrow in self.arrows if {arrow.source, arrow.target} <= names)


def read_paths(frame: pd.DataFrame, *, items: bool = True) -> PathModel:
    """Read variables and arrows from a frame of standardized estimates.

    Parameters
    ----------
    frame : DataFrame
        Columns lhs, op, rhs, est_std, pvalue; rows other than ``=~``, ``~`` and ``~~`` are not drawn, nor are
        variances.
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
    arrows = [_arrow(row) for row in frame.itertuples(index=False) if row.op in {"=~", "~", "~~"} and row.rhs]
    arrows = [arrow for arrow in arrows if arrow.source != arrow.target]
    loadings = [arrow for arrow in arrows if arrow.kind is ArrowKind.LOADING]
    factors = _ordered(arrow.source for arrow in loadings)
    regressed = _ordered(name for a in arrows if a.kind is ArrowKind.PATH for name in (a.source, a.target))
    indicators = _ordered(a.target for a in loadings if a.target not in {*factors, *regressed})
    free = _ordered(
        name
        for arrow in arrows
        for name in (arrow.source, arrow.target)
        if name not in {*factors, *indicators}
    )
    drawn = {*factors, *free, *(indicators if items else ())}
    if not drawn:
        raise UsageError(
            "no rows with the operators =~, ~ or ~~ to draw; give the standardized estimates of a model"
        )
    return PathModel(
        factors=factors,
        observed=free,
        items=_owned(loadings, indicators) if items else {},
        arrows=tuple(arrow for arrow in arrows if {arrow.source, arrow.target} <= drawn),
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
    source, target = ends[::-1] if kind is ArrowKind.PATH else ends
    estimate, pvalue = float(row.est_std), float(row.pvalue)  # type: ignore[attr-defined]
    return Arrow(source=source, target=target, kind=kind, estimate=estimate, pvalue=pvalue)


def _ordered(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))


def _owned(loadings: list[Arrow], indicators: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    owner: dict[str, str] = {}
    for arrow in loadings:
        owner.setdefault(arrow.target, arrow.source)
    owners = _ordered(owner[item] for item in indicators)
    return {name: tuple(item for item in indicators if owner[item] == name) for name in owners}
