"""A fitted model as an Mplus input file and its data."""

from collections.abc import Mapping
from textwrap import wrap

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sopsem.errors import DataError, UsageError
from sopsem.sem.estimation.fit import Fit
from sopsem.sem.export.mplus_model import LINE, mplus_model, untranslated
from sopsem.sem.export.names import mplus_names
from sopsem.sem.sample.data_values import numeric_values

__all__ = ["to_mplus"]

Array = NDArray[np.float64]
_ESTIMATORS = ("ML", "MLM", "MLMV", "MLR", "MLF", "GLS", "WLS", "WLSM", "WLSMV", "ULS", "ULSMV")
_NEAREST = {"MLMVS": "MLMV", "DWLS": "WLSMV", "WLSMVS": "WLSMV", "ULSM": "ULSMV", "ULSMVS": "ULSMV"}
_GROUP, _CLUSTER = "group_", "cluster_"


def to_mplus(
    fit: Fit,
    data_file: str = "data.dat",
    *,
    data: pd.DataFrame | None = None,
    group: str | None = None,
    cluster: str | None = None,
    missing_code: float = -999.0,
) -> tuple[str, str]:
    """Return an Mplus input and the text of its data file for a fitted model.

    Parameters
    ----------
    fit : Fit
    data_file : str
        The name under which the data will be saved beside the input.
    data : DataFrame, optional
        The rows; needed where the fit does not keep them, which is so with ordered variables.
    group, cluster : str, optional
        The columns of ``data`` with the groups and the clusters.
    missing_code : float
        What stands for a missing value in the file; no value of the data may equal it.

    Returns
    -------
    tuple of str
        The input, and the content of ``data_file``: free format, variables in the order of NAMES; a model fitted to
        covariance matrices has these (divisor N - 1), with means where they were given.

    Raises
    ------
    UsageError
        Rows that the fit does not keep and ``data`` does not give; groups without their column.
    DataError
        The missing code is a value of the data.

    Notes
    -----
    Names are cut to eight characters; comments list which became which.  Every parameter is written with ``@`` or
    ``*``, so that no default of Mplus acts.  What Mplus cannot do is said in comments.

    Examples
    --------
    >>> from sopsem.sem.estimation.fit import fit as fit_model
    >>> cov = pd.DataFrame([[1.0, .5, .4], [.5, 1.0, .3], [.4, .3, 1.0]], *[list("abc")] * 2)
    >>> script, text = to_mplus(fit_model("f =~ a + b + c", sample_cov=cov, n_obs=100))
    >>> "f BY b*;" in script, len(text.splitlines())
    (True, 3)

    """
    spec = fit.spec
    special = [_GROUP] * (fit.n_groups > 1) + [_CLUSTER] * _clustered(fit)
    names = mplus_names([*spec.observed, *spec.latent, *special])
    matrices = not spec.ordered and any(m.data is None for m in fit.data_moments)
    rows = None if matrices else _table(fit, data, group, cluster)
    content = _matrix_text(fit) if rows is None else _rows_text(rows, missing_code)
    lines = ["TITLE: written by sopsem: the same model in Mplus", *_comments(fit, names)]
    lines += ["DATA:", *_statement(f"FILE IS {data_file}")]
    lines += _matrix_data(fit) if matrices else []
    lines += [
        "VARIABLE:",
        *_statement(f"NAMES ARE {_listed([*spec.observed, *special], names, matrices=matrices)}"),
    ]
    if not matrices:
        lines += _variable(fit, names, missing_code)
    lines += ["ANALYSIS:", *_analysis(fit)]
    lines += mplus_model(spec, names)
    lines += ["OUTPUT: SAMPSTAT STDYX CINTERVAL TECH1;"]
    return "\n".join(lines) + "\n", content


def _clustered(fit: Fit) -> bool:
    return any(m.clusters is not None for m in fit.data_moments)


def _listed(variables: list[str], names: Mapping[str, str], *, matrices: bool) -> str:
    return " ".join(names[v] for v in variables if not (matrices and v in (_GROUP, _CLUSTER)))


def _statement(text: str) -> list[str]:
    return wrap(f"{text};", LINE, initial_indent="  ", subsequent_indent="    ", break_long_words=False)


def _comments(fit: Fit, names: Mapping[str, str]) -> list[str]:
    """Return the comments: renamed variables, groups, and what Mplus does otherwise."""
    s, said = fit.settings, []
    changed = [f"{new} = {old}" for old, new in names.items() if old != new and old not in (_GROUP, _CLUSTER)]
    if changed:
        said.append(f"Names: {', '.join(changed)}.")
    if fit.n_groups > 1:
        said.append(
            "Groups: " + ", ".join(f"g{g} = {t}" for g, t in enumerate(fit.spec.groups, start=1)) + "."
        )
    said += untranslated(fit.spec)
    if s.mimic == "amos":
        said.append("AMOS reports chi2 = (N - G) F and Mplus N F, with G groups: multiply chi2 by (N - G)/N.")
    if s.likelihood == "wishart":
        said.append("The model was fitted with divisor N - 1 (Wishart); Mplus divides by N.")
    if s.two_stage:
        said.append("Two-stage estimation is not in Mplus; this input uses all rows by maximum likelihood.")
    if s.missing == "listwise":
        said.append("Incomplete rows were left out; the data hold the rows that are complete.")
    if s.asked in _NEAREST:
        said.append(f"Mplus has no {s.asked}; {_NEAREST[s.asked]} is the nearest.")
    lines = [
        line for text in said for line in wrap(text, LINE, initial_indent="! ", subsequent_indent="!   ")
    ]
    return [line.encode("ascii", "replace").decode() for line in lines]


