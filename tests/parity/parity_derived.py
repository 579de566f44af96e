"""What is derived from a fit: moments, residuals, indices of what is left out, scores, reliability."""

from collections.abc import Callable
from itertools import combinations, product

import numpy as np
import pandas as pd
from parity_cases import Entry, data_arguments
from parity_signs import Signs
from parity_units import (
    Check,
    by_key,
    each_row,
    matrix,
    named_vector,
    relative,
    scale_of,
    score_tolerance,
    table,
)

from sopsem.sem.constructs.htmt import heterotrait_monotrait, heterotrait_monotrait2
from sopsem.sem.constructs.measurement import first_order_factors
from sopsem.sem.constructs.reliability import reliability
from sopsem.sem.constructs.scores import factor_scores
from sopsem.sem.constructs.solution import solution
from sopsem.sem.estimation.estimates import estimates
from sopsem.sem.estimation.exogenous_scale import standardized_nox
from sopsem.sem.estimation.fit import Fit
from sopsem.sem.estimation.implied import NamedMoments, implied_moments, sample_moments
from sopsem.sem.fit_measures.modification import modification_indices
from sopsem.sem.fit_measures.residuals import residuals
from sopsem.sem.fit_measures.score_tests import score_tests
from sopsem.sem.sample.patterns import coverage, missing_patterns

EST, P, INDEX = 1e-4, 1e-4, 1e-4


def named_rows(fit: Fit) -> pd.DataFrame:
    """Return every estimate with its identity, the signs of factors as in the fit."""
    frame = estimates(fit).assign(std_nox=standardized_nox(fit).to_numpy())
    whole = fit.parameters
    moving = np.abs(whole.row_basis[:, ~whole.nuisance]).sum(axis=1) > 0.0
    frame["free"] = [*fit.free, *(False for _ in fit.spec.definitions)]
    frame["untied"] = [*(fit.free & moving), *(False for _ in fit.spec.definitions)]
    return by_key(frame)


def reference_signs(entry: Entry, fit: Fit) -> Signs:
    """Return the signs that turn our factors the way of the reference's."""
    return Signs.of(fit, table(entry.expected["estimates"]), named_rows(fit))


def _of_groups(found: object, fit: Fit) -> list:
    """Return what a function gives for one fit, or for each of its groups, as a list."""
    return [found] if fit.n_groups == 1 else [found[label] for label in fit.spec.groups]


def _moments(check: Check, reference: dict, mine: NamedMoments, slack: float) -> None:
    for name, value in reference.items():
        if name == "cov":
            expected = matrix(value)
            floor = scale_of(expected.to_numpy().ravel())
            for i in expected.index:
                for j in expected.columns:
                    tolerance = slack * relative(expected.loc[i, j], floor, EST)
                    check.close(f"cov {i}, {j}", mine.cov.loc[i, j], expected.loc[i, j], tolerance)
        elif name == "mean" and mine.mean is not None:
            for variable, mean in named_vector(value).items():
                floor = scale_of(named_vector(value).values()) or 1e-6  # of latent responses all are 0
                check.close(f"mean {variable}", mine.mean[variable], mean, slack * relative(mean, floor, EST))
        elif name in ("th", "res.th") and mine.thresholds is not None:
            for threshold, place in named_vector(value).items():
                tolerance = slack * max(1e-5, relative(place, 0.0, 1e-5))
                check.close(f"threshold {threshold}", mine.thresholds[threshold], place, tolerance)
        else:
            check.fail(f"feature not supported: {name}")


def _implied(check: Check, entry: Entry, fit: Fit) -> None:
    for reference, mine in zip(entry.expected["implied"], _of_groups(implied_moments(fit), fit), strict=True):
        _moments(check, reference, mine, entry.slack)


def _sampstat(check: Check, entry: Entry, fit: Fit) -> None:
    for reference, mine in zip(entry.expected["sampstat"], _of_groups(sample_moments(fit), fit), strict=True):
        _moments(check, reference, mine, entry.slack)


