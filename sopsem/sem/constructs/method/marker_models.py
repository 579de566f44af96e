"""The texts of the CFA marker models, and what is read from their solutions."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import combinations

import numpy as np
import pandas as pd

from sopsem.sem.constructs.measurement import first_order_factors
from sopsem.sem.distributions import norm_sf
from sopsem.sem.estimation.fit import Fit
from sopsem.sem.model.spec import ModelSpec, Parameter

__all__ = ["MarkerModel"]

Pair = tuple[str, str]


@dataclass(frozen=True, kw_only=True)
class MarkerModel:
    """Factors with their items, the marker's name and items, and the values its own part is held at."""

    factors: Mapping[str, tuple[str, ...]]
    name: str
    marker: tuple[str, ...]
    residual_pairs: tuple[Pair, ...] = ()
    held_loadings: Mapping[str, float] = field(default_factory=dict)
    held_residuals: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def of(cls, spec: ModelSpec, marker: tuple[str, ...]) -> "MarkerModel":
        """Return the models of a CFA and the items of a marker."""
        name = "marker"
        while name in (*spec.latent, *spec.observed, *marker):
            name += "_"
        pairs = tuple((p.lhs, p.rhs) for p in spec if p.op == "~~" and p.user and _of_two_items(p, spec))
        return cls(factors=first_order_factors(spec), name=name, marker=marker, residual_pairs=pairs)

    @property
    def items(self) -> tuple[str, ...]:
        """The items of the constructs."""
        return tuple(dict.fromkeys(v for own in self.factors.values() for v in own))

    @property
    def pairs(self) -> list[Pair]:
        """The pairs of constructs."""
        return list(combinations(self.factors, 2))

    def cfa(self) -> str:
        """Return the text of the CFA: everything correlated, variances 1."""
        own = f"{_q(self.name)} =~ " + " + ".join(f"NA*{_q(v)}" for v in self.marker)
        crossed = [f"{_q(f)} ~~ {_q(self.name)}" for f in self.factors]
        return "\n".join([*self._constructs({}), own, f"{_q(self.name)} ~~ 1*{_q(self.name)}", *crossed])

    def _constructs(self, correlations: Mapping[Pair, float]) -> list[str]:
        lines = [f"{_q(f)} =~ " + " + ".join(f"NA*{_q(v)}" for v in own) for f, own in self.factors.items()]
        lines += [f"{_q(f)} ~~ 1*{_q(f)}" for f in self.factors]
        for a, b in self.pairs:
            fixed = f"{correlations[a, b]!r}*" if (a, b) in correlations else ""
            lines.append(f"{_q(a)} ~~ {fixed}{_q(b)}")
        return lines + [f"{_q(a)} ~~ {_q(b)}" for a, b in self.residual_pairs]

    def holding(self, cfa: Fit) -> "MarkerModel":
        """Return the models whose marker part is fixed at the values of the CFA."""
        values = {(p.lhs, p.op, p.rhs): float(v) for p, v in zip(cfa.spec, cfa.rows, strict=True)}
        return replace(
            self,
            held_loadings={v: values[self.name, "=~", v] for v in self.marker},
            held_residuals={v: values[v, "~~", v] for v in self.marker},
        )

    def text(
        self, *, method: str | Mapping[str, float] = "none", correlations: Mapping[Pair, float] | None = None
    ) -> str:
        """Return the text of Baseline ("none"), Method-C ("equal"), Method-U ("free") or Method-S (values by item)."""
        terms = [f"{value!r}*{_q(v)}" for v, value in self.held_loadings.items()]
        if not isinstance(method, str):
            terms += [f"{value!r}*{_q(v)}" for v, value in method.items()]
        elif method != "none":
            modifier = "label(method_loading)*" if method == "equal" else "NA*"
            terms += [f"{modifier}{_q(v)}" for v in self.items]
        lines = [*self._constructs(correlations or {}), f"{_q(self.name)} =~ {' + '.join(terms)}"]
        lines.append(f"{_q(self.name)} ~~ 1*{_q(self.name)}")
        lines += [f"{_q(f)} ~~ 0*{_q(self.name)}" for f in self.factors]
        lines += [f"{_q(v)} ~~ {value!r}*{_q(v)}" for v, value in self.held_residuals.items()]
        return "\n".join(lines)

    def factor_correlations(self, fitted: Fit) -> dict[Pair, float]:
        """Return the correlation of every pair of constructs; variances are 1."""
        values = {
            (p.lhs, p.rhs): float(v) for p, v in zip(fitted.spec, fitted.rows, strict=True) if p.op == "~~"
        }
        return {(a, b): values[a, b] if (a, b) in values else values[b, a] for a, b in self.pairs}

    def loadings(self, fitted: Fit | None) -> pd.DataFrame:
        """Return item, factor, loading, method, se, pvalue of the method loading."""
        columns = ["item", "factor", "loading", "method", "se", "pvalue"]
        if fitted is None:
            empty = [(v, f, *[np.nan] * 4) for f, own in self.factors.items() for v in own]
            return pd.DataFrame(empty, columns=columns)
        error = np.sqrt(np.diag(fitted.vcov_rows))
        found = {(p.lhs, p.rhs): i for i, p in enumerate(fitted.spec) if p.op == "=~"}
        rows = []
        for factor, own in self.factors.items():
            for item in own:
                at, on = found.get((self.name, item)), found[factor, item]
                method = 0.0 if at is None else float(fitted.rows[at])
                se = 0.0 if at is None else float(error[at])
                p = 2.0 * float(norm_sf(abs(method / se))) if se > 0.0 else float("nan")
                rows.append((item, factor, float(fitted.rows[on]), method, se, p))
        return pd.DataFrame(rows, columns=columns)

    def reliability(self, baseline: Fit, best: Fit | None) -> pd.DataFrame:
        """Return the reliability of every construct and its parts: (Σl)² and (Σm)² over their sum with Σθ."""
        rows = []
        for factor in self.factors:
            true, _, error = self._parts(baseline, factor)
            substantive, method, rest = self._parts(best, factor)
            whole = substantive + method + rest
            parts = substantive / whole, method / whole
            rows.append((factor, true / (true + error), *parts, 100.0 * parts[1] / sum(parts)))
        return pd.DataFrame(
            rows, columns=["factor", "omega", "omega_substantive", "omega_method", "method_percent"]
        )

    def _parts(self, fitted: Fit | None, factor: str) -> tuple[float, float, float]:
        if fitted is None:
            return float("nan"), float("nan"), float("nan")
        own = self.loadings(fitted).query("factor == @factor")
        rows = zip(fitted.spec, fitted.rows, strict=True)
        values = {p.lhs: float(v) for p, v in rows if p.op == "~~" and p.lhs == p.rhs}
        residual = sum(values[v] for v in self.factors[factor])
        return float(own["loading"].sum() ** 2), float(own["method"].sum() ** 2), residual


def _of_two_items(row: Parameter, spec: ModelSpec) -> bool:
    return row.lhs != row.rhs and row.lhs in spec.observed


def _q(name: str) -> str:
    return name if name.replace(".", "_").isidentifier() else f'"{name}"'
