"""Times of the executive part against its targets on a laptop; CPU seconds of this process, best of three.

python analysis/benchmarks/executive_speed.py [--lines 1000000]

Writes executive_speed_results.csv beside itself.  Data are made up; they measure software only.
"""

import argparse
import time
from pathlib import Path

import numpy as np
import pandas as pd

from sopsem.executive.assessment import assess
from sopsem.executive.capacity import bottleneck_map
from sopsem.executive.finance import cash_cycle
from sopsem.executive.plant import gather, market, plant_of
from sopsem.executive.scenario import plan_horizon, simulate_scenarios
from sopsem.executive.schema.checking import check_table
from sopsem.executive.schema.policy import DEFAULT_POLICY
from sopsem.executive.simulate import simulate_manufacturer
from sopsem.executive.throughput import booking_reality, product_mix, throughput_accounting
from sopsem.executive.throughput.mix import best_mix, program_of, solved
from sopsem.report.operations.dashboard import dashboard_files

HERE = Path(__file__).parent


def plant(products, resources, seed=1):
    """Return tables of a plant that is short of hours."""
    rng = np.random.default_rng(seed)
    names = [f"p{i:03d}" for i in range(products)]
    hours = rng.uniform(0.1, 2.0, (resources, products)) * (rng.random((resources, products)) < 0.4)
    quantity = rng.uniform(5, 60, products)
    return {
        "products": pd.DataFrame(
            {
                "product_id": names,
                "price": rng.uniform(50, 100, products),
                "material_cost": rng.uniform(5, 45, products),
            }
        ),
        "routings": pd.DataFrame(
            [(names[p], f"r{r:02d}", hours[r, p]) for r, p in zip(*np.nonzero(hours), strict=True)],
            columns=["product_id", "resource_id", "hours_per_unit"],
        ),
        "capacity": pd.DataFrame(
            {
                "period": "2025-01",
                "resource_id": [f"r{r:02d}" for r in range(resources)],
                "scheduled_hours": 0.9 * hours @ quantity + 1,
            }
        ),
        "demand": pd.DataFrame(
            {"period": "2025-01", "product_id": names, "sales_unit": "n", "quantity": quantity}
        ),
    }


def horizon(products, resources, periods=24, seed=1):
    """Return the tables of such a plant over several months, with demand that goes up and down."""
    one = plant(products, resources, seed)
    rng = np.random.default_rng(seed)
    months = [f"{2025 + i // 12}-{i % 12 + 1:02d}" for i in range(periods)]
    moves = rng.uniform(0.6, 1.3, (periods, products))
    asked = [
        one["demand"].assign(period=m, quantity=one["demand"]["quantity"] * move)
        for m, move in zip(months, moves, strict=True)
    ]
    hours = pd.concat([one["capacity"].assign(period=m) for m in months], ignore_index=True)
    return one | {"capacity": hours, "demand": pd.concat(asked, ignore_index=True)}


def many_orders(lines):
    """Return a simulated plant whose orders are repeated to so many lines."""
    frames = dict(simulate_manufacturer(0.5, seed=1).frames)
    orders = frames["orders"]
    copies = -(-lines // len(orders))
    repeated = pd.concat([orders] * copies, ignore_index=True).iloc[:lines]
    repeated["order_id"] = "L" + pd.Series(np.arange(lines)).astype(str)
    return frames | {"orders": repeated}


def best_of(count, work):
    """Return the least CPU seconds of some runs."""
    times = []
    for _ in range(count):
        started = time.process_time()
        work()
        times.append(time.process_time() - started)
    return min(times)


def order_metrics(frames):
    """Check a million lines once, then compute every system of this part that reads orders."""
    orders = check_table("orders", frames["orders"], DEFAULT_POLICY)
    throughput_accounting(frames["products"], frames["financials"], orders=orders)
    booking_reality(orders, frames["products"], frames["routings"], frames["capacity"])
    cash_cycle(frames["financials"], orders)


def measure(lines):
    """Return a row per task: what, seconds, target."""
    large, long = plant(200, 30), horizon(200, 30)
    model = plan_horizon(**long).model
    tables = gather(DEFAULT_POLICY, **large)
    made = plant_of(tables, "2025-01", market(tables).loc["2025-01"])
    program = program_of(made)
    names = ("products", "routings", "capacity", "demand")
    world = simulate_manufacturer(0.5, seed=1).frames
    frames = many_orders(lines)
    found = assess(simulate_manufacturer(0.5, seed=1, ahead=6).tables(), replayed=3)
    tasks = [
        ("solve the mix of 200 x 30", lambda: solved(made, program), 0.1),
        ("... with prices, ranges and rules of thumb", lambda: best_mix(made, tables), 0.1),
        ("... and the tables checked", lambda: product_mix(*(large[n] for n in names)), 0.5),
        ("plan 200 x 30 over 24 months", lambda: plan_horizon(**long), 5.0),
        ("... with backlog instead of lost sales", lambda: plan_horizon(**long, backlog_cost=5.0), 5.0),
        ("... lived through in six named worlds", lambda: simulate_scenarios(model), 20.0),
        ("simulate a plant of 36 months", lambda: simulate_manufacturer(0.5, seed=2), 1.0),
        (
            "bottleneck map of 36 months",
            lambda: bottleneck_map(
                world["capacity"], world["routings"], world["demand"], products=world["products"]
            ),
            2.0,
        ),
        ("dashboard of it: two A3 pages as PNG, SVG, PDF, and HTML", lambda: dashboard_files(found), 8.0),
        (f"{lines:,} order lines: check and all order metrics", lambda: order_metrics(frames), 10.0),
    ]
    rows = []
    for name, work, target in tasks:
        seconds = best_of(1 if "lines" in name else 3, work)
        rows.append({"task": name, "seconds": round(seconds, 4), "target": target, "met": seconds <= target})
        print(rows[-1], flush=True)
    return pd.DataFrame(rows)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--lines", type=int, default=1_000_000)
    found = measure(parser.parse_args().lines)
    found.to_csv(HERE / "executive_speed_results.csv", index=False)
