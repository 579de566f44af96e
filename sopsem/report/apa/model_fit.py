"""Fit of one or several models side by side, with the test of each against the one before."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd

from sopsem.errors import ConvergenceError, DataError, ModelError, UsageError
from sopsem.report.apa.general_note import fit_note
from sopsem.report.apa.lines import Column, Line, lined_table
from sopsem.report.digits import bounded, count, decimals, p_value
from sopsem.report.table import Table
from sopsem.sem.estimation.fit import Fit
from sopsem.sem.fit_measures.compare import compare
from sopsem.sem.fit_measures.fit_indices import fit_indices

__all__ = ["fit_table"]

_PLAIN = ("npar", "df", "srmr", "aic", "bic")
_TEST = ("chisq", "pvalue")
_INDICES = ("cfi", "tli", "rmsea", "rmsea_ci_lower", "rmsea_ci_upper")
_DIFFERENCE = ("chisq_diff", "df_diff", "pvalue_diff", "delta_cfi", "delta_rmsea")
_SAYS = {"": "", "_scaled": "scaled", "_robust": "robust"}


def fit_table(
    fits: Fit | Mapping[str, Fit],
    *,
    against: Literal["previous", "first", "none"] = "previous",
    digits: int = 3,
    source_label: str = "",
) -> Table:
    """Return the fit of models, and of several the difference tests.

    Parameters
    ----------
    fits : Fit or mapping of str to Fit
        One model, or models by printed name.
    against : {"previous", "first", "none"}
        What each model is tested against.
    digits : int
        Decimals of the indices; chi2 has two.
    source_label : str

    Returns
    -------
    Table
        chi2 (scaled where the estimator scales it), df, p, CFI, TLI, RMSEA with its 90 % interval, SRMR, AIC, BIC;
        then the difference of chi2, its df and p, and the changes of CFI and RMSEA.  A pair that cannot be tested has
        dashes, and the note says why.  ``frame`` holds all of it unrounded.

    Raises
    ------
    UsageError
        No model, or another ``against``.

    Examples
    --------
    >>> import sopsem
    >>> s = [[1.0, .6, .3, .3], [.6, 1.0, .3, .3], [.3, .3, 1.0, .5], [.3, .3, .5, 1.0]]
    >>> cov = pd.DataFrame(s, columns=list("abcd"), index=list("abcd"))
    >>> two = sopsem.fit("f =~ a + b; g =~ c + d", sample_cov=cov, n_obs=100)
    >>> one = sopsem.fit("f =~ a + b + c + d", sample_cov=cov, n_obs=100)
    >>> [row[-5:-2] for row in fit_table({"Two factors": two, "One factor": one}).rows]
    [('', '', ''), ('16.67', '1', '< .001')]

    """
    if against not in ("previous", "first", "none"):
        raise UsageError(f"against is {against!r}; choose 'previous', 'first' or 'none'")
    models = {"Model": fits} if isinstance(fits, Fit) else dict(fits)
    if not models:
        raise UsageError("fit_table was given no model; give at least one")
    measures = [fit_indices(one) for one in models.values()]
    scaled = "_scaled" if all(_has(m, "chisq_scaled") for m in measures) else ""
    variant = _variant(measures, list(models.values()))
    frame = pd.DataFrame([_row(m, scaled, variant) for m in measures])
    frame.insert(0, "model", list(models))
    reasons: list[str] = []
    several = len(models) > 1 and against != "none"
    if several:
        frame = pd.concat([frame, _differences(models, frame, against, reasons)], axis=1)
    lines = [Line(level=0, name=str(row["model"]), cells=_shown(row)) for row in frame.to_dict("records")]
    return lined_table(
        "Model Fit" if len(models) == 1 else "Fit and Comparison of Models",
        _columns(frame, digits),
        lines,
        first="Model",
        notes=[_note(models, scaled, variant, against if several else "none"), *reasons],
        frame=frame,
        source_label=source_label,
    )


def _has(measures: pd.Series, name: str) -> bool:
    return bool(np.isfinite(measures.get(name, np.nan)))


def _variant(measures: Sequence[pd.Series], fits: Sequence[Fit]) -> str:
    """Return the kind of CFI and RMSEA that all models have: robust, scaled or plain; of ordered data not robust."""
    ordered = any(one.data_moments[0].ordinal is not None for one in fits)
    for kind in ("_scaled",) if ordered else ("_robust", "_scaled"):
        if all(_has(m, f"{name}{kind}") for m in measures for name in ("cfi", "rmsea")):
            return kind
    return ""


def _row(measures: pd.Series, scaled: str, variant: str) -> dict[str, float]:
    wanted = {name: name for name in _PLAIN}
    wanted |= {name: f"{name}{scaled}" for name in _TEST}
    wanted |= {name: f"{name}{variant}" for name in _INDICES}
    return {name: float(measures.get(source, np.nan)) for name, source in wanted.items()}


def _differences(
    models: Mapping[str, Fit], frame: pd.DataFrame, against: str, reasons: list[str]
) -> pd.DataFrame:
    """Return the test of every model against the one before it, or against the first."""
    names, fits = list(models), list(models.values())
    rows = [dict.fromkeys(_DIFFERENCE, np.nan)]
    for place in range(1, len(fits)):
        other = place - 1 if against == "previous" else 0
        changes = {
            f"delta_{name}": float(frame[name][place] - frame[name][other]) for name in ("cfi", "rmsea")
        }
        restricted, full = sorted((fits[place], fits[other]), key=lambda one: one.df, reverse=True)
        try:
            made = compare(restricted, full)
        except (ModelError, ConvergenceError, DataError) as error:
            reasons.append(f"{names[place]} against {names[other]} has no test: {error}")
            rows.append(dict.fromkeys(_DIFFERENCE, np.nan) | changes)
            continue
        rows.append({"chisq_diff": made.dchisq, "df_diff": made.ddf, "pvalue_diff": made.pvalue, **changes})
    return pd.DataFrame(rows, columns=list(_DIFFERENCE))


def _shown(row: Mapping[Any, Any]) -> dict[str, Any]:
    """Return the values to print: the first model has no difference, rather than a missing one."""
    own = {str(name): value for name, value in row.items()}
    if all(pd.isna(own.get(name)) for name in _DIFFERENCE):
        return {name: value for name, value in own.items() if name not in _DIFFERENCE}
    return own


def _columns(frame: pd.DataFrame, digits: int) -> list[Column]:
    three, chi2 = bounded(digits), decimals(2)
    columns = [
        Column(key="chisq", header="χ²", shown=chi2),
        Column(key="df", header="df", shown=count),
        Column(key="pvalue", header="p", shown=p_value(3)),
        Column(key="cfi", header="CFI", shown=three),
        Column(key="tli", header="TLI", shown=three),
        Column(key="rmsea", header="RMSEA", shown=three),
        Column(key="rmsea_ci_lower", header="LL", shown=three, over="90% CI"),
        Column(key="rmsea_ci_upper", header="UL", shown=three, over="90% CI"),
        Column(key="srmr", header="SRMR", shown=three),
        Column(key="aic", header="AIC", shown=chi2),
        Column(key="bic", header="BIC", shown=chi2),
        Column(key="chisq_diff", header="Δχ²", shown=chi2),
        Column(key="df_diff", header="Δdf", shown=count),
        Column(key="pvalue_diff", header="p", shown=p_value(3)),
        Column(key="delta_cfi", header="ΔCFI", shown=three),
        Column(key="delta_rmsea", header="ΔRMSEA", shown=three),
    ]
    return [c for c in columns if c.key in frame.columns and not frame[c.key].isna().all()]


def _note(models: Mapping[str, Fit], scaled: str, variant: str, against: str) -> str:
    said = list(dict.fromkeys(fit_note(one) for one in models.values()))
    notes = said if len(said) == 1 else [f"{name}: {fit_note(one)}" for name, one in models.items()]
    parts = [
        *notes,
        f"χ² is scaled ({next(iter(models.values())).settings.test.replace('_', '-')})." if scaled else "",
        f"CFI, TLI and RMSEA are {_SAYS[variant]}." if variant else "",
        "LL and UL are the limits of the 90% interval of RMSEA.",
        {
            "previous": "Δ: difference from the model above, with its chi-square difference test.",
            "first": "Δ: difference from the first model, with its chi-square difference test.",
        }.get(against, ""),
    ]
    return " ".join(part for part in parts if part)
