"""Tables together: folders read, keys between tables, units, template, fuzz."""

from collections import Counter
from datetime import date

import numpy as np
import pandas as pd
import pytest

from sopsem.errors import DataError, FileError, MissingTable, PolicyError
from sopsem.executive.schema.tables import check_tables, read_table, read_tables
from sopsem.executive.schema.template import template_files


@pytest.fixture
def folder(tmp_path):
    """The template, written."""
    for name, text in template_files().items():
        (tmp_path / name).write_text(text, "utf-8")
    return tmp_path


def refused(given, **how):
    with pytest.raises(DataError) as caught:
        check_tables(given, **how)
    return caught.value


def test_the_template_passes_its_own_check(folder):
    tables = read_tables(folder)
    assert len(tables) == 13
    assert tables.notices == ()
    assert len(tables.excluded) == 0


def test_a_table_that_is_missing_says_what_to_add(pq):
    tables = check_tables({"products": pq()["products"], "orders": None})
    assert "orders" not in tables
    with pytest.raises(MissingTable, match=r"orders\.csv is needed; add it with the columns order_id"):
        tables["orders"]


def test_folders_without_tables_are_refused(tmp_path):
    with pytest.raises(FileError, match="no such folder"):
        read_tables(tmp_path / "nowhere")
    with pytest.raises(FileError, match="no table is in it"):
        read_tables(tmp_path)


def test_the_policy_of_the_folder_is_used(folder):
    (folder / "policy.toml").write_text("[capacity]\nalpha = 0.2\n", "utf-8")
    assert read_tables(folder).policy["capacity"]["alpha"] == 0.2
    (folder / "policy.toml").write_text("[capacity]\nalfa = 0.2\n", "utf-8")
    with pytest.raises(PolicyError, match="did you mean 'alpha'"):
        read_tables(folder)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "the file is empty"),
        (b"\xff\xfe\x00", "not in UTF-8"),
        (b"product_id,price,material_cost\nP,1\n", "row 2 has 2 cells"),
        (b"product_id,price,material_cost\nP,1,2,3\n", "row 2 has 4 cells"),
        (b'product_id,price,material_cost\n"P,1,2\n', "a quote is not closed"),
        (b"product_id,price,price\nP,1,2\n", "'price' is there twice"),
        (b"product_id,price,material_cost\nP,\x00,2\n", "NUL"),
    ],
)
def test_files_that_are_no_table(folder, content, reason):
    (folder / "products.csv").write_bytes(content)
    with pytest.raises(DataError, match="E-T35") as caught:
        read_tables(folder)
    assert caught.value.code == "T35"
    assert reason in str(caught.value)


def test_semicolons_and_a_byte_order_mark_are_read(folder):
    text = (folder / "demand.csv").read_text("utf-8").replace(",", ";")
    (folder / "demand.csv").write_text("\ufeff" + text, "utf-8")
    assert read_tables(folder)["demand"].frame["quantity"].tolist() == [270.0]


def test_unknown_products_are_left_out_below_the_limit_and_refused_above(pq):
    frames = pq()
    few = pd.concat([frames["demand"], frames["demand"].iloc[:1].assign(product_id="X", quantity=5)])
    tables = check_tables({**frames, "demand": few})
    assert [n.code for n in tables.notices] == ["T05"]
    assert tables["demand"].frame["product_id"].tolist() == ["P", "Q"]
    assert tables["demand"].given == len(tables["demand"]) + len(tables.excluded)
    many = few.assign(quantity=[100, 50, 50])
    assert refused({**frames, "demand": many}).code == "T05"


def test_a_product_without_routing_does_not_use_no_capacity(pq):
    frames = pq()
    lacking = frames["routings"][frames["routings"]["product_id"] == "P"]
    error = refused({**frames, "routings": lacking})
    assert (error.code, error.table) == ("T05", "routings")


def test_a_product_whose_resources_are_all_unknown_is_not_forgotten(pq):
    """Fifty routings of other products keep the share of rows small: Q would be left out of every plan unseen."""
    frames = pq()
    many = [f"p{i}" for i in range(50)]
    more = pd.DataFrame({"product_id": many, "price": 1.0, "material_cost": 0.5})
    own = frames["routings"]
    lost = own[(own["product_id"] == "P") | (own["resource_id"] == "A")].copy()
    lost.loc[lost["product_id"] == "Q", "resource_id"] = "Z"
    others = pd.DataFrame({"product_id": many, "resource_id": "A", "hours_per_unit": 1.0})
    given = {
        **frames,
        "products": pd.concat([frames["products"], more]),
        "routings": pd.concat([lost, others]),
    }
    error = refused(given)
    assert [n.message for n in error.notices] == [
        "no routing for product 'Q': 35.7% of value; add its hours, also if they are 0"
    ]
    unknown = frames["routings"].replace({"resource_id": {"B": "Z"}})
    assert refused({**frames, "routings": unknown}).code == "T05"


