"""What the chi2 difference test of one path could have seen: its power at the sample size of the fit.

The population is the full model as estimated, with the path set to a stated standardized size; the
noncentrality is the chi2 that the restricted model leaves of the moments this population implies (Satorra &
Saris, 1985).

References
----------
Satorra, A., & Saris, W. E. (1985). Power of the likelihood ratio test in covariance structure analysis.
Psychometrika, 50.

"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from sopsem.errors import ModelError, UsageError
from sopsem.kernel import Outcome, fit_batch, implied
from sopsem.sem.estimation.standardize import total_covariance, with_ancestors
from sopsem.sem.fit_measures.compare import Comparison
from sopsem.sem.fit_measures.fit_formulas import lr_power, ncp_for_power
from sopsem.sem.fit_measures.nesting import same_order

__all__ = ["PathPower", "path_power"]

Array = NDArray[np.float64]
SIZES = (0.1, 0.2, 0.3, 0.4)


@dataclass(frozen=True, kw_only=True)
class PathPower:
    """Populations that differ in one path of the full model, and how far the restricted model misses them.

    ``base`` are the full model's kernel parameters with the path at 0; ``variance``, ``covariance`` and
    ``predictor_variance`` are those of outcome and predictor there, on the kernel's metric.
    """

    comparison: Comparison
    row: int
    column: int
    base: Array
    unit: float
    variance: float
    covariance: float
    predictor_variance: float

    def populations(self, sizes: Array) -> Array:
        """Return kernel parameters (B, k) at which the standardized path has these sizes, |size| < 1.

        With y = y0 + c x the size t solves t^2 Var(y) = c^2 Var(x), a quadratic in c with one root of each
        sign.
        """
        square, v, k = sizes**2, self.predictor_variance, self.covariance
        root = np.sqrt(square**2 * k**2 + v * (1.0 - square) * square * self.variance)
        c = (square * k + np.sign(sizes) * root) / (v * (1.0 - square))
        model = self.comparison.full.model
        theta = np.tile(self.base, (len(sizes), 1))
        value = c * self.unit - model.row_offset[self.row]
        theta[:, self.column] = value / model.row_basis[self.row, self.column]
        return theta

    def noncentrality(self, sizes: Array) -> Array:
        """Return the chi2 that the restricted model leaves of each population, (B,); NaN without a fit."""
        restricted, full = self.comparison.restricted, self.comparison.full
        order = same_order(full, restricted)
        with threadpool_limits(limits=1, user_api="blas"):
            sigma, mu = full.model.implied_moments(implied(full.model.layout, self.populations(sizes)))
            mu = None if mu is None else mu[:, order]
            target = restricted.model.scaled_moments(sigma[:, order][:, :, order], mu)
            found = fit_batch(restricted.model.layout, restricted.kernel_theta, target)
        good = found.outcome == Outcome.CONVERGED
        return np.where(good, restricted.multiplier * np.maximum(found.minimum, 0.0), np.nan)

    def table(self, sizes: Sequence[float] = SIZES, *, alpha: float = 0.05) -> pd.DataFrame:
        """Return power for a path of each absolute size, in both directions.

        Returns
        -------
        DataFrame
            Columns size ncp_positive power_positive ncp_negative power_negative power; ``power`` is the
            smaller one.

        """
        given = np.asarray(sizes, dtype=np.float64)
        if given.ndim != 1 or not ((given >= 0.0) & (given < 1.0)).all():
            raise UsageError(f"sizes are {sizes}; give absolute standardized effects from 0 to below 1")
        frame = pd.DataFrame({"size": given})
        for name, sign in (("positive", 1.0), ("negative", -1.0)):
            ncp = self.noncentrality(sign * given)
            frame[f"ncp_{name}"] = ncp
            frame[f"power_{name}"] = [self._power(x, alpha) for x in ncp]
        frame["power"] = frame[["power_positive", "power_negative"]].min(axis=1, skipna=False)
        return frame

    def _power(self, ncp: float, alpha: float) -> float:
        return lr_power(float(ncp), self.comparison.ddf, alpha=alpha) if np.isfinite(ncp) else float("nan")

    def detectable(self, *, power: float = 0.80, alpha: float = 0.05) -> float:
        """Return the absolute size found with this power in both directions; NaN when none to .98 is."""
        wanted = ncp_for_power(self.comparison.ddf, power=power, alpha=alpha)
        return float(np.max([self._size_at(wanted, sign) for sign in (1.0, -1.0)]))  # NaN stays NaN

    def _size_at(self, wanted: float, sign: float) -> float:
        """Return the first size at which the noncentrality reaches ``wanted``."""
        grid, step = np.arange(1, 50) / 50.0, 0.02
        for _ in range(3):  # each round looks ten times closer, in one batch
            reached = np.flatnonzero(self.noncentrality(sign * grid) >= wanted)
            if not len(reached):
                return float("nan")
            size, step = float(grid[reached[0]]), step / 10.0
            grid = np.asarray(size - step * np.arange(9, -1, -1), dtype=np.float64)
        return size


def path_power(comparison: Comparison, outcome: str, predictor: str) -> PathPower:
    """Prepare the power of the test of the path ``outcome ~ predictor``, free in the full model.

    Raises
    ------
    ModelError
        The path is not free by itself in the full model, the outcome sends paths back to the predictor, or
        the estimates leave the outcome or the predictor without variance.

    Examples
    --------
    >>> from sopsem.sem.fit_measures.compare import compare
    >>> from sopsem.sem.estimation.fit import fit
    >>> s = [[1.0, .5, .4], [.5, 1.0, .3], [.4, .3, 1.0]]
    >>> cov = pd.DataFrame(s, columns=list("xmy"), index=list("xmy"))
    >>> full = fit("m ~ x; y ~ m + x", sample_cov=cov, n_obs=100)
    >>> power = path_power(compare(fit("m ~ x; y ~ m", sample_cov=cov, n_obs=100), full), "y", "x")
    >>> power.table([0.0, 0.3])["power"].round(3).tolist()
    [0.05, 0.753]

    """
    full = comparison.full
    model, place = full.model, {v: i for i, v in enumerate(full.model.variables)}
    row = next(
        (i for i, p in enumerate(full.spec) if (p.lhs, p.op, p.rhs) == (outcome, "~", predictor) and p.free),
        -1,
    )
    columns = np.flatnonzero(model.row_basis[row]) if row >= 0 else np.empty(0, dtype=np.intp)
    if len(columns) != 1 or np.count_nonzero(model.row_basis[:, columns[0]]) != 1:
        raise ModelError(
            f"{outcome} ~ {predictor} is not a free path of its own in the full model; free it, and tie it "
            "to no other parameter"
        )
    base = full.kernel_theta.copy()
    base[columns[0]] = -model.row_offset[row] / model.row_basis[row, columns[0]]
    base.setflags(write=False)
    if place[outcome] in with_ancestors(model, np.array([place[predictor]])):
        raise ModelError(
            f"{outcome} sends paths back to {predictor}; power is worked out for models without feedback"
        )
    among = with_ancestors(model, np.array([place[outcome], place[predictor]]))
    total = total_covariance(model, base[None], among)[0]
    y, x = (int(np.flatnonzero(among == place[v])[0]) for v in (outcome, predictor))
    if total[x, x] <= 0.0 or total[y, y] <= 0.0:
        raise ModelError(
            f"the estimates leave {outcome} or {predictor} without variance; power cannot be worked out"
        )
    return PathPower(
        comparison=comparison,
        row=row,
        column=int(columns[0]),
        base=base,
        unit=float(model.units[place[outcome]] / model.units[place[predictor]]),
        variance=float(total[y, y]),
        covariance=float(total[x, y]),
        predictor_variance=float(total[x, x]),
    )
