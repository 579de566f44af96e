"""How often each test of the executive part rejects when nothing is there: 400 worlds, nominal level 0.05.

python analysis/benchmarks/executive_null.py [--worlds 400] [--enterprises 400] [--seed 1]

Worlds of 36 periods: forecasts without bias, without a quarter-end effect, two steps of equal worth, in tables; profit
that follows sales with an elasticity of one; prices that demand does not answer to; 12 units whose perceptions and
measures are drawn apart.  Enterprises of 12 units, ``simulate_enterprise(null=True)`` of 13 months: people answer by
an alignment on which the operations do not depend.  About two seconds an enterprise.
Writes executive_null_results.csv: test, rejection rate, and whether it is within the binomial 99 % band of 0.05.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

from sopsem.executive.bridge import link_survey
from sopsem.executive.bridge.association import associate
from sopsem.executive.bridge.measured import otif_requested, premium_freight, price_realisation
from sopsem.executive.bridge.unit_path import unit_path
from sopsem.executive.forecast import forecast_bias, forecast_value_added
from sopsem.executive.leverage import operating_leverage
from sopsem.executive.pricing.elasticity import estimate_elasticity
from sopsem.executive.schema.checking import check_table
from sopsem.executive.schema.policy import make_policy
from sopsem.executive.simulate import simulate_enterprise

HERE = Path(__file__).parent
PERIODS, LEVEL, UNITS = 36, 0.05, 12
METRICS = {
    "premium_freight": premium_freight,
    "otif_requested": otif_requested,
    "price_realisation": price_realisation,
}
# one pair a metric, so that no construct and no metric is tested twice
PAIRS = [
    "conflict + premium_freight",
    "market_performance + otif_requested",
    "internal_performance + price_realisation",
]
QUICK = make_policy(bridge={"permutations": 999, "draws": 50, "pairs": PAIRS})
MONTHS = [f"{2022 + i // 12}-{i % 12 + 1:02d}" for i in range(PERIODS)]


def forecasts(rng):
    """Return forecasts and demand of one product: two steps with independent errors of mean zero and one spread."""
    actual = rng.uniform(80, 120, PERIODS)
    demand = pd.DataFrame({"period": MONTHS, "product_id": "P", "sales_unit": "N", "quantity": actual})
    steps = [
        demand.assign(
            quantity=actual + rng.normal(0, 10, PERIODS), step=step, issued=["2021-12", *MONTHS[:-1]]
        )
        for step in ("statistical", "sales")
    ]
    return check_table("forecasts", pd.concat(steps)), check_table("demand", demand)


def money(rng):
    """Return financials whose profit has an elasticity of one, with noise whose spread grows with sales."""
    revenue = 100 * np.exp(rng.normal(0, 0.15, PERIODS))
    profit = 0.2 * revenue * np.exp(rng.normal(0, 0.1, PERIODS) * np.sqrt(revenue / 100))
    frame = {"period": MONTHS, "revenue": revenue, "variable_cost": 0.0, "fixed_cost": revenue - profit}
    return pd.DataFrame({**frame, "inventory": 0.0, "receivables": 0.0, "payables": 0.0})


def sales(rng):
    """Return orders of six products in 24 periods: prices move, demand does not answer to them."""
    names, periods = np.repeat(list("abcdef"), 24), np.tile(np.arange(24), 6)
    price, quantity = np.exp(rng.normal(2, 0.1, (2, 144)))
    return pd.DataFrame({"product_id": names, "period": periods, "price": price, "quantity": quantity})


def p_values(seed, number):
    """Return the p of every test in one world."""
    rng = np.random.default_rng([seed, number])
    tables = forecasts(rng)
    bias = forecast_bias(*tables, step="sales", seed=number).table.iloc[0]
    staircase = forecast_value_added(*tables, steps=["statistical", "sales"]).table
    slope = operating_leverage(money(rng)).regression.iloc[0]
    elasticity = estimate_elasticity(sales(rng))
    perceived, measured = np.random.default_rng([seed, number, 43]).normal(size=(2, UNITS))
    paired = associate(perceived, measured, permutations=999, draws=50, seed=number)
    return {
        "bias, Newey-West (E25)": bias["bias_p"],
        "quarter end, permutation (E25)": bias["quarter_end_p"],
        "value added, Diebold-Mariano (E26)": staircase["dm_p"].iloc[1],
        "profit on sales, HC3 (E16)": 2 * stats.norm.sf(abs(slope["slope"] - 1) / slope["se"]),
        "elasticity, HC3 (E34)": 2 * stats.norm.sf(abs(elasticity.value) / elasticity.error),
        "Pearson, permutation (E43)": paired["pearson_p"],
        "Spearman, permutation (E43)": paired["spearman_p"],
        "unit-level path, wild bootstrap (E43)": unit_path(perceived, measured, draws=999, seed=number)["p"],
    }


def enterprise_p_values(seed, number):
    """Return the p of every pair of one enterprise whose operations have nothing to do with its alignment."""
    firm = simulate_enterprise(UNITS, 8, seed=100_000 * seed + number, periods=13, null=True)
    orders = check_table("orders", firm.frames["orders"]).frame
    ops = pd.DataFrame(
        [{"unit": u, **{n: of(own) for n, of in METRICS.items()}} for u, own in orders.groupby("unit")]
    )
    pairs = link_survey(firm.survey, ops, categories=7, seed=number, policy=QUICK).pairs
    known = pairs[pairs["reason"] == ""]
    found = {}
    for row in known.itertuples():
        name = f"{row.construct} beside {row.metric}"
        found |= {
            f"{name}, Pearson, enterprise (E43)": row.pearson_p,
            f"{name}, Spearman, enterprise (E43)": row.spearman_p,
        }
    return found


def campaign(worlds, enterprises, seed):
    """Return the rejection rate of every test with the band it should be in."""
    tables = [[p_values(seed, i) for i in range(worlds)]]
    tables.append([enterprise_p_values(seed, i) for i in range(enterprises)])
    return pd.concat([rates(pd.DataFrame(rows)) for rows in tables if rows], ignore_index=True)


def rates(found):
    """Return how often each column of p-values is below the level."""
    worlds = len(found)
    low, high = stats.binom.ppf([0.005, 0.995], worlds, LEVEL) / worlds
    rate = (found < LEVEL).mean()
    return pd.DataFrame(
        {
            "test": rate.index,
            "worlds": worlds,
            "rejected": rate.to_numpy(),
            "low": low,
            "high": high,
            "within": rate.between(low, high).to_numpy(),
        }
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--worlds", type=int, default=400)
    parser.add_argument("--enterprises", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    table = campaign(given.worlds, given.enterprises, given.seed)
    table.to_csv(HERE / "executive_null_results.csv", index=False)
    print(table.to_string(index=False))
