"""Mediation: direct and indirect effects of one variable on another, tested, bounded, put into words.

The direct path is tested by chi2 difference, by the Bollen-Stine bootstrap of that difference, by its
intervals and by equivalence to zero; the power of the test says what it could not have seen.

References
----------
Zhao, X., Lynch, J. G., & Chen, Q. (2010). Journal of Consumer Research, 37.
MacKinnon, D. P., Lockwood, C. M., & Williams, J. (2004). Confidence limits for the indirect effect.
Multivariate Behavioral Research, 39. VanderWeele, T. J. (2015). Explanation in causal inference. Oxford
University Press.

"""

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from os import PathLike

import numpy as np
import pandas as pd

from sopsem.errors import ConvergenceError, ModelError, UsageError
from sopsem.sem.effects.effects import Effect, effect_values, effects, find_effects
from sopsem.sem.effects.equivalence import Equivalence, equivalence_from_draws, equivalence_test
from sopsem.sem.effects.mediation_draws import check_mediation_fit, resampled_models
from sopsem.sem.effects.mediation_verdict import (
    Pattern,
    classify,
    criteria_sentence,
    difference_sentence,
    direct_sentence,
    pattern_sentence,
    power_sentence,
    routes_sentence,
    tests_agree,
    total_sentence,
)
from sopsem.sem.effects.path_power import SIZES, path_power
from sopsem.sem.effects.respecify import fix_at_zero, free_row, refit
from sopsem.sem.estimation.fit import Fit
from sopsem.sem.fit_measures.compare import Comparison, compare
from sopsem.sem.resampling.bootstrap import Draws
from sopsem.sem.resampling.difference_draws import DifferenceDraws
from sopsem.sem.resampling.policies import improper_sentence

__all__ = ["Mediation", "mediation"]

CAUSAL = (
    "A causal reading assumes that nothing unmeasured moves predictor, mediators and outcome together; "
    "these data cannot show that."
)


@dataclass(frozen=True, kw_only=True)
class Mediation:
    """What the data say about the direct and the indirect effects of a predictor on an outcome.

    Attributes
    ----------
    comparison : Comparison
        The model without the direct path (restricted) against the one with it (full).
    difference : DifferenceDraws or None
        Bootstrap of the difference; None without draws.
    draws : Draws or None
        Bootstrap draws of the full model.
    routes : DataFrame
        Direct, specific indirect, total indirect and total effects in the full model, raw and standardized
        with intervals (as in ``effects``), ``found`` (the interval leaves out 0; for the direct effect the
        chi2 difference test), ``pattern`` of every route by that test, and ``est_std_without_direct`` in the
        restricted model.
    direct : DataFrame
        Standardized direct effect by method (delta, percentile): est_std se_std ci_lower_std ci_upper_std,
        and the equivalence test: tost_lower tost_upper tost_level bound tost_pvalue equivalent.
    power : DataFrame
        Power of the test at this N for each absolute standardized direct effect.
    detectable : float
        The absolute direct effect found with ``target_power``; NaN when none below .98 is.
    pattern : Pattern
        By the chi2 difference test, and by the total indirect effect when it was found or no route was;
        else by the strongest route that was.
    alternative : Pattern or None
        The pattern by the bootstrap of the difference when it disagrees with the chi2 difference test: the
        data then do not decide between both.  None when they agree, or without draws.
    sentences : tuple of str
        The verdict in words.

    """

    predictor: str
    outcome: str
    level: float
    comparison: Comparison
    difference: DifferenceDraws | None
    draws: Draws | None
    routes: pd.DataFrame
    direct: pd.DataFrame
    power: pd.DataFrame
    detectable: float
    target_power: float
    pattern: Pattern
    alternative: Pattern | None
    sentences: tuple[str, ...]

    @property
    def equivalent(self) -> bool:
        """Whether the direct effect is practically zero, by the percentile interval where there are draws."""
        return bool(self.direct["equivalent"].iloc[-1])

    @property
    def verdict(self) -> str:
        """All sentences."""
        return " ".join(self.sentences)

    def __repr__(self) -> str:
        """Show the verdict, a sentence a line."""
        return "\n".join((f"Mediation: {self.predictor} -> {self.outcome}", *self.sentences))


