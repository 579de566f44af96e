"""Do two groups answer alike?  Measurement invariance of each construct, before anybody compares its means.

References
----------
Vandenberg, R. J., & Lance, C. E. (2000). A review and synthesis of the measurement invariance literature.
Organizational Research Methods, 3 (equal intercepts before means are compared).

"""

from collections.abc import Mapping, Sequence

import pandas as pd

from sopsem.errors import ConvergenceError, DataError, ModelError
from sopsem.sem.invariance.ladder import Invariance, invariance
from sopsem.survey.responses import Responses

__all__ = ["COMPARABILITY", "comparability"]

LEVELS = ("configural", "metric", "scalar")
COMPARABILITY = (
    "construct",
    "checked",
    "comparable",
    "n_first",
    "n_second",
    "weak",
    "pvalue",
    "delta_cfi",
    "said",
)
FEWEST = 10  # below that a test has no power, and its numbers would tell of few people
FEW_PEOPLE = f"a group has fewer than {FEWEST} complete answers"
FEW_ITEMS = "fewer than three items: one construct alone cannot be tested over groups"


def comparability(
    responses: Responses, by: str, groups: tuple[str, str], constructs: Sequence[str]
) -> pd.DataFrame:
    """Test for each construct whether two groups can be compared in its means (scalar invariance).

    Parameters
    ----------
    responses : Responses
    by : str
        The background question that tells the groups apart.
    groups : (str, str)
    constructs : sequence of str
        A construct of constructs is as comparable as its least comparable part.

    Returns
    -------
    DataFrame
        One row per construct: construct, checked (was there a test), comparable (True, False, or None without a
        test), n_first, n_second (complete answers; NaN below 10), weak (fewer than 5 people per parameter: no
        difference found is little evidence), pvalue (the smaller one of the chi2 differences of equal loadings and
        equal intercepts), delta_cfi (their sum), said (a sentence).

    Notes
    -----
    One-factor model of the construct's items; ladder configural, metric, scalar (``sopsem.invariance``).  Comparable:
    neither difference has p < .05.

    Examples
    --------
    >>> from sopsem.survey import load_instrument, read_responses
    >>> from sopsem.survey.shipped import find_survey
    >>> answers = read_responses(find_survey(), load_instrument())
    >>> comparability(answers, "department", ("sales", "operations"), ["coordination"])["checked"].tolist()
    [True]

    """
    known: dict[str, dict[str, object]] = {}
    for construct in constructs:
        for part in responses.instrument.constructs[construct].of or (construct,):
            if part not in known:
                known[part] = _tested(responses, by, groups, part)
    rows = [
        _whole(construct, [known[part] for part in responses.instrument.constructs[construct].of])
        if responses.instrument.constructs[construct].of
        else known[construct]
        for construct in constructs
    ]
    return pd.DataFrame(rows, columns=list(COMPARABILITY))


def _tested(responses: Responses, by: str, groups: tuple[str, str], construct: str) -> dict[str, object]:
    items = pd.concat([responses.items, responses.optional_items], axis=1)
    members = [item for item in responses.instrument.items_of(construct) if item in items.columns]
    label = responses.respondents[by]
    rows = items[members].assign(**{by: label})[label.isin(groups)].dropna()
    sizes = [int((rows[by] == group).sum()) for group in groups]
    found: dict[str, object] = {"construct": construct, "n_first": sizes[0], "n_second": sizes[1]}
    if len(members) < 3:
        return found | _unchecked(FEW_ITEMS)
    if min(sizes) < FEWEST:
        return {"construct": construct} | _unchecked(FEW_PEOPLE)
    try:
        ladder = invariance(
            f"{construct} =~ {' + '.join(members)}", rows, by, levels=LEVELS, group_label=groups, std_lv=True
        )
    except (DataError, ModelError, ConvergenceError) as error:
        return found | _unchecked(str(error).split(". ")[0])
    return found | _judged(ladder)


def _unchecked(why: str) -> dict[str, object]:
    return {
        "checked": False,
        "comparable": None,
        "weak": False,
        "pvalue": float("nan"),
        "delta_cfi": float("nan"),
        "said": f"not checked: {why}",
    }


def _judged(ladder: Invariance) -> dict[str, object]:
    steps = ladder.frame.iloc[1:]
    if steps["pvalue_diff"].isna().any():
        return _unchecked(next(iter(ladder.notes), "a level has no test"))
    pvalue, change = float(steps["pvalue_diff"].min()), float(steps["delta_cfi"].sum())
    alike = pvalue >= 0.05
    weak = any("fewer than 5 rows per free parameter" in note for note in ladder.notes)
    said = (
        "equal loadings and intercepts are tenable"
        if alike
        else "the groups answer the items differently, so that the gap mixes a difference in what is measured"
    )
    caution = "; groups are small, so this is weak evidence" if weak else ""
    return {
        "checked": True,
        "comparable": alike,
        "weak": weak,
        "pvalue": pvalue,
        "delta_cfi": change,
        "said": said + caution,
    }


def _whole(construct: str, parts: Sequence[Mapping[str, object]]) -> dict[str, object]:
    """Return the row of a construct of constructs: that of its least comparable part."""
    rank = {False: 0, None: 1, True: 2}
    worst = min(parts, key=lambda part: rank[part["comparable"]])  # type: ignore[index]
    return {**worst, "construct": construct, "said": f"{worst['construct']}: {worst['said']}"}
