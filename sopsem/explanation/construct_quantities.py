"""Reliability, validity, factor scores and Harman's share explained."""

from functools import partial
from itertools import combinations

import numpy as np
import pandas as pd

from sopsem.explanation.explanation import Explanation, explained
from sopsem.explanation.formula import names_of
from sopsem.explanation.question import Catalogue, Question, matrix, scalar, vector
from sopsem.registry import Entry
from sopsem.sem.constructs.htmt import htmt
from sopsem.sem.constructs.measurement import first_order_factors
from sopsem.sem.constructs.method_variance import harman_share
from sopsem.sem.constructs.reliability import COEFFICIENTS, reliability
from sopsem.sem.constructs.scores import factor_scores
from sopsem.sem.constructs.second_order import SECOND_ORDER, second_order, second_order_blocks
from sopsem.sem.constructs.solution import Block, solution
from sopsem.sem.estimation.estimates import standardized

__all__ = ["RELIABILITY", "SECOND", "construct_quantities"]

RELIABILITY = {
    "alpha": "k / (k - 1) * (1 - tr(S) / sum(S))",
    "alpha_std": "k / (k - 1) * (1 - k / sum(corr(S)))",
    "omega": "sum(l)^2 * psi / (sum(l)^2 * psi + sum(Theta))",
    "omega_obs": "sum(l)^2 * psi / sum(S)",
    "cr": "sum(l)^2 * psi / (sum(l)^2 * psi + tr(Theta))",
    "cr_std": "sum(std)^2 / (sum(std)^2 + sum(1 - std^2))",
    "ave": "sum(l^2) * psi / (sum(l^2) * psi + tr(Theta))",
    "ave_std": "mean(std^2)",
}
SECOND = {
    "omega_L1": "sum(carried)^2 * phi / sum(Sigma)",
    "omega_L2": "sum(b)^2 * phi / sum(Phi2)",
    "omega_partial": "sum(carried)^2 * phi / (sum(carried)^2 * phi + sum(Theta))",
    "ave_L2": "mean(gamma^2)",
    "cr_L2": "sum(gamma)^2 / (sum(gamma)^2 + sum(1 - gamma^2))",
}
HTMT = {
    "htmt": "mean(between) / sqrt(mean(within1) * mean(within2))",
    "htmt2": "exp(mean(ln(between)) - mean(ln(within1)) / 2 - mean(ln(within2)) / 2)",
}
HTMT_SOURCE = {"htmt": "Henseler, Ringle & Sarstedt (2015)", "htmt2": "Roemer, Schuberth & Henseler (2021)"}


def construct_quantities(question: Question) -> Catalogue:
    """Return what explains every coefficient of every construct; empty for several groups."""
    fit = question.fit
    if fit.n_groups > 1 or fit.spec.ordered:
        return {}
    factors = first_order_factors(fit.spec)
    found: Catalogue = {}
    for factor, items in factors.items():
        if len(items) > 1:
            found |= {f"{c}:{factor}": partial(_coefficient, question, c, factor, items) for c in RELIABILITY}
    for factor in second_order_blocks(fit):
        found |= {f"{c}:{factor}": partial(_second_order, question, c, factor) for c in SECOND}
    pairs = [(a, b) for a, b in combinations(factors, 2) if _separate(factors[a], factors[b])]
    for a, b in pairs:
        found |= {f"{c}:{a}:{b}": partial(_htmt, question, c, a, b) for c in HTMT}
    found |= {f"loading:{p.rhs}": partial(_loading, question, p.lhs, p.rhs) for p in fit.spec if p.op == "=~"}
    found["harman"] = partial(_harman, question)
    found |= _scores(question)
    return found


def _separate(first: tuple[str, ...], second: tuple[str, ...]) -> bool:
    return len(first) > 1 and len(second) > 1 and not set(first) & set(second)


def _coefficient(question: Question, name: str, factor: str, items: tuple[str, ...]) -> Explanation:
    block: Block = solution(question.fit).block(factor, items)
    known = {
        "k": scalar("k", len(items), f"items of {factor}"),
        "S": matrix("S", block.sample[0], items, f"sample covariances of the items of {factor}"),
        "l": vector("l", block.loadings[0], items, "loadings, in the units of the items"),
        "psi": scalar("psi", float(block.variance[0]), f"variance of {factor} that the model implies"),
        "Theta": matrix("Theta", block.residual[0], items, "residual covariances of the items"),
        "std": vector("std", block.std_loadings[0], items, "standardized loadings"),
    }
    table = reliability(question.fit).set_index("factor")
    formula = RELIABILITY[name]
    return explained(
        f"{name}:{factor}",
        COEFFICIENTS[name],
        formula,
        [one for symbol, one in known.items() if symbol in names_of(formula)],
        reported=float(table.loc[factor, name]),
        where=f'reliability(fit), factor {factor}, column "{name}"',
    )


def _second_order(question: Question, name: str, factor: str) -> Explanation:
    dimensions, items, block = second_order_blocks(question.fit)[factor]
    known = {
        "carried": vector("carried", block.carried[0], items, f"loadings carried through to {factor}"),
        "phi": scalar("phi", float(block.variance[0]), f"variance of {factor}"),
        "Sigma": matrix("Sigma", block.implied[0], items, "implied covariances of the items"),
        "b": vector("b", block.second_loadings[0], dimensions, f"loadings of the dimensions on {factor}"),
        "Phi2": matrix(
            "Phi2", block.dimension_covariance[0], dimensions, "implied covariances of the dimensions"
        ),
        "Theta": matrix("Theta", block.residual[0], items, "residual covariances of the items"),
        "gamma": vector(
            "gamma", block.std_second_loadings[0], dimensions, "standardized second-order loadings"
        ),
    }
    table = second_order(question.fit)
    row = table[(table["factor"] == factor) & (table["part"] == "") & (table["coefficient"] == name)].iloc[0]
    formula = SECOND[name]
    return explained(
        f"{name}:{factor}",
        SECOND_ORDER[name],
        formula,
        [one for symbol, one in known.items() if symbol in names_of(formula)],
        reported=float(row["est"]),
        where=f'second_order(fit), factor {factor}, coefficient "{name}"',
    )


