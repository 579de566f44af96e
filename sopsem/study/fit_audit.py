"""Checks of chi2 itself (p, correction for a small sample, log-likelihoods and criteria) and of SRMR."""

from collections.abc import Callable, Iterator

from sopsem.sem.fit_measures import fit_formulas as formulas
from sopsem.study.findings import CHECKS, Finding, Verdict, agreement, chisq_and_df, extremes, number, span
from sopsem.study.printed import Printed
from sopsem.study.published import PublishedStudy

__all__: list[str] = []


@CHECKS.register("pvalue", label="p of the chi2 test", source="chi-square distribution")
def exact_fit(study: PublishedStudy) -> Iterator[Finding]:
    """Compare the printed p with the upper tail of the chi-square."""
    test, printed = chisq_and_df(study), study.fit.pvalue
    if test is None or printed is None or test[1] < 1:
        return
    chisq, df = test
    p = formulas.chisq_pvalue(chisq.value, df)
    yield Finding(
        computed=number(p, 5),
        printed=str(printed),
        verdict=agreement(printed.overlaps(*extremes(lambda c: formulas.chisq_pvalue(c, df), chisq))),
        explanation=f"chi2({df}) = {chisq}; chi2/df = {number(chisq.value / df)}.",
        values={"pvalue": p, "chisq_per_df": chisq.value / df},
    )


@CHECKS.register("srmr", label="SRMR from the residual correlations", source="Bentler (1995)")
def standardized_residuals(study: PublishedStudy) -> Iterator[Finding]:
    """Ask that a printed SRMR lies in [0, 1]; more than that takes the residuals, which are not printed."""
    printed = study.fit.srmr
    if printed is None:
        return
    possible = printed.overlaps(0.0, 1.0)
    yield Finding(
        computed="between 0 and 1, not more from print",
        printed=str(printed),
        verdict=Verdict.UNDECIDABLE if possible else Verdict.INCONSISTENT,
        explanation="It cannot be computed from the printed chi2 and N: that needs the residual correlations."
        if possible
        else "The root mean square of residual correlations of a fitted model lies between 0 and 1.",
        values={"lower": 0.0, "upper": 1.0},
    )


Rule = tuple[str, Callable[..., float], tuple[Printed, ...]]


@CHECKS.register(
    "likelihood", label="from log-likelihood or chi2", source="Akaike; Schwarz; Sclove; AMOS's forms"
)
def information_criteria(study: PublishedStudy) -> Iterator[Finding]:
    """Compute chi2, AIC, BIC and SABIC from printed log-likelihoods, or AMOS's AIC and BIC from chi2."""
    for name, rule, numbers in _criteria(study):
        printed = getattr(study.fit, name)
        if printed is not None:
            low, high = extremes(rule, *numbers)
            yield Finding(
                part=name,
                computed=span(low, high),
                printed=str(printed),
                verdict=agreement(printed.overlaps(low, high)),
                explanation=f"With {study.npar} parameters and N = {study.n}.",
                values={"lower": low, "upper": high},
            )


def _criteria(study: PublishedStudy) -> Iterator[Rule]:
    """Yield what the printed likelihoods imply: the index, its rule, and the numbers it starts from."""
    logl, saturated, npar, n = study.fit.logl, study.fit.unrestricted_logl, study.npar, study.n
    if logl is not None and saturated is not None:
        yield "chisq", lambda x, y: 2 * (y - x), (logl, saturated)
    if npar is None:
        return
    if logl is not None:
        yield "aic", lambda x: formulas.aic(x, npar), (logl,)
        yield "bic", lambda x: formulas.bic(x, npar, n), (logl,)
        yield "sabic", lambda x: formulas.sabic(x, npar, n), (logl,)
    elif study.fit.chisq is not None:
        yield "aic", lambda c: formulas.aic_amos(c, npar), (study.fit.chisq,)
        yield "bic", lambda c: formulas.bic_amos(c, npar, n), (study.fit.chisq,)


@CHECKS.register("small_sample", label="exact fit corrected for the sample size", source="see small_sample")
def small_sample(study: PublishedStudy) -> Iterator[Finding]:
    """Correct chi2 for the sample size and ask whether the decision at .05 survives."""
    test, factors = chisq_and_df(study), _factors(study)
    if test is None or not factors:
        return
    chisq, df = test
    values: dict[str, float] = {}
    for name, factor in factors.items():
        corrected = factor * chisq.value
        values |= {f"factor {name}": factor, f"chisq {name}": corrected}
        values |= {f"p {name}": formulas.chisq_pvalue(corrected, df)}
        values |= {f"rmsea {name}": formulas.rmsea(corrected, df, study.n - 1)}
    rejected = {formulas.chisq_pvalue(chisq.value, df) < 0.05} | {
        values[f"p {name}"] < 0.05 for name in factors
    }
    yield Finding(
        computed=", ".join(f"{name} p {number(values[f'p {name}'])}" for name in factors),
        printed=f"p {study.fit.pvalue}" if study.fit.pvalue else "",
        verdict=Verdict.CONSISTENT if len(rejected) == 1 else Verdict.UNDECIDABLE,
        explanation="The decision at .05 is the same with every correction."
        if len(rejected) == 1
        else "Whether exact fit is rejected at .05 depends on the correction for the sample size.",
        values=values,
    )


def _factors(study: PublishedStudy) -> dict[str, float]:
    """Return the correction factors that the printed size of the model allows."""
    p, npar, factors, n = study.n_items, study.npar, study.structure.n_factors, study.n - 1
    if p is None or npar is None or study.fit.df is None or study.fit.df.value < 1:
        return {}
    found = {
        "Swain": formulas.swain_factor(study.fit.df.value, n, p),
        "Yuan-Tian-Yanagihara": formulas.yuan_factor(npar, n, p),
    }
    if factors is not None:
        found["Yuan 2005"] = formulas.yuan_2005_factor(n, p, factors)
        found["Bartlett"] = formulas.bartlett_factor(n, p, factors)
    return found
