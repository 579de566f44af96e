"""The verdict on a mediation in words: which pattern, how sure, and what the test could not have seen.

References
----------
Zhao, X., Lynch, J. G., & Chen, Q. (2010). Reconsidering Baron and Kenny: myths and truths about mediation
analysis. Journal of Consumer Research, 37. Rucker, D. D., Preacher, K. J., Tormala, Z. L., & Petty, R. E.
(2011). Mediation analysis in social psychology. Social and Personality Psychology Compass, 5. Kass, R. E.,
& Raftery, A. E. (1995). Bayes factors. Journal of the American Statistical Association, 90.

"""

from enum import Enum
from math import isfinite

import pandas as pd

from sopsem.sem.effects.equivalence import Equivalence
from sopsem.sem.fit_measures.compare import Comparison
from sopsem.sem.resampling.difference_draws import DifferenceDraws

__all__ = [
    "Pattern",
    "classify",
    "criteria_sentence",
    "difference_sentence",
    "direct_sentence",
    "pattern_sentence",
    "power_sentence",
    "routes_sentence",
    "tests_agree",
    "total_sentence",
]

_BAYES = ((3.0, "not worth more than a bare mention"), (20.0, "positive"), (150.0, "strong"))


class Pattern(Enum):
    """The five patterns of Zhao, Lynch & Chen (2010)."""

    INDIRECT_ONLY = "indirect-only mediation"
    COMPLEMENTARY = "complementary mediation"
    COMPETITIVE = "competitive mediation"
    DIRECT_ONLY = "direct-only non-mediation"
    NO_EFFECT = "no-effect non-mediation"


def classify(*, indirect: float, indirect_found: bool, direct: float, direct_found: bool) -> Pattern:
    """Name the pattern from both effects and from whether each was found (differs from 0).

    Examples
    --------
    >>> classify(indirect=0.3, indirect_found=True, direct=-0.2, direct_found=True).value
    'competitive mediation'

    """
    if not indirect_found:
        return Pattern.DIRECT_ONLY if direct_found else Pattern.NO_EFFECT
    if not direct_found:
        return Pattern.INDIRECT_ONLY
    return Pattern.COMPLEMENTARY if indirect * direct > 0.0 else Pattern.COMPETITIVE


def _estimate(row: pd.Series, level: float) -> str:
    return f"{row.est_std:.2f} ({level:.0%} interval {row.ci_lower_std:.2f} to {row.ci_upper_std:.2f})"


def pattern_sentence(
    pattern: Pattern,
    routes: pd.DataFrame,
    deciding: pd.Series,
    comparison: Comparison,
    level: float,
    *,
    alternative: Pattern | None = None,
    bootstrap_pvalue: float | None = None,
) -> str:
    """Say the pattern with the indirect effect it is read from, the direct effect and its test.

    With an alternative the sentence opens as undecided, and says which test gives which pattern.
    """
    direct, total = (routes[routes.kind == kind].iloc[0] for kind in ("direct", "total_indirect"))
    single = "" if deciding.kind == "total_indirect" else f", the one along {deciding.route},"
    hidden = "" if not single else f", though in total they are {_estimate(total, level)}"
    return (
        f"{_headline(pattern, alternative, comparison.pvalue, bootstrap_pvalue, level)} the indirect effect "
        f"of {direct.predictor} on {direct.outcome}{single} is {_estimate(deciding, level)}{hidden}; the "
        f"direct effect is {_estimate(direct, level)}, chi2 difference {comparison.dchisq:.2f} on "
        f"{comparison.ddf} df, {_p(comparison.pvalue)}."
    )


def _headline(
    pattern: Pattern, alternative: Pattern | None, chisq_p: float, bootstrap_p: float | None, level: float
) -> str:
    if alternative is None or bootstrap_p is None:
        return f"{pattern.value} (Zhao, Lynch & Chen, 2010):"
    kind = pattern.value.split()[0]  # both patterns end in the same word: the tests differ on the direct path
    return (
        f"undecided between {kind} and {alternative.value} (Zhao, Lynch & Chen, 2010): the chi2 difference "
        f"test ({_p(chisq_p)}) and its bootstrap ({_p(bootstrap_p)}) disagree at the {1 - level:.0%} level; "
        f"by the former it is {pattern.value}, by the latter {alternative.value};"
    )


def _p(value: float) -> str:
    return "p < 0.001" if value < 0.001 else f"p = {value:.3f}"