def _table(fit: Fit, data: pd.DataFrame | None, group: str | None, cluster: str | None) -> Array:
    """Return the rows used with the numbers of groups and clusters behind them."""
    if data is None:
        return _own_rows(fit)
    for what, column, needed in (("group", group, fit.n_groups > 1), ("cluster", cluster, _clustered(fit))):
        if needed and (column is None or column not in data.columns):
            raise UsageError(f"{what} is {column!r}; name the column of data that the model was fitted with")
    parts = [numeric_values(data, fit.spec.observed)]
    if fit.n_groups > 1 and group is not None:
        numbers = {label: g for g, label in enumerate(fit.spec.groups, start=1)}
        parts.append(data[group].astype(str).map(numbers).to_numpy(dtype=float)[:, None])
    if _clustered(fit) and cluster is not None:
        parts.append(pd.factorize(data[cluster])[0].astype(float)[:, None] + 1.0)
    rows = np.hstack(parts)
    kept = np.isfinite(rows[:, len(fit.spec.observed) :]).all(
        axis=1
    )  # rows of groups that were not fitted go
    if fit.settings.missing == "listwise":
        kept &= np.isfinite(rows).all(axis=1)
    return np.asarray(rows[kept])


def _own_rows(fit: Fit) -> Array:
    """Return the rows that the fit keeps."""
    parts = []
    for g, m in enumerate(fit.data_moments, start=1):
        if m.data is None:
            raise UsageError("a fit with ordered variables does not keep its rows; give them with data")
        order = [m.names.index(v) for v in fit.spec.observed]
        columns: list[Array] = [np.asarray(m.data[:, order])]
        columns += [np.full((len(m.data), 1), g, dtype=np.float64)] if fit.n_groups > 1 else []
        columns += [np.asarray(m.clusters[:, None] + 1.0, dtype=np.float64)] if m.clusters is not None else []
        parts.append(np.hstack(columns))
    return np.vstack(parts)


def _rows_text(rows: Array, missing_code: float) -> str:
    if (rows == missing_code).any():
        raise DataError(f"{missing_code:g} is a value of the data; choose another missing_code")
    filled = np.where(np.isfinite(rows), rows, missing_code)
    return "".join(" ".join(f"{v:.15g}" for v in row) + "\n" for row in filled)


def _matrix_text(fit: Fit) -> str:
    """Return means and the lower triangle of the covariance matrix of every group."""
    lines = []
    means = fit.spec.meanstructure and all(m.mean is not None for m in fit.data_moments)
    for m in fit.data_moments:
        order = [m.names.index(v) for v in fit.spec.observed]
        matrix = m.covariance[np.ix_(order, order)] * (m.n / (m.n - 1.0))
        if means and m.mean is not None:
            lines.append(" ".join(f"{v:.15g}" for v in m.mean[order]))
        lines += [" ".join(f"{v:.15g}" for v in matrix[i, : i + 1]) for i in range(len(order))]
    return "\n".join(lines) + "\n"


def _matrix_data(fit: Fit) -> list[str]:
    means = fit.spec.meanstructure and all(m.mean is not None for m in fit.data_moments)
    lines = _statement(f"TYPE IS {'MEANS ' if means else ''}COVARIANCE")
    lines += _statement(f"NOBSERVATIONS ARE {' '.join(str(m.n) for m in fit.data_moments)}")
    return lines + (_statement(f"NGROUPS = {fit.n_groups}") if fit.n_groups > 1 else [])


def _variable(fit: Fit, names: Mapping[str, str], missing_code: float) -> list[str]:
    lines = _statement(f"USEVARIABLES ARE {' '.join(names[v] for v in fit.spec.observed)}")
    if fit.spec.ordered:
        lines += _statement(f"CATEGORICAL ARE {' '.join(names[v] for v in fit.spec.ordered)}")
    if fit.n_groups > 1:
        values = " ".join(f"{g} = g{g}" for g in range(1, fit.n_groups + 1))
        lines += _statement(f"GROUPING IS {names[_GROUP]} ({values})")
    if _clustered(fit):
        lines += _statement(f"CLUSTER IS {names[_CLUSTER]}")
    return lines + _statement(f"MISSING ARE ALL ({missing_code:g})")


def _analysis(fit: Fit) -> list[str]:
    s = fit.settings
    estimator = _NEAREST.get(s.asked, s.asked if s.asked in _ESTIMATORS else s.estimator)
    if _clustered(fit):
        estimator = "MLR"
    lines = _statement("TYPE IS COMPLEX") if _clustered(fit) else []
    lines += _statement(f"ESTIMATOR IS {estimator}")
    if fit.spec.ordered and fit.spec.parameterization == "theta":
        lines += _statement("PARAMETERIZATION IS THETA")
    if estimator == "ML" and s.information in ("expected", "observed"):
        lines += _statement(f"INFORMATION IS {s.information.upper()}")
    if not fit.spec.meanstructure and not fit.spec.ordered:
        lines += _statement("MODEL IS NOMEANSTRUCTURE")
    return lines
