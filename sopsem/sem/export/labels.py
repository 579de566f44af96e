"""Labels for another program: equalities that the options made, and rows that constraints name by their path."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from math import isfinite

from sopsem.sem.model.expressions import names_in
from sopsem.sem.model.spec import ModelSpec

__all__ = ["Labels", "labels_of"]


@dataclass(frozen=True, kw_only=True)
class Labels:
    """``of_row``: the label of every row ("" for none); ``of_name``: what names in constraints are called."""

    of_row: tuple[str, ...]
    of_name: Mapping[str, str]


def labels_of(
    spec: ModelSpec, rename: Callable[[Iterable[str]], Mapping[str, str]], *, bounds: bool = False
) -> Labels:
    """Return labels that another program accepts.

    Labels that ``group_equal`` made (``.p2.``) become ``eq2``; a row that a constraint or definition names by its
    path (``f=~x2``) gets the label ``par`` with its number.

    Parameters
    ----------
    spec : ModelSpec
    rename : callable
        From names to accepted names: ``r_names`` or ``mplus_names``.
    bounds : bool
        Label rows with bounds too.

    """
    used = {n for d in spec.definitions for n in names_in(d.right)}
    used |= {n for c in spec.constraints for n in (*names_in(c.left), *names_in(c.right))}
    defined = [d.lhs for d in spec.definitions]
    wished: list[str] = []
    for i, p in enumerate(spec):
        automatic = p.label.startswith(".p") and p.label.endswith(".")
        plain = f"eq{p.label.strip('.p')}" if automatic else p.label
        named = p.path() in used and p.path() not in defined
        bounded = bounds and p.free and (isfinite(p.lower) or isfinite(p.upper))
        wished.append(plain or (f"par{i + 1}" if named or bounded else ""))
    own = rename([*filter(None, wished), *defined])
    of_row = tuple(own[w] if w else "" for w in wished)
    names = {p.path(): label for p, label in zip(spec, of_row, strict=True) if label}
    names |= {p.label: label for p, label in zip(spec, of_row, strict=True) if p.label}
    return Labels(of_row=of_row, of_name=names | {d: own[d] for d in defined})
