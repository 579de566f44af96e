"""From a model and data to a frozen Fit with its certificate.

The discrepancy is minimised on the correlation metric (see ``scaling``) without bounds on variances; a
negative variance is a note on the fit, never clipped and never silent.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sopsem.errors import ModelError, UsageError
from sopsem.sem.estimation import estimators
from sopsem.sem.estimation.fitted import Fit, Status
from sopsem.sem.estimation.problem import make_problem
from sopsem.sem.estimation.reading import moments_of_group, ordered_answers
from sopsem.sem.estimation.sample import Matrices, group_rows, moments_of_matrices, moments_of_rows
from sopsem.sem.estimation.search import STRATEGIES
from sopsem.sem.estimation.settings import Settings, resolve_settings
from sopsem.sem.estimation.solve import solve
from sopsem.sem.model.correlates import with_correlates
from sopsem.sem.model.spec import ModelSpec, model_spec
from sopsem.sem.sample.moments import Moments

__all__ = ["STRATEGIES", "Fit", "Status", "estimators", "fit", "fit_moments"]

Array = NDArray[np.float64]
Matrix: TypeAlias = pd.DataFrame | Array


def fit(
    model: str | ModelSpec,
    data: pd.DataFrame | None = None,
    *,
    sample_cov: Matrix | Sequence[Matrix] | Mapping[str, Matrix] | None = None,
    n_obs: int | Sequence[int] | None = None,
    sample_mean: pd.Series | Sequence[float] | Sequence[pd.Series] | None = None,
    group: str | None = None,
    group_label: Sequence[str] | None = None,
    group_equal: str | Sequence[str] = (),
    group_partial: str | Sequence[str] = (),
    ordered: bool | Sequence[str] = False,
    parameterization: str = "delta",
    estimator: str | None = None,
    se: str | None = None,
    test: str | None = None,
    missing: str | None = None,
    auxiliary: str | Sequence[str] = (),
    cluster: str | None = None,
    likelihood: str = "normal",
    mimic: str | None = None,
    information: str | None = None,
    h1_information: str | None = None,
    std_lv: bool = False,
    orthogonal: bool = False,
    meanstructure: bool | None = None,
    fixed_x: bool | None = None,
    effect_coding: bool | str | Sequence[str] = False,
    growth: bool = False,
    auto_fix_first: bool = True,
    bounds: str = "none",
    max_iterations: int = 200,
    sample_cov_rescale: bool | None = None,
) -> Fit:
    """Fit a structural equation model.

    Parameters
    ----------
    model : str or ModelSpec
        lavaan model syntax.
    data : DataFrame, optional
        Rows with a missing value in a variable of the model are left out, counted and listed in
        ``fit.moments``, unless ``missing`` says otherwise.
    sample_cov, n_obs, sample_mean : optional
        Instead of ``data``: a covariance matrix (divisor N - 1), its N, and means; of several groups lists, or
        a mapping of group label to matrix.
    group : str, optional
        The column that says which group a row belongs to.  Groups are fitted together.
    group_label : sequence of str, optional
        The groups to use, in this order; by default all, in the order of first appearance.
    group_equal, group_partial : str or sequence of str
        Kinds of parameters that are the same in all groups ("loadings", "intercepts", "residuals", ...), and
        parameters that are exceptions ("x3~1").
    ordered : bool or sequence of str
        Observed variables whose values are ordered answers, not numbers (True: all that are not exogenous).
        They are fitted through thresholds and polychoric correlations.
    parameterization : {"delta", "theta"}
        Whether the scales or the residual variances of latent responses are parameters.
    estimator : str, optional
        "ML" (the default; "WLSMV" with ordered variables), "GLS", "ULS", "WLS", "DWLS", or a shorthand that
        also chooses standard errors and test: "MLM", "MLMV", "MLMVS", "MLR", "MLF", "ULSMV", "WLSM", "WLSMV", ...
    se, test : str, optional
        Standard errors ("standard", "robust_sem", "robust_huber_white", "first_order", "none") and the test
        beside the standard one ("satorra_bentler", "yuan_bentler_mplus", "scaled_shifted", ...).
    missing : {"listwise", "ml", "ml_x", "two_stage", "robust_two_stage", "pairwise"}
        What becomes of rows with missing values: left out; full information maximum likelihood ("fiml"; with
        "ml_x" also of rows without an exogenous variable, which are then random); saturated moments first, with
        standard errors that know it; for ordered variables, all rows that a pair of them has.
    auxiliary : str or sequence of str
        Columns outside the model that help to recover what is missing: in the saturated moments of the two-stage
        methods; with full information as saturated correlates (Graham, 2003), with exogenous variables random.
    cluster : str, optional
        The column that says which cluster a row belongs to (firm, class, ...).  Standard errors and the test
        then allow for rows of one cluster to be alike: "robust_cluster" and "yuan_bentler_mplus".
    likelihood : {"normal", "wishart"}
        Moments with divisor N and chi2 = N F, or divisor N - 1 and chi2 = (N - 1) F.
    mimic : {"amos", "mplus"}, optional
        AMOS: moments with divisor N, chi2 = (N - 1) F, standard errors with N - 1.
    information : {"expected", "observed", "first_order"}, optional
        Which information matrix gives the standard errors.
    h1_information : {"structured", "unstructured"}, optional
        At which moments robust methods take the information of the saturated model.
    meanstructure : bool, optional
        Estimate intercepts; by default with several groups of rows, with clusters and with ``mimic="mplus"``.
        Missing values that are modelled always need them, and means that are given are always fitted.
    fixed_x : bool, optional
        Treat exogenous observed variables as given; by default with maximum likelihood and with ordered variables.
        Least squares of continuous variables fit their moments like all others.
    std_lv, orthogonal, effect_coding, growth, auto_fix_first
        As in ``model_spec``.
    bounds : {"none", "pos.var", "pos.ov.var", "pos.lv.var", "standard", "wide"}
        Keep all variances, those of observed variables or those of factors at or above 0; or keep variances,
        loadings and covariances in ranges that the sample variances allow (see ``bounds``).  By default
        nothing is bounded.
    max_iterations : int
        Of every start.
    sample_cov_rescale : bool, optional
        Multiply a given covariance matrix by (N - 1)/N; for the normal likelihood only, where it is the default.

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
    if (data is None) == (sample_cov is None):
        raise UsageError("give either data (a DataFrame) or sample_cov with n_obs, and not both")
    if cluster is not None and data is None:
        raise UsageError("cluster is a column of data; give the rows instead of sample_cov")
    rows = None if data is None else group_rows(data, group, group_label)
    matrices = None if sample_cov is None else Matrices.of(sample_cov, n_obs, sample_mean, group_label)
    labels = tuple(rows) if rows is not None else matrices.labels  # type: ignore[union-attr]
    plain = model_spec(model, groups=labels) if isinstance(model, str) else model
    answers = ordered_answers(plain, data, ordered)
    settings = resolve_settings(
        ordered=bool(answers),
        estimator=estimator,
        se=se,
        test=test,
        information=information,
        h1_information=h1_information,
        likelihood=likelihood,
        mimic=mimic,
        missing=missing,
        bounds=bounds,
        max_iterations=max_iterations,
        clustered=cluster is not None,
    )
    extra = (auxiliary,) if isinstance(auxiliary, str) else tuple(auxiliary)
    correlates = extra if settings.incomplete and not answers else ()
    given = _given(fixed_x, settings, ordered=bool(answers), correlates=correlates)
    spec = model_spec(
        model,
        std_lv=std_lv,
        orthogonal=orthogonal,
        meanstructure=_with_means(
            meanstructure,
            settings,
            given=sample_mean is not None,
            groups=len(labels) > 1 and matrices is None,
            clustered=cluster is not None,
        ),
        fixed_x=given,
        effect_coding=effect_coding,
        growth=growth,
        groups=labels,
        group_equal=group_equal,
        group_partial=group_partial,
        ordered={v: len(a) - 1 for v, a in answers.items()},
        parameterization=parameterization,
        conditional_x=bool(answers) and given and bool(plain.exogenous),
        auto_fix_first=auto_fix_first,
    )
    spec = with_correlates(spec, correlates) if correlates else spec
    if data is not None and rows is not None:
        clashes = _name_clashes(spec, data.columns)
        read = partial(moments_of_group, spec=spec, settings=settings, auxiliary=extra, answers=answers)
        moments = moments_of_rows(data, rows, read, cluster=cluster)
    elif matrices is not None:
        clashes = _name_clashes(spec, getattr(matrices.covariances[0], "columns", ()))
        unscaled = _taken_as_it_is(sample_cov_rescale, settings)
        moments = moments_of_matrices(matrices, spec.observed, divisor_n=unscaled)
    moments = (replace(moments[0], notes=(*clashes, *moments[0].notes)), *moments[1:])
    return _solved(spec, moments, settings)