def mediation(
    fit: Fit,
    *,
    predictor: str,
    outcome: str,
    data: pd.DataFrame | None = None,
    draws: int = 1000,
    seed: int = 1,
    equivalence_bound: float = 0.20,
    level: float = 0.95,
    sizes: Sequence[float] = SIZES,
    target_power: float = 0.80,
    executor: Executor | None = None,
    progress: Callable[[int, int], None] | None = None,
    store: str | PathLike[str] | None = None,
    resume: bool = False,
) -> Mediation:
    """Judge whether the effect of a predictor on an outcome is direct, indirect or both.

    Parameters
    ----------
    fit : Fit
        The model with or without the direct path ``outcome ~ predictor``; the other one is made from it.
    predictor, outcome : str
        Variables joined by at least one route through others.
    data : DataFrame, optional
        The data of the fit, when it was made from a covariance matrix; without any rows draws are parametric.
    draws, seed : int
        Bootstrap draws of the difference and of the full model; 0 for none (all intervals by the delta
        method).
    equivalence_bound : float
        The smallest standardized direct effect that would matter; to be stated before looking.
    level : float
        Confidence level; tests use alpha = 1 - level, and the equivalence interval has level 1 - 2 alpha.
    sizes : sequence of float
        Absolute standardized direct effects for which power is given.
    target_power : float
        Power for the detectable direct effect.
    executor, progress, store, resume
        As in ``bootstrap``; every kind of draws has a folder in the store.

    Returns
    -------
    Mediation

    Raises
    ------
    ModelError
        An unknown variable, no route between the two, or a feedback loop.
    ConvergenceError
        The model with or without the direct path did not converge.
    UsageError
        A level, bound or size outside its range; several groups, or ordered variables.

    Notes
    -----
    The direct effect counts as found when the chi2 difference test rejects its absence; an indirect effect
    when its percentile interval leaves out 0. When the bootstrap of the difference decides otherwise,
    the verdict is undecided between the patterns of both tests. A direct effect that was not found is
    never reported as absent: that takes equivalence. Incomplete or clustered rows and other estimators than
    maximum likelihood have case draws only, and no bootstrap of the difference. With several routes the
    pattern is read from the total indirect effect, or from the strongest route when the total was not found;
    looking at several routes finds one by chance more often than ``1 - level``.

    Examples
    --------
    >>> from sopsem.sem.estimation.fit import fit
    >>> s = [[1.0, .5, .3], [.5, 1.0, .6], [.3, .6, 1.0]]
    >>> cov = pd.DataFrame(s, columns=list("xmy"), index=list("xmy"))
    >>> given = fit("m ~ x; y ~ m", sample_cov=cov, n_obs=400)
    >>> result = mediation(given, predictor="x", outcome="y", draws=0)
    >>> result.pattern.value, result.equivalent
    ('indirect-only mediation', True)

    """
    _check(level, draws)
    check_mediation_fit(fit)
    restricted, full = _both_models(fit, predictor, outcome)
    _require_routes(full, predictor, outcome)
    comparison = compare(restricted, full)
    alpha = 1.0 - level
    ability = path_power(comparison, outcome, predictor)
    power = ability.table(sizes, alpha=alpha)
    detectable = ability.detectable(power=target_power, alpha=alpha)
    tests: tuple[Equivalence, ...] = (_by_delta(full, predictor, outcome, equivalence_bound, alpha),)
    difference, resamples = resampled_models(comparison, data, draws, seed, executor, progress, store, resume)
    if resamples is not None:
        tests = (*tests, _by_draws(resamples, predictor, outcome, equivalence_bound, alpha))
    routes = _routes(comparison, resamples, predictor, outcome, level)
    deciding = _deciding(routes)
    found = comparison.pvalue < alpha
    pattern = _pattern(routes, deciding, direct_found=found)
    agree = difference is None or tests_agree(difference, alpha)
    alternative = None if agree else _pattern(routes, deciding, direct_found=not found)
    by_draws = None if difference is None else difference.pvalue
    sentences = (
        pattern_sentence(
            pattern, routes, deciding, comparison, level, alternative=alternative, bootstrap_pvalue=by_draws
        ),
        total_sentence(pattern, routes, level, alternative=alternative),
        direct_sentence(tests, found=found if agree else None),
        power_sentence(power, detectable, full.n, target_power),
        routes_sentence(routes),
        difference_sentence(difference, alpha) if difference is not None else "",
        criteria_sentence(comparison),
        improper_sentence(resamples) if resamples is not None else "",
        CAUSAL,
    )
    return Mediation(
        predictor=predictor,
        outcome=outcome,
        level=level,
        comparison=comparison,
        difference=difference,
        draws=resamples,
        routes=routes,
        direct=_direct_table(full, tests, routes, level),
        power=power,
        detectable=detectable,
        target_power=target_power,
        pattern=pattern,
        alternative=alternative,
        sentences=tuple(s for s in sentences if s),
    )


def _check(level: float, draws: int) -> None:
    if not 0.5 < level < 1.0:
        raise UsageError(f"level is {level}; give a number between 0.5 and 1, e.g. 0.95")
    if draws < 0:
        raise UsageError(f"draws is {draws}; give 0 for none, or a number such as 1000")


