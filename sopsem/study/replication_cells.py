"""Cells of a replication: a printed number, the recomputed one, what would agree, and the verdict.

A number that the data determine is *reproduced* when it rounds to the print.  A bootstrap number is random in
the paper and here: it is *within Monte-Carlo error* when the two differ by less than three standard errors of
their difference.
"""

import numpy as np
import pandas as pd

from sopsem.errors import ModelError
from sopsem.sem.estimation.fit import Fit
from sopsem.study.conventions import determined_numbers
from sopsem.study.published import PublishedStudy

__all__ = ["MC_LIMIT", "effect_numbers", "printed_effects", "replication_cells"]

MC_LIMIT = 3.0


def replication_cells(
    study: PublishedStudy, main: Fit, freed: Fit | None, table: pd.DataFrame, draws: int
) -> pd.DataFrame:
    """Set every printed result beside the recomputed one.

    Parameters
    ----------
    table : DataFrame
        What ``effects`` returned: with draws for a paper that bootstrapped, without for one that did not.
    draws : int
        Draws behind ``table``.

    Returns
    -------
    DataFrame
        id, printed, computed, lower, upper, verdict, mc_se, distance.

    """
    computed = determined_numbers(main, freed) | effect_numbers(study, table)
    errors = _monte_carlo_errors(study, table, draws)
    rows = [
        _verdict(cell, computed[cell.id], errors.get(cell.id, np.nan))
        for cell in study.cells().itertuples()
        if cell.id in computed
    ]
    return pd.DataFrame(rows)


def printed_effects(study: PublishedStudy, table: pd.DataFrame) -> dict[str, pd.Series]:
    """Return the row of the effects table behind every printed effect, by the name used in cell ids."""
    kinds = {"total": "total", "direct": "direct", "indirect": "total_indirect"}
    found = {}
    for name, row in study.effect_rows():
        match = table[(table["kind"] == kinds[row.kind]) & (table["outcome"] == row.outcome)]
        match = match[match["predictor"] == row.predictor]
        if match.empty:
            raise ModelError(f"the paper prints {name}, but the model has no {row.kind} effect of it")
        found[name] = match.iloc[0]
    return found


def effect_numbers(study: PublishedStudy, table: pd.DataFrame) -> dict[str, float]:
    """Return effect:, ci_lower:, ci_upper:, p: and se: of every printed effect."""
    scale = "_std" if study.effects.standardized else ""
    fields = {"effect": "est", "ci_lower": "ci_lower", "ci_upper": "ci_upper", "p": "pvalue", "se": "se"}
    return {
        f"{prefix}:{name}": float(row[column + scale])
        for name, row in printed_effects(study, table).items()
        for prefix, column in fields.items()
    }


def _monte_carlo_errors(study: PublishedStudy, table: pd.DataFrame, draws: int) -> dict[str, float]:
    """Return the standard error of paper minus recomputed for every bootstrap number.

    Both are random: ours with its own draws, the paper's with as many as it states (an error scales with the root
    of the draws).
    """
    if "mc_lower" not in table or study.analysis.draws is None:
        return {}
    scale = "_std" if study.effects.standardized else ""
    together = np.sqrt(1.0 + draws / study.analysis.draws)
    fields = {"ci_lower": "mc_lower", "ci_upper": "mc_upper", "p": "mc_pvalue"}
    return {
        f"{prefix}:{name}": float(row[column + scale]) * together
        for name, row in printed_effects(study, table).items()
        for prefix, column in fields.items()
    }


def _verdict(cell: object, computed: float, error: float) -> dict[str, object]:
    """Judge one cell: by rounding, or by Monte-Carlo distance where the number is random."""
    lower, upper = float(cell.lower), float(cell.upper)  # type: ignore[attr-defined]
    inside = lower <= computed < upper
    gap = 0.0 if inside else max(lower - computed, computed - upper)
    distance = gap / error if error > 0.0 else np.nan
    if np.isnan(error):
        verdict = "reproduced" if inside else "differs"
    else:
        least = 0.0 if cell.id.startswith("p:") else -np.inf  # type: ignore[attr-defined]
        lower, upper = max(lower - MC_LIMIT * error, least), upper + MC_LIMIT * error
        verdict = (
            "within Monte-Carlo error" if distance <= MC_LIMIT or inside else "outside Monte-Carlo error"
        )
    return {
        "id": cell.id,  # type: ignore[attr-defined]
        "printed": cell.printed,  # type: ignore[attr-defined]
        "computed": computed,
        "lower": lower,
        "upper": upper,
        "verdict": verdict,
        "mc_se": error,
        "distance": distance,
    }
