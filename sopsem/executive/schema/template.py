"""The files of ``sopsem ops template``: every table with one example row, the thresholds, the schema, a word before."""

import json

from sopsem.executive.schema.definitions import SCHEMAS, Schema, schema_records
from sopsem.executive.schema.policy import POLICY_TEXT

__all__ = ["WARNINGS", "template_files"]

WARNINGS = (
    "CRMs overwrite probabilities: export a snapshot of the pipeline every month, or calibration is impossible.",
    "Demand must be what was requested, not what was shipped: shipments hide the constraint.",
)


def template_files() -> dict[str, str]:
    """Return the text of every file of the template by its name; the folder passes ``check`` as it is.

    Examples
    --------
    >>> files = template_files()
    >>> print(files["demand.csv"])
    period,product_id,sales_unit,quantity,measure,unit
    2025-01,P1,North,270,orders,ALL
    <BLANKLINE>

    """
    tables = {f"{name}.csv": _example(schema) for name, schema in SCHEMAS.items()}
    schema = json.dumps(schema_records(), indent=2) + "\n"
    return {**tables, "policy.toml": POLICY_TEXT, "schema.json": schema, "README.txt": _readme()}


def _example(schema: Schema) -> str:
    """No example holds a comma, a quote or a line break."""
    columns = schema.columns.values()
    return ",".join(c.name for c in columns) + "\n" + ",".join(c.example for c in columns) + "\n"


def _readme() -> str:
    lines = ["Tables for sopsem ops: UTF-8, a header row, decimal point, dates as 2025-01-31.", ""]
    lines += [*(f"! {text}" for text in WARNINGS), ""]
    for schema in SCHEMAS.values():
        lines.append(f"{schema.name}.csv: one row is {schema.row}")
        lines += [_explained(name, schema) for name in schema.columns]
        lines.append("")
    return "\n".join(lines)


def _explained(name: str, schema: Schema) -> str:
    column = schema.columns[name]
    default = "" if column.default in (None, "") else f" [{column.default}]"
    return f"  {name}{' *' if column.required else ''} ({column.type}): {column.text}{default}"
