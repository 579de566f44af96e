"""The sample of every group: which rows belong to it, or the matrices that were given for it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sopsem.errors import DataError, UsageError
from sopsem.sem.sample.moments import Moments, moments_from_covariance

__all__ = ["Matrices", "group_rows", "moments_of_matrices", "moments_of_rows"]

Array = NDArray[np.float64]
Matrix: TypeAlias = pd.DataFrame | Array
Mean: TypeAlias = pd.Series | Sequence[float]


def group_rows(
    data: pd.DataFrame, group: str | None, labels: Sequence[str] | None = None
) -> dict[str, NDArray[np.intp]]:
    """Return the row positions of every group by its label, in the order of first appearance.

    Parameters
    ----------
    group : str or None
        The column that says which group a row belongs to; without one all rows are one group, labelled "".
    labels : sequence of str, optional
        The groups to keep, in this order.

    Raises
    ------
    UsageError, DataError
        No such column; a row without a group; fewer than two groups; a label that no row has.

    """
    if not isinstance(data, pd.DataFrame):
        raise UsageError(f"data is a {type(data).__name__}; give a DataFrame with a column per variable")
    if group is None:
        if labels is not None:
            raise UsageError("group_label orders groups, but there is one group; name the column with group")
        return {"": np.arange(len(data))}
    if group not in data.columns:
        raise UsageError(
            f"group is {group!r}, which is no column of the data; there are "
            f"{', '.join(repr(str(c)) for c in data.columns[:20])}"
        )
    column = data[group]
    missing = np.flatnonzero(column.isna().to_numpy())
    if len(missing):
        raise DataError(
            f"column {group!r} has no group in {len(missing)} row(s), the first is row {missing[0] + 1}; "
            "fill it in or leave the rows out"
        )
    codes, found = pd.factorize(column)
    if len(found) < 2:
        raise DataError(f"column {group!r} holds one group, {found[0]!r}; leave group out")
    rows = {str(label): np.flatnonzero(codes == g) for g, label in enumerate(found)}
    return {label: rows[label] for label in _chosen(labels, tuple(rows))}


def _chosen(labels: Sequence[str] | None, known: tuple[str, ...]) -> tuple[str, ...]:
    """Return the groups that were asked for, all by default."""
    if labels is None:
        return known
    wanted = tuple(map(str, (labels,) if isinstance(labels, str) else labels))
    unknown = [label for label in wanted if label not in known]
    if unknown or len(set(wanted)) < len(wanted) or len(wanted) < 2:
        wrong = f"{', '.join(map(repr, unknown))} is no group" if unknown else f"it is {list(wanted)}"
        raise UsageError(
            f"group_label: {wrong}; name two or more of the groups {', '.join(map(repr, known))}, each once"
        )
    return wanted


def moments_of_rows(
    data: pd.DataFrame,
    rows: Mapping[str, NDArray[np.intp]],
    read: Callable[[pd.DataFrame], Moments],
    *,
    cluster: str | None = None,
) -> tuple[Moments, ...]:
    """Return the moments of every group, each read by ``read`` from its rows.

    Parameters
    ----------
    cluster : str, optional
        The column that says which cluster a row belongs to.

    Raises
    ------
    UsageError, ModelError, DataError
        As ``read``, with the group in the message; no such column, a row without a cluster, or one cluster
        only.

    """
    codes = None if cluster is None else _cluster_codes(data, cluster)
    found = []
    for label, at in rows.items():
        try:
            own = replace(read(data.iloc[at]), positions=at)
            found.append(own if codes is None else _clustered(own, codes[at], str(cluster)))
        except DataError as error:
            if len(rows) == 1:
                raise
            raise DataError(f"group {label!r}: {error}") from error
    return tuple(found)


def _cluster_codes(data: pd.DataFrame, cluster: str) -> NDArray[np.intp]:
    """Return the number of every row's cluster, -1 where it has none."""
    if cluster not in data.columns:
        raise UsageError(
            f"cluster is {cluster!r}, which is no column of the data; there are "
            f"{', '.join(repr(str(c)) for c in data.columns[:20])}"
        )
    codes, _ = pd.factorize(data[cluster])
    return np.asarray(codes, dtype=np.intp)


