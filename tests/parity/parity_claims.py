"""What must hold, in numbers, for a deliberate disagreement to count as agreement."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
from parity_cases import ACCEPTED, Case, Entry, data_arguments, mapped_options
from parity_claims_engine import ENGINE_CLAIMS
from parity_units import row_key, table

from sopsem.errors import ModelError
from sopsem.kernel import Outcome, fit_batch, jacobian, minimise
from sopsem.sem.estimation.implied import sample_moments
from sopsem.sem.estimation.scaling import scale_model
from sopsem.sem.fit_measures.fit_indices import fit_indices
from sopsem.sem.fit_measures.modification import modification_indices
from sopsem.sem.model.spec import model_spec
from sopsem.sem.resampling.bootstrap import bootstrap
from sopsem.sem.resampling.intervals import interval
from sopsem.sem.sample.moments import moments_from_covariance, moments_from_data

SPEC_OPTIONS = ("std_lv", "orthogonal", "meanstructure", "fixed_x", "effect_coding", "growth")
BASELINE = ("baseline_chisq", "baseline_pvalue", "cfi", "tli", "nnfi", "rfi", "nfi", "pnfi", "ifi", "rni")


def lower_objective(_case: Case, entry: Entry) -> bool:
    """We reach a lower discrepancy under the same constraints, and do not call it an optimum."""
    fit = entry.attempt.fit
    if fit is None or fit.status.converged:
        return False
    same = (fit.npar, fit.df) == (entry.expected["npar"], entry.expected["df"])
    return same and fit.chisq < entry.expected["fit_measures"]["chisq"] - 1e-3


def still_falling(_case: Case, entry: Entry) -> bool:
    """From the reference's own estimates the discrepancy still falls; we say not converged."""
    fit = entry.attempt.fit
    known = {row_key(r.lhs, r.op, r.rhs): r.est for r in table(entry.expected["estimates"]).itertuples()}
    rows = np.array([known[row_key(p.lhs, p.op, p.rhs)] for p in fit.spec])
    start = np.linalg.lstsq(fit.model.row_basis, rows - fit.model.row_offset, rcond=None)[0]
    mean = fit.moments.mean if fit.spec.meanstructure else None
    target = fit.model.scaled_moments(fit.sample_cov[None], None if mean is None else mean[None])
    onward = fit_batch(fit.model.layout, start[None], target)
    lower = fit.multiplier * onward.minimum[0] < entry.expected["fit_measures"]["chisq"] - 1e-5
    return lower and onward.outcome[0] != Outcome.CONVERGED and not fit.status.converged


def name_clash(_case: Case, entry: Entry) -> bool:
    """We refuse, naming it, a factor with the name of a column; the reference warns of the same."""
    error, columns = entry.attempt.error, set(data_arguments(entry)["data"].columns)
    clashing = {p.lhs for p in model_spec(entry.content["model"]) if p.op == "=~"} & columns
    named = all(f"'{v}'" in str(error) for v in clashing)
    warned = any("collide" in w and v in w for w in entry.expected["warnings"] for v in clashing)
    return isinstance(error, ModelError) and bool(clashing) and named and warned


def not_identified(_case: Case, entry: Entry) -> bool:
    """We refuse, and at random points the implied moments move in fewer directions than npar."""
    refused = isinstance(entry.attempt.error, ModelError)
    free = table(entry.expected["estimates"]).query("free > 0")
    return refused and bool(free["se"].isna().all()) and _rank(entry) < entry.expected["npar"]


def _rank(entry: Entry) -> int:
    """Return the largest rank of d Sigma / d theta over a few random points."""
    arguments = data_arguments(entry)
    options = mapped_options(entry.options, entry.content["function"], ACCEPTED)
    spec = model_spec(entry.content["model"], **{k: v for k, v in options.items() if k in SPEC_OPTIONS})
    if "data" in arguments:
        moments = moments_from_data(arguments["data"], spec.observed)
    else:
        moments = moments_from_covariance(arguments["sample_cov"], arguments["n_obs"], spec.observed)
    model, rng = scale_model(spec, moments), np.random.default_rng(1)
    ranks = []
    for _ in range(3):
        slopes = jacobian(model.layout, rng.uniform(0.3, 0.9, model.layout.n_parameters))
        values = np.linalg.svd(slopes.reshape(-1, slopes.shape[-1]), compute_uv=False)
        ranks.append(int((values > 1e-9 * values[0]).sum()))
    return max(ranks) - int(model.nuisance.sum())


