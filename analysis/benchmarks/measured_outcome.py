"""The measured-outcome model on worlds whose paths are known: is it right, and how often do its intervals hold.

python analysis/benchmarks/measured_outcome.py [--worlds 1000] [--seed 1]

Every world is synthetic: people of units answer four items on alignment and four on performance; a mood of each person
colours all of that person's answers; the outcome of a unit follows its alignment and is measured with a reliability of
.8.  Writes measured_outcome_results.csv: units, path, worlds, truth, mean and sd of the estimates, mean standard error,
share of the 95 % intervals that hold the truth, and the Monte-Carlo error of that share.
About 2 minutes of one core.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from sopsem import measured_outcome

HERE = Path(__file__).parent
MODEL = "alignment =~ a0 + a1 + a2 + a3\nperformance =~ p0 + p1 + p2 + p3\nperformance ~ alignment"
UNITS, EACH, RELIABILITY = (30, 60, 120), 8, 0.8
BETWEEN, OWN, MOOD, REST, VIEW, PATH = 0.5, 0.4, 0.3, 0.2, 0.2, 0.6  # variances, and the path of units


def world(units, seed):
    """Return survey and outcomes of one world."""
    rng = np.random.default_rng(np.random.SeedSequence([seed, units]))
    level, rest = rng.normal(0, BETWEEN**0.5, units), rng.normal(0, REST**0.5, units)
    unit, n = np.repeat(np.arange(units), EACH), units * EACH
    own, mood, view = (rng.normal(0, size**0.5, n) for size in (OWN, MOOD, VIEW))
    outcome = PATH * level + rest
    ends = {"a": level[unit] + own + mood, "p": outcome[unit] + 0.3 * own + view + mood}
    items = {f"{k}{i}": end + rng.normal(0, 0.6, n) for k, end in ends.items() for i in range(4)}
    noise = rng.normal(0, (outcome_variance() * (1 - RELIABILITY) / RELIABILITY) ** 0.5, units)
    return pd.DataFrame(items | {"unit": unit}), pd.DataFrame(
        {"unit": range(units), "outcome": outcome + noise}
    )


def outcome_variance():
    """Return the variance of the true outcome between units."""
    return PATH**2 * BETWEEN + REST


def truth():
    """Return the standardized paths (reported, measured, difference)."""
    sd = (BETWEEN + OWN + MOOD) ** 0.5
    told = (outcome_variance() + 0.09 * OWN + VIEW + MOOD) ** 0.5
    reported = (PATH * BETWEEN + 0.3 * OWN + MOOD) / sd / told
    measured = PATH * BETWEEN / sd / outcome_variance() ** 0.5
    return np.array([reported, measured, reported - measured])


def campaign(units, worlds, seed):
    """Return one row per path."""
    found = []
    for i in range(worlds):
        survey, outcomes = world(units, 10_000 * seed + i)
        found.append(measured_outcome(survey, outcomes, model=MODEL, reliability=RELIABILITY).paths)
    est, se, low, high = (
        np.array([paths[name] for paths in found]) for name in ("est", "se", "ci_lower", "ci_upper")
    )
    held = ((low <= truth()) & (truth() <= high)).mean(axis=0)
    return pd.DataFrame(
        {
            "units": units,
            "path": found[0]["path"],
            "worlds": worlds,
            "truth": truth().round(4),
            "mean": est.mean(axis=0).round(4),
            "sd": est.std(axis=0, ddof=1).round(4),
            "mean_se": se.mean(axis=0).round(4),
            "held": held.round(4),
            "held_error": np.sqrt(held * (1 - held) / worlds).round(4),
        }
    )


def main():
    """Run the campaign and write its table."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--worlds", type=int, default=1000)
    options.add_argument("--seed", type=int, default=1)
    given = options.parse_args()
    table = pd.concat([campaign(units, given.worlds, given.seed) for units in UNITS], ignore_index=True)
    table.to_csv(HERE / "measured_outcome_results.csv", index=False)
    print(table.to_string(index=False))


if __name__ == "__main__":
    main()
