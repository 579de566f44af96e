"""The whole chain on a simulated manufacturer: tables, check, every system, dashboard, reports, an order, replay."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import pandas as pd

from sopsem.executive.assessment import Assessment, assess
from sopsem.executive.governance import Decision, Order, authorize_order, build_state
from sopsem.executive.governance.order_record import order_record
from sopsem.executive.governance.state import newest_order_day
from sopsem.executive.schema.policy import POLICY_TEXT
from sopsem.executive.schema.tables import Tables
from sopsem.executive.simulate import simulate_manufacturer
from sopsem.report.client.document import Headline
from sopsem.report.operations.dashboard import dashboard_files
from sopsem.report.operations.decision_text import decision_record, decision_text
from sopsem.report.operations.report_markdown import report_bytes
from sopsem.report.operations.report_roles import executive_report
from sopsem.report.operations.simulated_files import LABEL, TRUTH, table_files
from sopsem.runs.atomic import json_bytes

__all__ = ["Demo", "example_order", "operations_demo"]

ALIGNMENT, MONTHS, AHEAD = 0.5, 36, 6
REPLAYED = 12  # months
READERS = ("board", "cfo", "coo")


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
    tell("1 of 6: three years of a simulated plant")
    plant = simulate_manufacturer(ALIGNMENT, MONTHS, seed=seed, ahead=AHEAD)
    tell("2 of 6: check of its tables against each other")
    tables = plant.tables()
    tell("3 of 6: every system, the order rule replayed on the last year (about ten seconds)")
    found = assess(tables, seed=seed, replayed=REPLAYED)
    tell("4 of 6: dashboard and reports")
    files = {f"tables/{name}": content for name, content in table_files(plant.frames).items()}
    files["tables/policy.toml"] = POLICY_TEXT.encode("utf-8")
    files[f"tables/{TRUTH}"] = json_bytes({"label": LABEL, **plant.truth})
    files |= {f"dashboard{end}": content for end, content in dashboard_files(found, label=LABEL).items()}
    for role in READERS:
        document = executive_report(found, role=role, label=LABEL)
        files |= {f"{role}{ending}": report_bytes(document, ending) for ending in (".html", ".docx", ".md")}
    tell("5 of 6: an order asks to be accepted")
    decision = authorize_order(
        order := example_order(tables), build_state(tables, newest_order_day(tables)), tables.policy
    )
    files["order.json"] = json_bytes(order_record(order))
    files["decision.json"] = json_bytes({"label": LABEL, **decision_record(decision)})
    files["decision.txt"] = f"{LABEL}\n{decision_text(decision)}".encode()
    tell("6 of 6: files")
    files["README.txt"] = _readme(seed).encode("utf-8")
    board = executive_report(found, role="board", label=LABEL)
    return Demo(files=files, findings=board.summary, decision=decision, assessment=found)


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
order.json          an order that asks to be accepted: sopsem ops authorize tables --order order.json
decision.txt .json  the decision, its reasons, who signs, counter-offers with their own decisions
"""
