"""All policies for improper draws side by side, from the same draws."""

from collections.abc import Mapping

import pandas as pd

from sopsem.sem.effects.effects import effects
from sopsem.sem.resampling.bootstrap import Draws
from sopsem.sem.resampling.policies import POLICIES, apply_policy

__all__ = ["compare_policies", "under_policies"]


def under_policies(draws: Draws) -> dict[str, Draws]:
    """Return the draws under every policy, by name."""
    return {policy: apply_policy(draws, policy) for policy in POLICIES}


def compare_policies(
    draws: Draws | Mapping[str, Draws], *, level: float = 0.95, rule: str = "weibull"
) -> pd.DataFrame:
    """Return percentile intervals of every effect under each policy.

    Parameters
    ----------
    draws : Draws or mapping
        Draws with the policy "keep", or what ``under_policies`` returned.
    level, rule
        Confidence level; end-point rule.

    Returns
    -------
    DataFrame
        policy, then the columns of ``effects`` (percentile intervals) with n_draws, the draws that were used.

    Examples
    --------
    ``compare_policies(draws).query("kind == 'total'")[["policy", "effect", "ci_lower_std", "ci_upper_std"]]``

    """
    by_policy = under_policies(draws) if isinstance(draws, Draws) else draws
    tables = [
        effects(each.fit, each, kind="percentile", level=level, rule=rule).assign(policy=policy)
        for policy, each in by_policy.items()
    ]
    frame = pd.concat(tables, ignore_index=True)
    return frame[["policy", *(c for c in frame.columns if c != "policy")]]
