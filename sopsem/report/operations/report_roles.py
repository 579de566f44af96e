"""E44: the report of an assessment for one reader, in the order in which that reader decides."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from sopsem.client.briefing import Trace
from sopsem.errors import UsageError
from sopsem.executive.assessment import Assessment
from sopsem.executive.bridge import Bridge
from sopsem.report.client.document import Document, Exhibit, Part
from sopsem.report.operations.report_bridge import bridge_blocks, no_bridge
from sopsem.report.operations.report_capacity import CORRIDOR, LIMIT, PROMISES
from sopsem.report.operations.report_evidence import Block, Topic, numbered
from sopsem.report.operations.report_forecast import FORECAST, PIPELINE
from sopsem.report.operations.report_index import INDEX
from sopsem.report.operations.report_method import limits, method, noticed, thresholds, unsaid
from sopsem.report.operations.report_money import ACCOUNTS, BREAKEVEN, CASH, EARNINGS
from sopsem.report.operations.report_orders import DELIVERY, PAY, PRICES, PRODUCTS, REPLAY
from sopsem.report.operations.report_plan import ARBITRATION, PLAN, SCENARIOS

__all__ = ["ROLES", "Role", "executive_report"]


@dataclass(frozen=True, kw_only=True)
class Role:
    """A reader: the name of the report, the questions of its summary, and all parts in order, where there are more."""

    name: str
    topics: tuple[Topic, ...]
    parts: tuple[Topic, ...] = ()
    further: tuple[str, ...] = ()
    asks_for_survey: bool = False

    @property
    def systems(self) -> tuple[str, ...]:
        """Fields of the assessment that the report tells of."""
        return tuple(dict.fromkeys([*(t.system for t in (*self.topics, *self.parts)), *self.further]))


ROLES: Mapping[str, Role] = {
    "board": Role(
        name="Board report",
        topics=(INDEX, PROMISES, LIMIT, EARNINGS, FORECAST),
        parts=(INDEX, PROMISES, LIMIT, CORRIDOR, EARNINGS, FORECAST),
        asks_for_survey=True,
        further=("persistence", "leverage", "bias", "value_added"),
    ),
    "ceo": Role(
        name="Report for the CEO",
        topics=(INDEX, REPLAY, ARBITRATION, SCENARIOS, PROMISES),
        further=("persistence",),
    ),
    "cfo": Role(
        name="Report for the CFO",
        topics=(ACCOUNTS, BREAKEVEN, CASH, PRICES, SCENARIOS, EARNINGS),
        further=("leverage",),
    ),
    "coo": Role(
        name="Report for the COO",
        topics=(LIMIT, CORRIDOR, PLAN, PROMISES, DELIVERY, REPLAY),
        further=("persistence", "measures", "delivery"),
    ),
    "sales": Role(
        name="Report for the head of sales",
        topics=(PRODUCTS, PRICES, FORECAST, PIPELINE, PAY),
        further=("mix", "bias", "value_added"),
    ),
    "client": Role(
        name="Alignment measured from operations",
        topics=(INDEX, PROMISES, LIMIT, FORECAST, DELIVERY, EARNINGS),
        parts=(INDEX, PROMISES, LIMIT, CORRIDOR, FORECAST, DELIVERY, EARNINGS),
        asks_for_survey=True,
        further=("persistence", "leverage", "bias", "value_added", "measures", "delivery"),
    ),
}


def executive_report(
    assessment: Assessment, *, role: str = "board", bridge: Bridge | None = None, label: str = ""
) -> Document:
    """Return the report of an assessment for one reader.

    Every sentence is made from a result and ends with its evidence: system, observations, notices.  A system that
    could not be made says why, and which file and columns would give it.

    Parameters
    ----------
    assessment : Assessment
        Of ``assess(tables)``.
    role : {"board", "ceo", "cfo", "coo", "sales", "client"}
        The reader; the order of the parts is that of the reader's decisions.
    bridge : Bridge, optional
        Of ``link_survey``: perceived beside measured alignment, as a part of its own.
    label : str
        What the data are, e.g. "synthetic data"; printed with every part.

    Returns
    -------
    Document
        ``report_markdown``, ``client_page`` and ``client_word`` print it; the same assessment gives the same bytes.

    Raises
    ------
    UsageError
        A role that is not known.

    Examples
    --------
    >>> from sopsem.executive.assessment import assess
    >>> from sopsem.executive.simulate import simulate_manufacturer
    >>> tables = simulate_manufacturer(0.5, 13, seed=1).tables()
    >>> document = executive_report(assess(tables, replayed=1), label="synthetic data")
    >>> document.title, document.summary[2].topic, document.summary[2].evidence
    ('Board report: U01', 'Where output is limited', '[E05, n=13, T13 none]')

    """
    if role not in ROLES:
        raise UsageError(f"role is {role!r}; give one of {', '.join(ROLES)}")
    reader = ROLES[role]
    told = [(t.anchor, t.heading, _blocks(assessment, reader, t)) for t in reader.parts or reader.topics]
    if bridge is not None:
        told.append(("bridge", "What people think of it", bridge_blocks(bridge)))
    told.append(("unsaid", "What these data cannot say", _unsaid(assessment, reader, bridge)))
    parts: list[Part] = []
    for anchor, heading, blocks in told:
        parts.append(numbered(anchor, heading, blocks, _shown(parts) + 1))
    parts.append(_method(assessment, reader, _shown(parts)))
    policy = assessment.tables.policy.digest
    return Document(
        title=f"{reader.name}: {assessment.unit or 'all'}",
        subtitle=_subtitle(assessment),
        source_label=label,
        language="en",
        summary=tuple(topic.top(assessment) for topic in reader.topics),
        parts=tuple(parts),
        kicker="Operations report",
        footer=f"Policy {policy}; tables {_digest(assessment)}. The same tables and policy give the same report.",
    )


def _blocks(assessment: Assessment, reader: Role, topic: Topic) -> list[Block]:
    """Return a part's sentences and exhibits; the first sentence is that of the summary, where it is not told there."""
    told = topic in reader.topics or topic.result(assessment) is None
    first = [] if told else [topic.line(assessment)]
    return [*first, *topic.blocks(assessment)]


