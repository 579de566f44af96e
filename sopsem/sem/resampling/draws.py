"""Bootstrap draws and the one class every draw ends in."""

from collections import Counter
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sopsem.errors import UsageError
from sopsem.kernel import NEVER, backend_used
from sopsem.sem.estimation.fit import Fit
from sopsem.sem.resampling.draw_status import DrawStatus
from sopsem.sem.resampling.resampler import Resampler

__all__ = ["DrawStatus", "Draws"]

Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Draws:
    """Bootstrap draws of a fit; frozen, arrays read-only.

    ``of_group(g)`` are the draws of one group of several, for what is asked of one group.

    Attributes
    ----------
    estimates : (B, q) array
        Free parameters of every draw, of all groups, in the order of ``fit.names``; NaN where a draw has no
        solution.
    status : (B,) array of DrawStatus
    reason : tuple of str
        For every draw "" or what was wrong: the improper parameters, or why it did not converge.
    chisq : (B,) array
        NaN without a solution, and with missing="ml", where it would take the saturated model of every draw.
    kernel_theta : (B, k) array
        Solutions on the correlation metric.
    first_compiled : int
        Number of the first draw that the compiled kernel fitted; see ``backend``.
    policy : str
        What ``kernel_theta`` holds: "keep" everything that converged, "drop" improper draws (NaN), "bound"
        (improper draws refitted with variances at or above 0), "redraw" (improper draws replaced by later
        ones).
    indices : (B,) array
        Number of every draw: it and the seed make the draw again.
    discarded : dict
        Under "redraw", how many further draws were made and not used, by class label.
    whole : Fit or None
        In draws of one group of several: the fit of all groups, which was resampled.

    Notes
    -----
    Moments of fixed exogenous variables that the estimator holds at those of the sample (all but maximum
    likelihood) are those of the draw in its refit, but those of the fit in ``rows`` and in standardization.

    """

    fit: Fit
    resampler: Resampler
    kernel_theta: Array
    status: NDArray[np.int8]
    reason: tuple[str, ...]
    chisq: Array
    indices: NDArray[np.int64]
    first_compiled: int = NEVER
    policy: str = "keep"
    discarded: tuple[tuple[str, int], ...] = ()
    whole: Fit | None = None

    @property
    def seed(self) -> int:
        """The seed."""
        return self.resampler.seed

    @property
    def backend(self) -> str:
        """Which kernel, with its version, fitted which draws."""
        return backend_used(self.first_compiled, int(self.indices.max(initial=-1)) + 1)

    @property
    def kind(self) -> str:
        """How rows were drawn."""
        return self.resampler.kind

    def __len__(self) -> int:
        """Return the number of draws asked for, B."""
        return len(self.status)

    @property
    def rows(self) -> Array:
        """Every row of the parameter table in every draw, (B, n_rows)."""
        fit, used = self.fit, np.flatnonzero(self.used)
        rows = np.full((len(self), len(fit.spec.parameters)), np.nan)
        theta = self.kernel_theta[used]
        if len(used):
            rows[used] = fit.parameters.rows(theta)
            for number, group in enumerate(fit.groups, start=1):
                at = np.array(fit.spec.rows_of(number), dtype=np.intp)
                rows[used[:, None], at] = group.model.table_rows(theta)
        return rows

    def of_group(self, group: int) -> "Draws":
        """Return the draws of one group (from 1), as those of ``fit.of_group(group)``; classes are of all groups."""
        if self.fit.n_groups == 1:
            return self
        return replace(self, fit=self.fit.of_group(group), whole=self.fit)

    def belong_to(self, fit: Fit) -> bool:
        """Say whether the draws are of this fit."""
        mine = self.fit
        return fit is mine or (fit.kernel_theta is mine.kernel_theta and fit.spec is mine.spec)

    def require_whole(self, what: str) -> None:
        """Refuse what needs the draws of all groups.

        Raises
        ------
        UsageError
            These are the draws of one group of several.

        """
        if self.whole is not None:
            raise UsageError(
                f"{what} needs the draws of all groups, and these are those of one; take of_group after"
            )

    @property
    def estimates(self) -> Array:
        """Free parameters in every draw, (B, q)."""
        estimates = self.rows[:, self.fit.free]
        estimates.setflags(write=False)
        return estimates

    @property
    def used(self) -> NDArray[np.bool_]:
        """Which draws have estimates under the policy."""
        return np.asarray(np.isfinite(self.kernel_theta).all(axis=1))

    def counts(self) -> pd.DataFrame:
        """Return class, count and share; the counts add up to B.

        The class of empty categories is listed for models with ordered variables.
        """
        ordered = any(m.ordinal is not None for m in self.fit.data_moments)
        rows = [
            (s.label, int((self.status == s).sum()))
            for s in DrawStatus
            if ordered or s is not DrawStatus.EMPTY_CATEGORY
        ]
        frame = pd.DataFrame(rows, columns=["draw_class", "count"])
        frame["share"] = frame["count"] / max(len(self), 1)
        return frame

    def improper_counts(self) -> pd.Series:
        """Return in how many draws each parameter was improper; a draw may have several."""
        bad = (DrawStatus.IMPROPER, DrawStatus.ON_BOUND)
        texts = Counter(r for r, s in zip(self.reason, np.isin(self.status, bad).tolist(), strict=True) if s)
        named: Counter[str] = Counter()
        for text, count in texts.items():
            named.update(dict.fromkeys(text.split(", "), count))
        return pd.Series(dict(named.most_common()), name="count", dtype=int)

    @property
    def share_lost(self) -> float:
        """Share of draws dropped or put on a bound by the policy; they spoil BC, BCa and studentized limits."""
        bound = int((self.status == DrawStatus.ON_BOUND).sum())
        dropped = int((self.status == DrawStatus.IMPROPER).sum()) if self.policy == "drop" else 0
        replaced = sum(count for _, count in self.discarded)
        return (bound + dropped) / max(len(self), 1) + replaced / max(len(self) + replaced, 1)

    def __repr__(self) -> str:
        """Show the accounting of the draws."""
        parts = [f"{row.draw_class} {row.count}" for row in self.counts().itertuples() if row.count]
        return f"Draws: {len(self)} {self.kind} draws, seed {self.seed}, policy {self.policy}: " + "; ".join(
            parts
        )
