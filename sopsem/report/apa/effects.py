"""Structural effects: direct, indirect and total, unstandardized and standardized side by side."""

from collections.abc import Iterator, Mapping

import pandas as pd

from sopsem.errors import UsageError
from sopsem.report.apa.general_note import fit_note, interval_note, stars_note
from sopsem.report.apa.lines import Column, Line, lined_table, named
from sopsem.report.digits import Formatter, bounded, decimals, p_value, stars
from sopsem.report.table import Table
from sopsem.sem.effects.effects import effects
from sopsem.sem.estimation.estimates import r_squared
from sopsem.sem.estimation.fit import Fit
from sopsem.sem.resampling.draws import Draws

__all__ = ["effect_columns", "effects_table"]

_KINDS = {
    "direct": "Direct effects",
    "indirect": "Specific indirect effects",
    "total_indirect": "Total indirect effects",
    "total": "Total effects",
}


def effects_table(
    fit: Fit,
    draws: Draws | None = None,
    *,
    kind: str | None = None,
    labels: Mapping[str, str] | None = None,
    level: float = 0.95,
    digits: int = 2,
    with_stars: bool = False,
    source_label: str = "",
) -> Table:
    """Return the table of direct, indirect and total effects.

    Parameters
    ----------
    fit : Fit
        A model with paths (``~``); of several groups every group has its own part.
    draws : Draws, optional
        Bootstrap draws of the fit: intervals and p are theirs.
    kind : str, optional
        Of interval with draws, as in ``effects``.
    labels : mapping of str to str, optional
        Printed names of variables.
    level, digits, with_stars, source_label
        As in ``measurement_table``; stars stand at standardized effects.

    Returns
    -------
    Table
        Estimate, standard error, interval and p, raw and standardized; the note has R² of every outcome.  ``frame`` is
        what ``effects`` returns.

    Raises
    ------
    UsageError
        The model has no paths, or as in ``effects``.

    Examples
    --------
    >>> import sopsem
    >>> cov = pd.DataFrame([[1.0, 0.5], [0.5, 1.0]], index=["y", "x"], columns=["y", "x"])
    >>> effects_table(sopsem.fit("y ~ x", sample_cov=cov, n_obs=50)).rows[1][:6]
    ('x → y', '0.50', '0.12', '0.26', '0.74', '< .001')

    """
    if not any(p.op == "~" for p in fit.spec):
        raise UsageError("the model has no paths (~), so there are no effects to show")
    frame = effects(fit, draws, kind=kind, level=level)
    used = kind or ("bc" if fit.mimic == "amos" else "percentile")
    two = bounded(digits)
    lines = list(_lines(frame, labels or {}, two, with_stars=with_stars))
    notes = [
        (
            f"{fit_note(fit)} {interval_note(draws, used, level)} B = unstandardized, β = standardized effect."
            f"{_explained(fit, labels or {}, two)}"
        ),
        stars_note() if with_stars else "",
    ]
    return lined_table(
        "Direct, Indirect, and Total Effects",
        effect_columns(digits),
        lines,
        first="Effect",
        notes=notes,
        frame=frame,
        source_label=source_label,
    )


def effect_columns(digits: int) -> list[Column]:
    """Return the columns of raw and standardized effects with standard errors, limits and p."""
    return [
        *_columns("", decimals(digits), "B", "Unstandardized"),
        *_columns("_std", bounded(digits), "β", "Standardized"),
    ]


def _columns(ending: str, shown: Formatter, header: str, over: str) -> list[Column]:
    numbers = (("est", header), ("se", "SE"), ("ci_lower", "LL"), ("ci_upper", "UL"))
    return [
        *(Column(key=key + ending, header=text, shown=shown, over=over) for key, text in numbers),
        Column(key="pvalue" + ending, header="p", shown=p_value(3), over=over),
    ]


def _lines(
    frame: pd.DataFrame, labels: Mapping[str, str], two: Formatter, *, with_stars: bool
) -> Iterator[Line]:
    several = "group" in frame.columns
    for label, of_group in frame.groupby("group", sort=False) if several else [("", frame)]:
        if several:
            yield Line(level=0, name=str(label), cells={})
        for kind, heading in _KINDS.items():
            rows = of_group[of_group["kind"] == kind].to_dict("records")
            if rows:
                yield Line(level=int(several), name=heading, cells={})
            for row in rows:
                if with_stars:
                    row["est_std"] = f"{two(row['est_std'])}{stars(row['pvalue_std'])}"
                route = " → ".join(named(labels, name) for name in str(row["route"]).split(" > "))
                yield Line(level=int(several) + 1, name=route, cells=row)


def _explained(fit: Fit, labels: Mapping[str, str], two: Formatter) -> str:
    """Return the explained variance of every outcome of a path, of every group."""
    outcomes = list(dict.fromkeys(p.lhs for p in fit.spec if p.op == "~"))
    found = r_squared(fit)
    by_group = {"": found} if isinstance(found, pd.Series) else {f" ({g})": found[g] for g in found.columns}
    texts = []
    for group, values in by_group.items():
        cells = [f"{named(labels, name)} = {two(values[name])}" for name in outcomes if name in values.index]
        if cells:
            texts.append(f"R²{group}: {', '.join(cells)}.")
    return f" {' '.join(texts)}" if texts else ""
