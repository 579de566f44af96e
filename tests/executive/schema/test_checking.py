"""One table: every code of bad input, all faults at once, rows accounted for."""

import numpy as np
import pandas as pd
import pytest

from sopsem.errors import DataError
from sopsem.executive.schema.checking import check_table
from sopsem.executive.schema.policy import make_policy

PRODUCTS = pd.DataFrame({"product_id": ["P", "Q"], "price": ["90", "100"], "material_cost": ["45", "40"]})
ORDERS = pd.DataFrame(
    {
        "order_id": [f"o{i}" for i in range(40)],
        "sales_unit": "North",
        "product_id": "P",
        "quantity": "2",
        "price": "90",
        "order_date": "2025-01-10",
        "promised_date": "2025-01-20",
        "delivered_date": "2025-01-19",
    }
)
DEMAND = pd.DataFrame(
    {"period": ["2025-01", "2025-02"], "product_id": "P", "sales_unit": "North", "quantity": ["1", "2"]}
)
PIPELINE = pd.DataFrame(
    {
        "opportunity_id": [f"p{i}" for i in range(10)],
        "snapshot": "2025-01-31",
        "sales_unit": "North",
        "stage": "offer",
        "probability": "0.5",
        "amount": "10",
        "expected_close": "2025-02-28",
        "outcome": "open",
    }
)
CAPACITY = pd.DataFrame({"period": ["2025-01"], "resource_id": "M", "scheduled_hours": "100"})
FORECASTS = pd.DataFrame(
    {
        "period": "2025-03",
        "issued": "2025-02-20",
        "product_id": [f"P{i}" for i in range(30)],
        "sales_unit": "North",
        "step": "sales",
        "quantity": "5",
    }
)


def changed(frame, row=0, **cells):
    """Return the frame with cells of one row changed; a column that is not there is made."""
    made = frame.astype(object).copy()
    for name, cell in cells.items():
        if name not in made:
            made[name] = ""
        made.loc[row, name] = cell
    return made


def refused(name, frame, **how):
    with pytest.raises(DataError) as caught:
        check_table(name, frame, **how)
    return caught.value


@pytest.mark.parametrize(
    ("name", "frame", "code", "column"),
    [
        ("products", PRODUCTS.drop(columns="price"), "T02", "price"),
        ("products", changed(PRODUCTS, price=""), "T02", "price"),
        ("products", changed(PRODUCTS, price="NA"), "T02", "price"),
        ("products", PRODUCTS.iloc[:0], "T02", ""),
        ("products", changed(PRODUCTS, price="1.234,56"), "T03", "price"),
        ("products", changed(PRODUCTS, price="-"), "T03", "price"),
        ("products", changed(PRODUCTS, price="inf"), "T03", "price"),
        ("products", changed(PRODUCTS, price="nan"), "T03", "price"),
        ("products", changed(PRODUCTS, price="1_000"), "T03", "price"),
        ("products", changed(PRODUCTS, price=np.inf).infer_objects(), "T03", "price"),
        ("orders", changed(ORDERS, order_date="31/12/24"), "T03", "order_date"),
        ("orders", changed(ORDERS, order_date="2025-02-30"), "T03", "order_date"),
        ("demand", changed(DEMAND, period="2025-13"), "T03", "period"),
        ("products", changed(PRODUCTS, row=1, product_id="P"), "T04", "product_id"),
        ("products", changed(PRODUCTS, price="-90"), "T06", "price"),
        ("orders", changed(ORDERS, quantity="-2"), "T06", "quantity"),
        ("pipeline", changed(PIPELINE, probability="1.5"), "T07", "probability"),
        ("pipeline", changed(PIPELINE, criteria_met="4", criteria_total="3"), "T07", "criteria_met"),
        ("demand", changed(DEMAND, row=1, period="2025-03"), "T08", "period"),
        ("demand", changed(DEMAND, row=1, period="2025-W05"), "T08", "period"),
        ("products", PRODUCTS.assign(price=["€90", "$100"]), "T09", "price"),
        ("capacity", changed(CAPACITY, maintenance_hours="101"), "T10", "maintenance_hours"),
        ("orders", ORDERS.assign(delivered_date="2025-01-09"), "T23", ""),
        ("forecasts", FORECASTS.assign(issued="2025-03-01"), "T23", ""),
        ("pipeline", changed(PIPELINE, outcome="maybe"), "T34", "outcome"),
    ],
)
def test_faults_have_their_code_and_place(name, frame, code, column):
    error = refused(name, frame)
    assert (error.code, error.table, error.column) == (code, name, column)
    assert f"{name}.csv: E-{code}" in str(error)


