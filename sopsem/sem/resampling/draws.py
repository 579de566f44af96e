"""Bootstrap draws and the one class every draw ends in."""

from collections import Counter
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sopsem.sem.estimation.fit import Fit
from sopsem.sem.resampling.resampler import Resampler

__all__ = ["DrawStatus", "Draws"]

Array = NDArray[np.float64]


class DrawStatus(IntEnum):
    """The one class every draw ends in."""

    PROPER = 0
    IMPROPER = 1
    ON_BOUND = 2
    NOT_CONVERGED = 3
    SINGULAR = 4

    @property
    def label(self) -> str:
        """The words used in tables."""
        return {
            0: "converged, proper",
            1: "converged, improper",
            2: "converged, on a bound",
            3: "not converged",
            4: "singular resample",
        }[int(self)]


@dataclass(frozen=True, kw_only=True)
class Draws:
    """Bootstrap draws of a fit; frozen, arrays read-only.

    Attributes
    ----------
    estimates : (B, q) array
        Free parameters of every draw in the order of ``fit.names``; NaN where a draw has no solution.
    status : (B,) array of DrawStatus
    reason : tuple of str
        For every draw "" or what was wrong: the improper parameters, or why it did not converge.
    chisq : (B,) array
    kernel_theta : (B, k) array
        Solutions on the correlation metric.
    policy : str
        What ``kernel_theta`` holds: "keep" everything that converged, "drop" improper draws (NaN), "bound"
        (improper draws refitted with variances at or above 0), "redraw" (improper draws replaced by later
        ones).
    indices : (B,) array
        Number of every draw: it and the seed make the draw again.
    discarded : dict
        Under "redraw", how many further draws were made and not used, by class label.

    """

    fit: Fit
    resampler: Resampler
    kernel_theta: Array
    status: NDArray[np.int8]
    reason: tuple[str, ...]
    chisq: Array
    indices: NDArray[np.int64]
    policy: str = "keep"
    discarded: tuple[tuple[str, int], ...] = ()

    @property
    def seed(self) -> int:
        """The seed."""
        return self.resampler.seed

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
        return self.fit.model.rows(self.kernel_theta)

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
        """Return class, count and share; the counts add up to B."""
        rows = [(s.label, int((self.status == s).sum())) for s in DrawStatus]
        frame = pd.DataFrame(rows, columns=["draw_class", "count"])
        frame["share"] = frame["count"] / max(len(self), 1)
        return frame

    def improper_counts(self) -> pd.Series:
        """Return in how many draws each parameter was improper; a draw may have several."""
        bad = (DrawStatus.IMPROPER, DrawStatus.ON_BOUND)
        named = Counter(
            name for r, s in zip(self.reason, self.status, strict=True) if s in bad for name in r.split(", ")
        )
        return pd.Series(dict(named.most_common()), name="count", dtype=int)

    @property
    def share_lost(self) -> float:
        """Share of draws dropped or put on a bound by the policy: what makes BC and BCa unusable."""
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
