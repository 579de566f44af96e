"""How many factors?  Parallel analysis in four versions, and the minimum average partial.

References
----------
Horn, J. L. (1965). A rationale and test for the number of factors in factor analysis. Psychometrika, 30.
Glorfeld, L. W. (1995). An improvement on Horn's parallel analysis methodology. Educational and Psychological
Measurement, 55.  (95th percentile)
Buja, A., & Eyuboglu, N. (1992). Remarks on parallel analysis. Multivariate Behavioral Research, 27.  (permutation)
Velicer, W. F. (1976). Determining the number of components from the matrix of partial correlations. Psychometrika, 41.
Velicer, W. F., Eaton, C. A., & Fava, J. L. (2000). Construct explication through factor or component analysis.
In Goffin & Helmes (Eds.), Problems and solutions in human assessment. Kluwer.  (fourth powers)

"""

from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sopsem.errors import UsageError
from sopsem.sem.constructs.method_variance import eigenvalues, retained
from sopsem.sem.constructs.solution import correlations
from sopsem.sem.exploratory.complete_rows import complete_rows
from sopsem.sem.resampling.resampling import check_seed, normal_rows

__all__ = ["chance_eigenvalues", "minimum_average_partial", "number_of_factors"]

Array = NDArray[np.float64]
Kind = Literal["normal", "permutation"]
_VERSIONS: tuple[tuple[bool, Kind], ...] = (
    (False, "normal"),
    (False, "permutation"),
    (True, "normal"),
    (True, "permutation"),
)
_SHUFFLES = 7  # the stream of random bits that permutations use


def chance_eigenvalues(
    data: Array, *, kind: Kind = "normal", reduced: bool = False, draws: int = 200, seed: int = 1
) -> Array:
    """Return the eigenvalues of data sets without correlation, (draws, p), largest first.

    Parameters
    ----------
    data : (n, p) array
        Complete rows.
    kind : {"normal", "permutation"}
        Independent normal numbers, or every column shuffled by itself, which keeps its distribution.
    reduced : bool
        Of the matrix with squared multiple correlations on the diagonal (common factors), not of components.
    draws, seed : int
        Data set b depends on (seed, b) only.

    Raises
    ------
    UsageError
        Another kind, or less than one draw.

    Examples
    --------
    >>> found = chance_eigenvalues(np.arange(60.0).reshape(20, 3), kind="permutation", draws=5)
    >>> found.shape, bool(np.allclose(found.sum(axis=1), 3.0))
    ((5, 3), True)

    """
    if kind not in ("normal", "permutation") or draws < 1:
        raise UsageError(
            f"kind is {kind!r} and draws {draws}; choose 'normal' or 'permutation', and at least 1 draw"
        )
    make = _normal if kind == "normal" else _shuffled
    found = np.empty((draws, data.shape[1]))
    for b in range(draws):
        rows = make(data, seed, b)
        centred = rows - rows.mean(axis=0)
        found[b] = eigenvalues(centred.T @ centred, reduced=reduced)
    return found


def _normal(data: Array, seed: int, draw: int) -> Array:
    return normal_rows(seed, draw, *data.shape)


def _shuffled(data: Array, seed: int, draw: int) -> Array:
    key = np.array([check_seed(seed), draw], dtype=np.uint64)
    counter = np.array([0, 0, 0, _SHUFFLES], dtype=np.uint64)
    rng = np.random.Generator(np.random.Philox(key=key, counter=counter))
    return np.take_along_axis(data, rng.random(data.shape).argsort(axis=0), axis=0)


def minimum_average_partial(correlation: Array, *, power: Literal[2, 4] = 2) -> Array:
    """Return the average squared (or fourth power of) partial correlation after 0, 1, ..., p - 1 components.

    The number of components is where it is smallest; NaN once a variable has no variance left.

    >>> r = np.full((4, 4), 0.5) + 0.5 * np.eye(4)
    >>> int(np.nanargmin(minimum_average_partial(r)))
    1
    """
    p = len(correlation)
    values, vectors = np.linalg.eigh(correlation)
    loadings = (vectors * np.sqrt(np.maximum(values, 0.0)))[:, ::-1]
    off = ~np.eye(p, dtype=bool)
    found = []
    for m in range(p):
        rest = correlation - loadings[:, :m] @ loadings[:, :m].T
        if np.diag(rest).min() < 1e-10:
            found.append(np.nan)
            continue
        found.append(float((correlations(rest)[off] ** power).mean()))
    return np.array(found)


def number_of_factors(
    items: pd.DataFrame, *, draws: int = 200, seed: int = 1, percentile: float = 95.0
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return how many factors every criterion suggests, and the numbers behind it.

    Parameters
    ----------
    items : DataFrame
        Rows with a missing answer are left out.
    draws, seed : int
        Of each parallel analysis.
    percentile : float
        Of chance that an eigenvalue must exceed.

    Returns
    -------
    suggested : DataFrame
        criterion, n_factors.
    details : DataFrame
        One row per component: eigenvalue, chance_normal, chance_permutation; eigenvalue_factors and its two
        (common factors); map2, map4 (of the components before this one, so the first row is for none).

    Raises
    ------
    UsageError, DataError
        A percentile outside [0, 100]; as in ``kmo``.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> frame = pd.DataFrame(rng.normal(size=(90, 1)) + rng.normal(size=(90, 4)), columns=list("abcd"))
    >>> number_of_factors(frame, draws=50)[0]["n_factors"].tolist()
    [1, 1, 1, 1, 1, 1, 1]

    """
    if not 0.0 <= percentile <= 100.0:
        raise UsageError(f"percentile is {percentile}; give a number from 0 to 100, e.g. 95")
    moments = complete_rows(items)
    correlation, data = correlations(moments.covariance), np.asarray(moments.data)
    details: dict[str, Array] = {}
    rows: list[tuple[str, int]] = []
    for reduced, kind in _VERSIONS:
        suffix, what = ("_factors", "common factors") if reduced else ("", "components")
        own = eigenvalues(correlation, reduced=reduced)
        chance = chance_eigenvalues(data, kind=kind, reduced=reduced, draws=draws, seed=seed)
        limit = np.percentile(chance, percentile, axis=0)
        details |= {f"eigenvalue{suffix}": own, f"chance_{kind}{suffix}": limit}
        rows.append((f"parallel analysis, {what}, {kind}", retained(own, limit)))
    for power in (2, 4):
        details[f"map{power}"] = average = minimum_average_partial(correlation, power=power)
        rows.append((f"minimum average partial, power {power}", int(np.nanargmin(average))))
    rows.append(("eigenvalues above 1 (takes too many)", int((details["eigenvalue"] > 1.0).sum())))
    table = pd.DataFrame(details, index=pd.RangeIndex(1, len(correlation) + 1, name="component"))
    return pd.DataFrame(rows, columns=["criterion", "n_factors"]), table