def _residuals(check: Check, entry: Entry, fit: Fit) -> None:
    whole = residuals(fit, "cor_bentler")
    for number, reference in enumerate(entry.expected["residuals"]["groups"], start=1):
        _residuals_of_group(check, reference, whole[whole["group"] == number], entry.slack)


def _residuals_of_group(check: Check, reference: dict, mine: pd.DataFrame, slack: float) -> None:
    for name in set(reference) - {"cov", "cov.z", "mean", "mean.z", "th", "th.z"}:
        check.fail(f"feature not supported: residuals of {name}")
    cells = {(r.lhs, r.rhs): r for r in mine.itertuples()} | {(r.rhs, r.lhs): r for r in mine.itertuples()}
    value, z = matrix(reference["cov"]), matrix(reference["cov.z"])
    for i in value.index:
        for j in value.columns:
            found = cells[i, j]
            check.close(f"{i}, {j}", found.residual, value.loc[i, j], slack * INDEX)
            if abs(value.loc[i, j]) > 1e-4:  # below, lavaan prints the residual in the place of z
                tolerance = slack * score_tolerance(z.loc[i, j])
                check.close(f"z of {i}, {j}", found.z, z.loc[i, j], tolerance)
    for variable, mean in named_vector(reference.get("mean", {})).items():
        # the latent response of an ordered variable has its mean in the thresholds: nothing is left of it
        left = cells[variable, ""].residual if (variable, "") in cells else 0.0
        check.close(f"mean {variable}", left, mean, slack * INDEX)
    errors = named_vector(reference.get("th.z", {}))
    for threshold, residual in named_vector(reference.get("th", {})).items():
        found = cells[tuple(threshold.split("|"))]
        check.close(f"threshold {threshold}", found.residual, residual, slack * INDEX)
        if abs(residual) > 1e-4 and threshold in errors:
            z_of = errors[threshold]
            check.close(f"z of threshold {threshold}", found.z, z_of, slack * score_tolerance(z_of))


def _em_moments(check: Check, entry: Entry, fit: Fit) -> None:
    found = _of_groups(sample_moments(fit), fit)
    for reference, mine in zip(entry.expected["h1_em_moments"], found, strict=True):
        _moments(check, reference, mine, entry.slack)


def _rows_of_groups(entry: Entry, fit: Fit) -> list[pd.DataFrame]:
    """Return the raw rows of every group with the variables of the model."""
    rows = data_arguments(entry)["data"]
    if fit.n_groups == 1:
        return [rows[list(fit.spec.observed)]]
    labels = rows[entry.content["options"]["group"]].astype(str)
    return [rows.loc[labels == label, list(fit.spec.observed)] for label in fit.spec.groups]


def _coverage(check: Check, entry: Entry, fit: Fit) -> None:
    expected = entry.expected["coverage"]
    tables = expected if isinstance(expected, list) else [expected]
    for reference, rows in zip(map(matrix, tables), _rows_of_groups(entry, fit), strict=True):
        mine = coverage(rows)
        for i in reference.index:
            for j in reference.columns:
                check.close(f"{i}, {j}", mine.loc[i, j], reference.loc[i, j], 1e-6)


def _n_patterns(check: Check, entry: Entry, fit: Fit) -> None:
    found = [missing_patterns(rows) for rows in _rows_of_groups(entry, fit)]
    mine = [int((f.index.get_level_values("pattern") > 0).sum()) for f in found]
    check.equal("patterns", mine, list(np.ravel(entry.expected["n_missing_patterns"])))


def _modindices(check: Check, entry: Entry, fit: Fit) -> None:
    mine = modification_indices(fit)
    check.equal("number of rows", len(mine), entry.expected["modindices_total_rows"])
    mine = by_key(mine)
    signs = reference_signs(entry, fit)
    for where, row, found in each_row(check, table(entry.expected["modindices"]), mine):
        sign = signs.of_row(row)
        check.close(f"{where} mi", found.mi, row.mi, entry.slack * score_tolerance(row.mi))
        for column in ("epc", "sepc_lv", "sepc_all", "sepc_nox"):
            tolerance = entry.slack * score_tolerance(row[column])
            check.close(f"{where} {column}", sign * found[column], row[column], tolerance)


