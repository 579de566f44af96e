"""What a briefing says of its own data: who was left out and why, what the screens marked, what is missing."""

from collections import Counter

import pandas as pd

from sopsem.client.privacy.rules import RULES
from sopsem.errors import PrivacyError, UsageError
from sopsem.survey.messages import quote
from sopsem.survey.responses import Responses
from sopsem.survey.screening.screening import Screening

__all__ = ["comments_of", "exclusion_counts", "missing_by_item", "screen_counts"]


def exclusion_counts(responses: Responses) -> pd.DataFrame:
    """Return reason and rows left out for it, the most frequent first; a row is counted once.

    Examples
    --------
    >>> from sopsem.survey import load_instrument, read_responses
    >>> from sopsem.survey.shipped import find_survey
    >>> answers = read_responses(find_survey(), load_instrument()).without({3: "a test", 5: "a test"})
    >>> exclusion_counts(answers).to_dict("records")
    [{'reason': 'a test', 'rows': 2}]

    """
    counted = Counter(map(str, responses.excluded["reason"]))
    return pd.DataFrame(counted.most_common(), columns=["reason", "rows"])


def screen_counts(screening: Screening) -> pd.DataFrame:
    """Return check, rule, judged, marked and excluded of every screen, and why it could not run ("" if it could)."""
    counts = screening.counts
    return pd.DataFrame(
        {
            "check": counts["screen"],
            "rule": counts["rule"],
            "judged": counts["n_judged"],
            "marked": counts["n_marked"],
            "excluded": counts["n_excluded"],
            "cannot": counts["why_not"].where(counts["n_judged"] == 0, ""),
        }
    )


def missing_by_item(screening: Screening) -> pd.DataFrame:
    """Return item, text, missing and share of the items that somebody left out, the worst first."""
    found = screening.items.sort_values("n_missing", ascending=False, kind="stable")
    found = found[found["n_missing"] > 0]
    texts = screening.responses.instrument.items
    return pd.DataFrame(
        {
            "item": found["item"].to_numpy(),
            "text": [texts[item].text for item in found["item"]],
            "missing": found["n_missing"].to_numpy(),
            "share": found["share"].to_numpy(),
        }
    )


def comments_of(responses: Responses, question: str | None) -> tuple[str, ...]:
    """Return the answers to an open question in alphabetical order, which says nothing of who wrote them.

    Raises
    ------
    UsageError
        The survey has no such background question, or it has codes.
    PrivacyError
        Fewer than five people wrote something: who wrote what could be guessed.

    """
    if question is None:
        return ()
    background = responses.instrument.background
    texts = responses.respondents
    if question not in background or question not in texts.columns or background[question].codes:
        open_ones = [n for n in texts.columns if n in background and not background[n].codes]
        raise UsageError(
            f"no open question {quote(question)} in {quote(responses.source.name)}; "
            f"open questions: {', '.join(open_ones) or 'none'}"
        )
    written = sorted(str(text) for text in texts[question].dropna())
    if len(written) < RULES.least_mean:
        raise PrivacyError(
            f"{len(written)} people answered {quote(question)}; comments are shown of {RULES.least_mean} or more, "
            "because who wrote what could be guessed. Leave out --comments"
        )
    return tuple(written)
