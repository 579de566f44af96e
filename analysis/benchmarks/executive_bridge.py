"""The bridge on worlds whose truth is known: does the index see the true alignment, and does the survey see the index.

python analysis/benchmarks/executive_bridge.py [--worlds 10] [--seed 1] [--units 12] [--respondents 8]

Every world is ``simulate_enterprise(units, respondents)`` of 36 months, synthetic.  Writes
executive_bridge_results.csv: statistic, mean over the worlds, lowest and highest, Monte-Carlo error of the mean (sd /
root of worlds), the value that the prototype of the specification had, and whether the mean is within four errors of
it or 0.03 (the prototype scored nine simpler components; its own error is that of ten worlds too).
About 12 seconds of one core a world.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from sopsem.executive.bridge import link_survey, measure_units
from sopsem.executive.simulate import simulate_enterprise

HERE = Path(__file__).parent
PROTOTYPE = {
    "index and true alignment, r": 0.97,
    "survey and index, r": 0.83,
    "the same, corrected for the survey's unreliability": 0.86,
    "ICC(1) of alignment": 0.62,
    "ICC(2) of alignment": 0.93,
}
LEAST_TOLERANCE, ERRORS = 0.03, 4


def world(seed, units, respondents):
    """Return the statistics of one world."""
    firm = simulate_enterprise(units, respondents, seed=seed)
    measured = measure_units(firm.tables(), halves=False)
    found = link_survey(firm.survey, measured, categories=7, seed=seed)
    own = found.agreement.set_index("construct").loc["alignment"]
    truth = firm.truth.set_index("unit")["alignment"]
    index = measured.table.set_index("unit")["index_s"]
    r = found.summary["pearson"]
    values = (truth.corr(index), r, r / np.sqrt(own["icc2"]), own["icc1"], own["icc2"])
    return dict(zip(PROTOTYPE, values, strict=True))


def campaign(worlds, seed, units, respondents):
    """Return the mean of every statistic beside the prototype's."""
    found = pd.DataFrame([world(1000 * seed + i, units, respondents) for i in range(worlds)])
    mean, error = found.mean(), found.std(ddof=1) / np.sqrt(worlds)
    expected = pd.Series(PROTOTYPE)
    near = (mean - expected).abs() <= np.maximum(LEAST_TOLERANCE, ERRORS * error)
    return pd.DataFrame(
        {
            "statistic": mean.index,
            "worlds": worlds,
            "mean": mean.to_numpy(),
            "lowest": found.min().to_numpy(),
            "highest": found.max().to_numpy(),
            "error": error.to_numpy(),
            "prototype": expected.to_numpy(),
            "near": near.to_numpy(),
        }
    ).round(4)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--worlds", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--units", type=int, default=12)
    parser.add_argument("--respondents", type=int, default=8)
    given = parser.parse_args()
    table = campaign(given.worlds, given.seed, given.units, given.respondents)
    table.to_csv(HERE / "executive_bridge_results.csv", index=False)
    print(table.to_string(index=False))
