"""Claims about groups, ordered variables and rows: what must hold for a deliberate disagreement."""

from collections.abc import Callable

import numpy as np
import pandas as pd
from parity_cases import ACCEPTED, Case, Entry, data_arguments, mapped_options
from parity_units import table

from sopsem.sem.estimation.estimates import estimates
from sopsem.sem.estimation.fit import Fit, fit
from sopsem.sem.fit_measures.compare import compare
from sopsem.sem.fit_measures.difference_tests import Pair
from sopsem.sem.fit_measures.fit_indices import fit_indices
from sopsem.sem.fit_measures.moment_tests import MomentTest
from sopsem.sem.fit_measures.nesting import null_solution

ROBUST = ("cfi_robust", "tli_robust", "nnfi_robust", "rni_robust")


def name_matched_point(case: Case, _entry: Entry) -> bool:
    """The reference takes the full model's trace at a point that does not imply the restricted moments.

    At that point, the restricted estimates put in by row name, our formula gives its statistic; at the point
    that does imply them, ours.
    """
    verified = 0
    for content in case.content.get("comparisons", ()):
        if "2010" not in str((content.get("options") or {}).get("method")):
            continue
        full, restricted = (
            case.entries[r["model"]].attempt.fit for r in table(content["table"]).to_dict("records")
        )
        rows = dict(zip((p.path() for p in restricted.spec), restricted.rows, strict=True))
        target = np.array([rows.get(p.path(), full.rows[i]) for i, p in enumerate(full.spec)])
        basis = full.parameters.row_basis[full.free]
        theta = np.linalg.lstsq(basis, (target - full.parameters.row_offset)[full.free], rcond=None)[0]
        pair = Pair(restricted=restricted, full=full, null_theta=theta)
        trace = pair.trace(pair.of_restricted) - pair.trace(MomentTest.of(full.problem, theta))
        apart = np.abs(full.problem.groups[-1].implied_covariance(theta) - _implied(restricted)).max()
        apart = max(apart, np.abs(_means(full, theta) - _means(restricted, restricted.kernel_theta)).max())
        reference = table(content["table"])["Chisq diff"].iloc[-1]
        holds = (
            null_solution(restricted, full).nested
            and compare(restricted, full, "satorra_bentler_2010").dchisq
        )
        verified += bool(holds and apart > 1e-3 and abs(pair.scaled(trace).stat - reference) < 1e-3)
    return verified > 0


def _implied(fitted: Fit) -> np.ndarray:
    return fitted.problem.groups[-1].implied_covariance(fitted.kernel_theta)


def _means(fitted: Fit, theta: np.ndarray) -> np.ndarray:
    group = fitted.problem.groups[-1]
    return group.structure.moments(theta)[: len(group.model.sd)]


def latent_baseline_shares(_case: Case, entry: Entry) -> bool:
    """Of several groups the reference divides the baseline's trace by the shares of the groups once too often.

    With that trace our formula gives its indices; the mean of the baseline's statistic is the plain sum.
    """
    fitted, reference = entry.attempt.fit, entry.expected["fit_measures"]
    if fitted.n_groups < 2 or not fitted.spec.ordered:
        return False
    mine = fit_indices(fitted)
    own = {k.replace(".", "_"): v for k, v in reference.items() if v is not None}
    rest = [k for k in own if k not in ROBUST]
    if any(abs(mine[k] - own[k]) > 1e-3 * max(1.0, abs(own[k])) for k in rest):
        return False
    traces, logs, count = [], 0.0, 0
    for group in fitted.groups:
        at = [k for k, s in enumerate(group.moments.ordinal.index) if s.kind == "covariance"]
        traces.append((group.moments.n, np.trace(group.gamma("adf")[np.ix_(at, at)])))
        logs -= group.moments.n * np.linalg.slogdet(group.moments.ordinal.covariance)[1]
        count += len(at)
    wrong = sum(t * fitted.n / n for n, t in traces) - sum(t for _, t in traces)
    excess = mine["rmsea_robust"] ** 2 / fitted.n_groups * fitted.n * fitted.df
    base = logs - sum(t for _, t in traces) - wrong
    return bool(wrong > 0.0 and abs(1.0 - excess / base - own["cfi_robust"]) < 1e-6)


def restricted_thresholds(_case: Case, entry: Entry) -> bool:
    """With thresholds that the model restricts, a statistic of correlations alone is not that of the model.

    We give no robust index.  The same model in the other parameterization has the same chi2, and there the
    reference gives none either.
    """
    fitted, reference = entry.attempt.fit, entry.expected["fit_measures"]
    if not any(p.label for p in fitted.spec if p.op == "|") or fitted.spec.parameterization != "theta":
        return False
    mine = fit_indices(fitted)
    own = {k.replace(".", "_"): v for k, v in reference.items() if v is not None and "robust" not in k}
    agree = all(abs(mine[k] - v) <= 1e-3 * max(1.0, abs(v)) for k, v in own.items())
    options = {**entry.options, "parameterization": "delta"}
    delta = fit(
        entry.content["model"],
        **data_arguments(entry),
        **mapped_options(options, entry.content["function"], ACCEPTED),
    )
    return bool(agree and np.isnan(mine["cfi_robust"]) and abs(delta.chisq - fitted.chisq) < 1e-5)


def needs_no_rows(_case: Case, entry: Entry) -> bool:
    """Standard errors by normal theory need the covariances only: rows with these covariances give the same ones."""
    given, fitted = data_arguments(entry), entry.attempt.fit
    if fitted is None or fitted.settings.se != "robust_sem_nt" or "sample_cov" not in given:
        return False
    matrix, n = given["sample_cov"], given["n_obs"]
    free = np.random.default_rng(1).normal(size=(n, len(matrix)))
    free -= free.mean(axis=0)
    white = free @ np.linalg.inv(np.linalg.cholesky(free.T @ free / (n - 1))).T
    rows = pd.DataFrame(white @ np.linalg.cholesky(matrix.to_numpy()).T, columns=matrix.columns)
    options = mapped_options(entry.options, entry.content["function"], ACCEPTED)
    again = estimates(fit(entry.content["model"], rows, **options))
    return bool(np.allclose(again[["est", "se"]], estimates(fitted)[["est", "se"]], atol=1e-7))


ENGINE_CLAIMS: dict[str, Callable[[Case, Entry], bool]] = {
    f.__name__: f for f in (name_matched_point, latent_baseline_shares, restricted_thresholds, needs_no_rows)
}
