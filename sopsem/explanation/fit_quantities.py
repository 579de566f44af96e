"""Fit measures explained: chi2, its p, the indices made of it, residuals, likelihoods, small-sample corrections."""

from collections.abc import Callable
from functools import partial
from typing import Any

from sopsem.explanation.explanation import Explanation, Input, explained
from sopsem.explanation.formula import names_of
from sopsem.explanation.question import Catalogue, Question, matrix, scalar
from sopsem.registry import Entry
from sopsem.sem.fit_measures.fit_indices import FIT_INDICES, corrected_tests, fit_indices
from sopsem.sem.fit_measures.fit_ingredients import Ingredients

__all__ = ["FORMULAS", "fit_quantities"]

# symbol -> meaning and where it is read; matrices are added for complete rows of one group
SYMBOLS: dict[str, tuple[str, Callable[[Ingredients], Any]]] = {
    "chisq": ("chi2 of the model", lambda i: i.chisq),
    "df": ("degrees of freedom of the model", lambda i: i.df),
    "chisq0": ("chi2 of the baseline model (no covariances)", lambda i: i.chisq0),
    "df0": ("degrees of freedom of the baseline model", lambda i: i.df0),
    "npar": ("free parameters", lambda i: i.npar),
    "n": (
        "multiplier of the minimum: N, or N - 1 under the Wishart likelihood and AMOS",
        lambda i: i.multiplier,
    ),
    "N": ("respondents", lambda i: i.n_obs),
    "p": ("observed variables", lambda i: i.n_variables),
    "moments": ("sample moments", lambda i: i.n_moments),
    "groups": ("groups", lambda i: i.n_groups),
    "logl": ("log-likelihood of the model", lambda i: i.logl),
    "T": ("residual test (Browne, 1984)", lambda i: i.residual_test),
    "gfi": ("GFI of Joreskog and Sorbom", lambda i: i.gfi_lisrel),
}
DISCREPANCY = {
    "F": ("ln(det(Sigma)) - ln(det(S)) + tr(S @ inv(Sigma)) - p", "the minimum of the discrepancy")
}
RATIO = {"W": ("inv(Sigma) @ S", "what the model leaves of S, relative")}
GFI = "1 - tr((W - identity(p)) @ (W - identity(p))) / tr(W @ W)"
RESIDUAL = "sqrt(mean(lower((S - Sigma) / outer(sd(S), sd(S)))^2))"
MPLUS = "sqrt((sum(below(corr(S) - corr(Sigma))^2) + sum((1 - diag(Sigma) / diag(S))^2)) / (p * (p + 1) / 2))"
TLI = "(chisq0 / df0 - chisq / df) / (chisq0 / df0 - 1)"
AGFI = "1 - moments / df * (1 - gfi)"
FORMULAS = {
    "npar": "moments - df",
    "fmin": "F / 2",
    "chisq": "n * F",
    "df": "moments - npar",
    "pvalue": "chi2_sf(chisq, df)",
    "baseline_chisq": "n * (sum(ln(diag(S))) - ln(det(S)))",
    "baseline_df": "p * (p - 1) / 2",
    "baseline_pvalue": "chi2_sf(chisq0, df0)",
    "cfi": "1 - max(chisq - df, 0) / max(chisq - df, chisq0 - df0, 0)",
    "tli": TLI,
    "nnfi": TLI,
    "rfi": "1 - (chisq / df) / (chisq0 / df0)",
    "nfi": "(chisq0 - chisq) / chisq0",
    "pnfi": "(chisq0 - chisq) / chisq0 * df / df0",
    "ifi": "(chisq0 - chisq) / (chisq0 - df)",
    "rni": "1 - (chisq - df) / (chisq0 - df0)",
    "logl": "-N / 2 * (p * ln(2 * pi) + ln(det(Sigma)) + tr(S @ inv(Sigma)))",
    "unrestricted_logl": "-N / 2 * (p * ln(2 * pi) + ln(det(S)) + p)",
    "aic": "-2 * logl + 2 * npar",
    "bic": "-2 * logl + npar * ln(N)",
    "ntotal": "N",
    "bic2": "-2 * logl + npar * ln((N + 2) / 24)",
    "rmsea": "sqrt(max(chisq - df, 0) / (n * df) * groups)",
    "rmsea_ci_lower": "sqrt(ncp(chisq, df, 0.95) / (n * df) * groups)",
    "rmsea_ci_upper": "sqrt(ncp(chisq, df, 0.05) / (n * df) * groups)",
    "rmsea_ci_level": "0.90",
    "rmsea_pvalue": "1 - ncx2_cdf(chisq, df, n * df * 0.05^2 / groups)",
    "rmsea_close_h0": "0.05",
    "rmsea_notclose_pvalue": "ncx2_cdf(chisq, df, n * df * 0.08^2 / groups)",
    "rmsea_notclose_h0": "0.08",
    "rmr": "sqrt(mean(lower(S - Sigma)^2))",
    "rmr_nomean": "sqrt(mean(lower(S - Sigma)^2))",
    "srmr": RESIDUAL,
    "srmr_bentler": RESIDUAL,
    "srmr_bentler_nomean": RESIDUAL,
    "crmr": "sqrt(mean(below(corr(S) - corr(Sigma))^2))",
    "crmr_nomean": "sqrt(mean(below(corr(S) - corr(Sigma))^2))",
    "srmr_mplus": MPLUS,
    "srmr_mplus_nomean": MPLUS,
    "gfi": "p / (p + 2 * max(T - df, 0) / n)",
    "gfi_ci_lower": "p / (p + 2 * ncp(T, df, 0.05) / n)",
    "gfi_ci_upper": "p / (p + 2 * ncp(T, df, 0.95) / n)",
    "gfi_ci_level": "0.90",
    "cn_05": "chi2_ppf(0.95, df) / (chisq / n) + 1",
    "cn_01": "chi2_ppf(0.99, df) / (chisq / n) + 1",
    "gfi_lisrel": GFI,
    "agfi": AGFI,
    "agfi_lisrel": AGFI,
    "pgfi": "df / moments * gfi",
    "mfi": "exp(-(chisq - df) / (2 * n))",
    "ecvi": "(chisq + 2 * npar) / n",
}
AMOS = {"aic": "chisq + 2 * npar", "bic": "chisq + npar * ln(N)", "gfi": GFI}
P = {"q": ("p * (p + 1) / 2 - df", "free parameters"), "t": ("(sqrt(1 + 8 * q) - 1) / 2", "")}
FACTORS: dict[str, tuple[str, dict[str, tuple[str, str]]]] = {
    "swain": ("1 - (p * (2 * p^2 + 3 * p - 1) - t * (2 * t^2 + 3 * t - 1)) / (12 * df * n)", P),
    "yuan_2015": ("(n + 1 - (2.381 + 0.367 * p + 0.003 * npar)) / n", {}),
    "bartlett": ("1 - (2 * p + 4 * factors + 5) / (6 * n)", {}),
}


