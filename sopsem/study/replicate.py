"""Every printed number beside the recomputed one, with a verdict per cell.

A number that the data determine is *reproduced* when it rounds to the print.  A bootstrap number is random in the
paper and here: it is *within Monte-Carlo error* when the two differ by less than three standard errors of their
difference.
"""

from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from sopsem.errors import ConvergenceError, ModelError, UsageError
from sopsem.sem.bootstrap import Draws, bootstrap
from sopsem.sem.effects import effect_values, effects, find_effects
from sopsem.sem.fit import Fit, fit
from sopsem.sem.fit_indices import corrected_tests
from sopsem.sem.policies import POLICIES, TOLERATED, improper_sentence, require_intact
from sopsem.sem.policy_comparison import compare_policies, under_policies
from sopsem.study.conventions import convention_table, determined_numbers
from sopsem.study.manifest import manifest
from sopsem.study.published import PublishedStudy, load_study
from sopsem.study.twin_targets import multiplier

__all__ = ["MC_LIMIT", "Replication", "replicate"]

MC_LIMIT = 3.0
DEFAULT_DRAWS = 200
STABLE = 0.005  # Monte-Carlo standard error below which the second decimal of a limit stands still


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
    source: Mapping[str, object] | None = None,
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
        percentile, bc, bca, normal, basic or studentized.  BC and BCa are refused, and percentile limits used with
        the reason stated, where too many draws are lost.
    rule : str
        End-point rule of the quantiles.
    source : mapping, optional
        Where the data come from, for the manifest.

    Raises
    ------
    UsageError, DataError, ModelError, ConvergenceError

    Examples
    --------
    ``replicate(responses.items).cells`` for the shipped study.

    """
    study = load_study(study) if isinstance(study, str) else study
    if study.model is None:
        raise ModelError(
            f"the study {study.name!r} prints no model, so it cannot be refitted; add [model] text"
        )
    if policy not in POLICIES:
        raise UsageError(f"policy is {policy!r}; choose one of {', '.join(POLICIES)}")
    count = draws or study.analysis.draws or DEFAULT_DRAWS
    mimic: Literal["amos"] | None = "amos" if multiplier(study) < study.n else None
    main = fit(study.model.text, items, mimic=mimic)
    freed = fit(f"{study.model.text}\n{study.nested.freed}", items, mimic=mimic) if study.nested else None
    if not main.status.converged:
        raise ConvergenceError(f"{main.status.value} {main.certificate}")
    kept = bootstrap(main, items, draws=count, seed=seed, executor=executor, progress=progress)
    by_policy = under_policies(kept)
    used = by_policy[policy]
    kind, refused = _usable_interval(used, interval)
    table = effects(main, used, kind=kind, level=study.analysis.level, rule=rule)
    cells = _cells(study, main, freed, table, count)
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
        conventions=convention_table(study, main, freed, by_policy, MC_LIMIT),
        effect_draws=_effect_draws(study, used, table),
        interval_kinds=_interval_kinds(study, used, rule),
        corrected=corrected_tests(main),
        sentences=_sentences(main, kept, cells, table, refused),
        manifest=manifest(
            main, items, study, source or {}, draws=count, seed=seed, policy=policy, interval=kind, rule=rule
        ),
    )


def _usable_interval(draws: Draws, interval: str) -> tuple[str, str]:
    """Return the interval to use and, where the wanted one is refused, the reason."""
    try:
        require_intact(draws, interval)
    except UsageError as refusal:
        return "percentile", str(refusal)
    return interval, ""


def _cells(
    study: PublishedStudy, main: Fit, freed: Fit | None, table: pd.DataFrame, draws: int
) -> pd.DataFrame:
    """Set every printed result beside the recomputed one."""
    computed = determined_numbers(main, freed) | effect_numbers(study, table)
    errors = _monte_carlo_errors(study, table, draws)
    rows = [
        _verdict(cell, computed[cell.id], errors.get(cell.id, np.nan))
        for cell in study.cells().itertuples()
        if cell.id in computed
    ]
    return pd.DataFrame(rows)


def printed_effects(study: PublishedStudy, table: pd.DataFrame) -> dict[str, pd.Series]:
    """Return the row of the effects table behind every printed effect, by the name used in cell ids."""
    kinds = {"total": "total", "direct": "direct", "indirect": "total_indirect"}
    found = {}
    for name, row in study.effect_rows():
        match = table[(table["kind"] == kinds[row.kind]) & (table["outcome"] == row.outcome)]
        match = match[match["predictor"] == row.predictor]
        if match.empty:
            raise ModelError(f"the paper prints {name}, but the model has no {row.kind} effect of it")
        found[name] = match.iloc[0]
    return found


def effect_numbers(study: PublishedStudy, table: pd.DataFrame) -> dict[str, float]:
    """Return effect:, ci_lower:, ci_upper: and p: of every printed effect."""
    scale = "_std" if study.effects.standardized else ""
    fields = {"effect": "est", "ci_lower": "ci_lower", "ci_upper": "ci_upper", "p": "pvalue", "se": "se"}
    return {
        f"{prefix}:{name}": float(row[column + scale])
        for name, row in printed_effects(study, table).items()
        for prefix, column in fields.items()
    }


def _monte_carlo_errors(study: PublishedStudy, table: pd.DataFrame, draws: int) -> dict[str, float]:
    """Return the standard error of paper minus recomputed for every bootstrap number.

    Both are random: ours with its own draws, the paper's with as many as it states (an error scales with the root
    of the draws).
    """
    scale = "_std" if study.effects.standardized else ""
    together = np.sqrt(1.0 + draws / (study.analysis.draws or DEFAULT_DRAWS))
    fields = {"ci_lower": "mc_lower", "ci_upper": "mc_upper", "p": "mc_pvalue"}
    return {
        f"{prefix}:{name}": float(row[column + scale]) * together
        for name, row in printed_effects(study, table).items()
        for prefix, column in fields.items()
    }


def _verdict(cell: object, computed: float, error: float) -> dict[str, object]:
    """Judge one cell: by rounding, or by Monte-Carlo distance where the number is random."""
    lower, upper = float(cell.lower), float(cell.upper)  # type: ignore[attr-defined]
    inside = lower <= computed < upper
    gap = 0.0 if inside else max(lower - computed, computed - upper)
    distance = gap / error if error > 0.0 else np.nan
    if np.isnan(error):
        verdict = "reproduced" if inside else "differs"
    else:
        least = 0.0 if cell.id.startswith("p:") else -np.inf  # type: ignore[attr-defined]
        lower, upper = max(lower - MC_LIMIT * error, least), upper + MC_LIMIT * error
        verdict = (
            "within Monte-Carlo error" if distance <= MC_LIMIT or inside else "outside Monte-Carlo error"
        )
    return {
        "id": cell.id,  # type: ignore[attr-defined]
        "printed": cell.printed,  # type: ignore[attr-defined]
        "computed": computed,
        "lower": lower,
        "upper": upper,
        "verdict": verdict,
        "mc_se": error,
        "distance": distance,
    }


def _policy_table(study: PublishedStudy, by_policy: Mapping[str, Draws], rule: str) -> pd.DataFrame:
    """Return percentile limits of every printed effect under each policy, from the same draws."""
    scale = "_std" if study.effects.standardized else ""
    table = compare_policies(by_policy, level=study.analysis.level, rule=rule)
    rows = [
        {"policy": policy, "effect": name, "n_draws": int(row["n_draws"])}
        | {c: float(row[c + scale]) for c in ("est", "ci_lower", "ci_upper", "pvalue")}
        for policy in by_policy
        for name, row in printed_effects(study, table[table["policy"] == policy]).items()
    ]
    return pd.DataFrame(rows, columns=["policy", "effect", "est", "ci_lower", "ci_upper", "pvalue", "n_draws"])


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


def _sentences(
    main: Fit, kept: Draws, cells: pd.DataFrame, table: pd.DataFrame, refused: str
) -> tuple[str, ...]:
    said = [main.status.value, f"Variances are {main.variance_policy} in the fit behind every chi2."]
    said += [f"{note[0].upper()}{note[1:]}." for note in main.notes]
    corrected = corrected_tests(main).set_index("test")["pvalue"]
    said.append(
        f"The raw exact-fit test (p = {corrected['raw']:.3f}) rejects a true model of this size at N = {main.n} more "
        f"often than it says (about one time in five at N = 92 with 18 items); corrected for the sample size p is "
        f"{corrected['swain']:.3f} (Swain), {corrected['yuan_2015']:.3f} (Yuan, Tian & Yanagihara) or "
        f"{corrected['bartlett']:.3f} (Bartlett)."
    )
    counts = kept.counts()
    share = 1.0 - float(counts.loc[0, "share"])
    said.append(f"{kept!r}.")
    if share > TOLERATED:
        said.append(improper_sentence(kept))
    if refused:
        said.append(refused[0].upper() + refused[1:] + ".")
    outside = cells.loc[cells["verdict"].isin(["differs", "outside Monte-Carlo error"]), "id"]
    said.append(
        f"Not reproduced: {', '.join(outside)}." if len(outside) else "Every printed number is reproduced."
    )
    said.append(_enough_draws(table, len(kept)))
    return tuple(s for s in said if s)


def _enough_draws(table: pd.DataFrame, draws: int) -> str:
    """Say how far the limits are from two stable decimals: a standard error of .005."""
    error = float(table.loc[table["kind"] == "total", ["mc_lower_std", "mc_upper_std"]].max().max())
    if not error > STABLE:
        return ""
    needed = int(np.ceil(draws * (error / STABLE) ** 2 / 1000.0)) * 1000
    return (
        f"With {draws:,} draws the limits of the total effects carry Monte-Carlo standard errors of up to {error:.3f}; "
        f"about {needed:,} draws would make two decimals stable."
    )
