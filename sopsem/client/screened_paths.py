"""How the structural paths move without the respondents that a screen marks."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sopsem.errors import ConvergenceError, DataError, ModelError, UsageError
from sopsem.sem.estimation.estimates import standardized
from sopsem.sem.estimation.fit import Fit, Status, fit
from sopsem.sem.model.parameter_table import ModelSpec
from sopsem.sem.model.spec import model_spec
from sopsem.survey.screening.screening import Screening

__all__ = ["ScreenedPaths", "screened_paths"]

ALL_MARKED = "all marked"


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class ScreenedPaths:
    """The standardized structural paths with all rows and without those marked; made by `screened_paths`.

    ``table`` has one row per screen that marks somebody (and one set "all marked") and path: screen, lhs, rhs,
    n_marked, n_all, n_without (complete rows used), est_all, se_all, est_without, difference,
    difference_in_se (of the path with all rows), note.  Where the model cannot be fitted without the marked
    rows, the estimates are NaN and ``note`` says why.
    """

    table: pd.DataFrame
    sentences: tuple[str, ...]

    def __repr__(self) -> str:
        """Say what moved."""
        return "<ScreenedPaths\n  " + "\n  ".join(self.sentences) + ">"


def screened_paths(screening: Screening) -> ScreenedPaths:
    """Fit the questionnaire's model again without the rows that each screen marks, and without all of them.

    The model is fitted by maximum likelihood to the complete rows.  A fit is refused when as many rows are left
    as the model has free parameters, or fewer.

    Parameters
    ----------
    screening : Screening
        Of answers whose questionnaire has a model with structural paths.

    Raises
    ------
    UsageError
        The questionnaire has no model, or its model has no structural path.
    DataError, ModelError, ConvergenceError
        The model cannot be fitted to all rows, so there is nothing to compare with.

    Examples
    --------
    >>> import sopsem
    >>> answers = sopsem.read_responses(sopsem.find_survey(), sopsem.load_instrument())
    >>> found = screened_paths(sopsem.screen(answers, thresholds={"mahalanobis": 0.02}))
    >>> found.table[["screen", "lhs", "rhs", "n_all", "n_without"]].to_dict("records")[0]
    {'screen': 'mahalanobis', 'lhs': 'conflict', 'rhs': 'coordination', 'n_all': 92, 'n_without': 91}

    """
    items = screening.responses.items
    spec = _spec(screening)
    reference = _paths(_fitted(spec, items))
    n_all = len(items.dropna())
    sets = {name: screening.marked(name) for name in screening.findings if screening.marked(name)}
    if len(sets) > 1:
        sets[ALL_MARKED] = tuple(sorted(set().union(*sets.values())))
    frames = [
        _without(spec, items.drop(index=list(rows)), reference).assign(
            screen=name, n_marked=len(rows), n_all=n_all
        )
        for name, rows in sets.items()
    ]
    table = _table(frames)
    return ScreenedPaths(table=table, sentences=tuple(_sentences(table)))


COLUMNS = (
    "screen",
    "lhs",
    "rhs",
    "n_marked",
    "n_all",
    "n_without",
    "est_all",
    "se_all",
    "est_without",
    "difference",
    "difference_in_se",
    "note",
)


def _table(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    whole = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=list(COLUMNS))
    return whole[list(COLUMNS)]


def _spec(screening: Screening) -> ModelSpec:
    instrument = screening.responses.instrument
    if not instrument.model.strip():
        raise UsageError(
            f"the questionnaire {instrument.title!r} has no model, so there are no paths to compare"
        )
    spec = model_spec(instrument.model)
    if not any(row.op == "~" for row in spec):
        raise UsageError(f"the model of the questionnaire {instrument.title!r} has no structural path")
    return spec


def _fitted(spec: ModelSpec, items: pd.DataFrame) -> Fit:
    """Fit the model, refusing samples too small for it and optima that are none."""
    used = items[list(spec.observed)].dropna()
    free = sum(row.free for row in spec)
    if len(used) <= free:
        raise DataError(f"{len(used)} complete rows are too few for a model with {free} free parameters")
    result = fit(spec, used)
    if not result.status.converged:
        raise ConvergenceError(result.status.value)
    return result


def _paths(result: Fit) -> pd.DataFrame:
    solution = standardized(result)
    paths = solution[solution["op"] == "~"].reset_index(drop=True)
    return paths[["lhs", "rhs", "est_std", "se"]]


def _without(spec: ModelSpec, items: pd.DataFrame, reference: pd.DataFrame) -> pd.DataFrame:
    """Return the paths of a smaller sample beside those of all rows."""
    est, note = np.full(len(reference), np.nan), ""
    try:
        result = _fitted(spec, items)
    except (DataError, ModelError, ConvergenceError) as error:
        note = f"not fitted: {error}"
    else:
        est = _paths(result)["est_std"].to_numpy()
        note = "improper solution" if result.status is Status.IMPROPER else ""
    difference = est - reference["est_std"].to_numpy()
    return pd.DataFrame(
        {
            "lhs": reference["lhs"],
            "rhs": reference["rhs"],
            "n_without": len(items[list(spec.observed)].dropna()),
            "est_all": reference["est_std"],
            "se_all": reference["se"],
            "est_without": est,
            "difference": difference,
            "difference_in_se": difference / reference["se"].to_numpy(),
            "note": note,
        }
    )


def _sentences(table: pd.DataFrame) -> list[str]:
    """Say for every screen which path moves most, or why it was not fitted."""
    if table.empty:
        return ["No screen marks anybody, so no path can move."]
    said = []
    for name, rows in table.groupby("screen", sort=False):
        first = rows.iloc[0]
        what = (
            f"Without the {first['n_marked']} rows of {name}"
            if name != ALL_MARKED
            else (f"Without all {first['n_marked']} marked rows")
        )
        if rows["est_without"].isna().all():
            said.append(f"{what}: {first['note']}.")
            continue
        most = rows.loc[rows["difference"].abs().idxmax()]
        also = f" ({first['note']})" if first["note"] else ""
        said.append(
            f"{what} (n = {first['n_without']} instead of {first['n_all']}) the path {most['rhs']} -> "
            f"{most['lhs']} moves most: from {most['est_all']:.3f} to {most['est_without']:.3f}, "
            f"{abs(most['difference_in_se']):.2f} standard errors{also}."
        )
    return said
