"""Who is in which group: the groups of a report as masks over the respondents, by names of their answers."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from sopsem.errors import UsageError
from sopsem.survey.messages import quote, suggestion

__all__ = ["EVERYBODY", "Grouping", "grouping"]

EVERYBODY = "all respondents"


@dataclass(frozen=True, kw_only=True, eq=False)
class Grouping:
    """The groups of a report; the first is everybody.

    Attributes
    ----------
    names : tuple of (str, str)
        The question that divides, and the answer; ("", "all respondents") first.
    masks : (g, n) array of bool
    importance : tuple of int
        Where one group must be hidden for another's sake, the least important is.

    """

    names: tuple[tuple[str, str], ...]
    masks: npt.NDArray[np.bool_]
    importance: tuple[int, ...]

    def place(self, by: str, group: str) -> int:
        """Return the number of a group."""
        if (by, group) not in self.names:
            known = [label for question, label in self.names if question == by]
            raise UsageError(
                f"nobody answered {quote(group)} to {quote(by)}{suggestion(group, known) or '.'} "
                f"Answers: {', '.join(map(quote, known))}"
            )
        return self.names.index((by, group))


def grouping(respondents: pd.DataFrame, by: Sequence[str], keep: Sequence[str] = ()) -> Grouping:
    """Return everybody and the groups by answers to background questions.

    Parameters
    ----------
    respondents : DataFrame
        n rows of background answers as text, None where missing; who did not answer is in no group.
    by : sequence of str
        Background questions.
    keep : sequence of str
        Answers whose groups are hidden last, after everybody.

    Raises
    ------
    UsageError
        No such question, or nobody answered it.

    Examples
    --------
    >>> people = pd.DataFrame({"department": ["sales", "operations", "sales", None]})
    >>> found = grouping(people, ["department"])
    >>> found.names
    (('', 'all respondents'), ('department', 'operations'), ('department', 'sales'))
    >>> found.masks.sum(axis=1).tolist()
    [4, 1, 2]

    """
    names, masks = [("", EVERYBODY)], [np.ones(len(respondents), dtype=bool)]
    for question in by:
        if question not in respondents.columns:
            known = list(respondents.columns)
            raise UsageError(
                f"the survey has no background question {quote(question)}{suggestion(question, known) or '.'} "
                f"It has: {', '.join(map(quote, known)) or 'none'}"
            )
        labels = respondents[question]
        found = sorted({str(label) for label in labels.dropna()})
        if not found:
            raise UsageError(f"nobody answered {quote(question)}, so it divides nobody into groups")
        names += [(question, label) for label in found]
        masks += [(labels == label).to_numpy(dtype=bool) for label in found]
    importance = tuple(
        1 if place == 0 else 2 if label in keep else 0 for place, (_, label) in enumerate(names)
    )
    return Grouping(names=tuple(names), masks=np.array(masks), importance=importance)