def _clustered(moments: Moments, codes: NDArray[np.intp], cluster: str) -> Moments:
    """Return the moments with the clusters of the rows that they are made of."""
    used = np.delete(codes, list(moments.rows_excluded))
    if (used < 0).any():
        row = int(np.delete(np.arange(len(codes)), list(moments.rows_excluded))[used < 0][0]) + 1
        raise DataError(
            f"column {cluster!r} has no cluster in {int((used < 0).sum())} row(s), the first is row {row}; fill "
            "it in or leave the rows out"
        )
    if len(np.unique(used)) < 2:
        raise DataError(
            f"column {cluster!r} holds one cluster; standard errors need several, or leave it out"
        )
    used.setflags(write=False)
    return replace(moments, clusters=used)


@dataclass(frozen=True, kw_only=True)
class Matrices:
    """Covariance matrices instead of rows: one for each group, with their N and perhaps means."""

    covariances: tuple[Matrix, ...]
    n_obs: tuple[int | None, ...]
    means: tuple[Mean | None, ...]
    labels: tuple[str, ...]

    @classmethod
    def of(
        cls,
        sample_cov: Matrix | Sequence[Matrix] | Mapping[str, Matrix],
        n_obs: int | Sequence[int] | None,
        sample_mean: Mean | Sequence[Mean] | None,
        group_label: Sequence[str] | None = None,
    ) -> "Matrices":
        """Read one matrix, a list, or a mapping of group label to matrix, and choose groups by label.

        Raises
        ------
        UsageError
            Another number of sizes or means than of matrices.

        """
        if isinstance(sample_cov, Mapping):
            labels, matrices = tuple(map(str, sample_cov)), tuple(sample_cov.values())
        elif isinstance(sample_cov, (list, tuple)) and len(sample_cov) and np.ndim(sample_cov[0]) == 2:
            matrices = tuple(sample_cov)
            labels = tuple(f"Group {g}" for g in range(1, len(matrices) + 1)) if len(matrices) > 1 else ("",)
        else:
            return cls(covariances=(sample_cov,), n_obs=(n_obs,), means=(sample_mean,), labels=("",))  # type: ignore[arg-type]
        several = len(matrices)
        sizes = tuple(n_obs) if isinstance(n_obs, (list, tuple, np.ndarray)) else (n_obs,) * (several == 1)
        means = (None,) * several if sample_mean is None else tuple(sample_mean)
        if len(sizes) != several or len(means) != several:
            raise UsageError(
                f"there are {several} covariance matrices, {len(sizes)} n_obs and {len(means)} means; give one "
                "of each for every group, as lists in the same order"
            )
        chosen = _chosen(group_label, labels) if group_label is not None else labels
        at = [labels.index(label) for label in chosen]
        return cls(
            covariances=tuple(matrices[i] for i in at),
            n_obs=tuple(sizes[i] for i in at),  # type: ignore[misc]
            means=tuple(means[i] for i in at),
            labels=chosen,
        )


def moments_of_matrices(
    matrices: Matrices, names: Sequence[str], *, divisor_n: bool = False
) -> tuple[Moments, ...]:
    """Return the moments of every group; see ``moments_from_covariance``."""
    found = []
    for label, cov, n, mean in zip(
        matrices.labels, matrices.covariances, matrices.n_obs, matrices.means, strict=True
    ):
        try:
            found.append(moments_from_covariance(cov, n, names, sample_mean=mean, divisor_n=divisor_n))
        except DataError as error:
            if len(matrices.labels) == 1:
                raise
            raise DataError(f"group {label!r}: {error}") from error
    return tuple(found)
