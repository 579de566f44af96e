"""Which single parameter, freed in all groups, would lower the misfit of a level most: score tests."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sopsem.sem.distributions import chi2_sf
from sopsem.sem.estimation.fit import Fit
from sopsem.sem.fit_measures.candidates import fixed_rows
from sopsem.sem.fit_measures.release import Released, informed_inverse, release
from sopsem.sem.model.spec import ModelSpec, Parameter

__all__ = ["KIND_OF_OPERATOR", "exception_tests", "still_equal"]

Array = NDArray[np.float64]
KIND_OF_OPERATOR = {
    "loadings": ("=~",),
    "composite.weights": ("<~",),
    "thresholds": ("|",),
    "intercepts": ("~1",),
    "means": ("~1",),
    "residuals": ("~~",),
    "residual.covariances": ("~~",),
    "lv.variances": ("~~",),
    "lv.covariances": ("~~",),
    "regressions": ("~",),
}
_SINGULAR = 1e-10


@dataclass(frozen=True, kw_only=True)
class _Candidate:
    """A path, the table rows of its free ties, and the fixed rows of later groups that would be freed."""

    path: str
    first: Parameter
    tied: tuple[int, ...]
    fixed: tuple[int, ...]


def exception_tests(fit: Fit, kinds: Sequence[str]) -> pd.DataFrame:
    """Return a score test of giving up the equality over groups of each parameter of some kinds.

    Parameters
    ----------
    fit : Fit
        A fit of several groups with equalities.
    kinds : sequence of str
        Kinds of ``group_equal``.

    Returns
    -------
    DataFrame
        Columns path lhs op rhs stat df pvalue, the largest first; ``path`` goes into ``group_partial``.

    Notes
    -----
    The equalities of one parameter over all groups are released together, so that with more than two groups the
    test has as many degrees of freedom; the statistic is that of ``score_tests``.

    """
    fixed = fixed_rows(fit.spec)
    found = _candidates(fit.spec, kinds)
    columns = ["path", "lhs", "op", "rhs", "stat", "df", "pvalue"]
    if not found:
        return pd.DataFrame(columns=columns)
    free = [i for i, p in enumerate(fit.spec) if p.free]
    place = {id(p): len(free) + k for k, p in enumerate(fixed)}
    at = {row: k for k, row in enumerate(free)} | {
        i: place[id(p)] for i, p in enumerate(fit.spec) if id(p) in place
    }
    released = release(fit, fixed)
    n_free, rows = len(free), []
    for c in found:
        ties = _ties(fit, at, without=set(c.tied))
        used = np.r_[np.arange(n_free), [at[i] for i in c.fixed if i in at]].astype(np.intp)
        freed = len(c.tied) - 1 if c.tied else len(used) - n_free
        stat = fit.n * _statistic(released, used, ties[:, used])
        rows.append((c.path, c.first.lhs, c.first.op, c.first.rhs, stat, freed, float(chi2_sf(stat, freed))))
    frame = pd.DataFrame(rows, columns=columns)
    order = frame["stat"].div(frame["df"]).sort_values(ascending=False, kind="stable").index
    return frame.loc[order].reset_index(drop=True)


def _candidates(spec: ModelSpec, kinds: Sequence[str]) -> list[_Candidate]:
    """Return what is equal over groups among the kinds: tied by a label, or fixed in a later group only."""
    operators = {op for kind in kinds for op in KIND_OF_OPERATOR[kind]}
    paths: dict[str, list[int]] = {}
    for i, p in enumerate(spec):
        if p.op in operators and _of_kinds(p, spec, kinds) and not p.exo:
            paths.setdefault(p.path(1), []).append(i)
    made = []
    for path, rows in paths.items():
        first = spec.parameters[rows[0]]
        labels = {spec.parameters[i].label for i in rows if spec.parameters[i].free}
        if first.free and len(labels) == 1 and first.label:
            made.append(_Candidate(path=path, first=first, tied=tuple(rows), fixed=()))
        elif not first.free and first.lhs in spec.ordered and first.op in ("~1", "~~") and not first.user:
            made.append(_Candidate(path=path, first=first, tied=(), fixed=tuple(rows[1:])))
    return made


def _of_kinds(p: Parameter, spec: ModelSpec, kinds: Sequence[str]) -> bool:
    latent = not {p.lhs, p.rhs}.isdisjoint(spec.latent)
    if p.op == "~1":
        return ("means" if latent else "intercepts") in kinds
    if p.op == "~~":
        level = ("lv.variances", "lv.covariances") if latent else ("residuals", "residual.covariances")
        return level[p.lhs != p.rhs] in kinds
    return True


def _ties(fit: Fit, at: dict[int, int], *, without: set[int]) -> Array:
    """Return the equalities by label as rows over free and fixed rows, leaving those of some rows out."""
    size, first, ties = max(at.values()) + 1, dict[str, int](), []
    for i, p in enumerate(fit.spec):
        if p.free and p.label and i not in without:
            here = at[i]
            start = first.setdefault(p.label, here)
            if start != here:
                row = np.zeros(size)
                row[start], row[here] = 1.0, -1.0
                ties.append(row)
    return np.array(ties).reshape(len(ties), size)


def _statistic(released: Released, used: NDArray[np.intp], ties: Array) -> float:
    """Return the score statistic over N of the rows ``used`` when only ``ties`` hold."""
    score, information = released.score[used], released.information[np.ix_(used, used)]
    allowed = np.eye(len(used))
    if len(ties):
        _, values, vectors = np.linalg.svd(ties * released.unit[used])
        allowed = vectors[int((values > _SINGULAR * values.max()).sum()) :].T
    along = allowed.T @ score
    return float(along @ informed_inverse(allowed.T @ information @ allowed) @ along)


def still_equal(spec: ModelSpec, path: str, freed: Sequence[str]) -> int:
    """Return how many indicators of the path's factor would stay equal if it were freed too; the fewest of them.

    Indicators count as equal as long as none of their loadings (intercepts, thresholds, residuals) of the kind of
    ``path`` is freed.  A parameter that belongs to no indicator has no such limit and gives a large number.
    """
    first = next(p for p in spec if p.path(1) == path)
    if first.op not in ("=~", "<~", "|", "~1", "~~") or (first.op == "~~" and first.lhs != first.rhs):
        return len(spec.parameters)
    item = first.rhs if first.op in ("=~", "<~") else first.lhs
    gone = set(freed) | {path}
    blocks: dict[str, list[str]] = {}
    for p in spec:
        if p.op in ("=~", "<~") and p.group == spec.parameters[0].group and p.rhs != p.lhs:
            blocks.setdefault(p.lhs, []).append(p.rhs)
    owners = [first.lhs] if first.op in ("=~", "<~") else [f for f, items in blocks.items() if item in items]
    counts = [
        sum(not _freed(first.op, factor, other, gone) for other in blocks.get(factor, ()))
        for factor in owners
    ]
    return min(counts, default=len(spec.parameters))


def _freed(op: str, factor: str, item: str, gone: set[str]) -> bool:
    """Say whether an indicator has a freed parameter of the kind of an operator."""
    if op in ("=~", "<~"):
        return f"{factor}{op}{item}" in gone
    if op == "|":
        return any(name.startswith(f"{item}|") for name in gone)
    return (f"{item}~1" if op == "~1" else f"{item}~~{item}") in gone