def fit_quantities(question: Question) -> Catalogue:
    """Return what explains each fit measure of a fit, and each small-sample correction of its test."""
    found = fit_indices(question.fit)
    formulas = FORMULAS | (AMOS if question.fit.mimic == "amos" else {})
    names = [n for n in found.index if n in formulas and (question.plain or not _of_matrices(formulas[n]))]
    if not question.plain:
        names = [n for n in names if n != "baseline_df"]
    known: Catalogue = {n: partial(_index, question, n, formulas[n], float(found[n])) for n in names}
    return known | (_corrections(question) if question.plain else {})


def _of_matrices(formula: str) -> bool:
    return bool({"S", "Sigma", "F", "W"} & set(names_of(formula)))


def _index(question: Question, name: str, formula: str, reported: float) -> Explanation:
    used = names_of(formula)
    steps = (DISCREPANCY if "F" in used else {}) | (RATIO if "W" in used else {})
    wanted = [n for text in (*(text for text, _ in steps.values()), formula) for n in names_of(text)]
    return explained(
        name,
        FIT_INDICES[name],
        formula,
        _inputs(question, dict.fromkeys(n for n in wanted if n not in steps)),
        reported=reported,
        where=f'fit_indices(fit)["{name}"]',
        steps=steps,
    )


def _inputs(question: Question, symbols: dict[str, None]) -> list[Input]:
    fit, at = question.fit, Ingredients.of(question.fit)
    named = fit.spec.observed
    matrices = {
        "S": lambda: matrix("S", fit.sample_cov, named, "sample covariances"),
        "Sigma": lambda: matrix("Sigma", fit.sigma, named, "covariances that the model implies"),
    }
    counts = {"factors": lambda: scalar("factors", max(len(fit.spec.latent), 1), "factors of the model")}
    found = matrices | counts
    return [found[s]() if s in found else scalar(s, float(SYMBOLS[s][1](at)), SYMBOLS[s][0]) for s in symbols]


def _corrections(question: Question) -> Catalogue:
    """Return the factor, chi2 and p of every small-sample correction."""
    table = corrected_tests(question.fit).set_index("test").drop(index="raw")
    known: Catalogue = {}
    for test in table.index:
        for column in ("factor", "chisq", "pvalue"):
            known[f"{test}_{column}"] = partial(_correction, question, str(test), column, table)
    return known


def _correction(question: Question, test: str, column: str, table: Any) -> Explanation:
    factor, steps = FACTORS[test]
    steps = {**steps, "factor": (factor, "what chi2 is multiplied by")}
    formula = {"factor": factor, "chisq": "factor * chisq", "pvalue": "chi2_sf(factor * chisq, df)"}[column]
    if column == "factor":
        steps.pop("factor")
    wanted = [n for text in (*(text for text, _ in steps.values()), formula) for n in names_of(text)]
    name = f"{test}_{column}"
    return explained(
        name,
        Entry(
            name=name,
            function=corrected_tests,
            label=f"{test} {column}",
            digits=3,
            source=table.loc[test, "source"],
        ),
        formula,
        _inputs(question, dict.fromkeys(n for n in wanted if n not in steps)),
        reported=float(table.loc[test, column]),
        where=f'corrected_tests(fit), test {test}, column "{column}"',
        steps=steps,
    )
