"""The ladder of measurement invariance: each level fitted, tested against the one below, and judged.

References
----------
Meredith, W. (1993). Measurement invariance, factor analysis and factorial invariance. Psychometrika, 58.
Vandenberg, R. J., & Lance, C. E. (2000). A review and synthesis of the measurement invariance literature.
Organizational Research Methods, 3.
Wu, H., & Estabrook, R. (2016). Identification of confirmatory factor analysis models of different levels of
invariance for ordered categorical outcomes. Psychometrika, 81.

"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from sopsem.errors import ConvergenceError, DataError, ModelError, UsageError
from sopsem.sem.estimation.fit import Fit, fit
from sopsem.sem.estimation.sample import group_rows
from sopsem.sem.fit_measures.compare import Comparison, compare
from sopsem.sem.fit_measures.fit_indices import fit_indices
from sopsem.sem.invariance.criteria import judge, sentence
from sopsem.sem.invariance.group_sizes import require_group_sizes, small_groups
from sopsem.sem.invariance.levels import SAYS, equal_kinds, ordered_levels
from sopsem.sem.model.spec import ModelSpec, model_spec

__all__ = ["Invariance", "Plan", "invariance", "ladder_table"]

CAUTION = (
    "the criteria answer different questions: a chi2 difference finds any departure when N is large and few when it "
    "is small; cut-offs for changes of indices are rules of thumb from simulations"
)
_SHOWN = ("cfi", "rmsea", "srmr")


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How every level is fitted: the model, the data and the options that stay the same."""

    model: str
    data: pd.DataFrame | None
    ordered: bool
    group_partial: tuple[str, ...]
    options: Mapping[str, Any] = field(repr=False)

    def fit(self, level: str, group_partial: Sequence[str] = ()) -> Fit:
        """Return the fit of a level, with further parameters left free."""
        equal = equal_kinds(level, ordered=self.ordered)
        partial = (*self.group_partial, *group_partial) if equal else ()
        return fit(self.model, self.data, group_equal=equal, group_partial=partial, **self.options)


@dataclass(frozen=True, kw_only=True)
class Invariance:
    """A ladder of levels of measurement invariance.

    Attributes
    ----------
    levels : tuple of str
    fits : mapping of str to Fit
        By level.
    comparisons : mapping of str to Comparison or None
        Each level against the one below; None where there is no test (the notes say why).
    frame : DataFrame
        level chisq df pvalue cfi rmsea srmr chisq_diff df_diff pvalue_diff delta_cfi delta_rmsea delta_srmr verdict;
        chi2 scaled where the estimator scales it.
    criteria : DataFrame
        level criterion statistic value cutoff tenable source: what each criterion says.
    sizes : mapping of str to int
        Rows used of every group.
    variant : str
        Which CFI and RMSEA are shown: "" (plain), "_scaled" or "_robust".
    notes : tuple of str
    plan : Plan
        What was asked for.

    """

    levels: tuple[str, ...]
    fits: Mapping[str, Fit]
    comparisons: Mapping[str, Comparison | None]
    frame: pd.DataFrame
    criteria: pd.DataFrame
    sizes: Mapping[str, int]
    variant: str
    notes: tuple[str, ...]
    plan: Plan

    @property
    def sentences(self) -> tuple[str, ...]:
        """What every level means and what each criterion says of it, then the notes."""
        said = []
        for level in self.levels[1:]:
            verdict = self.frame.loc[self.frame["level"] == level, "verdict"].iloc[0]
            said.append(f"{level} ({SAYS[level]}): {verdict}")
        return (*said, *self.notes)

    def __repr__(self) -> str:
        """Show the ladder in one screen."""
        table = self.frame.drop(columns="verdict").to_string(index=False, float_format=lambda v: f"{v:.3f}")
        sizes = ", ".join(f"{label} {n}" for label, n in self.sizes.items())
        return "\n".join([f"Invariance over {len(self.sizes)} groups ({sizes})", table, *self.sentences])


