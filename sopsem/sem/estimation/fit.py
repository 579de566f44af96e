"""Maximum likelihood: from a model and data to a frozen Fit with its certificate.

The discrepancy is minimised on the correlation metric (see ``scaling``) without bounds on variances; a
negative variance is a note on the fit, never clipped and never silent.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from sopsem.errors import ConvergenceError, ModelError, UsageError
from sopsem.kernel import BatchFit, Outcome, implied
from sopsem.sem.estimation.admissibility import Improper, improper_parameters
from sopsem.sem.estimation.fit_notes import fit_notes
from sopsem.sem.estimation.fitted import Fit, Status
from sopsem.sem.estimation.identification import (
    RANK_TOLERANCE,
    Certificate,
    certify,
    check_identified,
    unit_scale,
)
from sopsem.sem.estimation.moments import Moments, moments_from_covariance, moments_from_data
from sopsem.sem.estimation.scaling import ScaledModel, scale_model
from sopsem.sem.estimation.search import STRATEGIES, search
from sopsem.sem.estimation.start import start_values
from sopsem.sem.model.spec import ModelSpec, model_spec

__all__ = ["STRATEGIES", "Fit", "Status", "fit", "fit_moments"]

Array = NDArray[np.float64]
ROUNDING = 1e-12  # F is a difference of numbers of order p: below this it is 0


def fit(
    model: str | ModelSpec,
    data: pd.DataFrame | None = None,
    *,
    sample_cov: pd.DataFrame | Array | None = None,
    n_obs: int | None = None,
    sample_mean: pd.Series | Sequence[float] | None = None,
    estimator: Literal["ML"] = "ML",
    likelihood: Literal["normal", "wishart"] = "normal",
    mimic: Literal["amos"] | None = None,
    information: Literal["expected", "observed"] = "expected",
    std_lv: bool = False,
    orthogonal: bool = False,
    meanstructure: bool = False,
    fixed_x: bool = True,
    effect_coding: bool | str = False,
    growth: bool = False,
    bounds: Literal["none", "pos.var"] = "none",
    sample_cov_rescale: bool | None = None,
) -> Fit:
    """Fit a structural equation model by maximum likelihood.

    Parameters
    ----------
    model : str or ModelSpec
        lavaan model syntax.
    data : DataFrame, optional
        Rows with a missing value in a variable of the model are left out, counted and listed in
        ``fit.moments``.
    sample_cov, n_obs, sample_mean : optional
        Instead of ``data``: a covariance matrix (divisor N - 1), its N, and means.
    estimator : {"ML"}
        Maximum likelihood, the one of this version.
    likelihood : {"normal", "wishart"}
        Moments with divisor N and chi2 = N F, or divisor N - 1 and chi2 = (N - 1) F.
    mimic : {"amos"}, optional
        AMOS: moments with divisor N, chi2 = (N - 1) F, standard errors with N - 1.
    information : {"expected", "observed"}
        Which information matrix gives the standard errors.
    std_lv, orthogonal, meanstructure, fixed_x, effect_coding, growth
        As in ``model_spec``.
    bounds : {"none", "pos.var"}
        ``pos.var`` keeps variances at or above 0; by default they are unbounded.
    sample_cov_rescale : bool, optional
        Multiply a given covariance matrix by (N - 1)/N; by default for the normal likelihood only.

    Returns
    -------
    Fit

    Raises
    ------
    UsageError, DataError, ModelError
        See ``moments`` and ``spec``; a model that is not identified names the parameters concerned.
    ConvergenceError
        No start gives a positive definite implied matrix, so that there is not even a point to report.

    Notes
    -----
    F = log|Sigma| + tr(S Sigma^-1) - log|S| - p (Joreskog, 1969), plus the mean part when intercepts are
    estimated.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> cov = pd.DataFrame([[1.0, .5, .4], [.5, 1.0, .3], [.4, .3, 1.0]], *[list("abc")] * 2)
    >>> result = fit("f =~ a + b + c", sample_cov=cov, n_obs=100)
    >>> result.df, round(result.chisq, 6)
    (0, 0.0)

    """
    _check_choices(
        estimator=estimator, likelihood=likelihood, mimic=mimic, information=information, bounds=bounds
    )
    spec = model_spec(
        model,
        std_lv=std_lv,
        orthogonal=orthogonal,
        meanstructure=meanstructure,
        fixed_x=fixed_x,
        effect_coding=effect_coding,
        growth=growth,
    )
    if (data is None) == (sample_cov is None):
        raise UsageError("give either data (a DataFrame) or sample_cov with n_obs, and not both")
    given = data if data is not None else sample_cov
    clashes = _name_clashes(spec, given.columns if isinstance(given, pd.DataFrame) else ())
    if data is not None:
        moments = moments_from_data(data, spec.observed)
    else:
        moments = moments_from_covariance(
            sample_cov if sample_cov is not None else np.empty((0, 0)),
            n_obs,
            spec.observed,
            sample_mean=sample_mean,
            divisor_n=sample_cov_rescale is False and likelihood == "normal",
        )
    moments = replace(moments, notes=(*clashes, *moments.notes))
    return fit_moments(
        spec, moments, likelihood=likelihood, mimic=mimic, information=information, bounds=bounds
    )


def _name_clashes(spec: ModelSpec, columns: Iterable[object]) -> tuple[str, ...]:
    """Return notes on factors called like a column; refuse them where the text may have meant the column."""
    shared = [f for f in spec.latent if f in set(columns)]
    items = {p.rhs for p in spec if p.op == "=~" and p.rhs != p.lhs}
    if doubtful := [f for f in shared if f in items]:
        raise ModelError(
            f"the model uses {', '.join(map(repr, doubtful))} both as an indicator and as a factor, and the "
            "data have a column of that name; rename the factor or the column"
        )
    return tuple(f"{f!r} is a factor here; the column of that name in the data is not used" for f in shared)


def _check_choices(**given: str | None) -> None:
    allowed = {
        "estimator": ("ML",),
        "likelihood": ("normal", "wishart"),
        "mimic": ("amos", None),
        "information": ("expected", "observed"),
        "bounds": ("none", "pos.var"),
    }
    for name, value in given.items():
        if value not in allowed[name]:
            raise UsageError(f"{name} is {value!r}; choose one of {', '.join(map(repr, allowed[name]))}")


def fit_moments(
    spec: ModelSpec,
    moments: Moments,
    *,
    likelihood: str = "normal",
    mimic: str | None = None,
    information: str = "expected",
    bounds: str = "none",
) -> Fit:
    """Fit a parameter table to moments; the step behind ``fit`` for callers that already hold both.

    Raises
    ------
    UsageError, ModelError, ConvergenceError
        As in ``fit``.

    """
    _check_choices(likelihood=likelihood, mimic=mimic, information=information, bounds=bounds)
    wishart = likelihood == "wishart"
    if wishart and spec.meanstructure:
        raise UsageError("likelihood='wishart' is for covariances only; use 'normal' with intercepts")
    scaled = _rescaled(moments, moments.n / (moments.n - 1)) if wishart else moments
    multiplier = moments.n - 1 if wishart or mimic == "amos" else moments.n
    model = scale_model(spec, scaled, bound_variances=bounds == "pos.var")
    npar, df = _count(spec, model)
    target = model.scaled_moments(scaled.covariance[None], None if scaled.mean is None else scaled.mean[None])
    with threadpool_limits(limits=1, user_api="blas"):
        check_identified(spec, model, [start_values(spec, model, scaled, s) for s in (2, 3)])
        best, strategy = search(spec, model, scaled, target)
        if not np.isfinite(best.minimum[0]):
            raise ConvergenceError(
                "no start gives a positive definite implied covariance matrix, so nothing can be estimated; "
                "check fixed values, start() values and paths that form a loop"
            )
        certificate, hessian = certify(spec, model, best.theta[0], target, multiplier, information)
    covariance, mean = model.implied_moments(implied(model.layout, best.theta))
    improper = improper_parameters(spec, model, best.theta[0])
    status = _status(best, certificate, improper)
    tried = strategy if status.converged else 0
    return Fit(
        spec=spec,
        moments=moments,
        sample_cov=_read_only(scaled.covariance),
        model=model,
        kernel_theta=_read_only(best.theta[0]),
        rows=_read_only(model.rows(best.theta)[0]),
        kernel_vcov=_read_only(_vcov(model, best.theta[0], hessian, multiplier)),
        sigma=_read_only(covariance[0]),
        mu=None if mean is None else _read_only(mean[0]),
        minimum=0.0 if abs(best.minimum[0]) < ROUNDING else float(best.minimum[0]),
        multiplier=multiplier,
        npar=npar,
        df=df,
        status=status,
        improper=improper,
        certificate=certificate,
        notes=fit_notes(spec, model, moments, best.theta[0], improper, tried, mimic),
        likelihood=likelihood,
        information=information,
        mimic=mimic,
        variance_policy="bounded at 0" if bounds == "pos.var" else "unbounded",
        iterations=int(best.iterations[0]),
        strategy=strategy,
    )


def _read_only(array: Array) -> Array:
    array = np.array(array)
    array.setflags(write=False)
    return array


def _rescaled(moments: Moments, scale: float) -> Moments:
    return replace(moments, covariance=_read_only(moments.covariance * scale))


def _count(spec: ModelSpec, model: ScaledModel) -> tuple[int, int]:
    """Return npar and df; the moments of fixed exogenous variables are neither data nor parameters."""
    p, x = len(spec.observed), len({q.lhs for q in spec if q.exo})
    moments = p * (p + 1) // 2 - x * (x + 1) // 2 + (p - x if spec.meanstructure else 0)
    npar = int((~model.nuisance).sum())
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


def _vcov(model: ScaledModel, theta: Array, hessian: Array, multiplier: int) -> Array:
    """Return the covariance matrix of the kernel parameters, the inverse of multiplier/2 times the Hessian.

    A parameter held on a bound is a constant; one that moves in the null space has no standard error (NaN),
    the others keep theirs.
    """
    lower, upper = model.bounds
    keep = ~model.nuisance & (theta > lower) & (theta < upper)
    scale = unit_scale(hessian)
    values, vectors = np.linalg.eigh((hessian * np.outer(scale, scale))[np.ix_(keep, keep)])
    kept = values > RANK_TOLERANCE * max(values.max(initial=0.0), 1.0)
    empty = np.abs(vectors[:, ~kept]).max(axis=1, initial=0.0) > 1e-6
    inverse = (2.0 / multiplier) * (vectors[:, kept] / values[kept]) @ vectors[:, kept].T
    inverse[empty, :] = inverse[:, empty] = np.nan
    full = np.zeros_like(hessian)
    full[np.ix_(keep, keep)] = inverse * np.outer(scale[keep], scale[keep])
    return full
