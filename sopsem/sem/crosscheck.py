"""A second opinion: the same model in semopy, side by side.  The only file that imports semopy.

semopy bounds variances at 0 and stops at its own tolerance, so agreement is expected for the estimates and chi2 of
models without covariates whose solution is proper; its other numbers are listed as not comparable, with the reason.
"""

from dataclasses import dataclass
from importlib.metadata import version

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from sopsem.errors import ConvergenceError, DataError, ModelError
from sopsem.sem.estimation.fit import Fit

__all__ = ["NOT_COMPARABLE", "CrossCheck", "crosscheck"]

NOT_COMPARABLE = {
    "LogLik": "is the discrepancy F, not a log-likelihood",
    "AIC": "is 2k - 2F: built on the discrepancy, it can prefer the worse model",
    "BIC": "is k ln(n) - 2F: built on the discrepancy",
    "GFI": "is computed as NFI (1 - chi2 / baseline chi2)",
    "AGFI": "is built on that GFI",
    "RMSEA": "divides chi2 = N F by N - 1, which is neither the normal nor the Wishart convention",
    "CFI": "is not truncated at 1",
    "DoF": "counts moments of fixed exogenous variables, so it differs when the model has observed predictors",
    "Std. Err": "is always that of normal-theory ML with expected information",
}


@dataclass(frozen=True, kw_only=True)
class CrossCheck:
    """Both answers.

    Attributes
    ----------
    estimates : DataFrame
        lhs op rhs sopsem semopy difference, one row per free parameter both report.
    chisq : tuple of float
        chi2 = N F of sopsem and of semopy.
    largest_difference : float
        Of the estimates, relative to max(|estimate|, .1).
    not_comparable : dict
        Which of semopy's other numbers mean something else, and what.
    notes : tuple of str
        Why a difference is to be expected here.

    """

    estimates: pd.DataFrame
    chisq: tuple[float, float]
    largest_difference: float
    not_comparable: dict[str, str]
    notes: tuple[str, ...]
    version: str


def crosscheck(fit: Fit, data: pd.DataFrame) -> CrossCheck:
    """Fit the same model to the same rows in semopy and compare.

    Parameters
    ----------
    fit : Fit
        Without intercepts and without constraints on labels: semopy describes those differently.
    data : DataFrame
        The data of the fit.

    Raises
    ------
    ModelError
        The model cannot be described to semopy.
    DataError
        The fit was made from a covariance matrix.
    ConvergenceError
        semopy reports failure.

    """
    import semopy  # noqa: PLC0415 - costs seconds, and only this function needs it

    text = semopy_text(fit)
    if fit.moments.data is None:
        raise DataError("semopy is given raw data; fit the model from data, not from a covariance matrix")
    complete = data[list(fit.spec.observed)].astype(float).dropna()
    model = semopy.Model(text)
    with threadpool_limits(limits=1):
        outcome = model.fit(complete, options={"ftol": 1e-14})  # semopy's own stop is loose
        if not outcome.success:
            raise ConvergenceError(f"semopy did not converge: {outcome.message}")
        table = model.inspect()
    frame = _side_by_side(fit, table)
    scale = np.maximum(np.abs(frame["sopsem"]), 0.1)
    return CrossCheck(
        estimates=frame,
        chisq=(fit.n * fit.minimum, fit.n * float(outcome.fun)),
        largest_difference=float((frame["difference"].abs() / scale).max()),
        not_comparable=dict(NOT_COMPARABLE),
        notes=_notes(fit),
        version=version("semopy"),
    )


def semopy_text(fit: Fit) -> str:
    """Describe the model to semopy: the same formulas, every fixed value written out.

    Raises
    ------
    ModelError
        Intercepts, constraints, or fixed exogenous variables.

    """
    if fit.spec.meanstructure or fit.spec.constraints:
        raise ModelError("the cross-check covers models without intercepts and without constraints")
    if fit.spec.exogenous:
        raise ModelError(
            "the cross-check covers models whose predictors are factors: semopy's df is wrong for others"
        )
    lines = []
    for p in fit.spec:
        label = f"{p.label}*" if p.label else ""
        modifier = label if p.free else f"{p.value!r}*"
        lines.append(f"{p.lhs} {p.op} {modifier}{p.rhs}")
    return "\n".join(lines)


def _side_by_side(fit: Fit, table: pd.DataFrame) -> pd.DataFrame:
    theirs = {(str(r.lval), str(r.op), str(r.rval)): float(r.Estimate) for r in table.itertuples()}
    rows = []
    for p, value in zip(fit.spec, fit.rows, strict=True):
        if not p.free:
            continue
        # semopy prints a loading as a regression of the item on its factor
        keys = [(p.rhs, "~", p.lhs)] if p.op == "=~" else [(p.lhs, p.op, p.rhs), (p.rhs, p.op, p.lhs)]
        other = next((theirs[k] for k in keys if k in theirs), None)
        if other is None:
            raise ModelError(f"semopy reports no estimate for {p.lhs} {p.op} {p.rhs}")
        rows.append((p.lhs, p.op, p.rhs, float(value), other, float(value) - other))
    return pd.DataFrame(rows, columns=["lhs", "op", "rhs", "sopsem", "semopy", "difference"])


def _notes(fit: Fit) -> tuple[str, ...]:
    notes = ["semopy's chi2 is N F; a fit with the multiplier N - 1 is compared on that scale"]
    if fit.improper:
        notes.append(
            "our solution has a negative variance; semopy bounds variances at 0, so it must differ: "
            + "; ".join(str(one) for one in fit.improper)
        )
    if fit.likelihood == "wishart":
        notes.append("our variances have the divisor N - 1, semopy's N: they differ by N/(N - 1)")
    return tuple(notes)
