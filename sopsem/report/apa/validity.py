"""Discriminant validity in one matrix: root of AVE, factor correlations, heterotrait-monotrait ratios."""

from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Literal

import numpy as np
import pandas as pd

from sopsem.errors import UsageError
from sopsem.report.apa.general_note import fit_note, stars_note
from sopsem.report.apa.lines import Column, Line, lined_table, named
from sopsem.report.digits import MISSING, Formatter, bounded, decimals, stars
from sopsem.report.table import Table
from sopsem.sem.constructs.descriptives import construct_descriptives
from sopsem.sem.constructs.htmt import htmt
from sopsem.sem.constructs.latent_correlations import latent_correlations
from sopsem.sem.constructs.measurement import first_order_factors
from sopsem.sem.constructs.reliability import reliability
from sopsem.sem.estimation.fit import Fit
from sopsem.sem.estimation.implied import NamedMoments, sample_moments

__all__ = ["validity_table"]

_NAMES = {"htmt": "HTMT", "htmt2": "HTMT2"}


def validity_table(
    fit: Fit,
    *,
    labels: Mapping[str, str] | None = None,
    ratio: Literal["htmt", "htmt2"] = "htmt",
    digits: int = 2,
    with_stars: bool = False,
    source_label: str = "",
) -> Table:
    """Return the validity matrix of the first-order factors.

    Parameters
    ----------
    fit : Fit
        A model with at least two factors that items measure; correlations are those that it implies, so a CFA in
        which all factors correlate freely is the model to give.
    labels : mapping of str to str, optional
        Printed names of factors.
    ratio : {"htmt", "htmt2"}
        The ratio above the diagonal.
    digits : int
    with_stars : bool
        Mark factor correlations by stars.
    source_label : str

    Returns
    -------
    Table
        Mean and standard deviation of the mean of each factor's items, then a square: root of AVE on the diagonal,
        correlations below, ratios above.  ``frame`` is long: group, quantity (mean, sd, sqrt_ave, correlation, htmt
        or htmt2), construct1, construct2, est, pvalue.

    Raises
    ------
    UsageError
        Fewer than two such factors, or another ratio.

    Examples
    --------
    >>> import sopsem
    >>> s = [[1.0, .6, .3, .3], [.6, 1.0, .3, .3], [.3, .3, 1.0, .5], [.3, .3, .5, 1.0]]
    >>> cov = pd.DataFrame(s, columns=list("abcd"), index=list("abcd"))
    >>> two = sopsem.fit("f =~ a + l*b; g =~ c + k*d; l == 1; k == 1", sample_cov=cov, n_obs=200)
    >>> validity_table(two).rows
    (('1. f', '—', '—', '.77', '.55'), ('2. g', '—', '—', '.55', '.71'))

    """
    if ratio not in _NAMES:
        raise UsageError(f"ratio is {ratio!r}; choose 'htmt' or 'htmt2'")
    factors = list(first_order_factors(fit.spec))
    if len(factors) < 2:
        raise UsageError("a validity matrix needs at least two factors that items measure")
    frame = _frame(fit, factors, ratio)
    two, raw = bounded(digits), decimals(digits)
    columns = [
        Column(key="mean", header="M", shown=raw),
        Column(key="sd", header="SD", shown=raw),
        *(Column(key=factor, header=str(n), shown=two) for n, factor in enumerate(factors, start=1)),
    ]
    lines = list(_lines(frame, fit, factors, labels or {}, two, with_stars=with_stars))
    title = f"Discriminant Validity: Descriptive Statistics, Factor Correlations, and {_NAMES[ratio]}"
    notes = [_note(fit, ratio), stars_note() if with_stars else ""]
    return lined_table(
        title, columns, lines, first="Construct", notes=notes, frame=frame, source_label=source_label
    )


def _frame(fit: Fit, factors: list[str], ratio: str) -> pd.DataFrame:
    moments = sample_moments(fit)
    by_group = [moments] if isinstance(moments, NamedMoments) else list(moments.values())
    parts = [
        _of_group(one, factors, own.cov, ratio).assign(group=number)
        for number, (one, own) in enumerate(zip(fit.by_group, by_group, strict=True), start=1)
    ]
    columns = ["group", "quantity", "construct1", "construct2", "est", "pvalue"]
    return pd.concat(parts, ignore_index=True)[columns]


