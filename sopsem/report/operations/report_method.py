"""The end of every report: what the data cannot say, what was noticed, which thresholds were used, honest limits."""

from collections.abc import Iterable, Mapping

from sopsem.executive.assessment import Assessment
from sopsem.executive.notices import CODES
from sopsem.executive.result import Result
from sopsem.executive.schema.policy import DEFAULT_POLICY, Policy
from sopsem.report.client.document import Part, Statement
from sopsem.report.digits import count
from sopsem.report.operations.report_evidence import FORMULAS, reason_of
from sopsem.report.operations.report_index import LABELS
from sopsem.report.table import Table

__all__ = ["LIMITS", "THRESHOLDS", "limits", "method", "noticed", "thresholds", "unsaid"]

NAMES = {
    "bottleneck": "Where output is limited",
    "corridor": "The corridor of the limiting resource",
    "mix": "The best mix of products",
    "contribution": "Contribution of products",
    "accounts": "Throughput accounts",
    "booking": "Bookings against capacity",
    "breakeven": "Breakeven",
    "leverage": "Operating leverage",
    "volatility": "Swing of earnings",
    "cash": "Cash cycle",
    "forecast": "Forecast error",
    "bias": "Forecast bias",
    "value_added": "What forecast steps add",
    "persistence": "What lasts of a change in demand",
    "pipeline": "Worth of the pipeline",
    "outlook": "The plan ahead",
    "scenarios": "Other worlds",
    "arbitration": "Views of the functions",
    "prices": "Price floors",
    "replay": "Replay of the order rule",
    "incentives": "What sales is paid for",
    "delivery": "Delivery",
    "measures": "Measures of alignment",
    "index": "Alignment index",
}
# field of an assessment -> thresholds of the policy that decide its words
THRESHOLDS: Mapping[str, tuple[str, ...]] = {
    "bottleneck": ("capacity.constraint_band",),
    "corridor": ("capacity.flow_factor_max", "capacity.alpha", "capacity.cv_load"),
    "contribution": ("general.labour_is_variable",),
    "accounts": ("general.labour_is_variable",),
    "booking": ("capacity.chronic_share",),
    "cash": ("general.days_per_year", "index.ccc_target_days"),
    "forecast": ("forecast.lag", "forecast.season"),
    "bias": ("forecast.ts_limit", "forecast.ts_alpha", "forecast.shrink_periods", "forecast.min_periods"),
    "value_added": ("forecast.lag",),
    "persistence": ("persist.transient", "persist.lasting", "persist.break_t"),
    "pipeline": (
        "pipeline.shrink_k",
        "pipeline.horizon_days",
        "pipeline.commit_probability",
        "pipeline.gate_min",
        "pipeline.min_closed",
    ),
    "outlook": ("pipeline.overlap", "inventory.holding_rate"),
    "prices": ("price.cost_of_capital", "price.pd", "price.lgd"),
    "replay": (
        "authorise.major_share",
        "authorise.major_revenue_share",
        "authorise.grace_days",
        "general.freshness_days",
    ),
    "incentives": ("incentive.optimism_limit",),
    "index": ("index.coverage_min", "index.weights"),
}
READING = (
    "A tag in brackets ends every sentence: the system that found it (E..), the number of observations, if a floor "
    "of evidence was hit (T13), and further notices, listed below. Amounts are in the currency of the tables. "
    "What goes together is told as such; none of it proves a cause."
)
LIMITS = (
    "Thresholds, anchors and the index are conventions of this project, not findings; all stand in policy.toml.",
    "That alignment steadies earnings is a claim; it is tested where there are units enough, and may fail.",
    "Corridors and the fit of orders are approximations for a whole period; they check a promise and schedule nothing.",
    "Contribution leaves direct labour out unless the policy says otherwise; rankings of products can turn.",
    "Prices of an hour hold near the plan; for many hours look at the plan anew.",
    "A pipeline without monthly snapshots cannot be calibrated afterwards.",
    "One unit allows no correlation with a survey, only two profiles side by side.",
    "A disciplined plant may carry more promised backlog and a slightly low forecast; more is not worse by itself.",
)


