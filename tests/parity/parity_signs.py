"""The sign of a factor is free when no loading of it is fixed: comparisons are made up to that sign."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pandas as pd
from parity_units import row_key

from sopsem.sem.estimation.fit import Fit


class Row(Protocol):
    """A row of a parameter table."""

    lhs: str
    op: str
    rhs: str


@dataclass(frozen=True, kw_only=True)
class Signs:
    """+1 or -1 per group and factor: what turns our factor the way of the reference's."""

    factors: dict[tuple[int, str], float]

    @classmethod
    def of(cls, fit: Fit, reference: pd.DataFrame, mine: pd.DataFrame) -> "Signs":
        """Orient every factor without a fixed loading by its loadings, items first, then factors."""
        groups = reference["group"] if "group" in reference else [1] * len(reference)
        keys = [row_key(r.lhs, r.op, r.rhs, g) for r, g in zip(reference.itertuples(), groups, strict=True)]
        expected = dict(zip(keys, reference["est"], strict=True))
        signs: dict[tuple[int, str], float] = {}
        for group in range(1, fit.n_groups + 1):
            for factor in sorted(fit.spec.latent, key=lambda f: _level(fit, f)):
                rows = [p for p in fit.spec if (p.op, p.lhs, p.group) == ("=~", factor, group)]
                together = 0.0
                for p in (p for p in rows if p.free):
                    key = row_key(p.lhs, p.op, p.rhs, group)
                    ours = mine.loc[[key], "est"].iloc[0] * signs.get((group, p.rhs), 1.0)
                    together += ours * (expected.get(key) or 0.0)
                anchored = any(not p.free and p.value != 0.0 for p in rows)
                signs[group, factor] = -1.0 if not anchored and together < 0.0 else 1.0
        return cls(factors=signs)

    def of_row(self, row: Row, defined: float = 1.0) -> float:
        """Return the sign of a coefficient; ``defined`` for a ``:=`` row when any factor is turned."""
        if row.op == ":=":
            return defined if -1.0 in self.factors.values() else 1.0
        group = int(getattr(row, "group", 1))
        return self.factors.get((group, row.lhs), 1.0) * self.factors.get((group, row.rhs), 1.0)

    def of_free(self, fit: Fit) -> np.ndarray:
        """Return the sign of every free row."""
        return np.array([self.of_row(p) for p in fit.spec if p.free])


def _level(fit: Fit, factor: str) -> int:
    """Return 0 for a factor of observed variables, else one more than the factors it loads on."""
    below = [p.rhs for p in fit.spec if p.op == "=~" and p.lhs == factor and p.rhs in fit.spec.latent]
    return 1 + max((_level(fit, f) for f in below if f != factor), default=-1)