def _of_group(fit: Fit, factors: list[str], covariance: pd.DataFrame, ratio: str) -> pd.DataFrame:
    """Return every number of one group in rows."""
    rows: list[tuple[str, str, str, float, float]] = []
    for row in construct_descriptives(fit).itertuples():
        rows += [(name, row.factor, row.factor, getattr(row, name), np.nan) for name in ("mean", "sd")]
    for row in reliability(fit).itertuples():
        root = np.sqrt(row.ave_std) if row.ave_std >= 0.0 else np.nan
        rows.append(("sqrt_ave", row.factor, row.factor, float(root), np.nan))
    for row in latent_correlations(fit).itertuples():
        if {row.lhs, row.rhs} <= set(factors):
            rows.append(("correlation", row.lhs, row.rhs, row.r, row.pvalue))
    items = first_order_factors(fit.spec)
    for first, second in combinations(factors, 2):
        rows.append((ratio, first, second, _ratio(covariance, items, first, second, ratio), np.nan))
    return pd.DataFrame(rows, columns=["quantity", "construct1", "construct2", "est", "pvalue"])


def _ratio(
    covariance: pd.DataFrame, items: Mapping[str, tuple[str, ...]], first: str, second: str, ratio: str
) -> float:
    """Return the ratio of two factors; factors that share an item have none."""
    pair = {first: items[first], second: items[second]}
    if set(pair[first]) & set(pair[second]):
        return float("nan")
    table = htmt(covariance, pair).set_index("coefficient")
    return float(table.loc[ratio, "est"])


def _lines(
    frame: pd.DataFrame,
    fit: Fit,
    factors: list[str],
    labels: Mapping[str, str],
    two: Formatter,
    *,
    with_stars: bool,
) -> Iterator[Line]:
    several = fit.n_groups > 1
    for group, rows in frame.groupby("group", sort=False):
        if several:
            yield Line(level=0, name=str(fit.spec.groups[int(group) - 1]), cells={})
        value = {(r.quantity, r.construct1, r.construct2): (r.est, r.pvalue) for r in rows.itertuples()}
        for number, factor in enumerate(factors, start=1):
            cells = {name: value[name, factor, factor][0] for name in ("mean", "sd")}
            cells |= {
                other: _square(value, factors, factor, other, two, with_stars=with_stars) for other in factors
            }
            yield Line(level=int(several), name=f"{number}. {named(labels, factor)}", cells=cells)


def _square(
    value: Mapping[tuple[str, str, str], tuple[float, float]],
    factors: list[str],
    row: str,
    column: str,
    two: Formatter,
    *,
    with_stars: bool,
) -> str:
    """Return the printed cell of two factors."""
    if row == column:
        return str(two(value["sqrt_ave", row, row][0]))
    first, second = sorted((row, column), key=factors.index)
    if factors.index(row) > factors.index(column):
        r, pvalue = value.get(
            ("correlation", first, second),
            value.get(("correlation", second, first), (float("nan"), float("nan"))),
        )
        return f"{two(r)}{stars(pvalue) if with_stars else ''}"
    found = next(v for (q, a, b), v in value.items() if q in _NAMES and (a, b) == (first, second))
    return MISSING if np.isnan(found[0]) else str(two(found[0]))


def _note(fit: Fit, ratio: str) -> str:
    parts = [
        fit_note(fit),
        "M and SD are those of the mean of a construct's items.",
        (
            "Diagonal: square root of AVE. Below it: factor correlations that the model implies. Above it: "
            f"{_NAMES[ratio]} (heterotrait-monotrait ratio of item correlations)."
        ),
    ]
    if any(p.op == "~" for p in fit.spec):
        parts.append("The model has paths, which force correlations: judge validity by a CFA.")
    if fit.data_moments[0].ordinal is not None:
        parts.append("Item correlations are polychoric.")
    return " ".join(parts)
