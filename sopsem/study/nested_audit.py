"""Checks of a chi2 difference test: its p, the model with the path freed, what the criteria prefer, power."""

from collections.abc import Iterator

from sopsem.sem.fit_measures import fit_formulas as formulas
from sopsem.study.baseline_audit import baseline_df, baseline_range
from sopsem.study.findings import CHECKS, Finding, Verdict, agreement, chisq_and_df, extremes, number
from sopsem.study.published import PublishedStudy

__all__: list[str] = []


@CHECKS.register("dpvalue", label="p of the chi2 difference", source="chi-square distribution")
def difference_test(study: PublishedStudy) -> Iterator[Finding]:
    """Compare the printed p of the difference with the chi-square of its df."""
    if study.nested is None or study.nested.dpvalue is None:
        return
    d, ddf = study.nested.dchisq, round(study.nested.ddf.value)
    low, high = extremes(lambda c: formulas.chisq_pvalue(c, ddf), d)
    p = formulas.chisq_pvalue(d.value, ddf)
    yield Finding(
        computed=number(p, 4),
        printed=str(study.nested.dpvalue),
        verdict=agreement(study.nested.dpvalue.overlaps(low, high)),
        explanation=f"chi2({ddf}) = {d}; rounding allows {number(low, 4)} to {number(high, 4)}.",
        values={"dpvalue": p, "lower": low, "upper": high},
    )


@CHECKS.register("freed_model", label="the model with the path freed", source="chi2 less the difference")
def freed_model(study: PublishedStudy) -> Iterator[Finding]:
    """Compute the fit that the larger model must have had."""
    test = chisq_and_df(study)
    if study.nested is None or test is None:
        return
    chisq, df = test[0].value - study.nested.dchisq.value, test[1] - round(study.nested.ddf.value)
    values = {"chisq": chisq, "df": df, "pvalue": formulas.chisq_pvalue(chisq, df)}
    values["rmsea"] = formulas.rmsea(chisq, df, study.n - 1)
    base, df0 = baseline_range(study), baseline_df(study)
    if base is not None and df0 is not None:
        middle = sum(base) / 2
        values["cfi"], values["tli"] = (
            formulas.cfi(chisq, df, middle, df0),
            formulas.tli(chisq, df, middle, df0),
        )
    shown = ", ".join(
        f"{name} {number(value)}" for name, value in values.items() if name not in ("chisq", "df")
    )
    yield Finding(
        part=study.nested.freed.replace(" ", ""),
        computed=f"chi2({df}) {number(chisq, 2)}, {shown}",
        verdict=agreement(chisq >= 0 and df >= 0),
        explanation="Not printed; CFI and TLI at the middle of the implied baseline.",
        values=values,
    )


@CHECKS.register(
    "model_choice", label="what AIC and BIC prefer", digits=2, source="Akaike; Schwarz; Raftery (1995)"
)
def model_choice(study: PublishedStudy) -> Iterator[Finding]:
    """Ask AIC and BIC whether the freed path is worth its parameters; they need only the difference and N."""
    test, npar = chisq_and_df(study), study.npar
    if study.nested is None:
        return
    d, ddf = study.nested.dchisq.value, round(study.nested.ddf.value)
    by_aic, by_bic = formulas.aic_amos(d, -ddf), formulas.bic_amos(d, -ddf, study.n)
    values = {"aic_difference": by_aic, "bic_difference": by_bic}
    values["bf01"] = formulas.bayes_factor_from_bic(0.0, by_bic)
    if test is not None and npar is not None:
        c, freed = test[0].value, test[0].value - d
        values |= {"aic": formulas.aic_amos(c, npar), "bic": formulas.bic_amos(c, npar, study.n)}
        values |= {"aic_freed": formulas.aic_amos(freed, npar + ddf)}
        values |= {"bic_freed": formulas.bic_amos(freed, npar + ddf, study.n)}
    yield Finding(
        computed=f"AIC {_preferred(by_aic)}, BIC {_preferred(by_bic)}; BF01 {number(values['bf01'], 2)}",
        printed=f"fixes {study.nested.freed} to 0",
        verdict=Verdict.CONSISTENT if by_aic < 0 and by_bic < 0 else Verdict.UNDECIDABLE,
        explanation="BF01 is the evidence for the fixed path by BIC; below 3 it is barely worth a mention.",
        values=values,
    )


def _preferred(difference: float) -> str:
    """Say which model a criterion prefers, the fixed one having ``difference`` more."""
    side = "the free path" if difference > 0 else "the fixed path"
    return f"prefers {side} by {number(abs(difference), 2)}"


@CHECKS.register(
    "difference_power", label="power of the difference test", digits=2, source="Satorra & Saris (1985)"
)
def difference_power(study: PublishedStudy) -> Iterator[Finding]:
    """Compute the power at the noncentrality that the printed difference suggests, and what .80 needs."""
    if study.nested is None or study.nested.dchisq.value < 0:
        return
    d, ddf = study.nested.dchisq.value, round(study.nested.ddf.value)
    power, needed = formulas.lr_power(d, ddf), formulas.ncp_for_power(ddf)
    significant = formulas.chisq_pvalue(d, ddf) < 0.05
    yield Finding(
        computed=f"{number(power, 2)} if the noncentrality is {study.nested.dchisq}",
        verdict=Verdict.CONSISTENT if significant or power >= 0.80 else Verdict.UNDECIDABLE,
        explanation=f"Power .80 needs noncentrality {number(needed, 2)}. "
        "A difference that is not significant at low power does not show that the path is zero.",
        values={
            "power": power,
            "ncp_for_80": needed,
            "n_for_80": study.n * needed / d if d > 0 else float("inf"),
        },
    )