def _with_means(
    asked: bool | None, settings: Settings, *, given: bool, groups: bool, clustered: bool
) -> bool:
    """Say whether intercepts are estimated: by lavaan's rules, where it was not asked for or cannot be otherwise."""
    if given or settings.incomplete or settings.two_stage:
        return True
    return groups or clustered or settings.mimic == "mplus" if asked is None else asked


def _given(asked: bool | None, settings: Settings, *, ordered: bool, correlates: tuple[str, ...]) -> bool:
    """Say whether exogenous variables are given; what covaries with an auxiliary variable cannot be."""
    if asked and correlates:
        raise UsageError(
            "auxiliary variables with full information covary with the exogenous variables, which are then "
            "random: leave fixed_x out"
        )
    return (settings.estimator == "ML" or ordered) and not correlates if asked is None else asked


def _taken_as_it_is(rescale: bool | None, settings: Settings) -> bool:
    """Say whether the normal likelihood keeps a given matrix; the others always do: their divisor is N - 1."""
    normal = settings.likelihood == "normal" and settings.estimator == "ML"
    if rescale and not normal:
        raise UsageError(
            f"sample_cov_rescale=True is for the normal likelihood, which divides by N; estimator "
            f"{settings.estimator!r} with likelihood {settings.likelihood!r} takes a matrix as it is given: "
            "leave the option out, or multiply the matrix by (N - 1)/N"
        )
    return normal and rescale is False


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


def fit_moments(
    spec: ModelSpec,
    moments: Moments | tuple[Moments, ...],
    *,
    likelihood: str = "normal",
    mimic: str | None = None,
    information: str | None = None,
    bounds: str = "none",
    settings: Settings | None = None,
) -> Fit:
    """Fit a parameter table to moments; the step behind ``fit`` for callers that already hold both.

    Parameters
    ----------
    settings : Settings, optional
        All choices at once, instead of the single ones.

    Raises
    ------
    UsageError, ModelError, ConvergenceError
        As in ``fit``.

    """
    chosen = settings or resolve_settings(
        likelihood=likelihood, mimic=mimic, information=information, bounds=bounds
    )
    return _solved(spec, moments if isinstance(moments, tuple) else (moments,), chosen)


def _solved(spec: ModelSpec, moments: tuple[Moments, ...], settings: Settings) -> Fit:
    return solve(make_problem(spec, moments, settings), moments)
