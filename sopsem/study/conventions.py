"""Which program conventions explain a paper's numbers?  Every combination, with how many prints it returns.

Fit measures depend on the multiplier (N or N - 1); intervals and p-values depend on the kind of interval, the rule
that reads a quantile between two draws, and what is done with improper draws.  Standardized effects depend on none.
"""

from collections.abc import Mapping
from itertools import product

import numpy as np
import pandas as pd

from sopsem.errors import UsageError
from sopsem.sem.effects.effects import effect_values, find_effects
from sopsem.sem.estimation.fit import Fit, fit_moments
from sopsem.sem.fit_measures.fit_formulas import chisq_pvalue
from sopsem.sem.fit_measures.fit_indices import fit_indices
from sopsem.sem.resampling.bootstrap import Draws
from sopsem.sem.resampling.intervals import (
    RULES,
    bootstrap_pvalue,
    interval,
    monte_carlo_se,
    pvalue_monte_carlo_se,
)
from sopsem.sem.resampling.policies import require_intact
from sopsem.study.published import PublishedStudy

__all__ = ["best_conventions", "convention_table", "determined_numbers"]

KINDS = ("percentile", "bc")
TIED = 1  # with about one false alarm in a hundred limits, one number fewer says nothing, two say something
MULTIPLIERS = {"N - 1": "amos", "N": None}


def determined_numbers(main: Fit, freed: Fit | None) -> dict[str, float]:
    """Return the numbers that the data determine: fit measures by name, dchisq and dpvalue."""
    numbers = {str(k): float(v) for k, v in fit_indices(main).items()}
    numbers |= {"gfi": numbers["gfi_lisrel"], "sabic": numbers["bic2"]}
    if freed is not None:
        numbers["dchisq"] = main.chisq - freed.chisq
        numbers["dpvalue"] = chisq_pvalue(numbers["dchisq"], main.df - freed.df)
    return numbers


def convention_table(
    study: PublishedStudy, main: Fit, freed: Fit | None, by_policy: Mapping[str, Draws], limit: float
) -> pd.DataFrame:
    """Return one row per combination of conventions, best first.

    Returns
    -------
    DataFrame
        multiplier, interval, rule, policy; fit_cells and fit_matched (numbers that round to the print);
        bootstrap_cells and bootstrap_matched (within ``limit`` Monte-Carlo standard errors), rms_distance (root mean
        square of those distances), note (why a combination is refused).

    """
    fits = {name: _fit_matches(study, main, freed, mimic) for name, mimic in MULTIPLIERS.items()}
    boots = {
        key: _bootstrap_matches(study, by_policy[key[2]], *key[:2], limit)
        for key in product(KINDS, RULES, by_policy)
    }
    rows = []
    for (name, matched), (key, found) in product(fits.items(), boots.items()):
        rows.append(
            {
                "multiplier": name,
                "interval": key[0],
                "rule": key[1],
                "policy": key[2],
                "fit_matched": matched[0],
                "fit_cells": matched[1],
                **found,
            }
        )
    table = pd.DataFrame(rows)
    order = ["fit_matched", "bootstrap_matched", "rms_distance"]
    return table.sort_values(order, ascending=[False, False, True], kind="stable", ignore_index=True)


def best_conventions(table: pd.DataFrame) -> dict[str, list[str]]:
    """Return, for each convention, the choices that print does not rule out.

    Those of the rows that match the most numbers determined by the data and, of the bootstrap numbers, the most or up
    to ``TIED`` fewer: so small a difference is within what two runs of one convention show.
    """
    usable = table[table["note"] == ""]
    top = usable[
        (usable["fit_matched"] == usable["fit_matched"].max())
        & (usable["bootstrap_matched"] >= usable["bootstrap_matched"].max() - TIED)
    ]
    return {c: list(dict.fromkeys(top[c])) for c in ("multiplier", "interval", "rule", "policy")}


def _fit_matches(study: PublishedStudy, main: Fit, freed: Fit | None, mimic: str | None) -> tuple[int, int]:
    """Count the determined numbers that round to the print under one multiplier."""
    fits = [
        f if f is None or f.mimic == mimic else fit_moments(f.spec, f.moments, mimic=mimic)
        for f in (main, freed)
    ]
    assert fits[0] is not None
    numbers = determined_numbers(fits[0], fits[1])
    cells = [c for c in study.cells().itertuples() if c.id in numbers]
    return sum(c.lower <= numbers[c.id] < c.upper for c in cells), len(cells)


def _bootstrap_matches(
    study: PublishedStudy, draws: Draws, kind: str, rule: str, limit: float
) -> dict[str, object]:
    """Count the printed limits and p-values that lie within the Monte-Carlo limit under one convention."""
    try:
        require_intact(draws, kind)
    except UsageError:
        lost = f"{draws.share_lost:.0%} of the draws lost or bounded: {kind} refused"
        return {"bootstrap_matched": 0, "bootstrap_cells": 0, "rms_distance": np.nan, "note": lost}
    distances = np.array(_distances(study, draws, kind, rule))
    return {
        "bootstrap_matched": int((distances <= limit).sum()),
        "bootstrap_cells": len(distances),
        "rms_distance": float(np.sqrt(np.mean(distances**2))) if len(distances) else np.nan,
        "note": "",
    }


def _distances(study: PublishedStudy, draws: Draws, kind: str, rule: str) -> list[float]:
    cells = {c.id: c for c in study.cells().itertuples()}
    fit, level = draws.fit, study.analysis.level
    kinds = {"total": "total", "direct": "direct", "indirect": "total_indirect"}
    rows = study.effect_rows()
    wanted = [
        next(
            e
            for e in find_effects(fit.spec)
            if (e.kind, e.outcome, e.predictor) == (kinds[r.kind], r.outcome, r.predictor)
        )
        for _, r in rows
    ]
    standardized = study.effects.standardized
    values = effect_values(
        fit.spec, fit.model, draws.kernel_theta[draws.used], wanted, standardized=standardized
    )
    points = effect_values(fit.spec, fit.model, fit.kernel_theta[None], wanted, standardized=standardized)[0]
    against = float(study.analysis.draws or np.inf)
    found: list[float] = []
    for (name, _), column, point in zip(rows, values.T, points, strict=True):
        limits = interval(column, point, kind=kind, level=level, rule=rule)
        errors = monte_carlo_se(column, point, kind=kind, level=level, rule=rule, against=against)
        numbers = {
            f"ci_lower:{name}": (limits[0], errors[0]),
            f"ci_upper:{name}": (limits[1], errors[1]),
            f"p:{name}": (
                bootstrap_pvalue(column, point, kind=kind),
                pvalue_monte_carlo_se(column, point, kind=kind, against=against),
            ),
        }
        for cell_id, (number, error) in numbers.items():
            if cell_id in cells:
                gap = max(cells[cell_id].lower - number, number - cells[cell_id].upper, 0.0)
                found.append(gap / error if error > 0.0 else 0.0 if gap == 0.0 else np.inf)
    return found
