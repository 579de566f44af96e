"""Every printed number beside the recomputed one: the whole analysis of a study on one data set."""

from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from os import PathLike
from typing import Literal

import numpy as np
import pandas as pd

from sopsem.errors import ConvergenceError, ModelError, UsageError
from sopsem.kernel import Kernel
from sopsem.sem.effects.effects import effect_values, effects, find_effects
from sopsem.sem.effects.policy_comparison import compare_policies, under_policies
from sopsem.sem.estimation.fit import Fit, fit
from sopsem.sem.fit_measures.fit_indices import corrected_tests
from sopsem.sem.resampling.bootstrap import Draws, bootstrap
from sopsem.sem.resampling.policies import POLICIES, require_intact
from sopsem.study.conventions import convention_table
from sopsem.study.manifest import manifest
from sopsem.study.published import PublishedStudy, load_study
from sopsem.study.replication_cells import (
    MC_LIMIT,
    monte_carlo_errors,
    printed_effects,
    replication_cells,
)
from sopsem.study.replication_sentences import replication_sentences
from sopsem.study.twin_targets import multiplier

__all__ = ["Replication", "replicate"]

DEFAULT_DRAWS = 200


@dataclass(frozen=True, kw_only=True)
class Replication:
    """The result of ``replicate``; frozen.

    Attributes
    ----------
    cells : DataFrame
        id, printed (text), computed, lower, upper (what the computed value may be to agree), verdict, mc_se
        (standard error of the difference to the paper; NaN for numbers without Monte-Carlo error), distance.
    effects : DataFrame
        What ``sopsem.effects`` returns for the draws used.
    policies : DataFrame
        Interval of every printed effect under each policy, with draws used.
    conventions : DataFrame
        One row per combination of conventions with how many printed numbers it explains.
    effect_draws : DataFrame
        Every printed effect in every draw under the policy; one column per effect, NaN without a solution.
    interval_kinds : DataFrame
        effect, kind, lower, upper: percentile and, where not refused, bias-corrected limits.
    sentences : tuple of str
        What a reader must know, in plain words.

    """

    study: PublishedStudy
    fit: Fit
    freed: Fit | None
    kept: Draws
    draws: Draws
    interval: str
    rule: str
    cells: pd.DataFrame
    effects: pd.DataFrame
    policies: pd.DataFrame
    conventions: pd.DataFrame
    effect_draws: pd.DataFrame
    interval_kinds: pd.DataFrame
    corrected: pd.DataFrame
    sentences: tuple[str, ...]
    manifest: Mapping[str, object]

    @property
    def acceptable(self) -> bool:
        """Whether the fit converged to a proper solution."""
        return self.fit.status.converged and not self.fit.improper


def replicate(
    items: pd.DataFrame,
    study: PublishedStudy | str = "sales_operations_alignment",
    *,
    draws: int | None = None,
    seed: int = 1,
    policy: str = "keep",
    interval: str = "percentile",
    rule: str = "weibull",
    executor: Executor | None = None,
    progress: Callable[[int, int], None] | None = None,
    store: str | PathLike[str] | None = None,
    resume: bool = False,
    source: Mapping[str, object] | None = None,
    kernel: Kernel = "auto",
) -> Replication:
    """Run the analysis of a published study on data and compare every printed number.

    Parameters
    ----------
    items : DataFrame
        One column per item of the study's model, reversed items already reversed.
    study : PublishedStudy or str
        A study with a model, or the name or path of one.
    draws : int, optional
        Bootstrap draws; by default as many as the paper used.
    seed : int
    policy : {"keep", "drop", "bound", "redraw"}
        What to do with improper draws; AMOS keeps them.
    interval : str
        percentile, bc, bca, normal, basic or studentized.  Where too many draws are lost BC, BCa and studentized
        limits are refused, and percentile limits used with the reason stated.
    rule : str
        End-point rule of the quantiles.
    executor, progress, store, resume
        As in ``bootstrap``.
    source : mapping, optional
        Where the data come from, for the manifest.
    kernel : {"auto", "numpy", "numba"}
        What fits the draws; see ``bootstrap``.

    Raises
    ------
    UsageError, DataError, ModelError, ConvergenceError

    Examples
    --------
    ``replicate(responses.items).cells`` for the shipped study.

    """
    study = load_study(study) if isinstance(study, str) else study
    if policy not in POLICIES:
        raise UsageError(f"policy is {policy!r}; choose one of {', '.join(POLICIES)}")
    count, where = draws or study.analysis.draws or DEFAULT_DRAWS, source or {}
    main, freed = _fits(study, items)
    kept = bootstrap(
        main,
        items,
        draws=count,
        seed=seed,
        executor=executor,
        progress=progress,
        store=store,
        resume=resume,
        kernel=kernel,
    )
    by_policy = under_policies(kept)
    used = by_policy[policy]
    kind, refused = _usable_interval(used, interval)
    bootstrapped = study.analysis.draws is not None or draws is not None
    table = effects(main, used if bootstrapped else None, kind=kind, level=study.analysis.level, rule=rule)
    effect_draws = _effect_draws(study, used, table)
    errors = monte_carlo_errors(study, effect_draws, _points(study, table), kind, rule)
    cells = replication_cells(study, main, freed, table, errors)
    conventions = convention_table(study, main, freed, by_policy, MC_LIMIT)
    return Replication(
        study=study,
        fit=main,
        freed=freed,
        kept=kept,
        draws=used,
        interval=kind,
        rule=rule,
        cells=cells,
        effects=table,
        policies=_policy_table(study, by_policy, rule),
        conventions=conventions,
        effect_draws=effect_draws,
        interval_kinds=_interval_kinds(study, used, rule),
        corrected=corrected_tests(main),
        sentences=replication_sentences(
            label=str(where.get("label", "")),
            main=main,
            kept=kept,
            used=used,
            kind=kind,
            cells=cells,
            table=table,
            conventions=conventions,
            refused=refused,
        ),
        manifest=manifest(
            main,
            items,
            study,
            where,
            backend=kept.backend,
            draws=count,
            seed=seed,
            policy=policy,
            interval=kind,
            rule=rule,
        ),
    )