def _score_tests(check: Check, entry: Entry, fit: Fit) -> None:
    reference, mine = entry.expected["score_tests"], score_tests(fit)
    total = reference["total"]
    check.close("total", mine.stat, total["X2"], entry.slack * score_tolerance(total["X2"]))
    check.equal("total df", mine.df, total["df"])
    check.close("total p", mine.pvalue, total["p.value"], entry.slack * P)
    rows = table(reference["univariate"]).to_dict("records")
    check.equal("number of equalities", len(mine.univariate), len(rows))
    for row, found in zip(rows, mine.univariate.itertuples(), strict=False):
        where = f"{row['lhs_par']} == {row['rhs_par']}"
        check.close(where, found.stat, row["X2"], entry.slack * score_tolerance(row["X2"]))
        check.close(f"{where} p", found.pvalue, row["p_value"], entry.slack * P)


def _factor_scores(check: Check, entry: Entry, fit: Fit) -> None:
    signs = reference_signs(entry, fit)
    for method in ("regression", "Bartlett"):
        scores = factor_scores(fit, method=method.lower()).scores
        for number, content in enumerate(entry.expected["factor_scores"][method], start=1):
            for row, values in table(content).set_index("case_row").iterrows():
                for factor, value in values.items():
                    # a row without any value is not used; the reference shows it, without scores
                    mine = signs.factors[number, factor] * scores[factor].get(row - 1, np.nan)
                    tolerance = entry.slack * INDEX * max(1.0, abs(value or 0.0))
                    check.close(f"{method} {factor} row {row}", mine, value, tolerance)


def _reliability(check: Check, entry: Entry, fit: Fit) -> None:
    reference = entry.expected["reliability"]
    mine = reliability(fit).set_index("factor")
    for factor, values in reference["factors"].items():
        check.equal(f"items of {factor}", mine.loc[factor, "items"], " ".join(np.ravel(values["items"])))
        for name, value in values.items():
            if name not in ("items", "has_cross_loading"):
                check.close(f"{name} {factor}", mine.loc[factor, name], value, entry.slack * INDEX)
    names = list(fit.spec.latent)
    correlations = solution(fit).factor_correlations()[0]
    if reference.get("factor_correlations"):
        expected = matrix(reference["factor_correlations"])
        for a, b in product(expected.index, expected.columns):
            mine_ab = correlations[names.index(a), names.index(b)]
            check.close(f"correlation {a}, {b}", mine_ab, expected.loc[a, b], entry.slack * INDEX)
    named = {"omega_obs_var_false": "omega", "alpha_tau_eq": "alpha", "AVE": "ave"}
    for name, column in named.items():
        for factor, value in (reference.get("semTools") or {}).get(name, {}).items():
            check.close(f"semTools {name} {factor}", mine.loc[factor, column], value, entry.slack * INDEX)


def _htmt(check: Check, entry: Entry, fit: Fit) -> None:
    reference = entry.expected["reliability"]
    covariance = sample_moments(fit).cov
    sd = np.sqrt(np.diag(covariance))
    correlation = (covariance / np.outer(sd, sd)).to_numpy()
    place = {v: i for i, v in enumerate(covariance.columns)}
    for name, ratio in (("htmt", heterotrait_monotrait), ("htmt2", heterotrait_monotrait2)):
        given = matrix(reference[name]) if reference.get(name) else None
        items = {f: [place[i] for i in own] for f, own in first_order_factors(fit.spec).items()}
        for a, b in () if given is None else combinations(given.columns, 2):
            value = float(ratio(correlation, items[a], items[b]))
            check.close(f"{name} {a}, {b}", value, given.loc[a, b], entry.slack * INDEX)


DERIVED: dict[str, Callable[[Check, Entry, Fit], None]] = {
    "implied": _implied,
    "sampstat": _sampstat,
    "residuals": _residuals,
    "h1_em_moments": _em_moments,
    "coverage": _coverage,
    "n_missing_patterns": _n_patterns,
    "modindices": _modindices,
    "score_tests": _score_tests,
    "factor_scores": _factor_scores,
    "reliability": _reliability,
    "htmt": _htmt,
}
