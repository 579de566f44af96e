"""E01: three rankings and their reversals; free products, losing products, no constraint."""

import numpy as np
import pandas as pd
import pytest

from sopsem.errors import DataError
from sopsem.executive.throughput import contribution_table, product_mix


def test_v01_the_ranks_reverse(pq):
    f = pq()
    mix = product_mix(f["products"], f["routings"], f["capacity"], f["demand"])
    found = contribution_table(f["products"], f["routings"], mix=mix)
    table = found.table.set_index("product")
    assert table["contribution"].tolist() == [45, 60]
    assert table["margin"].tolist() == pytest.approx([0.5, 0.6])
    assert table["per_hour"].tolist() == pytest.approx([3, 2])
    assert found.summary["resource"] == "B"
    assert found.summary["kendall_tau"] == pytest.approx(-1)
    assert found.reversals.to_numpy().tolist() == [["Q", "P"]]


def test_without_a_constraint_products_are_ranked_by_contribution(pq):
    f = pq()
    found = contribution_table(f["products"], f["routings"])
    assert found.codes() == ("T27",)
    assert found.table["rank_per_hour"].tolist() == [2, 1]
    assert found.per_resource["B"].tolist() == [3, 2]


def test_products_that_use_none_of_it_or_lose_money(pq):
    f = pq()
    f["products"] = f["products"].assign(material_cost=[95.0, 40.0])
    f["routings"].loc[
        (f["routings"]["product_id"] == "Q") & (f["routings"]["resource_id"] == "B"), "hours_per_unit"
    ] = 0
    found = contribution_table(f["products"], f["routings"], resource="B")
    table = found.table.set_index("product")
    assert table.loc["Q", "per_hour"] == np.inf
    assert table["rank_per_hour"].tolist() == [2, 1]
    assert found.codes() == ("T26", "T36")
    with pytest.raises(DataError, match="'X' is in no routing"):
        contribution_table(f["products"], f["routings"], resource="X")


def test_realised_prices_setup_and_yield(pq):
    f = pq()
    orders = pd.DataFrame(
        {
            "order_id": ["1", "2", "3"],
            "sales_unit": "n",
            "product_id": "P",
            "quantity": [1, 3, 9],
            "price": [90.0, 80.0, 1.0],
            "order_date": "2025-01-01",
            "promised_date": "2025-01-05",
            "status": ["closed", "open", "cancelled"],
        }
    )
    f["routings"] = f["routings"].assign(setup_hours=30.0, batch_size=10.0, **{"yield": 0.9})
    found = contribution_table(f["products"], f["routings"], orders=orders, resource="B")
    table = found.table.set_index("product")
    assert table.loc["P", "price"] == pytest.approx(82.5)
    assert table.loc["P", "hours"] == pytest.approx((15 + 3) / 0.9)
    assert table.loc["Q", "price"] == 100
    assert found.summary["prices"] == "realised"
