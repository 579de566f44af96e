"""How often each test of the executive part rejects when nothing is there: 400 worlds, nominal level 0.05.

python analysis/benchmarks/executive_null.py [--worlds 400] [--seed 1]

Worlds of 36 periods: forecasts without bias, without a quarter-end effect, and two forecasts that are equally good.
Writes executive_null_results.csv: test, rejection rate, and whether it is within the binomial 99 % band of 0.05.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

from sopsem.executive.forecast import forecast_bias
from sopsem.executive.forecast.value_added import diebold_mariano
from sopsem.executive.schema.checking import check_table

HERE = Path(__file__).parent
PERIODS, LEVEL = 36, 0.05
MONTHS = [f"{2022 + i // 12}-{i % 12 + 1:02d}" for i in range(PERIODS)]


def world(rng):
    """Return forecasts and demand of one product: independent errors of mean zero."""
    actual = rng.uniform(80, 120, PERIODS)
    demand = pd.DataFrame({"period": MONTHS, "product_id": "P", "sales_unit": "N", "quantity": actual})
    made = demand.assign(
        quantity=actual + rng.normal(0, 10, PERIODS), step="sales", issued=["2021-12", *MONTHS[:-1]]
    )
    return check_table("forecasts", made), check_table("demand", demand)


def p_values(seed, number):
    """Return the p of every test in one world."""
    rng = np.random.default_rng([seed, number])
    row = forecast_bias(*world(rng), seed=number).table.iloc[0]
    first, second = np.abs(rng.normal(0, 10, (2, PERIODS)))
    return {
        "bias, Newey-West (E25)": row["bias_p"],
        "quarter end, permutation (E25)": row["quarter_end_p"],
        "value added, Diebold-Mariano (E26)": diebold_mariano(first, second)[1],
    }


def campaign(worlds, seed):
    """Return the rejection rate of every test with the band it should be in."""
    found = pd.DataFrame([p_values(seed, i) for i in range(worlds)])
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
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    table = campaign(given.worlds, given.seed)
    table.to_csv(HERE / "executive_null_results.csv", index=False)
    print(table.to_string(index=False))
