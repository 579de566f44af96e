"""Checks of the indices that rest on a baseline model: CFI, TLI and their relatives."""

import math
from collections.abc import Iterator

from sopsem.sem.fit_measures import fit_formulas as formulas
from sopsem.study.findings import CHECKS, Finding, Verdict, agreement, chisq_and_df, extremes, number, span
from sopsem.study.printed import Printed
from sopsem.study.published import PublishedStudy

__all__ = ["baseline_df", "baseline_interval", "baseline_range"]


def baseline_df(study: PublishedStudy) -> int | None:
    """Return the df of the independence model: printed, or p(p - 1)/2."""
    if study.fit.baseline_df is not None:
        return round(study.fit.baseline_df.value)
    return None if study.n_items is None else formulas.baseline_df(study.n_items)


def baseline_interval(study: PublishedStudy) -> dict[str, tuple[float, float]]:
    """Return the intervals of the baseline chi2 that CFI and TLI imply, by index.

    With chi2 < df CFI is 1 in every sample and only a TLI above 1 tells something.

    >>> from sopsem.study.published import load_study
    >>> {name: tuple(round(x, 2) for x in ends) for name, ends in baseline_interval(load_study()).items()}
    {'CFI': (837.44, 849.35), 'TLI': (836.3, 846.27)}
    """
    test, df0, fit = chisq_and_df(study), baseline_df(study), study.fit
    found: dict[str, tuple[float, float]] = {}
    if test is None or df0 is None or test[1] < 1:
        return found
    c, df = test[0].value, test[1]
    if fit.cfi is not None and fit.cfi.upper < 1 and c > df:
        found["CFI"] = extremes(lambda x: formulas.baseline_from_cfi(x, c, df, df0), fit.cfi)
    if fit.tli is not None and (fit.tli.upper < 1 if c > df else fit.tli.lower > 1 and c < df):
        found["TLI"] = extremes(lambda x: formulas.baseline_from_tli(x, c, df, df0), fit.tli)
    return found


def baseline_range(study: PublishedStudy) -> tuple[float, float] | None:
    """Return what is known of the baseline chi2: its interval in print, or what CFI and TLI leave."""
    if study.fit.baseline_chisq is not None:
        return study.fit.baseline_chisq.lower, study.fit.baseline_chisq.upper
    found = baseline_interval(study).values()
    low, high = max((ends[0] for ends in found), default=1.0), min((ends[1] for ends in found), default=0.0)
    return (low, high) if low < high else None


@CHECKS.register("baseline", label="baseline chi2 behind CFI and TLI", digits=2, source="CFI and TLI solved")
def baseline_chisq(study: PublishedStudy) -> Iterator[Finding]:
    """Intersect the baseline chi2 that CFI implies with the one that TLI implies, and with a printed one."""
    found, printed = baseline_interval(study), study.fit.baseline_chisq
    if len(found) < 2:
        return
    low, high = max(ends[0] for ends in found.values()), min(ends[1] for ends in found.values())
    values = {"lower": low, "upper": high}
    for name, ends in found.items():
        values |= {f"{name} lower": ends[0], f"{name} upper": ends[1]}
    told = "; ".join(f"{name} implies {span(*ends, 2)}" for name, ends in found.items())
    yield Finding(
        computed=span(low, high, 2) if low < high else "no common value",
        printed=str(printed or ""),
        verdict=agreement(low < high and (printed is None or printed.overlaps(low, high))),
        explanation=f"{told}, with {baseline_df(study)} df of the baseline.",
        values=values,
    )


@CHECKS.register(
    "cfi_tli", label="CFI, TLI and chi2 against df", digits=4, source="1 - TLI = (1 - CFI) df0/df"
)
def cfi_against_tli(study: PublishedStudy) -> Iterator[Finding]:
    """Compute TLI from the printed CFI, or both from a chi2 below its df."""
    test = chisq_and_df(study)
    if test is None or test[1] < 1 or test[0].value == test[1]:  # rounded, so on either side
        return
    yield from _identity(study, test[1]) if test[0].value > test[1] else _fit_beyond_chance(study, *test)


def _identity(study: PublishedStudy, df: int) -> Iterator[Finding]:
    """Compute TLI from the printed CFI: both rest on the same two noncentralities."""
    df0, cfi, tli = baseline_df(study), study.fit.cfi, study.fit.tli
    if df0 is None or cfi is None or tli is None:
        return
    low, high = extremes(lambda x: 1 - (1 - x) * df0 / df, cfi)
    yield Finding(
        computed=f"TLI in {span(low, high, 4)}",
        printed=f"CFI {cfi}, TLI {tli}",
        verdict=agreement(tli.overlaps(low, high)),
        explanation=f"1 - TLI = (1 - CFI) x {df0}/{df} holds in every sample.",
        values={"tli": 1 - (1 - cfi.value) * df0 / df, "lower": low, "upper": high},
    )


def _fit_beyond_chance(study: PublishedStudy, chisq: Printed, df: int) -> Iterator[Finding]:
    """Compare CFI with 1 and TLI with 1 or more, what they are with chi2 < df and a baseline above its df."""
    df0, printed = baseline_df(study), study.fit.baseline_chisq
    if printed is not None and df0 is not None and printed.lower <= df0:
        return
    for name, index, highest in (("cfi", study.fit.cfi, 1.0), ("tli", study.fit.tli, math.inf)):
        if index is not None:
            yield Finding(
                part=name,
                computed="1" if name == "cfi" else "above 1",
                printed=str(index),
                verdict=agreement(index.overlaps(1.0, highest)),
                explanation=f"chi2 {chisq} is below its df {df}: CFI is cut at 1, TLI is not.",
                values={name: 1.0},
            )


@CHECKS.register("incremental", label="index from chi2 and its baseline", digits=4, source="see fit_formulas")
def incremental_indices(study: PublishedStudy) -> Iterator[Finding]:
    """Compute the indices from a printed baseline, or those not printed from the implied one."""
    test, df0, baseline = chisq_and_df(study), baseline_df(study), baseline_range(study)
    if test is None or df0 is None or baseline is None:
        return
    chisq, df = test
    told = study.fit.baseline_chisq is not None
    for name, index in _INDICES.items():
        printed = getattr(study.fit, name)
        # Without a printed baseline CFI and TLI are where it comes from, so they cannot be checked by it.
        if (printed is None) == told or (name in ("cfi", "tli") and not told):
            continue
        low, high = extremes(lambda c, c0, f=index: f(c, df, c0, df0), chisq, baseline)
        yield Finding(
            part=name,
            computed=f"{number(low)} to {number(high)}",
            printed=str(printed or ""),
            verdict=agreement(printed.overlaps(low, high)) if printed else Verdict.UNDECIDABLE,
            explanation="From chi2 and the baseline." if printed else "Not printed; implied by CFI and TLI.",
            values={"lower": low, "upper": high},
        )


_INDICES = {
    "cfi": formulas.cfi,
    "tli": formulas.tli,
    "nfi": formulas.nfi,
    "rfi": formulas.rfi,
    "ifi": lambda chisq, df, chisq0, _df0: formulas.ifi(chisq, df, chisq0),
}
