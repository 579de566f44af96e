"""The whole chain on a simulated manufacturer: tables, check, every system, dashboard, reports, an order, replay."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import pandas as pd

from sopsem.executive.assessment import Assessment, assess
from sopsem.executive.bridge import Bridge, link_survey, measure_units
from sopsem.executive.governance import Decision, Order, authorize_order, build_state
from sopsem.executive.governance.order_record import order_record
from sopsem.executive.governance.state import newest_order_day
from sopsem.executive.schema.policy import POLICY_TEXT
from sopsem.executive.schema.tables import Tables
from sopsem.executive.simulate import Enterprise, Manufacturer, simulate_enterprise, simulate_manufacturer
from sopsem.report.client.document import Headline
from sopsem.report.operations.dashboard import dashboard_files
from sopsem.report.operations.decision_text import decision_record, decision_text
from sopsem.report.operations.report_markdown import report_bytes
from sopsem.report.operations.report_roles import executive_report
from sopsem.report.operations.simulated_files import LABEL, TRUTH, enterprise_files, table_files
from sopsem.runs.atomic import json_bytes

__all__ = ["Demo", "example_order", "operations_demo"]

ALIGNMENT, MONTHS, AHEAD = 0.5, 36, 6
REPLAYED = 12  # months
PLANTS, PEOPLE, SHORT = 8, 6, 13  # of the enterprise that is asked: plants, people each, months
UNIT = "U00"
READERS = ("board", "cfo", "coo", "client")


@dataclass(frozen=True, kw_only=True)
class Demo:
    """What a demonstration leaves: every file by its name, the findings of the board report, the decision."""

    files: Mapping[str, bytes]
    findings: tuple[Headline, ...]
    decision: Decision
    assessment: Assessment

    def __post_init__(self) -> None:
        """Make the files read-only."""
        object.__setattr__(self, "files", MappingProxyType(dict(self.files)))


def _nothing(_: str) -> None:
    """Tell nobody."""


def operations_demo(seed: int = 7, *, tell: Callable[[str], None] = _nothing) -> Demo:
    """Run the chain from tables to reports on a simulated plant; nothing is written.

    Parameters
    ----------
    seed : int
        The same seed gives the same files.
    tell : callable
        Is told every step.

    """
    tell(f"1 of 6: three years of a simulated plant, and {PLANTS} others with a survey")
    plant = simulate_manufacturer(ALIGNMENT, MONTHS, seed=seed, unit=UNIT, ahead=AHEAD)
    firm = simulate_enterprise(PLANTS, PEOPLE, seed=seed, periods=SHORT)
    tell("2 of 6: check of the tables against each other")
    tables, others = plant.tables(), firm.tables()
    tell("3 of 6: every system, the order rule replayed on the last year (about ten seconds)")
    found = assess(tables, seed=seed, replayed=REPLAYED)
    tell("4 of 6: the survey beside the measures of the other plants")
    bridge = link_survey(firm.survey, measure_units(others, halves=False), categories=7)
    tell("5 of 6: dashboard and reports")
    files = _plant_files(plant) | _firm_files(firm, seed)
    files |= {
        f"dashboard{end}": made for end, made in dashboard_files(found, bridge=bridge, label=LABEL).items()
    }
    documents = {
        role: executive_report(found, role=role, bridge=_asked(role, bridge), label=LABEL) for role in READERS
    }
    for role, document in documents.items():
        files |= {f"{role}{ending}": report_bytes(document, ending) for ending in (".html", ".docx", ".md")}
    tell("6 of 6: an order asks to be accepted")
    decision = _decision(tables)
    files |= _order_files(decision)
    files["README.txt"] = _readme(seed).encode("utf-8")
    return Demo(files=files, findings=documents["board"].summary, decision=decision, assessment=found)


def _asked(role: str, bridge: Bridge) -> Bridge | None:
    """Return the bridge for the reader whose chapter on operations has it."""
    return bridge if role == "client" else None


def _plant_files(plant: Manufacturer) -> dict[str, bytes]:
    files = {f"tables/{name}": content for name, content in table_files(plant.frames).items()}
    truth = json_bytes({"label": LABEL, **plant.truth})
    return {**files, "tables/policy.toml": POLICY_TEXT.encode("utf-8"), f"tables/{TRUTH}": truth}


def _firm_files(firm: Enterprise, seed: int) -> dict[str, bytes]:
    return {f"enterprise/{name}": content for name, content in enterprise_files(firm, seed=seed).items()}


def _decision(tables: Tables) -> Decision:
    state = build_state(tables, newest_order_day(tables))
    return authorize_order(example_order(tables), state, tables.policy)


def _order_files(decision: Decision) -> dict[str, bytes]:
    return {
        "order.json": json_bytes(order_record(decision.order)),
        "decision.json": json_bytes({"label": LABEL, **decision_record(decision)}),
        "decision.txt": f"{LABEL}\n{decision_text(decision)}".encode(),
    }


def example_order(tables: Tables) -> Order:
    """Return an order that is too large and too cheap for the next month: a month of the dearest product, 10 % off."""
    goods = tables["products"].frame.sort_values(["price", "product_id"], ascending=[False, True]).iloc[0]
    asked = tables["demand"].frame
    mean = (
        asked[asked["product_id"] == goods["product_id"]].groupby("period")["quantity"].sum().tail(6).mean()
    )
    month = pd.Timestamp(newest_order_day(tables)) + pd.offsets.MonthEnd(1)
    customers = tables["orders"].frame["customer_id"].dropna()
    return Order(
        order_id="example",
        product=str(goods["product_id"]),
        quantity=float(round(mean)),
        price=round(0.9 * float(goods["price"]), 2),
        requested=month.date(),
        customer=str(customers.iloc[-1]) if len(customers) else "",
        terms_days=30.0,
    )


def _readme(seed: int) -> str:
    return f"""{LABEL}: a simulated manufacturer (alignment {ALIGNMENT}, {MONTHS} months, seed {seed}).
Nothing here is a finding.

tables/             its tables as a client would export them; sopsem ops check tables
dashboard           one page (html, pdf, png, svg)
board, cfo, coo     reports (html, docx, md): the same numbers in every format
client              what a client is told, with the survey of the enterprise beside its measures
enterprise/         {PLANTS} other plants with a survey: sopsem ops bridge enterprise --survey enterprise/survey.csv
order.json          an order that asks to be accepted: sopsem ops authorize tables --order order.json
decision.txt .json  the decision, its reasons, who signs, counter-offers with their own decisions
"""
