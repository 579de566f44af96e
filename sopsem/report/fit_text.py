"""What the terminal shows of a fit and of its cross-check with semopy: tables and sentences, no statistics."""

import pandas as pd

from sopsem.report.digits import bounded, decimals
from sopsem.report.headings import headings
from sopsem.report.table import Table
from sopsem.report.terminal import text_of
from sopsem.sem.crosscheck import CrossCheck
from sopsem.sem.estimation.fit import Fit
from sopsem.sem.fit_measures.fit_indices import FIT_INDICES

__all__ = ["crosscheck_text", "fit_text"]

_HEADLINE = (
    "npar",
    "chisq",
    "df",
    "pvalue",
    "cfi",
    "tli",
    "rmsea",
    "rmsea_ci_lower",
    "rmsea_ci_upper",
    "srmr",
    "aic",
    "bic",
    "chisq_scaled",
    "df_scaled",
    "pvalue_scaled",
    "cfi_scaled",
    "rmsea_scaled",
    "cfi_robust",
    "rmsea_robust",
)
_CORRECTIONS = {"swain": "Swain", "yuan_2015": "Yuan", "bartlett": "Bartlett"}


def fit_text(fit: Fit, measures: pd.Series, corrected: pd.DataFrame, estimates: pd.DataFrame) -> str:
    """Return a fit: measures, corrected tests where there are any, estimates, notes and certificate."""
    shown = [e for e in FIT_INDICES if e.name in _HEADLINE and e.name in measures]
    sizes = zip(fit.spec.groups, (m.n for m in fit.data_moments), strict=True)
    groups = f"; {', '.join(f'{label} {n}' for label, n in sizes)}" if fit.n_groups > 1 else ""
    fit_block = Table(
        title=f"Fit (N = {fit.n}{groups}; {fit.settings.asked}, variances {fit.variance_policy})",
        columns=("measure", "value"),
        rows=tuple((e.label, decimals(e.digits)(measures[e.name])) for e in shown),
        alignment="lr",
    )
    blocks = [fit_block]
    if not corrected.empty:
        shown_tests = corrected[["test", "chisq", "df", "pvalue", "rmsea", "source"]]
        tests = Table.from_frame(
            shown_tests.assign(test=[_CORRECTIONS.get(test, test) for test in corrected["test"]]),
            title="Exact-fit test, raw and corrected for the sample size",
            labels=headings(shown_tests),
            formats={"chisq": 2, "rmsea": bounded(3)},
        )
        blocks.append(tests)
    numbers = ["est", "se", "z", "pvalue", "ci_lower", "ci_upper", "std_all"]
    columns = ["lhs", "op", "rhs", *(["group"] if fit.n_groups > 1 else []), "label", *numbers]
    formats = {c: 3 for c in numbers if c != "pvalue"}
    table = estimates[columns]
    parameters = Table.from_frame(table, title="Estimates", labels=headings(table), formats=formats)
    said = [fit.status.value, *fit.notes, str(fit.certificate)]
    return text_of(*blocks, parameters, sentences=said)


def crosscheck_text(result: CrossCheck) -> str:
    """Return both programs' estimates, the largest difference, and what is not comparable."""
    six = decimals(6)
    table = Table.from_frame(
        result.estimates,
        title=f"Estimates: sopsem beside semopy {result.version}",
        formats={"sopsem": six, "semopy": six, "difference": "{:.1e}".format},
    )
    said = [
        f"chi2 = N F: {result.chisq[0]:.6f} here, {result.chisq[1]:.6f} in semopy.",
        f"Largest difference of an estimate, relative to max(|estimate|, .1): {result.largest_difference:.1e}.",
        *result.notes,
        *(f"not comparable: semopy's {name} {why}" for name, why in result.not_comparable.items()),
    ]
    return text_of(table, sentences=said)
