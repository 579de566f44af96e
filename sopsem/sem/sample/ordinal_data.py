"""Data of ordered and continuous variables made ready for estimation: rows chosen, answers coded from 0."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from sopsem.errors import DataError, UsageError

__all__ = ["LARGEST_CATEGORIES", "Missing", "OrdinalData", "check_few", "ordinal_data"]

Array = NDArray[np.float64]
Codes = NDArray[np.intp]
Missing = Literal["listwise", "pairwise"]
Categories = Sequence[Sequence[float] | None] | None

LARGEST_CATEGORIES = 30  # more distinct values than this are measurements, not categories
CONSTANT = 1e-10  # standard deviation below this share of the largest absolute value counts as constant
COLLINEAR = 1e-10  # smallest singular value of the standardized covariates, as a share of the largest


@dataclass(frozen=True, kw_only=True)
class OrdinalData:
    """Checked data of the rows used.

    Attributes
    ----------
    names, ordered
        Of the p variables.
    codes : (n, p) array of int
        Categories from 0; -1 where missing and in continuous columns.
    values : (n, p) array
        Continuous columns standardized by ``centre`` and ``scale``; NaN where missing and in ordered columns.
    centre, scale : (p,) arrays
        0 and 1 for ordered variables.
    covariates : (n, x) array
        Standardized by ``covariate_centre`` and ``covariate_scale``.
    categories : tuple of tuple of float
        The answers behind the codes; empty for continuous variables.
    counts : tuple of tuple of int
        Cases per category; empty for continuous variables.
    rows_used, rows_excluded : tuple of int
        Positions in the data given, from 0.
    notes : tuple of str

    """

    names: tuple[str, ...]
    ordered: tuple[bool, ...]
    codes: Codes
    values: Array
    centre: Array
    scale: Array
    covariates: Array
    covariate_centre: Array
    covariate_scale: Array
    categories: tuple[tuple[float, ...], ...]
    counts: tuple[tuple[int, ...], ...]
    rows_used: tuple[int, ...]
    rows_excluded: tuple[int, ...]
    notes: tuple[str, ...]


def ordinal_data(
    values: Array,
    names: Sequence[str],
    ordered: Sequence[bool],
    exogenous: Array | None,
    *,
    missing: Missing = "listwise",
    categories: Categories = None,
    exogenous_names: Sequence[str] | None = None,
) -> OrdinalData:
    """Return checked data of the rows used.

    Parameters
    ----------
    values : (n, p) array
        A column per variable, NaN where missing.
    names, ordered : sequences of length p
    exogenous : (n, x) array or None
        Covariates, NaN where missing; rows with a gap in them are always left out.
    missing : {'listwise', 'pairwise'}
        Leave out rows with any gap, or only rows without any value.
    categories : sequence of length p, optional
        The answers of each ordered variable in order (None: those found), so that groups and resamples are
        coded alike.
    exogenous_names : sequence of length x, optional
        For messages; x1, x2, ... without them.

    Returns
    -------
    OrdinalData

    Raises
    ------
    UsageError
        Lengths do not fit, or ``missing`` is unknown.
    DataError
        Infinite values, no rows left, a variable without variation, too many categories, an empty category
        of those given, collinear covariates.

    Examples
    --------
    >>> found = ordinal_data(np.array([[1.0], [4.0], [2.0], [4.0]]), ["item"], [True], None)
    >>> found.categories, found.counts
    (((1.0, 2.0, 4.0),), ((1, 1, 2),))
    >>> found.notes
    ("item 'item' has no answer 3: its categories 1, 2, 4 are taken as neighbours",)

    """
    table, covariates = _checked_shapes(values, names, ordered, exogenous, categories)
    if missing not in get_args(Missing):
        raise UsageError(f"missing is {missing!r}; choose one of {', '.join(get_args(Missing))}")
    used = _rows(table, covariates, missing)
    if not used.any():
        raise DataError(
            f"no row of {len(table)} is left after leaving out missing values; "
            "check the coding of the data or use fewer variables"
        )
    table, covariates = table[used], covariates[used]
    answers = [
        _answers(table[:, j], names[j], None if categories is None else categories[j]) if ordered[j] else ()
        for j in range(len(names))
    ]
    codes = np.full(table.shape, -1, dtype=np.intp)
    for j in np.flatnonzero(ordered).tolist():
        codes[:, j] = _coded(table[:, j], answers[j], names[j])
    standard, centre, scale = _standardized(table, names, ordered)
    x_centre, x_scale = _covariate_scale(covariates, exogenous_names)
    return OrdinalData(
        names=tuple(names),
        ordered=tuple(bool(each) for each in ordered),
        codes=codes,
        values=standard,
        centre=centre,
        scale=scale,
        covariates=(covariates - x_centre) / x_scale,
        covariate_centre=x_centre,
        covariate_scale=x_scale,
        categories=tuple(answers),
        counts=tuple(
            tuple(int((codes[:, j] == c).sum()) for c in range(len(found))) for j, found in enumerate(answers)
        ),
        rows_used=tuple(np.flatnonzero(used).tolist()),
        rows_excluded=tuple(np.flatnonzero(~used).tolist()),
        notes=tuple(
            _gap_note(name, found) for name, found in zip(names, answers, strict=True) if _gaps(found)
        ),
    )


def _checked_shapes(
    values: Array,
    names: Sequence[str],
    ordered: Sequence[bool],
    exogenous: Array | None,
    categories: Categories,
) -> tuple[Array, Array]:
    table = np.asarray(values, dtype=np.float64)
    if table.ndim != 2 or table.shape[1] != len(names) or len(ordered) != len(names) or not len(names):
        raise UsageError(
            f"values has shape {table.shape}, with {len(names)} names and {len(ordered)} ordered flags; "
            "give a column, a name and a flag per variable"
        )
    if categories is not None and len(categories) != len(names):
        raise UsageError(
            f"categories has {len(categories)} entries for {len(names)} variables; give one for each"
        )
    covariates = np.empty((len(table), 0)) if exogenous is None else np.asarray(exogenous, dtype=np.float64)
    if covariates.ndim != 2 or len(covariates) != len(table):
        raise UsageError(f"exogenous has shape {covariates.shape} for {len(table)} rows of values")
    for column, name in zip(table.T, names, strict=True):
        if np.isinf(column).any():
            raise DataError(f"column {name!r} holds infinite values; code them as missing or correct them")
    if np.isinf(covariates).any():
        raise DataError("an exogenous variable holds infinite values; code them as missing or correct them")
    return table, covariates


def _rows(table: Array, covariates: Array, missing: Missing) -> NDArray[np.bool_]:
    gaps = np.isnan(table)
    whole = ~gaps.any(axis=1) if missing == "listwise" else ~gaps.all(axis=1)
    return np.asarray(whole & ~np.isnan(covariates).any(axis=1))


def check_few(name: str, count: int) -> None:
    """Refuse as many different values as measurements have.

    Raises
    ------
    DataError
        More than 30 distinct values.

    """
    if count > LARGEST_CATEGORIES:
        raise DataError(
            f"ordered item {name!r} has {count} distinct values, more than {LARGEST_CATEGORIES}; "
            "treat it as continuous or merge categories"
        )


def _answers(column: Array, name: str, given: Sequence[float] | None) -> tuple[float, ...]:
    """Return the distinct answers of an ordered variable in order."""
    found = np.unique(column[~np.isnan(column)])
    if given is not None:
        return _given_answers(found, name, given)
    if len(found) < 2:
        answers = ", ".join(f"{each:g}" for each in found) or "no answer at all"
        raise DataError(
            f"ordered item {name!r} has fewer than two categories ({answers}); drop it from the model"
        )
    check_few(name, len(found))
    return tuple(found.tolist())


def _given_answers(found: Array, name: str, given: Sequence[float]) -> tuple[float, ...]:
    answers = tuple(float(each) for each in given)
    if len(answers) < 2 or any(a >= b for a, b in pairwise(answers)):
        raise UsageError(
            f"the categories of {name!r} must be two or more increasing numbers, not {list(answers)}"
        )
    strange = np.setdiff1d(found, answers)
    empty = np.setdiff1d(answers, found)
    if len(strange):
        raise DataError(f"ordered item {name!r} holds {strange[0]:g}, which is not one of its categories")
    if len(empty):
        raise DataError(
            f"ordered item {name!r} has no answer in its category {empty[0]:g}, so a threshold cannot be "
            "estimated; merge it with a neighbour in all groups"
        )
    return answers


def _coded(column: Array, answers: Sequence[float], name: str) -> Codes:
    observed = ~np.isnan(column)
    codes = np.full(len(column), -1, dtype=np.intp)
    codes[observed] = np.searchsorted(np.asarray(answers), column[observed])
    if not observed.any():
        raise DataError(f"ordered item {name!r} has no value in the rows used; drop it or supply it")
    return codes


def _standardized(table: Array, names: Sequence[str], ordered: Sequence[bool]) -> tuple[Array, Array, Array]:
    """Centre and scale the continuous columns, so that no unit of measurement costs digits later."""
    out, centre, scale = np.full(table.shape, np.nan), np.zeros(len(names)), np.ones(len(names))
    for j in np.flatnonzero(~np.asarray(ordered, dtype=bool)).tolist():
        column = table[:, j]
        present = column[~np.isnan(column)]
        if len(present) < 2 or present.std() <= CONSTANT * max(float(np.abs(present).max()), 1e-300):
            raise DataError(f"variable {names[j]!r} is constant in the rows used; drop it from the model")
        centre[j], scale[j] = present.mean(), present.std()
        out[:, j] = (column - centre[j]) / scale[j]
    return out, centre, scale


def _covariate_scale(covariates: Array, given: Sequence[str] | None) -> tuple[Array, Array]:
    """Return mean and standard deviation of the covariates, which must not be collinear."""
    size = covariates.shape[1]
    names = [f"x{k + 1}" for k in range(size)] if given is None else list(given)
    if len(names) != size:
        raise UsageError(f"exogenous_names has {len(names)} names for {size} exogenous variables")
    if not size:
        return np.zeros(0), np.ones(0)
    centre, scale = covariates.mean(axis=0), covariates.std(axis=0)
    constant = np.flatnonzero(scale <= CONSTANT * np.abs(covariates).max(axis=0)).tolist()
    if constant:
        raise DataError(
            f"exogenous variable {names[constant[0]]!r} is constant in the rows used; drop it from the model"
        )
    singular = np.linalg.svd((covariates - centre) / scale, compute_uv=False)
    if len(covariates) <= size or singular[-1] <= COLLINEAR * singular[0]:
        raise DataError(
            f"the exogenous variables {', '.join(map(repr, names))} are collinear in the rows used; "
            "drop one of them"
        )
    return centre, scale


def _gaps(answers: Sequence[float]) -> list[int]:
    """Return the whole numbers missing between whole-number answers."""
    if (
        not answers
        or any(each != int(each) for each in answers)
        or answers[-1] - answers[0] >= LARGEST_CATEGORIES
    ):
        return []
    return sorted(set(range(int(answers[0]), int(answers[-1]))) - {int(each) for each in answers})


def _gap_note(name: str, answers: Sequence[float]) -> str:
    gaps = ", ".join(map(str, _gaps(answers)))
    kept = ", ".join(f"{each:g}" for each in answers)
    return f"item {name!r} has no answer {gaps}: its categories {kept} are taken as neighbours"