def no_information(_case: Case, entry: Entry) -> bool:
    """Every index we leave out belongs to a factor that the reference itself finds connected to nothing.

    There the score and the information of the row are both 0, and 0/0 is no expected change.
    """
    estimates = table(entry.expected["estimates"])
    loadings = estimates[estimates["op"] == "=~"].groupby("lhs")["std_all"].agg(lambda v: np.abs(v).max())
    idle = set(loadings[loadings < 1e-4].index)
    mine = {row_key(r.lhs, r.op, r.rhs): r for r in modification_indices(entry.attempt.fit).itertuples()}
    for row in table(entry.expected["modindices"]).itertuples():
        found = mine.get(row_key(row.lhs, row.op, row.rhs))
        if found is None:
            if not idle & {row.lhs, row.rhs}:
                return False
        elif abs(found.mi - row.mi) > max(1e-3, 1e-3 * row.mi) or abs(found.epc - row.epc) > 1e-3 * abs(
            row.epc
        ):
            return False
    return bool(idle)


def baseline_minimum(_case: Case, entry: Entry) -> bool:
    """Our baseline chi2 is the closed-form minimum, below the reference's; all else agrees or follows."""
    fit, reference = entry.attempt.fit, entry.expected["fit_measures"]
    mine = fit_indices(fit)
    covariance = sample_moments(fit).cov
    sd = np.sqrt(np.diag(covariance))
    r = pd.DataFrame(covariance / np.outer(sd, sd), index=covariance.index, columns=covariance.columns)
    x = list(dict.fromkeys(p.lhs for p in fit.spec if p.exo))
    log = [np.linalg.slogdet(m)[1] for m in (r.loc[x, x], r)]
    chisq0, df0 = fit.n * (log[0] - log[1]), reference["baseline.df"]
    noncentral = (max(fit.chisq - fit.df, 0.0), chisq0 - df0)
    others = {k.replace(".", "_"): v for k, v in reference.items() if k.replace(".", "_") not in BASELINE}
    agree = all(v is None or abs(mine[k] - v) <= 1e-3 * max(1.0, abs(v)) for k, v in others.items())
    lower = abs(mine["baseline_chisq"] - chisq0) < 1e-6 * chisq0 < chisq0 < reference["baseline.chisq"]
    cfi = abs(mine["cfi"] - (1.0 - noncentral[0] / noncentral[1])) < 1e-6
    own = fit.chisq / fit.df if fit.df else 1.0  # with no degree of freedom the TLI is 1
    tli = abs(mine["tli"] - (chisq0 / df0 - own) / (chisq0 / df0 - 1.0)) < 1e-6
    return bool(agree and lower and cfi and tli)


def norm_of_means(case: Case, entry: Entry) -> bool:
    """The reference centres a defined parameter at g(mean of draws), we at the mean of g(draws).

    Holds for definitions that are one product of labels, worked out from the reference's own draws.
    """
    content = case.content["extra"]["bootstrap"]
    draws = pd.read_csv(case.file(content["draws_file"]))
    fit, worked = entry.attempt.fit, 0
    names = list(fit.names)
    made = bootstrap(
        fit, pd.read_csv(case.file(entry.data["file"])), indices=_rows(case, content["index_file"], content)
    )
    for row in table(content["ci"]["norm"]).itertuples():
        if row.se == 0.0:
            continue
        factors = row.rhs.split("*") if row.op == ":=" else [row.label or f"{row.lhs}{row.op}{row.rhs}"]
        values = np.prod([draws[f] for f in factors], axis=0)
        ours = np.prod([made.estimates[:, names.index(f)] for f in factors], axis=0)
        half = 1.959964 * values.std()
        theirs = 2.0 * row.est - np.prod([draws[f].mean() for f in factors])
        limits = interval(ours, row.est, kind="normal", rule="normal_interp")
        wanted = 2.0 * row.est - values.mean()
        width = row.ci_upper - row.ci_lower
        gaps = (theirs - half - row.ci_lower, theirs + half - row.ci_upper)
        gaps += (wanted - half - limits[0], wanted + half - limits[1])
        if max(np.abs(gaps)) > 2e-3 * width:
            return False
        worked += row.op == ":="
    return worked > 0


def fixed_x_held(case: Case, entry: Entry) -> bool:
    """The reference holds fixed x at its moments in the sample when it tests a draw, we at those in the draw.

    Its chi2 then is larger by N (log |S_x| - log |S_xb| + tr(S_x^-1 S_xb) - k), draw by draw.
    """
    content = case.content["extra"]["bootstrap"]["bollen_stine"]
    fit, frame = entry.attempt.fit, pd.read_csv(case.file(entry.data["file"]))
    rows = _rows(case, content["index_file"], case.content["extra"]["bootstrap"])
    made = bootstrap(fit, frame, kind="bollen_stine", indices=rows)
    x = [i for i, v in enumerate(fit.spec.observed) if any(p.exo and p.lhs == v for p in fit.spec)]
    raw = fit.moments.data - fit.moments.mean
    root = _power(raw.T @ raw / len(raw), -0.5) @ _power(fit.sigma, 0.5)
    transformed, held = (raw @ root)[:, x], fit.sigma[np.ix_(x, x)]
    excess = []
    for index in rows:
        drawn = np.cov(transformed[index], rowvar=False, ddof=0).reshape(len(x), len(x))
        ratio = np.linalg.solve(held, drawn)
        excess.append(fit.n * (np.trace(ratio) - np.linalg.slogdet(ratio)[1] - len(x)))
    gap = np.array(content["chisq_draws"]) - made.chisq - np.array(excess)
    return bool(x) and bool((np.abs(gap) <= 1e-3 * np.maximum(1.0, content["chisq_draws"])).all())