def total_sentence(
    pattern: Pattern, routes: pd.DataFrame, level: float, *, alternative: Pattern | None = None
) -> str:
    """Say when there is an effect in total that the data cannot split; empty otherwise."""
    total = routes[routes.kind == "total"].iloc[0]
    if Pattern.NO_EFFECT not in (pattern, alternative) or not total.found:
        return ""
    return (
        f"The total effect is {_estimate(total, level)}: there is an effect, but these data cannot say how "
        "much of it is direct and how much indirect."
    )


def direct_sentence(tests: tuple[Equivalence, ...], *, found: bool | None) -> str:
    """Say whether the direct effect is practically zero, or that its absence was not shown.

    ``found`` is None when the chi2 difference test and its bootstrap disagree.
    """
    used = tests[-1]
    span = f"its {used.level:.0%} interval, {used.lower:.2f} to {used.upper:.2f},"
    disagree = len({t.equivalent for t in tests}) > 1
    bound = f"\N{PLUS-MINUS SIGN}{used.bound:.2f}"
    remark = " The delta and the percentile interval disagree about this." if disagree else ""
    if used.equivalent:
        return f"The direct effect is practically zero: {span} lies inside {bound}.{remark}"
    if found:
        return f"The direct effect is not practically zero: {span} is not inside {bound}.{remark}"
    start = (
        "Whether a direct effect was found depends on the test, and its absence was not shown"
        if found is None
        else "A direct effect was not found, but its absence was not shown either"
    )
    return (
        f"{start}: {span} is not inside "
        f"{bound}, so the data do not support a claim that all of the effect is mediated.{remark}"
    )


def power_sentence(power: pd.DataFrame, detectable: float, n: int, target: float) -> str:
    """Say what the test of the direct effect could and could not have seen at this N."""
    listed = ", ".join(f"{row.power:.2f} for {row.size:.2f}" for row in power.itertuples(index=False))
    reach = (
        f"a direct effect must be at least {detectable:.2f} to be found with power {target:.2f}"
        if isfinite(detectable)
        else f"no direct effect below .98 is found with power {target:.2f}"
    )
    return (
        f"With N = {n} the test of the direct effect has power {listed} (standardized, either sign); {reach}."
    )


def criteria_sentence(comparison: Comparison) -> str:
    """Say what AIC, BIC and the Bayes factor prefer."""
    names = {True: "without the direct effect", False: "with the direct effect"}
    favoured = comparison.bf01 if comparison.bf01 >= 1.0 else 1.0 / comparison.bf01
    strength = next((words for limit, words in _BAYES if favoured < limit), "very strong")
    return (
        f"AIC prefers the model {names[comparison.daic > 0]} (by {abs(comparison.daic):.2f}), BIC the one "
        f"{names[comparison.dbic > 0]} (by {abs(comparison.dbic):.2f}); BF01 = {comparison.bf01:.3g}, "
        f"evidence for the latter that is {strength} (Kass & Raftery, 1995)."
    )


def tests_agree(difference: DifferenceDraws, alpha: float) -> bool:
    """Return whether the bootstrap of the difference decides as the chi2 distribution does."""
    return bool((difference.pvalue < alpha) == (difference.comparison.pvalue < alpha))


def difference_sentence(difference: DifferenceDraws, alpha: float) -> str:
    """Say the bootstrap p of the difference and whether it agrees with the chi2 distribution's."""
    p = difference.pvalue
    agree = tests_agree(difference, alpha)
    low, high = difference.pvalue_range
    lost = len(difference) - difference.n_used
    range_ = f", {low:.3f} to {high:.3f} whatever the {lost} unusable draws would have given" if lost else ""
    name = "Bollen-Stine" if difference.restricted.kind == "bollen_stine" else "Parametric"
    return (
        f"{name} bootstrap of the difference: {_p(p)} (Monte-Carlo error {difference.mc_pvalue:.3f}, "
        f"{difference.n_used} of {len(difference)} draws used{range_}), which "
        f"{'agrees' if agree else 'disagrees'} with the chi2 test at the {alpha:.0%} level."
    )


def routes_sentence(routes: pd.DataFrame) -> str:
    """Say when routes found to carry an effect differ in sign; empty otherwise."""
    found = routes[(routes.kind == "indirect") & routes.found]
    if not ((found.est_std > 0).any() and (found.est_std < 0).any()):
        return ""
    listed = "; ".join(f"{row.route} {row.est_std:.2f}" for row in found.itertuples(index=False))
    return f"Routes of opposite sign work against each other, so the total hides them: {listed}."
