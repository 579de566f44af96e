"""Tables of a folder become records: the index of every unit, its parts, and margins."""

import numpy as np
import pytest

from sopsem.errors import FileError
from sopsem.executive.schema.tables import check_tables
from sopsem.executive.simulate import simulate_enterprise, simulate_manufacturer
from sopsem.report.client.operations.records import read_records, records_of


@pytest.fixture(scope="module")
def plant():
    return dict(simulate_manufacturer(0.7, 13, seed=1).frames)


def test_a_folder_is_read_and_labelled(plant, tmp_path):
    folder = tmp_path / "synthetic_tables"
    folder.mkdir()
    for name, frame in plant.items():
        frame.to_csv(folder / f"{name}.csv", index=False)
    found = read_records(folder)
    assert found.label == "synthetic data"
    assert found.index["unit"].tolist() == ["U01"]
    assert found.index.loc[0, "low"] < found.index.loc[0, "index"] < found.index.loc[0, "high"]
    lacking = found.components.set_index("component")["reason"]
    assert lacking["inventory_fit"]
    assert not lacking["delivery"]
    assert np.isnan(found.reliability)
    asked = found.asked("plant", "alignment")
    assert (asked.names, asked.question, asked.outcome_label) == (("U01",), "plant", "EBITDA margin")
    with pytest.raises(FileError):
        read_records(tmp_path / "nothing")


def test_without_financials_there_are_no_outcomes(plant):
    found = records_of(check_tables({n: f for n, f in plant.items() if n != "financials"}))
    assert found.outcomes.empty
    assert found.index["index"].notna().all()


def test_units_keep_their_own_numbers():
    firm = simulate_enterprise(2, 1, seed=4, periods=13)
    tables = check_tables({name: frame for name, frame in firm.frames.items() if name != "pipeline"})
    found, alone = records_of(tables), records_of(tables.of_unit("U02"))
    assert found.index.set_index("unit").loc["U02"].tolist() == alone.index.iloc[0].tolist()[1:]
    assert len(found.components) == 18
    days = found.components.query("component == 'cash' and unit == 'U02'")["value"].item()
    assert days == found.measured.table.set_index("unit").loc["U02", "cash"]
    assert days > 5  # days, not multiples of a target
    assert found.outcomes["unit"].tolist() == ["U01", "U02"]
