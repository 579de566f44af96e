"""The alignment index in words: where it stands, what other weights would give, what pulls it down."""

import math
from collections.abc import Hashable, Mapping
from typing import Any

from sopsem.executive.alignment import AlignmentIndex
from sopsem.executive.assessment import Assessment
from sopsem.report.client.document import Statement
from sopsem.report.digits import MISSING, decimals
from sopsem.report.operations.report_evidence import Block, Shown, Topic, said
from sopsem.report.operations.report_words import share
from sopsem.report.table import Table

__all__ = ["INDEX", "LABELS"]

LABELS = {
    "forecast_accuracy": "Forecast error against the naive forecast",
    "forecast_bias": "Forecast optimism",
    "pipeline_realism": "Pipeline optimism",
    "commitment_discipline": "Orders checked against capacity",
    "capacity_fit": "Periods with load inside the corridor",
    "delivery": "Delivered on time and in full",
    "inventory_fit": "Stock that does not fit demand",
    "margin_realisation": "Realised of list throughput",
    "cash": "Cash cycle against its target",
}
RATIOS = ("forecast_accuracy", "cash")
WHOLE = decimals(0)


def _headline(index: AlignmentIndex, found: Assessment) -> Statement:
    s = index.summary
    n = index.number("n_components")
    if math.isnan(index.number("index")):
        known, wanted = share(index.number("coverage")), share(found.tables.policy["index"]["coverage_min"])
        return said(
            index, n, f"There is no index: {known} of its weight could be measured and {wanted} is needed."
        )
    band = f"{WHOLE(index.number('low'))} to {WHOLE(index.number('high'))}"
    weakest = index.table.set_index("component").loc[str(s["weakest"])]
    return said(
        index,
        n,
        f"The alignment index is {WHOLE(index.number('index'))} out of 100 ({band} if the components were weighted "
        f"otherwise). The weakest component is {_lower(LABELS[str(s['weakest'])])}: "
        f"{_shown(str(s['weakest']), float(weakest['value']))}, a score of {WHOLE(weakest['score'])}.",
    )


def _lower(label: str) -> str:
    return label[0].lower() + label[1:]


def _shown(component: str, value: float) -> str:
    return decimals(2)(value) if component in RATIOS else share(value)


def _content(index: AlignmentIndex, _: Assessment) -> list[Block]:
    n = index.number("n_components")
    blocks: list[Block] = []
    geometric = index.number("geometric")
    if not math.isnan(geometric):
        blocks.append(
            said(
                index,
                n,
                f"Where strong components do not make up for weak ones (geometric mean) it is {WHOLE(geometric)}.",
            )
        )
    lacking = index.table[index.table["value"].isna()]
    table = Table(
        title="Components of the alignment index",
        columns=("Component", "Value", "Scores 0 at", "Scores 100 at", "Score", "Points lost"),
        rows=tuple(_row(row) for row in index.table.to_dict("records")),
        alignment="lrrrrr",
        notes=(
            "The anchors are conventions of policy.toml, not findings: compare a plant with itself over time.",
            *_lacking(list(lacking["component"])),
        ),
    )
    return [*blocks, Shown(table=table, result=index)]


def _row(row: Mapping[Hashable, Any]) -> tuple[str, ...]:
    name = str(row["component"])
    values = [float(row[c]) for c in ("value", "bad", "good")]
    shown = [MISSING if math.isnan(v) else _shown(name, v) for v in values]
    return (LABELS[name], *shown, WHOLE(row["score"]), decimals(1)(row["gap"]))


def _lacking(components: list[str]) -> tuple[str, ...]:
    """Say which components are not measured, and that the others carry their weight."""
    if not components:
        return ()
    names = ", ".join(_lower(LABELS[c]) for c in components)
    return (f"Not measured from these tables: {names}; the others carry their weight.",)


INDEX = Topic(anchor="index", heading="Alignment index", system="index", headline=_headline, content=_content)