def invariance(
    model: str,
    data: pd.DataFrame | None = None,
    group: str | None = None,
    *,
    levels: Sequence[str] | None = None,
    ordered: bool | Sequence[str] = False,
    group_label: Sequence[str] | None = None,
    group_partial: str | Sequence[str] = (),
    min_group_size: int | None = None,
    parameterization: str | None = None,
    **options: Any,
) -> Invariance:
    """Fit the levels of measurement invariance over groups and test each against the one below.

    Parameters
    ----------
    model : str
        lavaan model syntax, without equalities of its own between groups.
    data : DataFrame, optional
        Rows; or ``sample_cov``, ``n_obs`` and ``sample_mean`` of every group among the options.
    group : str
        The column of groups.
    levels : sequence of str, optional
        By default all: "configural", "metric" (equal loadings), "scalar" (and intercepts), "strict" (and residual
        variances and covariances), "structural" (and factor variances, covariances, means, and regressions).  With
        ordered variables "thresholds" comes before "metric".  Every level holds what those below it hold.
    ordered : bool or sequence of str
        As in ``fit``.
    group_label : sequence of str, optional
        The groups to use.
    group_partial : str or sequence of str
        Parameters left free at every level ("x3~1").
    min_group_size : int, optional
        Rows that every group must have; by default, and at least, the number of variables plus one.
    parameterization : {"delta", "theta"}, optional
        Of ordered variables; by default "theta", in which residual variances can be equal.
    **options
        Further options of ``fit``: estimator, missing, std_lv, cluster, se, test, ...

    Returns
    -------
    Invariance

    Raises
    ------
    UsageError
        No groups; an unknown level; "strict" with ``parameterization="delta"``; ``group_equal`` among the options.
    DataError
        A group has fewer rows than it needs; the message lists all groups.
    ModelError, ConvergenceError
        As ``fit``.  A level whose test fails is no error: it has no test and a note.

    Notes
    -----
    The difference test is scaled as the estimator asks (see ``compare``).  Changes are those of robust CFI and
    RMSEA where these exist for continuous variables, else of scaled ones.  With ordered variables the order is
    that of Wu & Estabrook (2016): thresholds first, then loadings, then intercepts of the latent responses, then
    residual variances.  Equal thresholds restrict nothing where an item has three answers, and binary items are
    tested only with thresholds, loadings and intercepts together: such a step has no restriction and so no test.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(1)
    >>> f = rng.normal(size=(300, 1))
    >>> rows = pd.DataFrame(f + rng.normal(size=(300, 4)), columns=list("abcd"))
    >>> rows["where"] = ["here", "there"] * 150
    >>> ladder = invariance("f =~ a + b + c + d", rows, "where", levels=["configural", "metric", "scalar"])
    >>> ladder.frame["df"].tolist()
    [4, 7, 10]

    """
    if not isinstance(model, str):
        raise UsageError(f"model is a {type(model).__name__}; invariance needs model text, not a table")
    if clash := [name for name in ("group_equal", "effect_coding") if options.get(name)]:
        raise UsageError(f"{clash[0]} does not go with invariance, which sets equalities and scales itself")
    categorical = bool(ordered)
    chosen = ordered_levels(levels, ordered=categorical)
    if categorical:
        options["parameterization"] = _parameterization(parameterization, chosen)
        options["ordered"] = ordered
    options |= {"group": group, "group_label": group_label}
    spec = model_spec(model, groups=_labels(data, group, group_label, options))
    _require_sizes(spec, data, options, min_group_size)
    partial = (group_partial,) if isinstance(group_partial, str) else tuple(group_partial)
    plan = Plan(model=model, data=data, ordered=categorical, group_partial=partial, options=options)
    return ladder_table(plan, chosen)


def _parameterization(asked: str | None, levels: tuple[str, ...]) -> str:
    if asked == "delta" and "strict" in levels:
        raise UsageError(
            "with parameterization='delta' residual variances are no parameters, so the level 'strict' cannot be "
            "tested; use 'theta', or leave 'strict' out of levels"
        )
    return asked or "theta"


def _labels(
    data: pd.DataFrame | None, group: str | None, labels: Sequence[str] | None, options: Mapping[str, Any]
) -> tuple[str, ...]:
    """Return the labels of the groups, or refuse a sample without groups."""
    if data is None:
        given = options.get("sample_cov")
        if given is None or len(given) < 2 or np.ndim(given) == 2:
            raise UsageError(
                "invariance compares groups: give data and group, or a sample_cov for each group"
            )
        return tuple(map(str, given)) if isinstance(given, Mapping) else tuple(map(str, range(len(given))))
    if group is None:
        raise UsageError("invariance compares groups: name the column that holds them with group")
    return tuple(group_rows(data, group, labels))


def _require_sizes(
    spec: ModelSpec, data: pd.DataFrame | None, options: Mapping[str, Any], minimum: int | None
) -> None:
    """Count usable rows of every group before anything is fitted, and refuse groups that are too small."""
    if data is None:
        sizes = options.get("n_obs")
        if isinstance(sizes, (list, tuple)) and len(sizes) == spec.n_groups:
            require_group_sizes(dict(zip(spec.groups, sizes, strict=True)), len(spec.observed), minimum)
        return  # fit refuses other sizes
    known = [v for v in spec.observed if v in data.columns]
    cells = data[known].notna()
    whole = options.get("missing") in (None, "listwise")
    usable = (cells.all(axis=1) if whole else cells.any(axis=1)).to_numpy()
    rows = group_rows(data, options["group"], options["group_label"])
    sizes = {label: int(usable[at].sum()) for label, at in rows.items()}
    require_group_sizes(sizes, len(spec.observed), minimum)


