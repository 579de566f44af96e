"""Bootstrap summaries: every parameter with its interval from draws; the effects of a mediation."""

from collections.abc import Iterator, Mapping

import pandas as pd

from sopsem.report.apa.effects import effect_columns
from sopsem.report.apa.general_note import fit_note, interval_note
from sopsem.report.apa.lines import Column, Line, interval_columns, lined_table, named
from sopsem.report.digits import decimals, p_value
from sopsem.report.table import Table
from sopsem.sem.effects.mediation import Mediation
from sopsem.sem.estimation.fit import Fit
from sopsem.sem.resampling.draws import Draws
from sopsem.sem.resampling.statistic_intervals import bootstrap_estimates

__all__ = ["bootstrap_table", "mediation_table"]

_PARTS = {
    "=~": "Loadings",
    "<~": "Weights",
    "~": "Paths",
    "~~": "Variances and covariances",
    "~1": "Intercepts",
    "|": "Thresholds",
    "~*~": "Scales",
    ":=": "Defined quantities",
}
_KINDS = {
    "direct": "Direct effect",
    "indirect": "Specific indirect effects",
    "total_indirect": "Total indirect effect",
    "total": "Total effect",
}


def bootstrap_table(
    fit: Fit,
    draws: Draws,
    *,
    kind: str = "percentile",
    labels: Mapping[str, str] | None = None,
    level: float = 0.95,
    digits: int = 2,
    source_label: str = "",
) -> Table:
    """Return every free parameter with bootstrap standard error, interval, p and the error of the limits.

    Parameters
    ----------
    fit : Fit
    draws : Draws
        Of this fit.
    kind : str
        Of interval, as in ``bootstrap_estimates``.
    labels : mapping of str to str, optional
        Printed names of variables.
    level, digits, source_label
        As in ``measurement_table``.

    Returns
    -------
    Table
        ``frame`` is what ``bootstrap_estimates`` returns.

    Raises
    ------
    UsageError
        As ``bootstrap_estimates``.

    Examples
    --------
    >>> import sopsem
    >>> rows = sopsem.simulate("y ~ 0.5*x", 60, seed=1)
    >>> result = sopsem.fit("y ~ x", rows)
    >>> bootstrap_table(result, sopsem.bootstrap(result, draws=50, seed=1)).columns[:5]
    ('Parameter', 'Estimate', 'SE', 'LL', 'UL')

    """
    frame = bootstrap_estimates(fit, draws, kind=kind, level=level)
    raw, fine = decimals(digits), decimals(digits + 1)
    columns = [
        Column(key="est", header="Estimate", shown=raw),
        Column(key="se", header="SE", shown=raw),
        *interval_columns("ci_lower", "ci_upper", raw, level),
        Column(key="pvalue", header="p", shown=p_value(3)),
        Column(key="mc_lower", header="LL", shown=fine, over="Monte Carlo error"),
        Column(key="mc_upper", header="UL", shown=fine, over="Monte Carlo error"),
    ]
    note = (
        f"{fit_note(fit)} SE = standard deviation of the draws. {interval_note(draws, kind, level)} "
        "Monte Carlo error: standard error of a limit that comes from the number of draws."
    )
    return lined_table(
        "Bootstrap Estimates",
        columns,
        list(_parameters(frame, fit, labels or {})),
        first="Parameter",
        notes=[note],
        frame=frame,
        source_label=source_label,
    )


def _parameters(frame: pd.DataFrame, fit: Fit, labels: Mapping[str, str]) -> Iterator[Line]:
    for op, heading in _PARTS.items():
        rows = frame[frame["op"] == op]
        if rows.empty:
            continue
        yield Line(level=0, name=heading, cells={})
        for row in rows.to_dict("records"):
            group = fit.spec.groups[int(row["group"]) - 1] if fit.n_groups > 1 and row["group"] else ""
            where = f" ({group})" if group else ""
            yield Line(level=1, name=f"{_parameter(row, labels)}{where}", cells=row)


def _parameter(row: Mapping[str, object], labels: Mapping[str, str]) -> str:
    lhs, op, rhs = (str(row[key]) for key in ("lhs", "op", "rhs"))
    if op == ":=":
        return f"{lhs} := {rhs}"
    arrows = {"=~": "{0} → {1}", "~": "{1} → {0}", "~~": "{0} ↔ {1}", "~1": "{0}"}
    if op == "~~" and lhs == rhs:
        return f"{named(labels, lhs)} (variance)"
    text = arrows.get(op, f"{{0}} {op} {{1}}")
    return text.format(named(labels, lhs), named(labels, rhs))


def mediation_table(
    result: Mediation, *, labels: Mapping[str, str] | None = None, digits: int = 2, source_label: str = ""
) -> Table:
    """Return the direct, indirect and total effects of a mediation, raw and standardized.

    Parameters
    ----------
    result : Mediation
        What ``mediation`` returned.
    labels : mapping of str to str, optional
        Printed names of variables.
    digits, source_label
        As in ``measurement_table``.

    Returns
    -------
    Table
        The notes carry the verdict.  ``frame`` is ``result.routes``.

    Examples
    --------
    >>> import sopsem
    >>> rows = sopsem.simulate("m ~ 0.5*x; y ~ 0.5*m", 100, seed=1)
    >>> result = sopsem.mediation(sopsem.fit("m ~ x; y ~ m", rows), predictor="x", outcome="y", draws=0)
    >>> [row[0] for row in mediation_table(result).rows][2:4]
    ['Specific indirect effects', 'x → m → y']

    """
    labels = labels or {}
    lines = []
    for kind, heading in _KINDS.items():
        rows = result.routes[result.routes["kind"] == kind].to_dict("records")
        lines += [Line(level=0, name=heading, cells={})] if rows else []
        for row in rows:
            route = " → ".join(named(labels, name) for name in str(row["route"]).split(" > "))
            lines.append(Line(level=1, name=route, cells=row))
    full = result.comparison.full
    kind = "bc" if full.mimic == "amos" else "percentile"
    note = f"{fit_note(full)} {interval_note(result.draws, kind, result.level)} β = standardized effect."
    return lined_table(
        f"Mediation of the Effect of {named(labels, result.predictor)} on {named(labels, result.outcome)}",
        effect_columns(digits),
        lines,
        first="Effect",
        notes=[note, result.verdict],
        frame=result.routes,
        source_label=source_label,
    )