def _rows(case: Case, file: str, content: dict) -> np.ndarray:
    return pd.read_csv(case.file(file), header=None).to_numpy() - int(content["one_based"])


def _power(symmetric: np.ndarray, exponent: float) -> np.ndarray:
    values, vectors = np.linalg.eigh(symmetric)
    return (vectors * values**exponent) @ vectors.T


def lower_minimum(_case: Case, entry: Entry) -> bool:
    """We end in a certified minimum of the same model, under its constraints, below the reference's.

    At the reference's estimates our discrepancy gives its statistic, so that the two minimise the same.
    """
    fit, reference = entry.attempt.fit, entry.expected["tests"]["standard"]["stat"]
    if not fit.status.converged:
        return False
    known = {row_key(r.lhs, r.op, r.rhs, r.group): r.est for r in table(_with_group(entry)).itertuples()}
    rows = np.array([known[row_key(p.lhs, p.op, p.rhs, p.group)] for p in fit.spec])
    theirs, *_ = np.linalg.lstsq(fit.parameters.row_basis, rows - fit.parameters.row_offset, rcond=None)
    value = fit.problem.objective().evaluate(theirs[None], np.zeros(1, dtype=np.intp))[0][0]
    alike = abs(fit.multiplier * value - reference) < 1e-3 * max(1.0, reference)
    same = (fit.npar, fit.df) == (entry.expected["npar"], entry.expected["df"])
    broken = np.abs(fit.parameters.constraints(fit.kernel_theta[None]).equality).max(initial=0.0)
    return bool(same and alike and broken < 1e-8 and fit.chisq < reference - 1e-2)


def _with_group(entry: Entry) -> dict:
    """Return the reference's table of estimates, with a column that says which group a row is of."""
    content = entry.expected["estimates"]
    if "group" in content["columns"]:
        return content
    return {"columns": [*content["columns"], "group"], "rows": [[*r, 1] for r in content["rows"]]}


def wishart_weights(_case: Case, entry: Entry) -> bool:
    """The reference weighs groups by n in the minimum and by n - 1 in chi2; our chi2 is not above its.

    With its weights our minimum gives its statistic of every group.
    """
    fit, reference = entry.attempt.fit, entry.expected["tests"]["standard"]
    counts = np.array([m.n for m in fit.data_moments], dtype=float)
    if fit.likelihood != "wishart" or fit.n_groups == 1:
        return False
    other = replace(fit.problem, weights=counts / counts.sum())
    found = minimise(other.objective(), fit.kernel_theta).theta
    at = np.zeros(1, dtype=np.intp)
    own = [fit.problem.estimator.objective(g).evaluate(found, at)[0][0] for g in fit.groups]
    theirs = (counts - 1.0) * own
    agree = np.abs(theirs - reference["stat.group"]) <= np.maximum(1e-3, 1e-5 * theirs)
    return bool(agree.all() and fit.chisq <= theirs.sum() and abs(fit.chisq - reference["stat"]) < 1e-3)


def wishart_fmin(case: Case, entry: Entry) -> bool:
    """Only the minimum itself differs, and with the reference's weights of the groups ours is the same."""
    fit, reference = entry.attempt.fit, entry.expected["fit_measures"]
    counts = np.array([m.n for m in fit.data_moments], dtype=float)
    other = replace(fit.problem, weights=counts / counts.sum())
    theirs = 0.5 * minimise(other.objective(), fit.kernel_theta).minimum[0]
    mine = fit_indices(fit)
    rest = {k.replace(".", "_"): v for k, v in reference.items() if k != "fmin" and v is not None}
    agree = all(abs(mine[k] - v) <= 1e-4 * max(1.0, abs(v)) for k, v in rest.items())
    return bool(agree and abs(theirs - reference["fmin"]) < 1e-7 and wishart_weights(case, entry))


CLAIMS: dict[str, Callable[[Case, Entry], bool]] = {
    f.__name__: f
    for f in (
        lower_objective,
        still_falling,
        name_clash,
        not_identified,
        no_information,
        baseline_minimum,
        norm_of_means,
        fixed_x_held,
        lower_minimum,
        wishart_weights,
        wishart_fmin,
    )
} | ENGINE_CLAIMS