def _htmt(question: Question, name: str, first: str, second: str) -> Explanation:
    fit = question.fit
    factors = first_order_factors(fit.spec)
    frame = pd.DataFrame(fit.sample_cov, fit.spec.observed, fit.spec.observed)
    table = htmt(frame, {c: factors[c] for c in (first, second)})
    sd = np.sqrt(np.diag(fit.sample_cov))
    size = pd.DataFrame(np.abs(fit.sample_cov / np.outer(sd, sd)), fit.spec.observed, fit.spec.observed)
    pairs = {
        "between": [(a, b) for a in factors[first] for b in factors[second]],
        "within1": list(combinations(factors[first], 2)),
        "within2": list(combinations(factors[second], 2)),
    }
    said = {"between": f"|r| between items of {first} and {second}", "within1": f"|r| within {first}"}
    said["within2"] = f"|r| within {second}"
    inputs = [
        vector(
            s, np.array([size.loc[a, b] for a, b in listed]), tuple(f"{a}-{b}" for a, b in listed), said[s]
        )
        for s, listed in pairs.items()
    ]
    return explained(
        f"{name}:{first}:{second}",
        Entry(name=name, function=htmt, label=name.upper(), digits=3, source=HTMT_SOURCE[name]),
        HTMT[name],
        inputs,
        reported=float(table.set_index("coefficient").loc[name, "est"]),
        where=f'htmt(covariance, constructs), {first} and {second}, "{name}"',
    )


def _loading(question: Question, factor: str, item: str) -> Explanation:
    fit, at = question.fit, solution(question.fit)
    table = standardized(fit)
    row = table[(table["lhs"] == factor) & (table["op"] == "=~") & (table["rhs"] == item)].iloc[0]
    f = at.latent.index(factor)
    if item in at.observed:
        i = at.observed.index(item)
        raw, variance = at.loadings[0, i, f], at.implied[0, i, i]
    else:
        i = at.latent.index(item)
        raw, variance = at.paths[0, i, f], at.factor_covariance[0, i, i]
    entry = Entry(
        name="loading", function=standardized, label="standardized loading", digits=3, source="Bollen (1989)"
    )
    return explained(
        f"loading:{item}",
        entry,
        "l * sqrt(psi) / sqrt(sigma)",
        [
            scalar("l", float(raw), f"loading of {item} on {factor}, in the units of the data"),
            scalar(
                "psi", float(at.factor_covariance[0, f, f]), f"variance of {factor} that the model implies"
            ),
            scalar("sigma", float(variance), f"variance of {item} that the model implies"),
        ],
        reported=float(row["est_std"]),
        where=f'standardized(fit), {factor} =~ {item}, column "est_std"',
    )


def _harman(question: Question) -> Explanation:
    fit = question.fit
    entry = Entry(
        name="harman",
        function=harman_share,
        label="Harman's share",
        digits=3,
        source="Podsakoff et al. (2003)",
    )
    return explained(
        "harman",
        entry,
        "max(eigenvalues(corr(S))) / p",
        [
            matrix("S", fit.sample_cov, fit.spec.observed, "sample covariances"),
            scalar("p", len(fit.spec.observed), "items"),
        ],
        reported=float(harman_share(fit.sample_cov)),
        where="harman_share(covariance), as in method_variance(fit)",
    )


def _scores(question: Question) -> Catalogue:
    """Return what explains the factor score of every respondent, by the row."""
    fit = question.fit
    if not question.plain or fit.moments.data is None or fit.spec.composites or not fit.spec.latent:
        return {}
    if any(p.op == "~" and p.rhs in fit.spec.observed for p in fit.spec):
        return {}  # then scores are conditional on these predictors
    rows = factor_scores(fit).scores.index
    return {
        f"score:{factor}:{row}": partial(_score, question, factor, int(row))
        for factor in fit.spec.latent
        for row in rows
    }


def _score(question: Question, factor: str, row: int) -> Explanation:
    fit = question.fit
    scores = factor_scores(fit).scores
    at, where = solution(fit), scores.index.get_loc(row)
    crossed = _crossed(question, factor)
    values = np.asarray(fit.moments.data)[where]
    mean = np.zeros(len(values)) if fit.moments.mean is None else fit.moments.mean
    named = fit.spec.observed
    entry = Entry(
        name="score", function=factor_scores, label="factor score", digits=3, source="Thurstone (1935)"
    )
    return explained(
        f"score:{factor}:{row}",
        entry,
        "c @ inv(Sigma) @ (y - mu)",
        [
            vector("c", crossed, named, f"implied covariances of {factor} with the items"),
            matrix("Sigma", at.implied[0], named, "covariances that the model implies"),
            vector("y", values, named, f"answers in row {row} of the data (from 0)"),
            vector("mu", np.asarray(mean), named, "means of the items"),
        ],
        reported=float(scores.loc[row, factor]),
        where=f'factor_scores(fit).scores.loc[{row}, "{factor}"]',
    )


def _crossed(question: Question, factor: str) -> np.ndarray:
    """Return the covariances of a factor with all items that the model implies."""
    at = solution(question.fit)
    return np.asarray(at.factor_covariance[0, at.latent.index(factor)] @ at.loadings[0].T)
