"""The operational tables of a client, measured: what the chapter and the model with a measured outcome need."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from sopsem.client.operations.unit_views import UnitsAsked
from sopsem.errors import MissingTable
from sopsem.executive.alignment import alignment_index
from sopsem.executive.alignment.index import COMPONENTS
from sopsem.executive.bridge import MeasuredUnits, measure_units
from sopsem.executive.bridge.margin import unit_margins
from sopsem.executive.schema.policy import Policy
from sopsem.executive.schema.tables import Tables, read_tables
from sopsem.survey.shipped import data_label

__all__ = ["OUTCOME", "Records", "read_records", "records_of"]

OUTCOME = "EBITDA margin"


@dataclass(frozen=True, kw_only=True, eq=False)
class Records:
    """What the tables say of every unit.

    ``measured`` has the metrics, ``index`` the alignment index with its band (unit, index, low, high),
    ``components`` the scores of its parts (unit, component, label, value, score, reason), ``outcomes`` the EBITDA
    margins (unit, outcome; empty without financials) with their ``reliability``; ``label`` says what the data are.
    """

    measured: MeasuredUnits
    index: pd.DataFrame
    components: pd.DataFrame
    outcomes: pd.DataFrame
    reliability: float
    policy: Policy
    label: str

    def asked(self, question: str = "unit", predictor: str = "alignment") -> UnitsAsked:
        """Return what a briefing must know of the units."""
        return UnitsAsked(
            names=tuple(map(str, self.index["unit"])),
            question=question,
            outcomes=self.outcomes,
            outcome_label=OUTCOME,
            reliability=self.reliability,
            predictor=predictor,
        )


def read_records(folder: str | Path) -> Records:
    """Read and measure the tables of a folder (see ``sopsem ops template``).

    Raises
    ------
    FileError, DataError
        As in ``read_tables``: every fault of every table at once.

    """
    return records_of(read_tables(folder), label=data_label(Path(folder)))


def records_of(tables: Tables, *, label: str = "") -> Records:
    """Measure tables that are checked.

    Units are measured in two halves of the time as well, for the reliability of every measure, where there are
    units enough for correlations.

    Examples
    --------
    >>> from sopsem.executive.simulate import simulate_manufacturer
    >>> found = records_of(simulate_manufacturer(0.8, periods=13, seed=1).tables(), label="synthetic data")
    >>> found.index["unit"].tolist(), len(found.components), found.outcomes.shape
    (['U01'], 9, (1, 2))

    """
    enough = len(tables.units) >= tables.policy["bridge"]["min_units"]
    measured = measure_units(tables, halves=enough)
    outcomes, reliability = _outcomes(tables)
    return Records(
        measured=measured,
        index=_index(measured, tables.policy),
        components=_components(measured, tables.policy),
        outcomes=outcomes,
        reliability=reliability,
        policy=tables.policy,
        label=label,
    )


def _outcomes(tables: Tables) -> tuple[pd.DataFrame, float]:
    try:
        found = unit_margins(tables["financials"], policy=tables.policy)
    except MissingTable:
        return pd.DataFrame(columns=["unit", "outcome"]), float("nan")
    table = found.table.rename(columns={"margin": "outcome"})[["unit", "outcome"]]
    return table, float(found.summary["reliability"])  # type: ignore[arg-type]


def _known(row: "pd.Series[float]") -> dict[str, float]:
    return {name: float(row[name]) for name in COMPONENTS}


def _index(measured: MeasuredUnits, policy: Policy) -> pd.DataFrame:
    """Return version S: what alignment does to money is asked of it, so it holds no money."""
    rows = []
    for unit, row in measured.table.set_index("unit").iterrows():
        summary = alignment_index(_known(row), policy, version="S").summary
        rows.append((str(unit), *(summary[name] for name in ("index", "low", "high"))))
    return pd.DataFrame(rows, columns=["unit", "index", "low", "high"])


def _components(measured: MeasuredUnits, policy: Policy) -> pd.DataFrame:
    why = measured.reasons.set_index(["unit", "metric"])["reason"]
    rows = []
    for unit, row in measured.table.set_index("unit").iterrows():
        table = alignment_index(_known(row), policy).table
        # the index counts cash in multiples of its target; people read days
        values = table["value"].where(table["component"] != "cash", float(row["cash"]))
        rows += [
            (str(unit), r.component, r.metric, value, r.score, str(why.get((unit, r.component), "")))
            for r, value in zip(table.itertuples(), values, strict=True)
        ]
    return pd.DataFrame(rows, columns=["unit", "component", "label", "value", "score", "reason"])
