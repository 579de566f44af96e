"""Many units with a survey of their people, and panels for the test of moderation with planted truth."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import pandas as pd

from sopsem.errors import UsageError
from sopsem.executive.schema.policy import DEFAULT_POLICY, Policy
from sopsem.executive.schema.tables import Tables, check_tables
from sopsem.executive.simulate.manufacturer import Manufacturer, simulate_manufacturer
from sopsem.executive.simulate.world import FIXED_COST

__all__ = ["Enterprise", "simulate_enterprise", "simulate_moderation"]

CONSTRUCTS = {
    "coordination": 1.0,
    "conflict": -1.0,
    "alignment": 1.0,
    "internal_performance": 1.0,
    "market_performance": 1.0,
}
ITEMS = 4


@dataclass(frozen=True, kw_only=True)
class Enterprise:
    """Units that differ in alignment: ``frames`` of all units together, the ``survey``, the ``truth`` by unit.

    The survey has a row per respondent: ``unit respondent role`` and items such as ``alignment1`` (1 to 7).
    """

    frames: Mapping[str, pd.DataFrame]
    survey: pd.DataFrame
    truth: pd.DataFrame

    def tables(self, policy: Policy = DEFAULT_POLICY) -> Tables:
        """Return the tables of all units, checked; ``tables.of_unit("U01")`` are those of one."""
        return check_tables(self.frames, policy)


def simulate_enterprise(
    units: int = 12,
    respondents: int = 8,
    seed: int = 0,
    *,
    periods: int = 36,
    null: bool = False,
    vary_fixed_cost: bool = False,
    role_shift: float = 0.0,
    ahead: int = 0,
) -> Enterprise:
    """Simulate units whose alignment is uniform on 0.1 to 0.9, and what their people say.

    Parameters
    ----------
    units, respondents : int
        Units, and respondents of each.
    seed : int
        The same arguments give the same enterprise.
    periods : int
        Months of every unit.
    null : bool
        Operations do not depend on the alignment; the survey still does: measured and perceived are unrelated.
    vary_fixed_cost : bool
        Fixed cost times a number uniform on 0.5 to 1.3, so that operating leverage differs.
    role_shift : float
        Added to the answers of Sales, in points of the scale.
    ahead : int
        As in ``simulate_manufacturer``.

    Examples
    --------
    >>> firm = simulate_enterprise(2, 3, seed=1, periods=13)
    >>> firm.survey.shape, firm.truth["unit"].tolist()
    ((6, 23), ['U01', 'U02'])

    """
    if units < 1 or respondents < 1:
        raise UsageError("give at least one unit and one respondent")
    rng = np.random.default_rng(np.random.SeedSequence([seed, 1]))
    theta = rng.uniform(0.1, 0.9, units)
    multiplier = rng.uniform(0.5, 1.3, units) if vary_fixed_cost else np.ones(units)
    names = [f"U{i + 1:02d}" for i in range(units)]
    plants = [
        simulate_manufacturer(
            t, periods, seed=seed, unit=name, null=null, fixed_cost=FIXED_COST * m, ahead=ahead
        )
        for name, t, m in zip(names, theta, multiplier, strict=True)
    ]
    return Enterprise(
        frames=MappingProxyType(_stacked(plants)),
        survey=_answers(names, theta, respondents, role_shift, rng),
        truth=pd.DataFrame({"unit": names, "alignment": theta, "fixed_cost_multiplier": multiplier}),
    )


def _stacked(plants: list[Manufacturer]) -> dict[str, pd.DataFrame]:
    return {n: pd.concat([p.frames[n] for p in plants], ignore_index=True) for n in plants[0].frames}


def _answers(
    names: list[str], theta: np.ndarray, respondents: int, role_shift: float, rng: np.random.Generator
) -> pd.DataFrame:
    """Draw answers: 4 + 0.8 z(alignment) + unit + person + item, rounded into 1 to 7."""
    # U(0.1, 0.9) has mean 0.5 and this standard deviation
    z = (theta - 0.5) / np.sqrt(0.8**2 / 12)
    own = rng.normal(0, 0.35, len(names))
    rows = []
    for i, name in enumerate(names):
        for k in range(respondents):
            role = "Sales" if k % 2 == 0 else "Operations"
            person = rng.normal(0, 0.6)
            row: dict[str, object] = {"unit": name, "respondent": f"{name}-{k + 1:02d}", "role": role}
            for construct, sign in CONSTRUCTS.items():
                level = 4 + sign * (0.8 * z[i] + own[i] + person + role_shift * (role == "Sales"))
                answers = np.clip(np.round(level + rng.normal(0, 0.7, ITEMS)), 1, 7)
                row |= {f"{construct}{j + 1}": int(a) for j, a in enumerate(answers)}
            rows.append(row)
    return pd.DataFrame(rows)


def simulate_moderation(units: int = 60, beta3: float = -0.5, seed: int = 0) -> pd.DataFrame:
    """Return a panel ``unit dol alignment cv_ebitda`` in which alignment moderates leverage by ``beta3``.

    ln CV = -1 + 0.8 ln DOL - 0.2 S + beta3 (ln DOL)(S) + N(0, 0.15), S centred: the positive control of the test
    of moderation; ``beta3=0`` is the negative one.

    >>> simulate_moderation(3).columns.tolist()
    ['unit', 'dol', 'alignment', 'cv_ebitda']
    """
    rng = np.random.default_rng(np.random.SeedSequence([seed, 2]))
    dol, alignment = rng.uniform(1.5, 6.0, units), rng.uniform(0.1, 0.9, units)
    s, log_dol = alignment - alignment.mean(), np.log(dol)
    cv = np.exp(-1 + 0.8 * log_dol - 0.2 * s + beta3 * log_dol * s + rng.normal(0, 0.15, units))
    names = [f"U{i + 1:02d}" for i in range(units)]
    return pd.DataFrame({"unit": names, "dol": dol, "alignment": alignment, "cv_ebitda": cv})
