"""The draws behind a verdict on mediation, and the models that have one."""

from collections.abc import Callable
from concurrent.futures import Executor
from os import PathLike
from typing import Literal

import pandas as pd

from sopsem.errors import UsageError
from sopsem.runs.run_folder import stage_folder
from sopsem.sem.estimation.fit import Fit
from sopsem.sem.fit_measures.compare import Comparison
from sopsem.sem.resampling.bootstrap import Draws, bootstrap
from sopsem.sem.resampling.difference_draws import DifferenceDraws, bootstrap_difference

__all__ = ["check_mediation_fit", "resampled_models"]


def check_mediation_fit(fit: Fit) -> None:
    """Refuse models whose groups or ordered variables the verdict does not cover.

    Raises
    ------
    UsageError
        Several groups, one group of several, or ordered variables.

    """
    if fit.n_groups > 1 or not (fit.parameters.row_basis != 0.0).any(axis=0).all():
        raise UsageError(
            "mediation() judges a model of one group; fit it to the rows of one group alone, or read all groups from "
            "effects(fit, bootstrap(fit))"
        )
    if fit.moments.ordinal is not None:
        raise UsageError(
            "mediation() is for continuous variables (its power is); use effects(fit, bootstrap(fit)) and compare()"
        )


def resampled_models(
    comparison: Comparison,
    data: pd.DataFrame | None,
    draws: int,
    seed: int,
    executor: Executor | None,
    progress: Callable[[int, int], None] | None,
    store: str | PathLike[str] | None,
    resume: bool,
) -> tuple[DifferenceDraws | None, Draws | None]:
    """Draw under the restricted model for the test, and from the data for the intervals of the full model.

    The arguments are those of ``mediation``; without draws, or where the restricted model cannot be drawn from,
    the result has None.
    """
    if not draws:
        return None, None
    full, own = comparison.full, stage_folder(store, "effects")
    rows = data is not None or full.moments.data is not None
    if (
        full.settings.estimator != "ML"
        or full.moments.saturated is not None
        or full.moments.clusters is not None
    ):
        # rows that obey the restricted model are drawn from complete rows by maximum likelihood only
        return None, bootstrap(
            full,
            data,
            draws=draws,
            seed=seed,
            kind="case",
            executor=executor,
            progress=progress,
            store=own,
            resume=resume,
        )
    under_null: Literal["bollen_stine", "parametric"] = "bollen_stine" if rows else "parametric"
    as_found: Literal["case", "parametric"] = "case" if rows else "parametric"
    difference = bootstrap_difference(
        comparison,
        data,
        draws=draws,
        seed=seed,
        kind=under_null,
        executor=executor,
        progress=progress,
        store=stage_folder(store, "difference"),
        resume=resume,
    )
    resamples = bootstrap(
        full,
        data,
        draws=draws,
        seed=seed,
        kind=as_found,
        executor=executor,
        progress=progress,
        store=own,
        resume=resume,
    )
    return difference, resamples
