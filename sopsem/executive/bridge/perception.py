"""What units perceive: is it shared enough for a unit's mean to stand for it, and the means of those that are."""

import math

import numpy as np
import pandas as pd

from sopsem.errors import PolicyError
from sopsem.executive.bridge.agreement import (
    SKEWED_VARIANCE,
    intraclass,
    uniform_variance,
    within_group_agreement,
)
from sopsem.executive.bridge.answers import Answers
from sopsem.executive.bridge.roles import role_gap
from sopsem.executive.schema.policy import Policy

__all__ = ["agreement_table", "role_table", "shared_means"]

NOT_SHARED = "perceptions are not shared; unit means are not used"


def agreement_table(answers: Answers, policy: Policy) -> pd.DataFrame:
    """Return a row per construct: r_wg(J) of the units, ICC(1), ICC(2), and whether its unit means may be used.

    Shared: median r_wg(J) and ICC(2) not below ``rwg_min`` and ``icc2_min``; with one unit there is no ICC and the
    agreement decides alone.
    """
    return pd.DataFrame([_agreement(answers, name, policy) for name in answers.items])


def _agreement(answers: Answers, construct: str, policy: Policy) -> dict[str, object]:
    own, items = answers.of(construct), list(answers.items[construct])
    count = answers.categories[construct]
    uniform = _within(own, items, uniform_variance(count))
    skewed = _within(own, items, SKEWED_VARIANCE.get(count, math.nan))
    between = intraclass(own["score"], own["unit"])
    median = float(np.median(uniform)) if len(uniform) else math.nan
    reason = _reason(median, between.icc2, between.units, policy)
    return {
        "construct": construct,
        "items": len(items),
        "categories": count,
        "respondents": between.respondents,
        "units": between.units,
        "rwg_median": median,
        "rwg_min": float(min(uniform, default=math.nan)),
        "rwg_skewed_median": float(np.median(skewed)) if len(skewed) else math.nan,
        "units_without_agreement": int((uniform == 0).sum()),
        "icc1": between.icc1,
        "icc2": between.icc2,
        "k": between.size,
        "f": between.f,
        "p": between.p,
        "shared": reason == "",
        "reason": reason,
    }


def _within(own: pd.DataFrame, items: list[str], null_variance: float) -> np.ndarray:
    """Return r_wg(J) of every unit of two or more respondents; nothing where the null is not tabled."""
    if math.isnan(null_variance):
        return np.array([])
    found = [within_group_agreement(rows[items], null_variance) for _, rows in own.groupby("unit")]
    return np.array([r for r in found if not math.isnan(r)])


def _reason(median: float, icc2: float, units: int, policy: Policy) -> str:
    least, mean_least = policy["bridge"]["rwg_min"], policy["bridge"]["icc2_min"]
    low = []
    if math.isnan(median):
        low.append("no unit has two respondents")
    elif median < least:
        low.append(f"median r_wg {median:.2f}, needed {least:.2f}")
    if units > 1 and not icc2 >= mean_least:
        found = "is not defined" if math.isnan(icc2) else f"{icc2:.2f}"
        low.append(f"ICC(2) {found}, needed {mean_least:.2f}")
    return f"{NOT_SHARED}: {'; '.join(low)}" if low else ""


def shared_means(answers: Answers, agreement: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """Return unit x construct means of constructs that are shared, NaN for units with too few respondents."""
    least = policy["bridge"]["min_respondents"]
    means = {}
    for construct in agreement.loc[agreement["shared"], "construct"] if len(agreement) else ():
        by_unit = answers.of(construct).groupby("unit")["score"]
        means[construct] = by_unit.mean().where(by_unit.size() >= least)
    return pd.DataFrame(means, index=sorted(answers.frame["unit"].unique()), dtype=float)


def role_table(answers: Answers, policy: Policy, seed: int) -> pd.DataFrame:
    """Return the perception gap of every construct between the two roles of the policy; empty without roles.

    Upper and lower case of roles are not told apart.  Of units with too few respondents nobody counts.

    Raises
    ------
    PolicyError
        The policy does not name two roles.

    """
    limits = policy["bridge"]
    roles = limits["roles"]
    if len(roles) != 2:
        raise PolicyError(f"policy: bridge.roles names {len(roles)} roles; name the two to be compared")
    named = {role.casefold(): role for role in roles}
    if not set(named) <= set(answers.frame["role"].str.casefold()):
        return pd.DataFrame()
    rows = []
    for construct in answers.items:
        own = answers.of(construct)
        own["role"] = own["role"].str.casefold().map(named)
        # units whose means are not shown would follow from the roles' totals less the units that are
        shown = own[own.groupby("unit")["score"].transform("size") >= limits["min_respondents"]]
        given = {"least": limits["min_respondents"], "draws": limits["draws"], "seed": seed}
        rows.append({"construct": construct, **role_gap(shown, roles, **given)})
    return pd.DataFrame(rows)