def ladder_table(plan: Plan, levels: tuple[str, ...]) -> Invariance:
    """Fit the levels of a plan, compare neighbours and judge every step."""
    fits = {level: plan.fit(level) for level in levels}
    measures = {level: fit_indices(f) for level, f in fits.items()}
    variant = _variant(list(measures.values()), ordered=plan.ordered)
    comparisons: dict[str, Comparison | None] = {}
    notes: list[str] = []
    rows: list[dict[str, Any]] = []
    below = ""
    for level in levels:
        row = _row(level, measures[level], variant)
        if below:
            made = _compared(fits[level], fits[below], level, below, notes)
            comparisons[level] = made
            row |= _against(row, rows[-1], made, fits[level].df - fits[below].df)
        rows.append(row)
        below = level
    first = fits[levels[0]]
    sizes = dict(zip(first.spec.groups, (m.n for m in first.data_moments), strict=True))
    notes += small_groups(sizes, max(sum(p.free for p in g.spec) for g in first.groups))
    frame = _frame(rows)
    criteria = judge(frame.iloc[1:], first.n)
    verdicts = [_verdict(level, criteria, first.df if i == 0 else None) for i, level in enumerate(levels)]
    return Invariance(
        levels=levels,
        fits=fits,
        comparisons=comparisons,
        frame=frame.assign(verdict=verdicts),
        criteria=criteria,
        sizes=sizes,
        variant=variant,
        notes=(*notes, *_cautions(plan, levels)),
        plan=plan,
    )


def _variant(measures: Sequence[pd.Series], *, ordered: bool) -> str:
    """Return which CFI and RMSEA all levels have: robust ones, scaled ones, or only plain ones.

    Robust indices of ordered variables see their correlations only, not thresholds and means: they are no use here.
    """
    for kind in ("_scaled",) if ordered else ("_robust", "_scaled"):
        if all(np.isfinite(m.get(f"{name}{kind}", np.nan)) for m in measures for name in ("cfi", "rmsea")):
            return kind
    return ""


def _row(level: str, measures: pd.Series, variant: str) -> dict[str, Any]:
    scaled = "_scaled" if np.isfinite(measures.get("chisq_scaled", np.nan)) else ""
    test = {name: float(measures[f"{name}{scaled}"]) for name in ("chisq", "pvalue")}
    indices = {name: float(measures.get(f"{name}{variant}", measures[name])) for name in _SHOWN}
    return {"level": level, "df": int(measures["df"]), **test, **indices}


def _against(
    row: Mapping[str, Any], below: Mapping[str, Any], made: Comparison | None, ddf: int
) -> dict[str, Any]:
    """Return what a level has against the one below; a level that restricts nothing more changes nothing."""
    changes = {f"delta_{name}": row[name] - below[name] if ddf else 0.0 for name in _SHOWN}
    test = {
        "chisq_diff": made.dchisq if made else np.nan,
        "df_diff": ddf,
        "pvalue_diff": made.pvalue if made else np.nan,
    }
    return test | (changes if ddf else dict.fromkeys(changes, np.nan))


def _compared(own: Fit, below: Fit, level: str, name: str, notes: list[str]) -> Comparison | None:
    """Return the difference test of a level, or None with a note that says why there is none."""
    if own.df == below.df:
        notes.append(
            f"{level} restricts nothing that {name} leaves free in this model (df stays {own.df}), so there is "
            "nothing to test at this step"
        )
        return None
    try:
        return compare(own, below)
    except (ConvergenceError, ModelError, DataError) as error:
        notes.append(f"{level} against {name} has no test: {error}")
        return None


def _frame(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    columns = ["level", "chisq", "df", "pvalue", *_SHOWN, "chisq_diff", "df_diff", "pvalue_diff"]
    return pd.DataFrame(list(rows), columns=[*columns, *(f"delta_{name}" for name in _SHOWN)])


def _verdict(level: str, criteria: pd.DataFrame, first_df: int | None) -> str:
    if first_df is not None:
        return "the level that the others are tested against; judge its own fit first"
    own = criteria[criteria["level"] == level]
    if own["tenable"].isna().all():
        return "no test at this step, see the notes"
    return sentence(own)


def _cautions(plan: Plan, levels: Sequence[str]) -> list[str]:
    cautions = [CAUTION]
    if plan.ordered:
        cautions.append(
            "the cut-offs of Chen and of Cheung & Rensvold were made for continuous data and maximum likelihood; "
            "with ordered variables they are a rough guide at best"
        )
    if "metric" in levels and not plan.options.get("std_lv"):
        cautions.append(
            "the marker of every factor is fixed at 1 in all groups, so its own loading is not tested; use "
            "std_lv=True to have every loading among the parameters that may differ"
        )
    return cautions