def _shown(parts: Sequence[Part]) -> int:
    return sum(isinstance(block, Exhibit) for part in parts for block in part.content)


def _unsaid(assessment: Assessment, reader: Role, bridge: Bridge | None) -> list[Block]:
    """Return what cannot be said, with the survey where none was given to a reader who asks for one."""
    lines = unsaid(assessment, reader.systems)
    return [*lines, no_bridge()] if bridge is None and reader.asks_for_survey else [*lines]


def _subtitle(assessment: Assessment) -> str:
    for name in ("financials", "demand", "capacity"):
        if name in assessment.tables and len(assessment.tables[name].frame):
            periods = assessment.tables[name].frame["period"]
            return f"{periods.min()} to {periods.max()}, from {len(assessment.tables)} tables of operations and finance"
    return f"from {len(assessment.tables)} tables of operations and finance"


def _digest(assessment: Assessment) -> str:
    return sha256(assessment.tables.digest.encode()).hexdigest()[:16]


def _method(assessment: Assessment, reader: Role, shown: int) -> Part:
    """Return the part on method with its tables of notices and thresholds."""
    part = method(assessment)
    tables = [
        limits(),
        noticed(assessment, reader.systems),
        thresholds(assessment.tables.policy, reader.systems),
    ]
    trace = Trace(function="policy and notices", inputs_sha256=_digest(assessment))
    kept = [table for table in tables if table.rows]
    exhibits = [Exhibit(id=f"T{shown + i}", content=table, trace=trace) for i, table in enumerate(kept, 1)]
    return Part(anchor=part.anchor, heading=part.heading, content=(*part.content, *exhibits))
