"""Bounds that keep estimates in a reasonable space, worked out from the sample variances.

Under the names of lavaan (De Jonckere & Rosseel, 2022, Structural Equation Modeling 29).  With the variance v
of a variable and the reliability r of a marker that is at least expected (0.1):

- residual variances of observed variables: 0 to v, of markers to (1 - r) v;
- factor variances: r v to v of the marker, or 0 to the largest v without one; endogenous factors from 0.005;
- loadings: as large as a factor of the least variance can have, sqrt(v / least variance), either way;
- covariances: as large as the largest variances of the two allow, either way.

``standard`` takes these (covariances 0.1 percent less), ``wide`` stretches them: the range of residual variances
by 5 percent below and 20 percent above, of factor variances by 30 percent above, of loadings by 10 percent
either way.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np

from sopsem.sem.model.spec import ModelSpec, Parameter
from sopsem.sem.sample.moments import Moments

__all__ = ["BOUNDS", "bounded_spec"]

Range = tuple[float, float]
LEAST_ENDOGENOUS = 0.005
MARKER_RELIABILITY = 0.1


@dataclass(frozen=True, kw_only=True)
class _Policy:
    """Which kinds of parameters are bounded below and above, and how far their ranges are stretched."""

    lower: Mapping[str, float]
    upper: Mapping[str, float]
    reliability: float = 0.0
    least_endogenous: float = 0.0


def _policy(lower: dict[str, float], upper: dict[str, float] | None = None, *, full: bool = False) -> _Policy:
    return _Policy(
        lower=MappingProxyType(lower),
        upper=MappingProxyType(upper or {}),
        reliability=MARKER_RELIABILITY if full else 0.0,
        least_endogenous=LEAST_ENDOGENOUS if full else 0.0,
    )


_STANDARD = {"observed": 1.0, "latent": 1.0, "loading": 1.0, "covariance": 0.999}
BOUNDS: Mapping[str, _Policy] = MappingProxyType(
    {
        "none": _policy({}),
        "pos_var": _policy({"observed": 1.0, "latent": 1.0}),
        "pos_ov_var": _policy({"observed": 1.0}),
        "pos_lv_var": _policy({"latent": 1.0}),
        "standard": _policy(_STANDARD, _STANDARD, full=True),
        "wide": _policy(
            {"observed": 1.05, "latent": 1.0, "loading": 1.1, "covariance": 1.0},
            {"observed": 1.2, "latent": 1.3, "loading": 1.1, "covariance": 1.0},
            full=True,
        ),
    }
)


def bounded_spec(spec: ModelSpec, moments: Sequence[Moments], name: str) -> ModelSpec:
    """Return the table with the bounds of a policy on its free rows; bounds of the model text take precedence.

    Parameters
    ----------
    moments : sequence of Moments
        The moments that are analysed, one of each group.
    name : str
        A key of ``BOUNDS``.

    """
    policy = BOUNDS[name]
    if not policy.lower:
        return spec
    rows = list(spec.parameters)
    for group in range(1, spec.n_groups + 1):
        ranges = _Ranges.of(spec.of_group(group), moments[group - 1], policy)
        for at in spec.rows_of(group):
            if rows[at].free:
                rows[at] = _bounded(rows[at], ranges)
    return replace(spec, parameters=tuple(rows))


def _bounded(row: Parameter, ranges: "_Ranges") -> Parameter:
    lower, upper = ranges.of_row(row)
    return replace(
        row,
        lower=row.lower if np.isfinite(row.lower) else lower,
        upper=row.upper if np.isfinite(row.upper) else upper,
    )


@dataclass(frozen=True, kw_only=True)
class _Ranges:
    """What the parameters of one group may be."""

    policy: _Policy
    variances: Mapping[str, float]
    markers: Mapping[str, str]
    standardized: bool
    endogenous: frozenset[str]

    @classmethod
    def of(cls, spec: ModelSpec, moments: Moments, policy: _Policy) -> "_Ranges":
        ordinal = moments.ordinal
        names = spec.observed if ordinal is None else ordinal.names
        covariance = moments.covariance if ordinal is None else ordinal.covariance
        explained = {p.rhs for p in spec if p.op == "=~" and p.rhs != p.lhs}
        explained |= {p.lhs for p in spec if p.op == "~"}
        own = [p for p in spec if p.op == "~~" and p.lhs == p.rhs and p.lhs in spec.latent]
        return cls(
            policy=policy,
            variances=dict(zip(names, np.diag(covariance).tolist(), strict=True)),
            markers=_markers(spec),
            standardized=bool(own) and all(not p.free and p.value == 1.0 for p in own),
            endogenous=frozenset(v for v in spec.latent if v in explained),
        )

    def of_row(self, row: Parameter) -> Range:
        """Return the bounds of a row; infinite where the policy has none."""
        kind = self._kind(row)
        lower, upper = self._natural(kind, row)
        width = upper - (max(lower, 0.0) if kind in ("observed", "latent") else lower)
        below, above = self.policy.lower.get(kind), self.policy.upper.get(kind)
        return (
            -np.inf if below is None else lower - _stretch(width, below),
            np.inf if above is None else upper + _stretch(width, above),
        )

    def _kind(self, row: Parameter) -> str:
        if row.op == "=~":
            return "loading" if row.rhs in self.variances else ""
        if row.op != "~~":
            return ""
        if row.lhs != row.rhs:
            return "covariance"
        return "observed" if row.lhs in self.variances else "latent"

    def _natural(self, kind: str, row: Parameter) -> Range:
        """Return the range of a row before it is stretched."""
        if kind in ("observed", "latent"):
            return self._variance(row.lhs)
        if kind == "loading":
            least = max(self._factor(row.lhs)[0], 0.0)
            most = np.sqrt(self.variances[row.rhs] / least) if least > 0.0 else np.inf
            return -float(most), float(most)
        if kind == "covariance":
            ends = [self._stretched_top(v) for v in (row.lhs, row.rhs)]
            most = float(np.sqrt(ends[0]) * np.sqrt(ends[1]))
            return -most, most
        return -np.inf, np.inf

    def _variance(self, name: str) -> Range:
        """Return the range of a variance."""
        if name in self.variances:
            whole = self.variances[name]
            share = 1.0 - self.policy.reliability if name in self.markers.values() else 1.0
            return 0.0, share * whole
        lower, upper = self._factor(name)
        return (self.policy.least_endogenous if name in self.endogenous else lower), upper

    def _stretched_top(self, name: str) -> float:
        """Return the upper end of a variance as far as it is stretched."""
        lower, upper = self._variance(name)
        kind = "observed" if name in self.variances else "latent"
        return upper + _stretch(upper - max(lower, 0.0), self.policy.upper.get(kind, 1.0))

    def _factor(self, name: str) -> Range:
        """Return the range of the variance of a factor, exogenous or not."""
        if self.standardized:
            return 1.0, 1.0
        marker = self.markers.get(name, "")
        if marker in self.variances:
            whole = self.variances[marker]
            return self.policy.reliability * whole, whole
        return 0.0, max(self.variances.values())


def _stretch(width: float, factor: float) -> float:
    """Return what a range of this width gains at one end; infinite ranges stay."""
    return width * (factor - 1.0) if np.isfinite(width) else 0.0


def _markers(spec: ModelSpec) -> dict[str, str]:
    """Return the marker of every factor: its only indicator with a loading fixed at 1."""
    fixed = {
        f: [p.rhs for p in spec if p.op == "=~" and p.lhs == f and not p.free and p.value == 1.0]
        for f in spec.latent
    }
    return {f: items[0] for f, items in fixed.items() if len(items) == 1}
