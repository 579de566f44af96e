"""The door: numbers about groups as they may be printed, and nothing else.

``published_groups`` is what a report calls.  What it returns is rounded, has no number of a small group, and leaves
room for other answers behind every number: no answer can be solved for, see ``column_release``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from sopsem.client.privacy.column_release import Column, release_column
from sopsem.client.privacy.group_statistics import GAP_STATISTICS, GROUP_STATISTICS
from sopsem.client.privacy.grouping import Grouping, grouping
from sopsem.client.privacy.ledger import Ledger
from sopsem.client.privacy.rules import RULES, PrivacyRules
from sopsem.errors import UsageError
from sopsem.survey.responses import Responses
from sopsem.survey.scoring import ConstructMeans, construct_means

__all__ = ["ReleasedTable", "published_groups"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class ReleasedTable:
    """What may be told of groups; a report prints numbers about people from here and from nowhere else.

    Attributes
    ----------
    frame : DataFrame
        One row per group and construct: by, group, construct, n, mean, sd, ci_lower, ci_upper (t interval of the
        mean), q25, median, q75, withheld (why there is no mean; "" where there is one), spread_withheld (why there
        is only a mean).  NaN where withheld.  The first group is everybody: by "", group "all respondents".
    gaps : DataFrame
        One row per construct: construct, first, second, n_first, n_second, mean_first, mean_second, gap, ci_lower,
        ci_upper, pvalue (rounded up), d, d_lower, d_upper, withheld, spread_withheld; empty without a comparison.
    ranges : mapping
        Of every construct the lowest and highest mean there is.
    rules : PrivacyRules
    level : float
    notes : tuple of str
        What a reader must be told of rounding and of what is hidden.

    """

    frame: pd.DataFrame
    gaps: pd.DataFrame
    ranges: Mapping[str, tuple[float, float]]
    rules: PrivacyRules = field(repr=False)
    level: float
    notes: tuple[str, ...]

    def of(self, group: str, by: str = "") -> pd.DataFrame:
        """Return the rows of one group, indexed by construct.

        Raises
        ------
        UsageError
            There is no such group in the table.

        """
        rows = self.frame[(self.frame["group"] == group) & (self.frame["by"] == by)]
        if rows.empty:
            raise UsageError(f"the table has no group {group!r} of {by!r}")
        return rows.set_index("construct")

    @property
    def hidden(self) -> pd.DataFrame:
        """The rows without a mean: by, group, construct, withheld."""
        rows = self.frame[self.frame["withheld"] != ""]
        return rows[["by", "group", "construct", "withheld"]].reset_index(drop=True)


def published_groups(
    responses: Responses,
    by: str | Sequence[str] = (),
    *,
    scores: ConstructMeans | None = None,
    compare: tuple[str, str] | None = None,
    keep: Sequence[str] = (),
    level: float = 0.95,
    rules: PrivacyRules = RULES,
    ledger: Ledger | None = None,
) -> ReleasedTable:
    """Return the numbers about everybody and about groups that can be told without telling anybody's answers.

    Parameters
    ----------
    responses : Responses
    by : str or sequence of str
        Background questions that divide the respondents, e.g. "department"; none: everybody only.
    scores : ConstructMeans, optional
        By default ``construct_means(responses)``.
    compare : (str, str), optional
        Two groups of the first question in ``by`` whose gaps are told.
    keep : sequence of str
        Groups to be hidden last where something must be hidden; those compared are kept.
    level : float
        Of the intervals.
    rules : PrivacyRules
    ledger : Ledger, optional
        Of what was published before; a table that would tell of a few people together with earlier ones is refused.

    Returns
    -------
    ReleasedTable

    Raises
    ------
    PrivacyError
        Together with an earlier report in the ledger the table would tell of too few people.
    UsageError
        An unknown question, group, or level.
    ResourceLimitError
        The groups are too many to check together.

    Notes
    -----
    1. A mean needs 5 people, anything that shows spread 10 (``PrivacyRules``); means have one decimal.
    2. Complementary: no combination of published sums gives the sum of fewer people (exact, by a mixed-integer
       program over the row space of who is in which group; SDs likewise with 10).
    3. The mean of a hidden group stays unknown by a sixth of the scale (linear program over the printed means).
    4. Other answers print the same numbers, in every group; where none are found the group is hidden.

    Counts are taken to be known: who reads the report knows how many work where.

    Examples
    --------
    >>> from sopsem.survey import load_instrument, read_responses
    >>> from sopsem.survey.shipped import find_survey
    >>> table = published_groups(read_responses(find_survey(), load_instrument()), "department")
    >>> table.of("sales", "department").loc["alignment", ["n", "mean"]].tolist()
    [40.0, 4.4]

    """
    if not 0.5 <= level < 1.0:
        raise UsageError(f"level is {level}; give the share of an interval, such as 0.95")
    questions = (by,) if isinstance(by, str) else tuple(by)
    found = construct_means(responses) if scores is None else scores
    people = responses.respondents
    groups = grouping(people, questions, (*keep, *(compare or ())))
    pairs = _pairs(groups, questions, compare)
    columns = {
        name: _column(found, name, groups, pairs, rules=rules, level=level) for name in found.means.columns
    }
    _hide_sums_of_parts(columns, found)
    if ledger is not None:
        ledger.add(responses, groups, np.any([c.shown for c in columns.values()], axis=0), rules)
    frame = pd.concat([_group_rows(name, column, groups) for name, column in columns.items()])
    frame = frame.sort_values("place", kind="stable").drop(columns="place").reset_index(drop=True)
    return ReleasedTable(
        frame=frame,
        gaps=_gap_rows(columns, groups, pairs),
        ranges=dict(found.ranges),
        rules=rules,
        level=level,
        notes=_notes(frame, rules, people, questions),
    )


def _pairs(
    groups: Grouping, questions: Sequence[str], compare: tuple[str, str] | None
) -> tuple[tuple[int, int], ...]:
    if compare is None:
        return ()
    if not questions or compare[0] == compare[1]:
        raise UsageError("compare needs two different groups, and the question they answer differently in by")
    return ((groups.place(questions[0], compare[0]), groups.place(questions[0], compare[1])),)


def _column(
    scores: ConstructMeans,
    name: str,
    groups: Grouping,
    pairs: Sequence[tuple[int, int]],
    *,
    rules: PrivacyRules,
    level: float,
) -> Column:
    return release_column(
        Column(
            values=scores.means[name].to_numpy(),
            masks=groups.masks,
            importance=groups.importance,
            pairs=pairs,
            limits=scores.ranges[name],
            step=scores.steps[name],
            rules=rules,
            level=level,
        )
    )


def _hide_sums_of_parts(columns: Mapping[str, Column], scores: ConstructMeans) -> None:
    """Hide a construct of constructs where a part is hidden: the other parts and the whole would tell it."""
    for name, column in columns.items():
        for part in set(scores.members[name]) & set(columns):
            for group in np.flatnonzero(column.shown & ~columns[part].shown):
                column.hide(int(group), "part")


def _group_rows(name: str, column: Column, groups: Grouping) -> pd.DataFrame:
    numbers = pd.DataFrame(column.group_numbers, columns=list(GROUP_STATISTICS))
    heads = pd.DataFrame(groups.names, columns=["by", "group"]).assign(
        construct=name, n=np.where(column.shown, column.counts, np.nan)
    )
    said = {
        "withheld": [column.why_hidden(g) for g in range(len(heads))],
        "spread_withheld": [column.why_no_spread(g) for g in range(len(heads))],
    }
    return pd.concat([heads, numbers], axis=1).assign(**said, place=range(len(heads)))


def _gap_rows(
    columns: Mapping[str, Column], groups: Grouping, pairs: Sequence[tuple[int, int]]
) -> pd.DataFrame:
    heads = ["construct", "first", "second", "n_first", "n_second", "mean_first", "mean_second"]
    rows = []
    for name, column in columns.items():
        told, gaps = column.group_numbers, column.gap_numbers
        for (a, b), numbers in zip(pairs, gaps, strict=True):
            sizes = [column.counts[g] if column.shown[g] else np.nan for g in (a, b)]
            labels = (groups.names[a][1], groups.names[b][1])
            said = [
                column.why_hidden(a) or column.why_hidden(b),
                column.why_no_spread(a) or column.why_no_spread(b),
            ]
            rows.append([name, *labels, *sizes, told[a, 0], told[b, 0], *numbers, *said])
    return pd.DataFrame(rows, columns=[*heads, *GAP_STATISTICS, "withheld", "spread_withheld"])


def _notes(
    frame: pd.DataFrame, rules: PrivacyRules, people: pd.DataFrame, questions: Sequence[str]
) -> tuple[str, ...]:
    few, many = rules.least_mean, rules.least_spread
    hidden = int((frame["withheld"] != "").sum())
    said = (
        f"A mean is told of {few} people or more; standard deviations, intervals and quantiles of {many} or more.",
        "Numbers are rounded and, where needed, hidden, so that no answers can be worked out from them.",
        f"{hidden} of {len(frame)} numbers are withheld; the reason stands beside each." if hidden else "",
        *(
            f"{lost} of {len(people)} respondents did not answer {question!r} and are in none of its groups."
            for question in questions
            if (lost := int(people[question].isna().sum()))
        ),
    )
    return tuple(filter(None, said))