def test_all_faults_of_a_table_come_at_once():
    frame = changed(changed(PRODUCTS, price="x"), row=1, material_cost="y")
    assert [n.column for n in refused("products", frame).notices] == ["price", "material_cost"]


def test_rows_are_named_with_their_key_and_counted():
    message = str(refused("orders", ORDERS.assign(quantity="-1")))
    assert "rows 2 (o0 · P), 3 (o1 · P)" in message
    assert "and 35 more" in message


@pytest.mark.parametrize(
    ("name", "frame", "code", "left_out"),
    [
        ("products", pd.concat([PRODUCTS, PRODUCTS.iloc[:1]]), "T04", 1),
        ("products", PRODUCTS.assign(color="red"), "T02", 0),
        ("orders", changed(ORDERS, delivered_date="2025-01-09"), "T12", 1),
        ("orders", changed(ORDERS, invoice_date="2025-02-02", paid_date="2025-02-01"), "T12", 1),
        ("demand", DEMAND.assign(measure="shipments"), "T25", 0),
        ("forecasts", changed(FORECASTS, issued="2025-03-01"), "T21", 1),
        ("forecasts", changed(FORECASTS, issued="2025-03"), "T21", 1),
        ("orders", changed(ORDERS, order_date="2025-01-10T08:00:00+02:00"), "T03", 0),
    ],
)
def test_weak_data_are_noticed_and_every_row_is_accounted_for(name, frame, code, left_out):
    table = check_table(name, frame)
    assert [(n.code, n.severity) for n in table.notices] == [(code, "W")]
    assert len(table.excluded) == left_out
    assert set(table.excluded["code"]) <= {code}
    assert table.given == len(frame) == len(table) + left_out


def test_outliers_are_noticed_and_kept():
    prices = [*np.linspace(88, 92, 39), 9000]
    table = check_table("orders", ORDERS.assign(price=prices))
    assert [n.code for n in table.notices] == ["T19"]
    assert table.frame["price"].max() == 9000


def test_credit_notes_need_the_status_cancelled():
    assert check_table("orders", changed(ORDERS, quantity="-2", status="cancelled")).given == 40


def test_percent_and_decimal_and_dayfirst_are_asked_for_and_never_guessed():
    percent = PIPELINE.assign(probability="50")
    assert "pass percent=True" in str(refused("pipeline", percent))
    assert check_table("pipeline", percent, percent=True).frame["probability"].eq(0.5).all()
    comma = PRODUCTS.assign(price=["90,5", "100"])
    assert "give decimal=','" in str(refused("products", comma))
    assert check_table("products", comma, decimal=",").frame["price"].tolist() == [90.5, 100.0]
    slashed = ORDERS.assign(order_date="10/01/2025")
    assert "give dayfirst=True" in str(refused("orders", slashed))
    days = check_table("orders", slashed, dayfirst=True).frame["order_date"]
    assert days.eq(pd.Timestamp("2025-01-10")).all()


def test_the_share_that_may_be_left_out_is_the_policys():
    bad = ORDERS.assign(delivered_date=["2025-01-09"] * 10 + ["2025-01-19"] * 30)
    assert refused("orders", bad).code == "T23"
    lenient = make_policy(general={"max_excluded_share": 0.5})
    assert len(check_table("orders", bad, lenient)) == 30


def test_row_order_and_unknown_columns_change_nothing():
    plain = check_table("orders", ORDERS)
    shuffled = check_table("orders", ORDERS.sample(frac=1.0, random_state=1).assign(extra="x"))
    assert plain.digest == shuffled.digest
    pd.testing.assert_frame_equal(plain.frame, shuffled.frame)
    assert check_table("orders", changed(ORDERS, price="91")).digest != plain.digest


def test_texts_and_values_are_read_alike():
    typed = ORDERS.assign(
        quantity=2.0,
        price=90,
        order_date=pd.Timestamp("2025-01-10"),
        delivered_date=pd.Timestamp("2025-01-19"),
    )
    assert check_table("orders", typed).digest == check_table("orders", ORDERS).digest


def test_columns_that_are_not_given_hold_their_default_or_nothing():
    frame = check_table("products", PRODUCTS).frame
    assert frame["other_variable_cost"].tolist() == [0.0, 0.0]
    assert frame["max_sales"].isna().all()
    assert frame["unit"].tolist() == ["ALL", "ALL"]
