"""The sign of a factor is free when no loading of it is fixed: comparisons are made up to that sign."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from parity_units import row_key

from sopsem.sem.estimation.fit import Fit


@dataclass(frozen=True, kw_only=True)
class Signs:
    """+1 or -1 per factor: what turns our factor the way of the reference's."""

    factors: dict[str, float]

    @classmethod
    def of(cls, fit: Fit, reference: pd.DataFrame, mine: pd.DataFrame) -> "Signs":
        """Orient every factor without a fixed loading by its loadings, items first, then factors."""
        expected = {row_key(r.lhs, r.op, r.rhs): r.est for r in reference.itertuples()}
        anchored = {p.lhs for p in fit.spec if p.op == "=~" and not p.free and p.value != 0.0}
        signs = dict.fromkeys(fit.spec.latent, 1.0)
        for factor in sorted(fit.spec.latent, key=lambda f: _level(fit, f)):
            rows = [p for p in fit.spec if p.op == "=~" and p.lhs == factor and p.free]
            keys = [row_key(p.lhs, p.op, p.rhs) for p in rows]
            together = sum(
                mine.loc[[k], "est"].iloc[0] * (expected.get(k) or 0.0) * signs.get(p.rhs, 1.0)
                for k, p in zip(keys, rows, strict=True)
            )
            if factor not in anchored and together < 0.0:
                signs[factor] = -1.0
        return cls(factors=signs)

    def of_row(self, lhs: str, op: str, rhs: str, defined: float) -> float:
        """Return the sign of a coefficient; ``defined`` for a ``:=`` row when any factor is turned."""
        if op == ":=":
            return defined if -1.0 in self.factors.values() else 1.0
        return self.factors.get(lhs, 1.0) * self.factors.get(rhs, 1.0)

    def of_free(self, fit: Fit) -> np.ndarray:
        """Return the sign of every free row."""
        return np.array([self.of_row(p.lhs, p.op, p.rhs, 1.0) for p in fit.spec if p.free])


def _level(fit: Fit, factor: str) -> int:
    """Return 0 for a factor of observed variables, else one more than the factors it loads on."""
    below = [p.rhs for p in fit.spec if p.op == "=~" and p.lhs == factor and p.rhs in fit.spec.latent]
    return 1 + max((_level(fit, f) for f in below if f != factor), default=-1)
