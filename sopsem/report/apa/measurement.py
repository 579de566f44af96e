"""The measurement model: loadings of every item, reliability and convergent validity of every construct."""

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from sopsem.errors import UsageError
from sopsem.report.apa.general_note import fit_note, stars_note
from sopsem.report.apa.lines import Column, Line, interval_columns, lined_table, named
from sopsem.report.digits import Formatter, bounded, decimals, p_value, stars
from sopsem.report.table import Table
from sopsem.sem.constructs.reliability import reliability
from sopsem.sem.constructs.second_order import second_order
from sopsem.sem.estimation.estimates import estimates, standardized
from sopsem.sem.estimation.fit import Fit

__all__ = ["measurement_table"]

_RELIABILITY = {"alpha": "α", "omega": "ω", "cr": "CR", "ave": "AVE"}
_MEASURED = ("=~", "<~")


def measurement_table(
    fit: Fit,
    *,
    labels: Mapping[str, str] | None = None,
    texts: Mapping[str, str] | None = None,
    level: float = 0.95,
    digits: int = 2,
    with_stars: bool = False,
    source_label: str = "",
) -> Table:
    """Return the table of a measurement model.

    Parameters
    ----------
    fit : Fit
        A model with factors or composites; of several groups every group has its own part.
    labels : mapping of str to str, optional
        Printed names of factors and items.
    texts : mapping of str to str, optional
        Wording of items, printed after their names.
    level : float
        Of the intervals of standardized loadings.
    digits : int
        Decimals of loadings and coefficients.
    with_stars : bool
        Mark standardized loadings by stars.
    source_label : str
        What the data are, e.g. "synthetic data".

    Returns
    -------
    Table
        One row per loading below its construct, whose row carries alpha, omega, CR and AVE.  ``frame`` holds lhs op
        rhs group label est se z pvalue, est_std and its se_std pvalue_std ci_lower_std ci_upper_std, alpha omega cr
        ave, unrounded.

    Raises
    ------
    UsageError
        The model has neither factors nor composites.

    Notes
    -----
    CR and AVE are those of standardized loadings (Fornell & Larcker, 1981): CR = (Σλ)² / ((Σλ)² + Σ(1 - λ²)), AVE =
    Σλ² / k; of a second-order factor, of the loadings of its dimensions.  A standardized loading has no leading
    zero; one above 1 is printed as it is.

    Examples
    --------
    >>> import sopsem
    >>> cov = pd.DataFrame([[1.0, .5, .4], [.5, 1.0, .3], [.4, .3, 1.0]], *[list("abc")] * 2)
    >>> table = measurement_table(sopsem.fit("f =~ a + b + c", sample_cov=cov, n_obs=100))
    >>> [row[:4] for row in table.rows]
    [('f', '', '', ''), ('a', '1.00', '—', '.82'), ('b', '0.75', '0.23', '.61'), ('c', '0.60', '0.19', '.49')]

    """
    frame = _frame(fit, texts or {}, level)
    if frame.empty:
        raise UsageError("the model has neither factors (=~) nor composites (<~), so it measures nothing")
    each = frame["pvalue_std"].to_numpy()
    all_small = bool(np.isfinite(each).all() and (each < 0.001).all())
    two, raw = bounded(digits), decimals(digits)
    columns = [
        Column(key="est", header="Estimate", shown=raw, over="Unstandardized"),
        Column(key="se", header="SE", shown=raw, over="Unstandardized"),
        Column(key="est_std", header="λ", shown=two, over="Standardized"),
        Column(key="se_std", header="SE", shown=two, over="Standardized"),
        *interval_columns("ci_lower_std", "ci_upper_std", two, level),
        *([] if all_small else [Column(key="pvalue_std", header="p", shown=p_value(3))]),
        *(Column(key=key, header=header, shown=two) for key, header in _RELIABILITY.items()),
    ]
    lines = list(_lines(frame, fit, labels or {}, two, with_stars=with_stars))
    return lined_table(
        "Measurement Model: Loadings, Reliability, and Convergent Validity",
        columns,
        lines,
        first="Construct and item",
        notes=[_note(fit, frame, all_small=all_small), stars_note() if with_stars else ""],
        frame=frame,
        source_label=source_label,
    )


