"""Monte Carlo power and precision of a design, with what theory says beside every number."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from sopsem.errors import UsageError
from sopsem.kernel import backend_used, first_compiled, seconds_per_fit
from sopsem.sem.fit_measures.noncentrality import rmsea_power, rmsea_sample_size
from sopsem.sem.power.decisions import questions
from sopsem.sem.power.design import Design
from sopsem.sem.power.needed import Aim, needed_table, smallest_n
from sopsem.sem.power.quantities import quantities_of
from sopsem.sem.power.replicates import Plan, Replicates
from sopsem.sem.power.running import Running, run_sizes
from sopsem.sem.power.tables import accounting_table, power_table, precision_table

__all__ = ["Power", "measure_power"]

FEWEST = 10


@dataclass(frozen=True, kw_only=True)
class Power:
    """Power and precision at every N that was run; frozen.

    Attributes
    ----------
    model, restricted_model : str
        Text of the model that was fitted, and of the one without the freed line ("" without one).
    n : tuple of int
        Every N that was run, those of a search included.
    replications, seed, alpha, level, mimic, backend
        How it was run; ``alpha`` is of the tests, ``level`` of the intervals.
    population : DataFrame
        Covariance matrix of the population.
    table : DataFrame
        Of every N and test: n name test quantity scale true power mc_se mc_lower mc_upper (Wilson's 95 % limits)
        used, the same among proper replications only (power_proper mc_se_proper used_proper), and ``analytic``,
        what theory says.  ``true`` is the value in the population, for tests of a model its RMSEA.  At a true value
        of 0 the power of a test of 0 is its level.
    precision : DataFrame
        Of every N and quantity: true, mean, sd and mean_se of the estimate, coverage and width of est -+ z se, each
        with its Monte Carlo error, the number used, the same among proper replications, and analytic_width.
    accounting : DataFrame
        n model replications proper improper not_converged singular; the last four add up to replications.
    needed : DataFrame
        With a target: name, target, analytic_n and, of what was searched, n with mc_se, lower and upper.
    rmsea : DataFrame
        Analytic power of the tests of close fit (RMSEA .05 against .08) and of not-close fit (.05 against .01) by
        model and N, and the N for the target (MacCallum, Browne & Sugawara, 1996).
    replicates : mapping of int to Replicates
        Everything above is made of these.

    """

    model: str
    restricted_model: str
    n: tuple[int, ...]
    replications: int
    seed: int
    alpha: float
    level: float
    mimic: str | None
    backend: str
    population: pd.DataFrame
    table: pd.DataFrame
    precision: pd.DataFrame
    accounting: pd.DataFrame
    needed: pd.DataFrame
    rmsea: pd.DataFrame
    replicates: Mapping[int, Replicates]

    def __repr__(self) -> str:
        """Show what was run and the accounting."""
        lines = [
            f"Power: {self.replications} replications at N = {', '.join(map(str, self.n))}, seed {self.seed}",
        ]
        lines += [
            f"N = {row.n}, {row.model} model: {row.proper} proper, {row.improper} improper, "
            f"{row.not_converged} not converged, {row.singular} singular"
            for row in self.accounting.itertuples()
        ]
        shown = self.table[self.table["test"].isin(["difference", "exact"])]
        lines += [f"{r.name} at N = {r.n}: {r.power:.3f} (MC se {r.mc_se:.3f})" for r in shown.itertuples()]
        lines += [f"N for {r.target:g} of {r.name}: {r.n:.0f}" for r in self.needed.dropna().itertuples()]
        return "\n".join(lines)


def measure_power(
    design: Design,
    n: Sequence[int],
    *,
    replications: int = 1000,
    seed: int = 1,
    alpha: float = 0.05,
    level: float = 0.95,
    equivalence: float | None = None,
    interval_draws: int = 0,
    aim: Aim | None = None,
    running: Running = Running(),  # noqa: B008 - frozen
) -> Power:
    """Run the replications of a design at every N, search the N of an aim, and count.

    Parameters
    ----------
    design : Design
    n : sequence of int
        May be empty with an aim.
    replications : int
        At every N.
    equivalence : float, optional
        Bound of the two one-sided tests of the standardized effects.
    interval_draws : int
        Draws of the Monte Carlo interval of the effects in every replication; 0 leaves it out.
    aim : Aim, optional
        The power or the width to find N for.

    Raises
    ------
    UsageError
        Sizes no larger than the number of variables, fewer than 10 replications, levels outside 0..1, an aim at
        what is not tested, a target that no N reaches.

    Examples
    --------
    >>> from sopsem.sem.power.design import make_design
    >>> design = make_design("y ~ x", {"y~x": 0.3, "y~~y": 0.91})
    >>> found = measure_power(design, [80], replications=400, seed=1)
    >>> row = found.table.set_index("name").loc["wald:std:direct:y~x"]
    >>> bool(abs(row["power"] - row["analytic"]) < 0.08)
    True

    """
    quantities = quantities_of(design.full)
    sizes = _checked_sizes(n, len(design.full.spec.observed), searched=aim is not None)
    _check(replications, alpha, level, equivalence, interval_draws)
    asked = questions(design, quantities, alpha=alpha, bound=equivalence, intervals=interval_draws > 0)
    seconds = seconds_per_fit(tuple(one.model.layout for one in design.fits.values()))
    plan = Plan(
        design=design,
        quantities=quantities,
        seed=seed,
        level=level,
        interval_draws=interval_draws,
        first_compiled=first_compiled(running.kernel, seconds),
    )
    goal = None if aim is None else aim.goal_among(asked)
    found = run_sizes(plan, sizes, replications, running) if sizes else {}
    needed = pd.DataFrame(columns=["name", "target", "analytic_n", "n", "mc_se", "lower", "upper"])
    if aim is not None and goal is not None:

        def run(size: int) -> Replicates:
            if size not in found:
                found.update(run_sizes(plan, [size], replications, running, part=f"n_{size}"))
            return found[size]

        needed = needed_table(aim, goal, asked, plan, run, list(found))
    found = {size: found[size] for size in sorted(found)}
    restricted = design.restricted
    return Power(
        model=design.full.spec.text,
        restricted_model="" if restricted is None else restricted.spec.text,
        n=tuple(found),
        replications=replications,
        seed=seed,
        alpha=alpha,
        level=level,
        mimic=design.full.mimic,
        backend=backend_used(plan.first_compiled, replications),
        population=design.population,
        table=power_table(found, asked),
        precision=precision_table(found, design, quantities, level),
        accounting=accounting_table(found, design),
        needed=needed,
        rmsea=_rmsea_table(
            design, list(found), alpha, 0.80 if aim is None or aim.power is None else aim.power
        ),
        replicates=found,
    )


def _checked_sizes(n: Sequence[int], p: int, *, searched: bool) -> list[int]:
    if not len(n) and not searched:
        raise UsageError("give n, the sample sizes to run, or a target to search N for")
    for size in n:
        if isinstance(size, bool) or not isinstance(size, (int, np.integer)) or size < smallest_n(p):
            raise UsageError(
                f"n has {size!r}; {p} variables need whole numbers from {smallest_n(p)} on, one row more than there "
                "are variables"
            )
    return sorted({int(size) for size in n})


def _check(
    replications: int, alpha: float, level: float, equivalence: float | None, interval_draws: int
) -> None:
    if (
        isinstance(replications, bool)
        or not isinstance(replications, (int, np.integer))
        or replications < FEWEST
    ):
        raise UsageError(f"replications is {replications!r}; give a whole number from {FEWEST} on, e.g. 1000")
    if not 0.0 < alpha < 0.5:
        raise UsageError(f"alpha is {alpha}; give a number between 0 and 0.5, e.g. 0.05")
    if not 0.5 < level < 1.0:
        raise UsageError(f"level is {level}; give a number between 0.5 and 1, e.g. 0.95")
    if equivalence is not None and not equivalence > 0.0:
        raise UsageError(
            f"equivalence is {equivalence}; give the smallest standardized effect that matters, e.g. 0.20"
        )
    if interval_draws and interval_draws < 100:
        raise UsageError(f"interval_draws is {interval_draws}; give 100 or more, or 0 for no intervals")


def _rmsea_table(design: Design, sizes: list[int], alpha: float, target: float) -> pd.DataFrame:
    rows = []
    for model, fit in design.fits.items():
        if fit.df < 1:
            continue
        less = 1 - design.multiplier(1)  # what is to be added to the multiplier for N
        for test, against in (("close", 0.08), ("not_close", 0.01)):
            power = partial(rmsea_power, fit.df, null=0.05, alternative=against, alpha=alpha)
            wanted = (
                rmsea_sample_size(fit.df, power=target, null=0.05, alternative=against, alpha=alpha) + less
            )
            rows += [
                {
                    "n": size,
                    "model": model,
                    "test": test,
                    "df": fit.df,
                    "null": 0.05,
                    "alternative": against,
                    "power": power(design.multiplier(size)),
                    "target": target,
                    "n_for_target": wanted,
                }
                for size in sizes
            ]
    return pd.DataFrame(rows)