def _fits(study: PublishedStudy, items: pd.DataFrame) -> tuple[Fit, Fit | None]:
    """Return the fit of the study's model, and of the one with more paths where the study compares two."""
    if study.model is None:
        raise ModelError(
            f"the study {study.name!r} prints no model, so it cannot be refitted; add [model] text"
        )
    mimic: Literal["amos"] | None = "amos" if multiplier(study) < study.n else None
    main = fit(study.model.text, items, mimic=mimic)
    freed = fit(f"{study.model.text}\n{study.nested.freed}", items, mimic=mimic) if study.nested else None
    if not main.status.converged:
        raise ConvergenceError(f"{main.status.value} {main.certificate}")
    return main, freed


def _points(study: PublishedStudy, table: pd.DataFrame) -> "pd.Series[float]":
    """Return the estimate of every printed effect."""
    scale = "_std" if study.effects.standardized else ""
    return pd.Series(
        {name: row["est" + scale] for name, row in printed_effects(study, table).items()}, dtype=float
    )


def _usable_interval(draws: Draws, interval: str) -> tuple[str, str]:
    """Return the interval to use and, where the wanted one is refused, the reason."""
    try:
        require_intact(draws, interval)
    except UsageError as refusal:
        return "percentile", str(refusal)
    return interval, ""


def _policy_table(study: PublishedStudy, by_policy: Mapping[str, Draws], rule: str) -> pd.DataFrame:
    """Return percentile limits of every printed effect under each policy, from the same draws."""
    scale = "_std" if study.effects.standardized else ""
    table = compare_policies(by_policy, level=study.analysis.level, rule=rule)
    rows = [
        {"policy": policy, "effect": name, "n_draws": int(row["n_draws" + scale])}
        | {c: float(row[c + scale]) for c in ("est", "ci_lower", "ci_upper", "pvalue")}
        for policy in by_policy
        for name, row in printed_effects(study, table[table["policy"] == policy]).items()
    ]
    return pd.DataFrame(
        rows, columns=["policy", "effect", "est", "ci_lower", "ci_upper", "pvalue", "n_draws"]
    )


def _effect_draws(study: PublishedStudy, draws: Draws, table: pd.DataFrame) -> pd.DataFrame:
    chosen = printed_effects(study, table)
    known = {e.name: e for e in find_effects(draws.fit.spec)}
    wanted = [known[str(row["effect"])] for row in chosen.values()]
    values = np.full((len(draws), len(wanted)), np.nan)
    values[draws.used] = effect_values(
        draws.fit.spec,
        draws.fit.model,
        draws.kernel_theta[draws.used],
        wanted,
        standardized=study.effects.standardized,
    )
    return pd.DataFrame(values, columns=list(chosen))


def _interval_kinds(study: PublishedStudy, draws: Draws, rule: str) -> pd.DataFrame:
    scale = "_std" if study.effects.standardized else ""
    rows = []
    for kind in dict.fromkeys(("percentile", _usable_interval(draws, "bc")[0])):
        table = effects(draws.fit, draws, kind=kind, level=study.analysis.level, rule=rule)
        for name, row in printed_effects(study, table).items():
            rows.append((name, kind, row["ci_lower" + scale], row["ci_upper" + scale]))
    return pd.DataFrame(rows, columns=["effect", "kind", "lower", "upper"])
