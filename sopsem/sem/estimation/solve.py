"""From a problem to a frozen Fit: starts, search, certificate, standard errors, notes."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from sopsem.errors import ConvergenceError, ModelError
from sopsem.kernel import BatchFit, Objective, Outcome, implied
from sopsem.sem.estimation.admissibility import Improper, improper_parameters
from sopsem.sem.estimation.fit_notes import failure_notes, fit_notes
from sopsem.sem.estimation.fitted import Fit, ImpliedMoments, Status
from sopsem.sem.estimation.identification import Certificate, certify, check_identified
from sopsem.sem.estimation.problem import Problem
from sopsem.sem.estimation.search import search, starts_tried
from sopsem.sem.estimation.standard_errors import kernel_vcov
from sopsem.sem.estimation.start import start_values
from sopsem.sem.sample.moments import Moments

__all__ = ["solve"]

Array = NDArray[np.float64]
POLICIES = {"none": "unbounded", "pos_var": "bounded at 0"}
ROUNDING = 1e-12  # F is a difference of numbers of order p: below this it is 0


def solve(problem: Problem, data_moments: tuple[Moments, ...]) -> Fit:
    """Minimise a problem and return the fit.

    Parameters
    ----------
    data_moments : tuple of Moments
        Of every group, as the data give them.

    Raises
    ------
    ModelError
        More parameters than moments, or a model that is not identified.
    ConvergenceError
        No start gives a positive definite implied matrix, so that there is not even a point to report.

    """
    npar, df = _count(problem)
    objective = problem.objective()
    settings = problem.settings
    with threadpool_limits(limits=1, user_api="blas"):
        check_identified(problem.parameters, _unweighted(problem), [start_values(problem, s) for s in (2, 3)])
        best, strategy, higher = search(problem, objective, df)
        theta = best.theta[0]
        if not np.isfinite(best.minimum[0]):
            raise ConvergenceError(
                "no start gives a positive definite implied covariance matrix, so nothing can be estimated; "
                "check fixed values, start() values, constraints and paths that form a loop. "
                f"Tried: {starts_tried()}"
            )
        certificate, hessian = certify(
            problem.parameters, objective, theta, problem.multiplier, settings.information
        )
        moments = tuple(_implied(problem, g, theta) for g in range(len(problem.groups)))
        vcov = kernel_vcov(problem, theta, hessian)
    improper = tuple(i for g in problem.groups for i in improper_parameters(g.spec, g.model, theta))
    status = _status(best, certificate, improper)
    failed = strategy if status.converged and np.isnan(higher) else 0
    notes = fit_notes(problem, data_moments, theta, improper, failed)
    if not np.isnan(higher):
        notes = (*notes, _two_minima(*(problem.multiplier * f for f in (higher, best.minimum[0]))))
    return Fit(
        problem=problem,
        data_moments=data_moments,
        implied=moments,
        kernel_theta=_read_only(theta),
        rows=_read_only(table_rows(problem, theta)),
        kernel_vcov=_read_only(vcov),
        kernel_hessian=_read_only(hessian),
        minimum=_without_rounding(best.minimum[0]),
        npar=npar,
        df=df,
        status=status,
        improper=improper,
        certificate=certificate,
        notes=notes if status.converged else (*notes, *failure_notes(problem, best, strategy)),
        variance_policy=POLICIES.get(settings.bounds, f"bounded ({settings.bounds})"),
        iterations=int(best.iterations[0]),
        strategy=strategy,
    )


def table_rows(problem: Problem, theta: Array) -> Array:
    """Return the value of every table row at kernel parameters (k,)."""
    rows: Array = problem.parameters.rows(theta[None])[0]
    for number, group in enumerate(problem.groups, start=1):
        rows[list(problem.spec.rows_of(number))] = group.model.table_rows(theta[None])[0]
    return rows


def _two_minima(higher: float, lower: float) -> str:
    return (
        f"the discrepancy has more than one minimum: chi2 is {higher:.3f} from the default start and {lower:.3f} "
        "from another, which is reported; a model this far off its data should be changed before it is read"
    )


def _without_rounding(minimum: float) -> float:
    return 0.0 if abs(minimum) < ROUNDING else float(minimum)


def _read_only(array: Array) -> Array:
    array = np.array(array)
    array.setflags(write=False)
    return array


def _implied(problem: Problem, group: int, theta: Array) -> ImpliedMoments:
    """Return the implied moments of one group (from 0) and its own discrepancy."""
    own = problem.groups[group]
    covariance, mean = own.model.implied_moments(implied(own.model.layout, theta[None]))
    here = problem.estimator.objective(own).evaluate(theta[None], np.zeros(1, dtype=np.intp))
    return ImpliedMoments(
        sigma=_read_only(covariance[0]),
        mu=None if mean is None else _read_only(mean[0]),
        minimum=_without_rounding(float(here[0][0])),
    )


def _count(problem: Problem) -> tuple[int, int]:
    """Return npar and df; the moments of fixed exogenous variables are neither data nor parameters."""
    moments = sum(int((~g.given).sum()) for g in problem.groups)
    npar = int((~problem.parameters.nuisance).sum()) - len(problem.parameters.equalities)
    if npar > moments:
        raise ModelError(
            f"the model has {npar} parameters for {moments} sample moments (df = {moments - npar}); "
            f"fix or remove {npar - moments} of them or add indicators"
        )
    return npar, moments - npar


def _status(best: BatchFit, certificate: Certificate, improper: tuple[Improper, ...]) -> Status:
    if not certificate.holds or best.outcome[0] not in (Outcome.CONVERGED, Outcome.SADDLE_POINT):
        return Status.NOT_CONVERGED
    if certificate.rank < certificate.n_parameters:
        return Status.EMPIRICALLY_UNIDENTIFIED
    if best.outcome[0] == Outcome.SADDLE_POINT:
        return Status.NOT_CONVERGED
    return Status.IMPROPER if improper else Status.CONVERGED


def _unweighted(problem: Problem) -> Objective:
    """Return an objective for the rank of the slopes, which is that of the information under any weights.

    Unweighted least squares weigh a variable by its variance, so that their information of a model that is
    identified can be singular to working precision when the variables have very different scales.
    """
    if problem.settings.estimator != "ULS" or any(g.moments.ordinal is not None for g in problem.groups):
        return problem.objective()
    return replace(problem, settings=replace(problem.settings, estimator="ML")).objective()
