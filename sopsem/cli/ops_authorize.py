"""``sopsem ops authorize``: whether an order is accepted, who signs, what could be offered instead."""

import json
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from sopsem.cli.inputs import AsJson, echo, echo_json
from sopsem.cli.ops import Folder, ops
from sopsem.cli.ops_folder import Unit, folder_label, unit_tables
from sopsem.errors import FileError
from sopsem.executive.governance import authorize_order, build_state
from sopsem.executive.governance.order import Order
from sopsem.executive.governance.order_record import order_from
from sopsem.executive.governance.state import newest_order_day
from sopsem.report.escape import terminal_lines
from sopsem.report.operations.decision_text import decision_record, decision_text
from sopsem.report.terminal import wrapped

__all__ = ["ops_authorize_command", "read_order"]


@ops.command("authorize")
def ops_authorize_command(
    folder: Folder,
    order: Annotated[
        Path,
        typer.Option(
            "--order", help='{"product": "P1", "quantity": 40, "price": 390, "requested": "2025-01-31"}'
        ),
    ],
    as_of: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="The day it asks; by default that of the newest order."),
    ] = None,
    unit: Unit = None,
    as_json: AsJson = False,
) -> None:
    """Decide on an order: approve, escalate or reject, with reasons, signatures and counter-offers.

    Every counter-offer is judged like an order and printed with its own decision. Ends in 0 whatever the decision;
    2 to 4 are for wrong options, files and fields.

    Example: sopsem ops authorize my_tables --order order.json --as-of 2025-01-06
    """
    asked = read_order(order)
    tables = unit_tables(folder, unit)
    day = newest_order_day(tables) if as_of is None else as_of.date()
    decision = authorize_order(asked, build_state(tables, day), tables.policy)
    label = folder_label(folder)
    if as_json:
        echo_json({"label": label, **decision_record(decision)})
        return
    echo(wrapped(terminal_lines("\n".join(filter(None, [label, decision_text(decision)])))))


def read_order(path: Path) -> Order:
    """Return the order of a JSON file.

    Raises
    ------
    FileError
        The file is missing, or no JSON in UTF-8.
    DataError
        As in ``order_from``.

    """
    try:
        record = json.loads(path.read_text("utf-8-sig"))
    except OSError as error:
        raise FileError(f"{path}: cannot be read: {error.strerror or error}") from error
    except (ValueError, RecursionError) as error:
        raise FileError(f"{path}: not JSON in UTF-8: {error}") from error
    return order_from(record)
