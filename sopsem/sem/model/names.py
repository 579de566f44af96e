"""Which role each variable plays: factor, indicator, outcome, predictor.  lavaan's definitions."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

__all__ = ["VariableNames", "classify"]


class _Row(Protocol):
    @property
    def lhs(self) -> str: ...
    @property
    def op(self) -> str: ...
    @property
    def rhs(self) -> str: ...


@dataclass(frozen=True, kw_only=True)
class VariableNames:
    """Variables by role, each tuple in order of first appearance.

    ``exogenous_x`` are observed variables that only predict and that no user row gives a variance, covariance
    or intercept; ``free_x`` are those that would be exogenous but for such a row.  ``components`` gives the
    variables that make up each composite (``<~``); composites are counted among the latent.
    """

    observed: tuple[str, ...]
    latent: tuple[str, ...]
    indicators: Mapping[str, tuple[str, ...]]
    components: Mapping[str, tuple[str, ...]]
    exogenous_x: tuple[str, ...]
    free_x: tuple[str, ...]
    latent_exogenous: tuple[str, ...]
    dependent: tuple[str, ...]


def _unique(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))


def classify(rows: Mapping[tuple[str, str, str], _Row]) -> VariableNames:
    """Sort the variables of the user's rows into their roles (lavaan's rules for automatic parameters)."""
    table = list(rows.values())
    latent = _unique(r.lhs for r in table if r.op in ("=~", "<~"))
    is_latent = set(latent)
    composites = _unique(r.lhs for r in table if r.op == "<~")
    outcomes = _unique(r.lhs for r in table if r.op == "~")
    predictors = _unique(r.rhs for r in table if r.op == "~")
    indicators = _unique(r.rhs for r in table if r.op in ("=~", "<~"))
    observed_indicators = [v for v in indicators if v not in is_latent]
    observed_outcomes = [v for v in outcomes if v not in is_latent and v not in observed_indicators]
    observed_x = [
        v
        for v in predictors
        if v not in is_latent and v not in observed_indicators and v not in observed_outcomes
    ]
    described = {v for r in table if r.op in ("~~", "~1") for v in (r.lhs, r.rhs)}
    extra = [v for r in table if r.op == "~~" for v in (r.lhs, r.rhs)]
    extra += [r.lhs for r in table if r.op in ("~1", "|", "~*~")]
    observed = _unique(
        [*observed_indicators, *observed_outcomes, *observed_x, *(v for v in extra if v not in is_latent)]
    )
    dependent = [v for v in latent if v in outcomes and v not in indicators and v not in predictors]
    dependent += [v for v in observed_outcomes if v not in predictors]
    return VariableNames(
        observed=observed,
        latent=latent,
        indicators={
            f: tuple(r.rhs for r in table if r.op == "=~" and r.lhs == f and r.rhs != f)
            for f in latent
            if f not in composites
        },
        components={c: tuple(r.rhs for r in table if r.op == "<~" and r.lhs == c) for c in composites},
        exogenous_x=tuple(v for v in observed_x if v not in described),
        free_x=tuple(v for v in observed_x if v in described),
        latent_exogenous=tuple(v for v in latent if v not in indicators and v not in outcomes),
        dependent=tuple(dependent),
    )