def unsaid(found: Assessment, systems: Iterable[str]) -> list[str | Statement]:
    """Return what cannot be told from these tables, and what would tell it."""
    blocks: list[str | Statement] = [
        Statement(
            sentence=f"{NAMES[name]}: {reason_of(found, name)}.", evidence=f"[{FORMULAS[name]}, not made]"
        )
        for name in NAMES
        if name in systems and getattr(found, name) is None
    ]
    if found.measures is not None:
        lacking = found.measures.table[found.measures.table["value"].isna()]
        blocks += [
            Statement(
                sentence=f"{LABELS[str(row['component'])]}: not measured; {_why(str(row['reason']))}.",
                evidence="[E41, not made]",
            )
            for _, row in lacking.iterrows()
        ]
    for name, label in NAMES.items():
        result = getattr(found, name)
        if name in systems and isinstance(result, Result):
            blocks += [
                Statement(
                    sentence=f"{label}, too few observations: {notice.message}.",
                    evidence=f"[{FORMULAS[name]}, T13 raised]",
                )
                for notice in result.notices
                if notice.code == "T13"
            ]
    return blocks or ["Every question of this report could be answered from the tables given."]


def _why(reason: str) -> str:
    """Return a reason in a manager's words."""
    if reason == "it is taken from given=":
        return "these tables do not allow it; a number known from elsewhere can be given to assess"
    first, _, rest = reason.partition(" ")
    return rest if first.startswith("E-T") else reason


def noticed(found: Assessment, systems: Iterable[str]) -> Table:
    """Return every notice behind the report by its code: what it means, where, the first message."""
    rows: dict[str, tuple[set[str], list[str]]] = {}
    for name, system in FORMULAS.items():
        result = getattr(found, name)
        noted = result.notices if name in systems and isinstance(result, Result) else ()
        for notice in noted:
            where, messages = rows.setdefault(notice.code, (set(), []))
            where.add(system)
            if notice.message not in messages:
                messages.append(notice.message)
    return Table(
        title="What was noticed",
        columns=("Code", "Meaning", "Systems", "Messages", "The first of them"),
        rows=tuple(
            (code, CODES[code], ", ".join(sorted(where)), count(len(messages)), messages[0])
            for code, (where, messages) in sorted(rows.items())
        ),
        alignment="lllrl",
    )


def thresholds(policy: Policy, systems: Iterable[str]) -> Table:
    """Return the thresholds that decided words of the report, and whether they are the defaults."""
    names = sorted({key for name in systems for key in THRESHOLDS.get(name, ())})
    return Table(
        title="Thresholds used",
        columns=("Threshold", "Value", ""),
        rows=tuple((name, _value(policy, name), _origin(policy, name)) for name in names),
        alignment="lrl",
        notes=(f"Policy {policy.digest}.",),
    )


def _value(policy: Policy, name: str) -> str:
    section, key = name.split(".")
    value = policy[section][key]
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, int | float) else str(value)


def _origin(policy: Policy, name: str) -> str:
    return "default" if _value(policy, name) == _value(DEFAULT_POLICY, name) else "set by policy.toml"


def limits() -> Table:
    """Return what to keep in mind with any number of the report."""
    return Table(
        title="Honest limits", columns=("What to keep in mind",), rows=tuple((line,) for line in LIMITS)
    )


def method(found: Assessment) -> Part:
    """Return the last part: how to read the tags, what was noticed, left out and decided by which threshold."""
    tables = found.tables
    rows = ", ".join(f"{name} {count(table.given)}" for name, table in tables.items())
    left = len(tables.excluded)
    return Part(
        anchor="method",
        heading="How this was made",
        content=(
            READING,
            f"Rows read: {rows}. Left out: {count(left)}{_left(found)}.",
        ),
    )


def _left(found: Assessment) -> str:
    frame = found.tables.excluded
    if frame.empty:
        return ""
    counts = frame.groupby(["table", "reason"]).size()
    return ": " + "; ".join(f"{table} {n} ({reason})" for (table, reason), n in counts.items())
