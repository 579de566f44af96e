"""Estimates as tidy frames with lavaan's vocabulary."""

from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sopsem.errors import UsageError
from sopsem.sem.distributions import norm_ppf, norm_sf
from sopsem.sem.estimation.fit import Fit
from sopsem.sem.estimation.standardize import standardized_jacobian, standardized_rows
from sopsem.sem.model.definitions import defined_values

__all__ = ["all_standardized_rows", "estimates", "r_squared", "standardized"]

Array = NDArray[np.float64]


def _wald(values: Array, variances: Array, level: float) -> dict[str, Array]:
    """Return est, se, z, pvalue and limits; NaN where a standard error does not exist or is 0."""
    if not 0.0 < level < 1.0:
        raise UsageError(f"level is {level}; give a number between 0 and 1, e.g. 0.95")
    se = np.sqrt(np.where(variances >= 0.0, variances, np.nan))
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.where(se > 0.0, values / se, np.nan)
    half = norm_ppf(0.5 + level / 2.0) * se
    return {
        "est": values,
        "se": se,
        "z": z,
        "pvalue": 2.0 * norm_sf(np.abs(z)),
        "ci_lower": values - half,
        "ci_upper": values + half,
    }


def _identity_columns(fit: Fit, *, labels: bool = True) -> pd.DataFrame:
    rows: list[tuple[str, str, str, int, str]] = [(p.lhs, p.op, p.rhs, p.group, p.label) for p in fit.spec]
    rows += [(d.lhs, d.op, d.rhs, 0, d.lhs) for d in fit.spec.definitions]
    frame = pd.DataFrame(rows, columns=["lhs", "op", "rhs", "group", "label"])
    return frame if labels else frame.drop(columns="label")


def _with_definitions(fit: Fit, rows: Array, jacobian: Array, vcov: Array) -> tuple[Array, Array]:
    """Append ``:=`` values to rows (n,) and return all values with their variances J V J'."""
    defined, slopes = defined_values(fit.spec, rows[None], jacobian)
    values = np.concatenate([rows, defined[0]])
    full = np.concatenate([jacobian, slopes[0]])
    used = np.abs(full) > 0.0
    lost = used @ np.isnan(np.diag(vcov))
    variances = np.einsum("ij,jk,ik->i", full, np.nan_to_num(vcov), full)
    return values, np.where(lost, np.nan, np.maximum(variances, 0.0))


def estimates(fit: Fit, *, level: float = 0.95) -> pd.DataFrame:
    """Return every parameter with standard error, z, p, interval and both standardized values.

    Parameters
    ----------
    fit : Fit
    level : float
        Confidence level of the Wald interval.

    Returns
    -------
    DataFrame
        Columns lhs op rhs group label est se z pvalue ci_lower ci_upper std_lv std_all, one row per row of
        the parameter table and per ``:=``.  A fixed parameter has se 0 and z, p NaN; a parameter without
        information has se NaN.

    Examples
    --------
    >>> from sopsem.sem.estimation.fit import fit
    >>> cov = pd.DataFrame([[1.0, .5, .4], [.5, 1.0, .3], [.4, .3, 1.0]], *[list("abc")] * 2)
    >>> table = estimates(fit("f =~ a + b + c", sample_cov=cov, n_obs=100))
    >>> table.loc[table.op.eq("=~"), "std_all"].round(3).tolist()
    [0.816, 0.612, 0.49]

    """
    values, variances = _with_definitions(fit, fit.rows, np.eye(len(fit.rows)), fit.vcov_rows)
    frame = pd.concat([_identity_columns(fit), pd.DataFrame(_wald(values, variances, level))], axis=1)
    for column, latent_only in (("std_lv", True), ("std_all", False)):
        rows = all_standardized_rows(fit, latent_only=latent_only)
        defined, _ = defined_values(fit.spec, rows[None], np.zeros((len(rows), 1)))
        frame[column] = np.concatenate([rows, defined[0]])
    return frame


def standardized(
    fit: Fit, *, kind: Literal["std_all", "std_lv"] = "std_all", level: float = 0.95
) -> pd.DataFrame:
    """Return the standardized solution with delta-method standard errors.

    Parameters
    ----------
    kind : {"std_all", "std_lv"}
        Standardize all variables, or factors only.

    Returns
    -------
    DataFrame
        Columns lhs op rhs group label est_std se z pvalue ci_lower ci_upper.

    Notes
    -----
    Var(g(theta)) = J V J' with J = dg/dtheta (delta method); standard deviations are model-implied and count
    as functions of the parameters.

    """
    if kind not in ("std_all", "std_lv"):
        raise UsageError(f"kind is {kind!r}; choose 'std_all' or 'std_lv'")
    latent_only = kind == "std_lv"
    rows = all_standardized_rows(fit, latent_only=latent_only)
    jacobian = _all_slopes(fit, latent_only=latent_only)
    values, variances = _with_definitions(fit, rows, jacobian, fit.kernel_vcov)
    frame = pd.concat([_identity_columns(fit), pd.DataFrame(_wald(values, variances, level))], axis=1)
    return frame.rename(columns={"est": "est_std"})


def all_standardized_rows(fit: Fit, *, latent_only: bool = False) -> Array:
    """Return the standardized value of every table row, (n_rows,), of all groups."""
    rows = np.empty(len(fit.spec.parameters))
    for number, group in enumerate(fit.groups, start=1):
        own = standardized_rows(group.spec, group.model, fit.kernel_theta[None], latent_only=latent_only)
        rows[list(fit.spec.rows_of(number))] = own[0]
    return rows


def _all_slopes(fit: Fit, *, latent_only: bool) -> Array:
    """Return d standardized rows / d kernel parameters, (n_rows, k), of all groups."""
    slopes = np.empty((len(fit.spec.parameters), len(fit.kernel_theta)))
    for number, group in enumerate(fit.groups, start=1):
        own = standardized_jacobian(group.spec, group.model, fit.kernel_theta, latent_only=latent_only)
        slopes[list(fit.spec.rows_of(number))] = own
    return slopes


def r_squared(fit: Fit) -> pd.Series | pd.DataFrame:
    """Return R2 of every indicator and outcome: 1 - residual variance / total variance.

    An improper solution gives a value above 1, as it should be seen.

    Returns
    -------
    Series
        By variable; of several groups a DataFrame with a column for each group.

    """
    if fit.n_groups > 1:
        return pd.DataFrame(
            {label: r_squared(one) for label, one in zip(fit.spec.groups, fit.by_group, strict=True)}
        )
    rows = all_standardized_rows(fit)
    explained = {p.rhs for p in fit.spec if p.op == "=~" and p.rhs != p.lhs} | {
        p.lhs for p in fit.spec if p.op == "~"
    }
    values = {
        p.lhs: 1.0 - value
        for p, value in zip(fit.spec, rows, strict=True)
        if p.op == "~~" and p.lhs == p.rhs and p.lhs in explained
    }
    return pd.Series(values, name="r2", dtype=float)
