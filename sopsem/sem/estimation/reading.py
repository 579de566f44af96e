"""What becomes of the rows of a group: complete rows, patterns, two stages, or ordered answers."""

from collections.abc import Mapping, Sequence

import pandas as pd

from sopsem.errors import UsageError
from sopsem.sem.estimation.settings import Settings
from sopsem.sem.model.spec import ModelSpec
from sopsem.sem.sample.incomplete_moments import incomplete_moments
from sopsem.sem.sample.moments import Moments, moments_from_data
from sopsem.sem.sample.ordered_data import answers_of, moments_of_ordered

__all__ = ["moments_of_group", "ordered_answers"]


def ordered_answers(
    spec: ModelSpec, data: pd.DataFrame | None, ordered: bool | Sequence[str]
) -> dict[str, tuple[float, ...]]:
    """Return the answers of the ordered variables; all endogenous observed ones when ``ordered`` is True.

    Raises
    ------
    UsageError
        Ordered variables without rows, or one that is no column: a slip that would make it continuous.

    """
    listed = () if isinstance(ordered, bool) else (ordered,) if isinstance(ordered, str) else tuple(ordered)
    if data is not None and (unknown := [v for v in listed if v not in data.columns]):
        raise UsageError(
            f"ordered has {', '.join(map(repr, unknown))}, which is no column of the data; correct the name"
        )
    inside = [v for v in spec.observed if v not in spec.exogenous]
    names = inside if ordered is True else [v for v in inside if v in listed or v in spec.ordered]
    if not names:
        return {}
    if data is None:
        raise UsageError("ordered variables need the rows: give data instead of sample_cov")
    return answers_of(data, names)


def moments_of_group(
    rows: pd.DataFrame,
    *,
    spec: ModelSpec,
    settings: Settings,
    auxiliary: Sequence[str] = (),
    answers: Mapping[str, tuple[float, ...]],
) -> Moments:
    """Return the moments of the rows of one group, as the settings have it.

    Raises
    ------
    UsageError, ModelError, DataError, ConvergenceError
        As ``moments_from_data``, ``incomplete_moments`` and ``moments_of_ordered``.

    """
    if auxiliary and not (settings.two_stage or settings.incomplete):
        raise UsageError(
            f"auxiliary variables inform missing values of the model's variables, and missing is "
            f"{settings.missing!r}: use missing='ml', 'two_stage' or 'robust_two_stage'"
        )
    if answers:
        return moments_of_ordered(rows, spec, answers, missing=settings.missing)
    if settings.incomplete or settings.two_stage:
        return incomplete_moments(
            rows,
            spec.observed,
            missing=settings.missing,
            exogenous=tuple(dict.fromkeys(p.lhs for p in spec if p.exo and settings.missing != "ml_x")),
            auxiliary=auxiliary if settings.two_stage else (),
        )
    return moments_from_data(rows, spec.observed)
