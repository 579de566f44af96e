"""N for a wanted power or width: what theory says of every test, and a search for the one aimed at."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from sopsem.errors import UsageError
from sopsem.sem.distributions import norm_ppf
from sopsem.sem.power.decisions import Question, unit_errors
from sopsem.sem.power.find_n import NeededN, find_n, power_scale, theoretical_n, width_scale
from sopsem.sem.power.replicates import Plan, Replicates

__all__ = ["Aim", "needed_table", "smallest_n"]

Run = Callable[[int], Replicates]


@dataclass(frozen=True, kw_only=True)
class Aim:
    """What N is wanted for: a power, the width of an interval, or both, of one test.

    Attributes
    ----------
    power : float or None
        Such as 0.80.
    width : float or None
        Of the interval est -+ z se of what the test is about.
    goal : str
        Name of the test as in ``Power.table``, or the kind of test where there is one of it; "" for the
        difference test.

    """

    power: float | None = None
    width: float | None = None
    goal: str = ""

    def goal_among(self, asked: Sequence[Question]) -> Question:
        """Return the test that is aimed at.

        Raises
        ------
        UsageError
            No such test, or several; nothing to aim for; a power outside 0..1 or a width that is not above 0.

        """
        if self.power is not None and not 0.0 < self.power < 1.0:
            raise UsageError(f"target is {self.power}; give a power between 0 and 1, e.g. 0.8")
        if self.width is not None and not self.width > 0.0:
            raise UsageError(f"width is {self.width}; give the width of an interval, e.g. 0.3")
        wanted = self.goal or "difference"
        found = [q for q in asked if wanted in (q.name, q.test)]
        if len(found) != 1:
            names = ", ".join(q.name for q in asked if q.test != "wald" or q.scale == "std")
            what = f"goal={self.goal!r} names {len(found)} tests" if self.goal else "nothing is freed"
            raise UsageError(f"{what}; say with goal which test N is wanted for, one of: {names}")
        return found[0]


def smallest_n(p: int) -> int:
    """Return the fewest rows of p variables with a covariance matrix that is positive definite."""
    return p + 1


def needed_table(
    aim: Aim, goal: Question, asked: Sequence[Question], plan: Plan, run: Run, sizes: Sequence[int]
) -> pd.DataFrame:
    """Return name target analytic_n and, of what is aimed at, n mc_se lower upper.

    Parameters
    ----------
    run : callable
        N to replications.
    sizes : sequence of int
        The N that were run already.

    """
    least = smallest_n(len(plan.design.full.spec.observed))
    rows: list[dict[str, object]] = []
    if aim.power is not None:
        rows += _of_power(aim.power, goal, asked, run, sizes, least)
    if aim.width is not None:
        rows.append(_of_width(aim.width, goal, plan, run, sizes, least))
    columns = ["name", "target", "analytic_n", "n", "mc_se", "lower", "upper"]
    return pd.DataFrame(rows, columns=columns).astype(dict.fromkeys(columns[1:], float))


def _of_power(
    target: float, goal: Question, asked: Sequence[Question], run: Run, sizes: Sequence[int], least: int
) -> Iterator[dict[str, object]]:
    """Yield the row of the test aimed at, then the others, of which theory speaks alone."""

    def measure(n: int) -> tuple[float, float]:
        decisions = goal.decide(run(n), n)
        used = decisions[np.isfinite(decisions)]
        share = float(used.mean()) if len(used) else float("nan")
        return share, float(np.sqrt(share * (1.0 - share) / max(len(used), 1)))

    for q in (goal, *(q for q in asked if q is not goal)):
        theory = theoretical_n(partial(_reaches, q, target), least)
        found = None
        if q is goal:
            known = {n: measure(n) for n in sizes}
            start = theory or 2 * least
            found = find_n(measure, known, power_scale(), target, start=start, least=least)
        yield _row(q.name, target, theory, found)


def _reaches(question: Question, target: float, n: int) -> bool:
    return question.theory(n) >= target


def _row(name: str, target: float, theory: int | None, found: NeededN | None) -> dict[str, object]:
    row: dict[str, object] = {
        "name": name,
        "target": target,
        "analytic_n": np.nan if theory is None else theory,
    }
    if found is None:
        return row
    return {**row, "n": found.n, "mc_se": found.mc_se, "lower": found.lower, "upper": found.upper}


def _of_width(
    target: float, goal: Question, plan: Plan, run: Run, sizes: Sequence[int], least: int
) -> dict[str, object]:
    labels, quantities = plan.quantities.labels, plan.quantities
    choices = [(goal.quantity, goal.scale), (f"direct:{goal.quantity}", "std"), (goal.quantity, "raw")]
    label = next((c for c in choices if c in labels), None)
    if label is None:
        raise UsageError(
            f"{goal.name} is about a model, which has no interval; say with goal what the width is of"
        )
    at, z = labels.index(label), float(norm_ppf(0.5 + plan.level / 2.0))
    unit = float(unit_errors(quantities)[at])

    def measure(n: int) -> tuple[float, float]:
        se = run(n).se[:, at]
        width = 2.0 * z * se[np.isfinite(se)]
        return float(width.mean()), float(width.std(ddof=1) / np.sqrt(len(width)))

    theory = theoretical_n(lambda n: 2.0 * z * unit / np.sqrt(plan.design.multiplier(n)) <= target, least)
    known = {n: measure(n) for n in sizes}
    found = find_n(measure, known, width_scale(), target, start=theory or 2 * least, least=least)
    return _row(f"width:{label[1]}:{label[0]}", target, theory, found)
