"""Makes expected.csv: the replication table of the three shipped synthetic twins.

    python analysis/alignment_paper/make.py

One row per twin and printed number: what the paper prints, what sopsem computes from the twin (200 draws,
seed 1, AMOS conventions, improper draws kept, percentile limits) and the verdict.  tests/test_analysis.py
makes the table again and compares: a change of any number is then a decision somebody sees in expected.csv,
not an accident.
"""

from pathlib import Path

import pandas as pd

import sopsem

DRAWS, SEED = 200, 1
TWINS = tuple(f"synthetic_twin_{k}" for k in range(3))
EXPECTED = Path(__file__).resolve().parent / "expected.csv"


def replication_table(survey: str) -> pd.DataFrame:
    """Return the cells of one survey: survey, id, printed, computed, verdict."""
    instrument = sopsem.load_instrument()
    items = sopsem.read_responses(sopsem.find_survey(survey), instrument).complete().items
    cells = sopsem.replicate(items, draws=DRAWS, seed=SEED).cells
    return cells[["id", "printed", "computed", "verdict"]].assign(survey=survey)


def make() -> pd.DataFrame:
    """Return the tables of all twins, one below the other."""
    table = pd.concat([replication_table(name) for name in TWINS], ignore_index=True)
    return table[["survey", "id", "printed", "computed", "verdict"]]


if __name__ == "__main__":
    table = make()
    table.to_csv(EXPECTED, index=False, float_format="%.10g", lineterminator="\n")
    print(f"{EXPECTED.name}: {len(table)} rows")
    print(pd.crosstab(table["survey"], table["verdict"]).to_string())
