"""Which perception belongs beside which measure: the pairs of the policy, and why a measure may not be known."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from sopsem.errors import PolicyError
from sopsem.executive.alignment.index import COMPONENTS
from sopsem.executive.notices import quote
from sopsem.executive.schema.policy import Policy

__all__ = ["METRICS", "NOT_COMPUTED", "Pair", "congruence_pair", "metric_label", "pairs_of", "parse_pair"]

PATTERN = re.compile(r"\s*(\w+)\s+([+-])\s+(\w+)\s*", re.ASCII)
METRICS: Mapping[str, str] = MappingProxyType(
    {
        "index_s": "alignment index without margin and cash (E41, version S)",
        "index": "alignment index (E41)",
        "premium_freight": "premium freight / order value",
        "otif_requested": "on time in full against the requested date",
        "price_realisation": "order value / order value at list prices",
        "revenue_growth": "revenue of the last year / of the year before - 1",
        **COMPONENTS,
    }
)
NOT_COMPUTED: Mapping[str, str] = MappingProxyType(
    {
        "meeting_evidence": "evidence of meetings (E39) is not computed from the tables",
        "plan_latency": "plan latency (E40) is not computed from the tables",
        "replanning": "replanning inside the frozen window (E40) is not computed from the tables",
        "escalations": "no table records which orders were escalated",
        "roce": "return on capital (E22) is not computed from the tables",
        "margin_realisation": "margin realisation (E21) is not computed from the tables",
        "inventory_fit": "distortion of stock (E20) is not computed from the tables",
    }
)


@dataclass(frozen=True, kw_only=True)
class Pair:
    """A construct of the survey, the metric beside it, and the sign that is expected (the tests are two-sided)."""

    construct: str
    metric: str
    sign: int


def parse_pair(text: str) -> Pair:
    """Read ``construct + metric``: more of one with more of the other, or with ``-`` less.

    Raises
    ------
    PolicyError
        The text is of another form.

    Examples
    --------
    >>> parse_pair("internal_performance - cash")
    Pair(construct='internal_performance', metric='cash', sign=-1)

    """
    found = PATTERN.fullmatch(text)
    if found is None:
        message = f"policy: bridge: {quote(text)} is no pair; write construct + metric or construct - metric"
        raise PolicyError(message)
    return Pair(construct=found[1], metric=found[3], sign=1 if found[2] == "+" else -1)


def pairs_of(policy: Policy) -> tuple[Pair, ...]:
    """Return the pairs of the policy in their order.

    Raises
    ------
    PolicyError
        A pair that cannot be read, or one that is there twice.

    Examples
    --------
    >>> from sopsem.executive.schema.policy import DEFAULT_POLICY
    >>> len(pairs_of(DEFAULT_POLICY))
    13

    """
    pairs = tuple(parse_pair(text) for text in policy["bridge"]["pairs"])
    seen: set[tuple[str, str]] = set()
    for pair in pairs:
        if (pair.construct, pair.metric) in seen:
            raise PolicyError(f"policy: bridge.pairs has {pair.construct} and {pair.metric} twice")
        seen.add((pair.construct, pair.metric))
    return pairs


def congruence_pair(policy: Policy) -> Pair:
    """Return the pair whose gap and quadrant are shown by unit.

    >>> from sopsem.executive.schema.policy import DEFAULT_POLICY
    >>> congruence_pair(DEFAULT_POLICY).metric
    'index_s'
    """
    return parse_pair(policy["bridge"]["congruence"])


def metric_label(name: str) -> str:
    """Return what a metric is; a client's own keeps its name.

    >>> metric_label("cash")
    'cash cycle, days'
    """
    return METRICS.get(name, name)
