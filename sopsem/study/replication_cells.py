"""Cells of a replication: a printed number, the recomputed one, what would agree, and the verdict.

A number that the data determine is *reproduced* when it rounds to the print.  A bootstrap number is random in
the paper and here: it is *within Monte-Carlo error* when the two differ by less than three standard errors of
their difference.  Two runs of the same analysis with 200 draws each exceed that in about one limit in a hundred
(limits are skewed, so three standard errors are not .3 %).
"""

import numpy as np
import pandas as pd

from sopsem.errors import ModelError
from sopsem.sem.estimation.fit import Fit
from sopsem.sem.resampling.intervals import monte_carlo_se, pvalue_monte_carlo_se
from sopsem.study.conventions import determined_numbers
from sopsem.study.published import PublishedStudy

__all__ = ["MC_LIMIT", "effect_numbers", "monte_carlo_errors", "printed_effects", "replication_cells"]

MC_LIMIT = 3.0


def replication_cells(
    study: PublishedStudy,
    main: Fit,
    freed: Fit | None,
    table: pd.DataFrame,
    errors: dict[str, float],
) -> pd.DataFrame:
    """Set every printed result beside the recomputed one.

    Parameters
    ----------
    table : DataFrame
        What ``effects`` returned: with draws for a paper that bootstrapped, without for one that did not.
    errors : dict
        Standard error of the paper's number minus ours, by cell id, for numbers that are random in both.

    Returns
    -------
    DataFrame
        id, printed, computed, lower, upper, verdict, mc_se, distance.

    """
    computed = determined_numbers(main, freed) | effect_numbers(study, table)
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


def monte_carlo_errors(
    study: PublishedStudy, draws: pd.DataFrame, points: pd.Series, kind: str, rule: str
) -> dict[str, float]:
    """Return the standard error of the paper's number minus ours for every limit and p; {} without bootstrap.

    Both are random: ours with its own draws, the paper's with as many as it states.

    Parameters
    ----------
    draws : DataFrame
        Every printed effect in every draw, one column per effect.
    points : Series
        The estimates.

    """
    if study.analysis.draws is None:
        return {}
    # the error of a percentile limit stands in for the kinds that need more than the draws
    kind = kind if kind in ("percentile", "bc") else "percentile"
    against = float(study.analysis.draws)
    found: dict[str, float] = {}
    for name, column in draws.items():
        values, point = column.to_numpy(), float(points[name])
        limits = monte_carlo_se(
            values, point, kind=kind, level=study.analysis.level, rule=rule, against=against
        )
        found |= {f"ci_lower:{name}": limits[0], f"ci_upper:{name}": limits[1]}
        found[f"p:{name}"] = pvalue_monte_carlo_se(values, point, kind=kind, against=against)
    return found


def _verdict(cell: object, computed: float, error: float) -> dict[str, object]:
    """Judge one cell: by rounding, or by Monte-Carlo distance where the number is random."""
    lower, upper = float(cell.lower), float(cell.upper)  # type: ignore[attr-defined]
    inside = lower <= computed < upper
    gap = 0.0 if inside else max(lower - computed, computed - upper)
    distance = gap / error if error > 0.0 else np.nan
    if np.isnan(error):
        verdict = "reproduced" if inside else "differs"
    elif np.isinf(error):
        lower, upper, distance, verdict = -np.inf, np.inf, np.nan, "too few draws to tell"
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
