"""Partial invariance: exceptions found one at a time, and said to be found.

References
----------
Byrne, B. M., Shavelson, R. J., & Muthen, B. (1989). Testing for the equivalence of factor covariance and mean
structures: The issue of partial measurement invariance. Psychological Bulletin, 105.
MacCallum, R. C., Roznowski, M., & Necowitz, L. B. (1992). Model modifications in covariance structure analysis: The
problem of capitalization on chance. Psychological Bulletin, 111.

"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sopsem.errors import UsageError
from sopsem.sem.estimation.fit import Fit
from sopsem.sem.fit_measures.compare import Comparison, compare
from sopsem.sem.fit_measures.fit_indices import fit_indices
from sopsem.sem.invariance.exceptions import exception_tests, still_equal
from sopsem.sem.invariance.ladder import Invariance
from sopsem.sem.invariance.levels import ORDERED, new_kinds

__all__ = ["PartialInvariance", "partial_invariance"]

CRITERIA = {"pvalue": 0.05, "delta_cfi": -0.01}
EQUAL_INDICATORS = 2
EXPLORATORY = (
    "this search is exploratory: the data chose the exceptions and then tested them, so its p-values are too "
    "small, and the exceptions should be confirmed in another sample"
)
COLUMNS = (
    "step",
    "freed",
    "score",
    "score_df",
    "score_pvalue",
    "chisq",
    "df",
    "chisq_diff",
    "df_diff",
    "pvalue_diff",
    "delta_cfi",
    "tenable",
)


@dataclass(frozen=True, kw_only=True)
class PartialInvariance:
    """A search for the exceptions that make a level tenable.

    Attributes
    ----------
    level, criterion, cutoff : str, str, float
    tenable : bool
        Whether the search ended with a tenable level.
    group_partial : tuple of str
        All parameters left free, those of the ladder first: what ``fit`` and ``invariance`` take.
    freed : tuple of str
        Those that the search freed, in this order.
    steps : DataFrame
        step freed score score_df score_pvalue chisq df chisq_diff df_diff pvalue_diff delta_cfi tenable; step 0 is the
        level without exceptions, and the differences are against the level below.
    fit : Fit
        The level with the exceptions.
    comparison : Comparison or None
        It against the level below; None where nothing is left to test.
    sentences : tuple of str
        How the search ended, and what it is worth.

    """

    level: str
    criterion: str
    cutoff: float
    tenable: bool
    group_partial: tuple[str, ...]
    freed: tuple[str, ...]
    steps: pd.DataFrame
    fit: Fit
    comparison: Comparison | None
    sentences: tuple[str, ...]

    def __repr__(self) -> str:
        """Show the search in one screen."""
        table = self.steps.to_string(index=False, na_rep="", float_format=lambda v: f"{v:.3f}")
        return "\n".join([f"Partial invariance, level {self.level}", table, *self.sentences])


@dataclass(frozen=True, kw_only=True)
class _State:
    """The level with the exceptions so far, against the level below."""

    fit: Fit
    comparison: Comparison | None
    delta_cfi: float

    def tenable(self, criterion: str, cutoff: float) -> bool:
        if self.comparison is None:
            return True
        return self.comparison.pvalue >= cutoff if criterion == "pvalue" else self.delta_cfi > cutoff


def partial_invariance(
    ladder: Invariance,
    level: str,
    *,
    criterion: str = "pvalue",
    cutoff: float | None = None,
    max_steps: int | None = None,
) -> PartialInvariance:
    """Free equal parameters of a level one at a time, the worst first, until the level is tenable.

    Parameters
    ----------
    ladder : Invariance
        With the level and one below it.
    level : str
        The level to search; its new equalities may be given up, not those of levels below.
    criterion : {"pvalue", "delta_cfi"}
        What makes the level tenable against the one below: p of the chi2 difference, or the fall of CFI.
    cutoff : float, optional
        By default p at or above .05, CFI falling by less than .01 (-0.01).
    max_steps : int, optional
        At most so many exceptions.

    Returns
    -------
    PartialInvariance

    Raises
    ------
    UsageError
        A level that the ladder lacks or the lowest one; an unknown criterion; a cutoff on the wrong side of 0.

    Notes
    -----
    The parameter with the largest score statistic per degree of freedom (all groups together) is freed and the
    level fitted again.  Factor means, which "structural" holds at 0 in all groups, are not among them.  At
    least two indicators of every factor keep equal parameters of the kind: fewer would not link the groups.  To go
    on to the next level give ``group_partial`` to ``invariance``.

    The search is exploratory: every step is chosen by the data that then test it, so p-values are too small and
    the exceptions need not return in another sample (MacCallum, Roznowski & Necowitz, 1992).

    Examples
    --------
    >>> from sopsem.sem.invariance.ladder import invariance
    >>> rng = np.random.default_rng(1)
    >>> f = rng.normal(size=(400, 1))
    >>> rows = pd.DataFrame(f + rng.normal(size=(400, 4)), columns=list("abcd"))
    >>> rows.loc[200:, "c"] += 0.8
    >>> rows["where"] = ["here"] * 200 + ["there"] * 200
    >>> found = partial_invariance(invariance("f =~ a + b + c + d", rows, "where"), "scalar")
    >>> found.freed, found.tenable
    (('c~1',), True)

    """
    below, bound = _checked(ladder, level, criterion, cutoff)
    kinds = _kinds_between(ladder, below, level)
    base = ladder.fits[below]
    base_cfi = _cfi(base, ladder.variant)
    freed: list[str] = []
    state = _state(ladder, level, freed, base, base_cfi)
    rows = [_step(0, None, state, tenable=state.tenable(criterion, bound))]
    blocked: list[str] = []
    while not state.tenable(criterion, bound) and (max_steps is None or len(freed) < max_steps):
        tests = exception_tests(state.fit, kinds)
        spec, taken = state.fit.spec, (*ladder.plan.group_partial, *freed)
        allowed = [still_equal(spec, path, taken) >= EQUAL_INDICATORS for path in tests["path"]]
        blocked = [path for path, able in zip(tests["path"], allowed, strict=True) if not able]
        tests = tests[allowed]
        if tests.empty:
            break
        freed.append(str(tests["path"].iloc[0]))
        state = _state(ladder, level, freed, base, base_cfi)
        rows.append(_step(len(freed), tests.iloc[0], state, tenable=state.tenable(criterion, bound)))
    tenable = state.tenable(criterion, bound)
    return PartialInvariance(
        level=level,
        criterion=criterion,
        cutoff=bound,
        tenable=tenable,
        group_partial=(*ladder.plan.group_partial, *freed),
        freed=tuple(freed),
        steps=pd.DataFrame(rows, columns=list(COLUMNS)),
        fit=state.fit,
        comparison=state.comparison,
        sentences=_sentences(level, below, freed, blocked, tenable=tenable),
    )


def _checked(ladder: Invariance, level: str, criterion: str, cutoff: float | None) -> tuple[str, float]:
    """Return the level below and the cut-off."""
    if level not in ladder.levels[1:]:
        raise UsageError(
            f"level is {level!r}; search one that the ladder tests: {', '.join(ladder.levels[1:])}"
        )
    if criterion not in CRITERIA:
        raise UsageError(f"criterion is {criterion!r}; choose among {', '.join(CRITERIA)}")
    bound = CRITERIA[criterion] if cutoff is None else float(cutoff)
    if not (0.0 < bound < 1.0 if criterion == "pvalue" else -1.0 < bound < 0.0):
        side = "between 0 and 1" if criterion == "pvalue" else "below 0, such as -0.01"
        raise UsageError(f"cutoff is {cutoff} for {criterion}; give a number {side}")
    return ladder.levels[ladder.levels.index(level) - 1], bound


def _kinds_between(ladder: Invariance, below: str, level: str) -> tuple[str, ...]:
    """Return the kinds that are new at a level, and at levels between that the ladder leaves out."""
    chain = [step for step in ORDERED if ladder.plan.ordered or step != "thresholds"]
    steps = chain[chain.index(below) + 1 : chain.index(level) + 1]
    return tuple(kind for step in steps for kind in new_kinds(step, ordered=ladder.plan.ordered))


def _cfi(fitted: Fit, variant: str) -> float:
    measures = fit_indices(fitted)
    return float(measures.get(f"cfi{variant}", measures["cfi"]))


def _state(ladder: Invariance, level: str, freed: Sequence[str], base: Fit, base_cfi: float) -> _State:
    fitted = ladder.plan.fit(level, freed)
    if fitted.df == base.df:
        return _State(fit=fitted, comparison=None, delta_cfi=0.0)
    return _State(
        fit=fitted, comparison=compare(fitted, base), delta_cfi=_cfi(fitted, ladder.variant) - base_cfi
    )


def _step(number: int, test: "pd.Series | None", state: _State, *, tenable: bool) -> tuple[object, ...]:
    score = (None, np.nan, np.nan, np.nan) if test is None else tuple(test[["path", "stat", "df", "pvalue"]])
    made = state.comparison
    difference = (np.nan, 0, np.nan) if made is None else (made.dchisq, made.ddf, made.pvalue)
    return (number, *score, state.fit.chisq, state.fit.df, *difference, state.delta_cfi, tenable)


def _sentences(
    level: str, below: str, freed: Sequence[str], blocked: Sequence[str], *, tenable: bool
) -> tuple[str, ...]:
    if not freed and tenable:
        return (f"{level} is tenable against {below} without exceptions; nothing was freed",)
    what = ", ".join(freed) or "nothing"
    if level == "structural" and not tenable:
        blocked = ["the factor means", *blocked]
    end = f"{level} is tenable against {below} with {len(freed)} exception(s): {what}"
    if not tenable:
        end = f"{level} is not tenable against {below}, even with {len(freed)} exception(s) ({what})"
        if blocked:
            end += f"; {', '.join(blocked)} stayed equal"
            if level != "structural":
                end += f", because every factor keeps at least {EQUAL_INDICATORS} indicators with equal parameters"
    return (
        end,
        EXPLORATORY,
    )
