"""Checks of RMSEA: its value, the sample size behind it, its interval, the test of close fit, power."""

from collections.abc import Iterator

from sopsem.sem.fit_measures import fit_formulas as formulas
from sopsem.study.findings import (
    CHECKS,
    Finding,
    Verdict,
    agreement,
    chisq_and_df,
    extremes,
    multipliers,
    number,
    span,
)
from sopsem.study.published import PublishedStudy

__all__: list[str] = []


@CHECKS.register("rmsea", label="RMSEA", digits=5, source="Steiger (1990); Browne & Cudeck (1992)")
def rmsea(study: PublishedStudy) -> Iterator[Finding]:
    """Compare the printed RMSEA with chi2, df and N under both multipliers, and say which return it."""
    test, printed = chisq_and_df(study), study.fit.rmsea
    if test is None or printed is None:
        return
    chisq, df = test
    values, fitting = {}, []
    for name, n in multipliers(study).items():
        values[f"rmsea with {name}"] = formulas.rmsea(chisq.value, df, n)
        if printed.overlaps(*extremes(lambda c, n=n: formulas.rmsea(c, df, n), chisq)):
            fitting.append(name)
    yield Finding(
        computed=", ".join(f"{number(x, 5)} {name.removeprefix('rmsea ')}" for name, x in values.items()),
        printed=str(printed),
        verdict=agreement(bool(fitting)),
        explanation=f"Multipliers that return the printed digits: {' and '.join(fitting) or 'none'}.",
        values=values,
    )


@CHECKS.register("rmsea_n", label="sample size behind RMSEA", digits=1, source="RMSEA solved for n")
def sample_size_of_rmsea(study: PublishedStudy) -> Iterator[Finding]:
    """Solve the printed RMSEA for the multiplier n, so that a silent change of sample shows."""
    test, printed = chisq_and_df(study), study.fit.rmsea
    if test is None or printed is None or printed.lower <= 0 or test[0].value <= test[1]:
        return
    excess = test[0].value / test[1] - 1
    low, high = excess / printed.upper**2, excess / printed.lower**2
    yield Finding(
        computed=f"n in ({number(low, 1)}, {number(high, 1)}]",
        printed=f"N = {study.n}",
        verdict=agreement(any(low < n <= high for n in multipliers(study).values())),
        explanation="chi2, df and RMSEA admit only these multipliers, n = N or n = N - 1.",
        values={"lower": low, "upper": high},
    )


@CHECKS.register("rmsea_interval", label="90% interval of RMSEA", digits=4, source="Browne & Cudeck (1992)")
def rmsea_interval(study: PublishedStudy) -> Iterator[Finding]:
    """Compute the interval of RMSEA from chi2, df and N, and compare it where limits are printed."""
    test = chisq_and_df(study)
    if test is None:
        return
    chisq, df = test
    limits = {name: formulas.rmsea_interval(chisq.value, df, n) for name, n in multipliers(study).items()}
    lower, upper = study.fit.rmsea_ci_lower, study.fit.rmsea_ci_upper
    values: dict[str, float] = {}
    for name, (low, high) in limits.items():
        values |= {f"lower with {name}": low, f"upper with {name}": high}
    told = ", ".join(f"{span(*ends, 4)} with {name}" for name, ends in limits.items())
    if lower is None or upper is None:
        verdict, explanation = Verdict.UNDECIDABLE, "The interval is not printed; this is what it would be."
    else:
        fits = any(lower.contains(low) and upper.contains(high) for low, high in limits.values())
        verdict, explanation = agreement(fits), "Limits from the noncentral chi-square."
    shown = f"{lower} to {upper}" if lower and upper else ""
    yield Finding(computed=told, printed=shown, verdict=verdict, explanation=explanation, values=values)


@CHECKS.register("rmsea_pvalue", label="p of close fit, RMSEA <= .05", source="Browne & Cudeck (1992)")
def close_fit(study: PublishedStudy) -> Iterator[Finding]:
    """Compute the p-value of close fit, and compare it where it is printed."""
    test, printed = chisq_and_df(study), study.fit.rmsea_pvalue
    if test is None:
        return
    chisq, df = test
    close = {name: formulas.rmsea_pvalue_close(chisq.value, df, n) for name, n in multipliers(study).items()}
    notclose = formulas.rmsea_pvalue_notclose(chisq.value, df, next(iter(multipliers(study).values())))
    told = f"The p-value of not-close fit (RMSEA >= .08) is {number(notclose)}."
    yield Finding(
        computed=", ".join(f"{number(p)} with {name}" for name, p in close.items()),
        printed=str(printed or ""),
        verdict=agreement(any(map(printed.contains, close.values()))) if printed else Verdict.UNDECIDABLE,
        explanation=told if printed else f"Not printed. {told}",
        values={f"close with {name}": p for name, p in close.items()} | {"notclose": notclose},
    )


@CHECKS.register(
    "rmsea_power", label="power of close and not-close fit", digits=2, source="MacCallum et al. (1996)"
)
def rmsea_power(study: PublishedStudy) -> Iterator[Finding]:
    """Compute the power of the two RMSEA tests at this df and N, and the N that would give .80."""
    test = chisq_and_df(study)
    if test is None or test[1] < 1:
        return
    df, n = test[1], study.n - 1
    close = formulas.rmsea_power(df, n, null=0.05, alternative=0.08)
    notclose = formulas.rmsea_power(df, n, null=0.05, alternative=0.01)
    needed = formulas.rmsea_sample_size(df, power=0.80) + 1
    yield Finding(
        computed=f"close {number(close, 2)}, not-close {number(notclose, 2)}",
        verdict=Verdict.CONSISTENT if min(close, notclose) >= 0.80 else Verdict.UNDECIDABLE,
        explanation=f"RMSEA .05 against .08 and against .01; close fit has power .80 at N = {needed}.",
        values={"close": close, "notclose": notclose, "n_for_80": needed},
    )