def _both_models(fit: Fit, predictor: str, outcome: str) -> tuple[Fit, Fit]:
    """Return the models without and with the direct path, one of them as given."""
    if predictor == outcome:
        raise ModelError(f"predictor and outcome are both {outcome}; name two variables")
    loading = fit.spec.find(predictor, "=~", outcome)
    if loading is not None:
        raise ModelError(
            f"{outcome} is measured by {predictor} ({predictor} =~ {outcome}), so the direct effect is a "
            "loading; name an outcome that the predictor does not measure"
        )
    path = fit.spec.find(outcome, "~", predictor)
    if path is not None and path.free:
        restricted, full = refit(fit, fix_at_zero(fit.spec, outcome, "~", predictor)), fit
    else:
        restricted, full = fit, refit(fit, free_row(fit.spec, outcome, "~", predictor))
    for name, fitted in (("without", restricted), ("with", full)):
        if not fitted.status.converged:
            raise ConvergenceError(
                f"the model {name} the direct path {outcome} ~ {predictor} did not converge, so the path "
                "cannot be judged; give start values or simplify the model"
            )
    return restricted, full


def _between(full: Fit, predictor: str, outcome: str) -> list[Effect]:
    return [e for e in find_effects(full.spec) if (e.predictor, e.outcome) == (predictor, outcome)]


def _require_routes(full: Fit, predictor: str, outcome: str) -> None:
    found = _between(full, predictor, outcome)
    if any(e.kind == "indirect" for e in found):
        return
    raise ModelError(
        f"no route leads from {predictor} to {outcome} through another variable, or the model has a "
        "feedback loop that makes routes endless: there is no indirect effect to judge. Its effects are "
        f"{', '.join(e.name for e in found) or 'none'}"
    )


def _routes(
    comparison: Comparison, resamples: Draws | None, predictor: str, outcome: str, level: float
) -> pd.DataFrame:
    kind = None if resamples is None else "percentile"
    table = effects(comparison.full, resamples, kind=kind, level=level)
    table = table[(table.predictor == predictor) & (table.outcome == outcome)].reset_index(drop=True)
    without = effects(comparison.restricted).set_index("effect")["est_std"]
    table["est_std_without_direct"] = table["effect"].map(without)
    direct = table.kind == "direct"
    leaves_out = (table.ci_lower_std > 0.0) | (table.ci_upper_std < 0.0)
    direct_found = comparison.pvalue < 1.0 - level
    table["found"] = np.where(direct, direct_found, leaves_out)
    table["pattern"] = [
        _pattern(table, row, direct_found=direct_found).value
        if row.kind in ("indirect", "total_indirect")
        else ""
        for _, row in table.iterrows()
    ]
    return table


def _pattern(routes: pd.DataFrame, indirect: pd.Series, *, direct_found: bool) -> Pattern:
    direct = routes[routes.kind == "direct"].iloc[0]
    return classify(
        indirect=float(indirect.est_std),
        indirect_found=bool(indirect.found),
        direct=float(direct.est_std),
        direct_found=bool(direct_found),
    )


def _deciding(routes: pd.DataFrame) -> pd.Series:
    """Return the indirect effect that the pattern is read from."""
    total = routes[routes.kind == "total_indirect"].iloc[0]
    found = routes[(routes.kind == "indirect") & routes.found]
    return total if total.found or found.empty else found.loc[found.est_std.abs().idxmax()]


def _direct_effect(predictor: str, outcome: str) -> Effect:
    return Effect(kind="direct", outcome=outcome, predictor=predictor, route=(predictor, outcome))


def _by_delta(full: Fit, predictor: str, outcome: str, bound: float, alpha: float) -> Equivalence:
    row = effects(full).set_index("effect").loc[_direct_effect(predictor, outcome).name]
    return equivalence_test(float(row.est_std), float(row.se_std), bound, alpha=alpha)


def _by_draws(resamples: Draws, predictor: str, outcome: str, bound: float, alpha: float) -> Equivalence:
    full, used = resamples.fit, resamples.kernel_theta[resamples.used]
    theta = np.concatenate([full.kernel_theta[None], used])
    wanted = [_direct_effect(predictor, outcome)]
    values = effect_values(full.spec, full.model, theta, wanted, standardized=True)[:, 0]
    return equivalence_from_draws(values[1:], float(values[0]), bound, alpha=alpha)


def _direct_table(
    full: Fit, tests: tuple[Equivalence, ...], routes: pd.DataFrame, level: float
) -> pd.DataFrame:
    """Put the intervals of the direct effect beside its equivalence tests, a row for each method."""
    name = routes.loc[routes.kind == "direct", "effect"].iloc[0]
    sources = (effects(full, level=level), routes)  # without draws the routes are the first source again
    rows = []
    for test, source in zip(tests, sources, strict=False):
        limits = source.set_index("effect").loc[name, ["est_std", "se_std", "ci_lower_std", "ci_upper_std"]]
        rows.append(
            {"method": test.method}
            | {str(k): float(v) for k, v in limits.items()}
            | {"tost_lower": test.lower, "tost_upper": test.upper, "tost_level": test.level}
            | {"bound": test.bound, "tost_pvalue": test.pvalue, "equivalent": test.equivalent}
        )
    return pd.DataFrame(rows)