def test_keys_of_another_unit_are_not_called_unknown(pq):
    frames = pq()
    error = refused({**frames, "demand": frames["demand"].assign(unit="U1")})
    (notice,) = error.notices
    where = "is in products.csv of unit 'ALL', not of unit 'U1': 100% of demand.csv"
    assert notice.message == f"product_id 'P', 'Q' {where}; write the same unit in both"
    error = refused({**frames, "routings": frames["routings"].assign(unit="U1")})
    assert [n.column for n in error.notices] == ["product_id", "resource_id"]
    assert "no routing" not in str(error)


def test_minutes_entered_as_hours_and_mixed_frequencies(pq):
    frames = pq()
    minutes = frames["routings"].assign(hours_per_unit=lambda f: f["hours_per_unit"] * 600)
    assert refused({**frames, "routings": minutes}).code == "T17"
    assert refused({**frames, "demand": frames["demand"].assign(period="2025-01")}).code == "T08"


def test_faults_of_all_tables_come_at_once(pq):
    frames = pq()
    frames["products"]["price"] = -1.0
    frames["demand"]["quantity"] = -1.0
    assert {n.table for n in refused(frames).notices} == {"products", "demand"}


def test_old_data_and_late_orders_are_noticed_on_the_day_asked_for(folder):
    orders = (folder / "orders.csv").read_text("utf-8").replace("2025-01-27,20,", ",,")
    (folder / "orders.csv").write_text(orders, "utf-8")
    codes = {n.code for n in read_tables(folder, as_of=date(2025, 3, 1)).notices}
    assert codes == {"T20", "T24"}


def test_one_unit_of_several(pq):
    frames = pq()
    both = {n: pd.concat([f.assign(unit="U1"), f.assign(unit="U2")]) for n, f in frames.items()}
    tables = check_tables(both)
    assert tables.units == ("U1", "U2")
    one = tables.of_unit("U1")
    assert one.units == ("U1",)
    assert len(one["routings"]) == 8
    assert one.digest != tables.digest


MUTATIONS = (
    "drop",
    "decimal",
    "negative",
    "percent",
    "duplicate",
    "shuffle",
    "empty",
    "garble",
    "dates",
    "cut",
)


def mutated(text, kind, rng):
    """Return a CSV text with one thing wrong with it."""
    lines = text.splitlines()
    header, row = lines[0].split(","), lines[1].split(",")
    at = int(rng.integers(len(row)))
    cells = {
        "decimal": '"1.234,5"',
        "negative": "-" + row[at],
        "percent": "60",
        "empty": "",
        "garble": "".join(chr(int(c)) for c in rng.integers(1, 0x2FF, 5)),
        "dates": str(rng.choice(["31/12/2024", "2024-02-31", "0000-00-00", "2025-W54", "9999-12-31"])),
    }
    if kind == "drop":
        return "\n".join(",".join(c for i, c in enumerate(line.split(",")) if i != at) for line in lines)
    if kind == "duplicate":
        return "\n".join([*lines, ",".join([*row[:at], "7", *row[at + 1 :]])])
    if kind == "cut":
        return text[: int(rng.integers(len(text)))]
    row[at] = cells.get(kind, row[at])
    if kind == "shuffle":
        rng.shuffle(row)
    return "\n".join([",".join(header), ",".join(row)])


def fuzz(folder, count, seed):
    """Mutate one file of the template at a time; return how each ended, by kind."""
    rng = np.random.default_rng(seed)
    files = template_files()
    sound = read_tables(folder)
    names = [n for n in files if n.endswith(".csv")]
    ended = {}
    for i in range(count):
        name, kind = names[int(rng.integers(len(names)))], MUTATIONS[i % len(MUTATIONS)]
        (folder / name).write_text(mutated(files[name], kind, rng), "utf-8", newline="")
        try:
            check_tables({**sound, name[:-4]: read_table(folder / name)})
            code = "ok"
        except (DataError, PolicyError) as error:
            code = getattr(error, "code", "policy")
        ended.setdefault(kind, Counter())[code] += 1
        (folder / name).write_text(files[name], "utf-8")
    return ended


def test_mutated_files_end_in_documented_errors_only(folder):
    """The campaign of 2,000 is ``analysis/benchmarks/executive_fuzz.py``."""
    ended = fuzz(folder, 60, seed=1)
    assert set(ended) == set(MUTATIONS)
    assert not any("" in codes for codes in ended.values())
    assert "T02" in ended["drop"]
    assert "T03" in ended["decimal"]
    assert "T06" in ended["negative"]