def _frame(fit: Fit, texts: Mapping[str, str], level: float) -> pd.DataFrame:
    """Return one row per loading with everything that is known of it."""
    kept = ["est_std", "se", "pvalue", "ci_lower", "ci_upper"]
    own = standardized(fit, level=level)[kept].rename(columns={k: f"{k}_std" for k in kept[1:]})
    both = pd.concat([estimates(fit, level=level).drop(columns=["std_lv", "std_all"]), own], axis=1)
    rows = both[both["op"].isin(_MEASURED)].reset_index(drop=True)
    found = _coefficients(fit)
    for key in _RELIABILITY:
        rows[key] = [
            found.get((r.group, r.lhs), {}).get(key, np.nan) if r.op == "=~" else np.nan
            for r in rows.itertuples()
        ]
    words = pd.Series([texts.get(name, "") for name in rows["rhs"]], index=rows.index, dtype=object)
    return rows.assign(text=words) if texts else rows


def _coefficients(fit: Fit) -> dict[tuple[int, str], dict[str, float]]:
    """Return alpha, omega, CR and AVE by group and factor; of second-order factors CR and AVE."""
    found: dict[tuple[int, str], dict[str, float]] = {}
    for number, one in enumerate(fit.by_group, start=1):
        for row in reliability(one).itertuples():
            values = {"alpha": row.alpha, "omega": row.omega, "cr": row.cr_std, "ave": row.ave_std}
            found[number, row.factor] = values
        for row in second_order(one).itertuples():
            name = {"cr_L2": "cr", "ave_L2": "ave"}.get(row.coefficient)
            if name and not row.part:
                found.setdefault((number, row.factor), {})[name] = row.est
    return found


def _lines(
    frame: pd.DataFrame, fit: Fit, labels: Mapping[str, str], two: Formatter, *, with_stars: bool
) -> Iterator[Line]:
    several = fit.n_groups > 1
    for group, of_group in frame.groupby("group", sort=False):
        if several:
            yield Line(level=0, name=str(fit.spec.groups[int(group) - 1]), cells={})
        for factor, rows in of_group.groupby("lhs", sort=False):
            values = rows.iloc[0][list(_RELIABILITY)].dropna().to_dict()
            yield Line(level=int(several), name=named(labels, str(factor)), cells=values)
            for row in rows.to_dict("records"):
                yield _item(row, labels, two, int(several) + 1, with_stars=with_stars)


def _item(
    row: Mapping[str, object], labels: Mapping[str, str], two: Formatter, level: int, *, with_stars: bool
) -> Line:
    values = {key: value for key, value in row.items() if key not in _RELIABILITY}
    if values["se"] == 0.0:
        values["se"] = np.nan  # fixed: not estimated
    if with_stars:
        values["est_std"] = f"{two(row['est_std'])}{stars(row['pvalue_std'])}"
    text = f": {row['text']}" if row.get("text") else ""
    return Line(level=level, name=f"{named(labels, str(row['rhs']))}{text}", cells=values)


def _note(fit: Fit, frame: pd.DataFrame, *, all_small: bool) -> str:
    parts = [
        fit_note(fit),
        "λ = standardized loading; LL and UL are its Wald limits (delta method)."
        if frame["op"].eq("=~").all()
        else "λ = standardized loading or weight; LL and UL are its Wald limits (delta method).",
        "All λ have p < .001." if all_small else "",
        "A dash in place of an unstandardized SE marks a fixed loading." if frame["se"].eq(0.0).any() else "",
        (
            "α = Cronbach's alpha; ω = McDonald's omega; CR = composite reliability and AVE = average variance "
            "extracted, both of standardized loadings."
        ),
    ]
    if fit.data_moments[0].ordinal is not None:
        parts.append("With ordered items these are coefficients of the latent responses.")
    return " ".join(part for part in parts if part)
