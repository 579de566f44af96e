"""The terminal's view of measurement invariance."""

import numpy as np
import pandas as pd

from sopsem.report.group_summaries import invariance_text
from sopsem.sem.invariance.ladder import invariance
from sopsem.sem.invariance.partial import partial_invariance


def test_levels_search_and_sentences_are_shown() -> None:
    """One table for the ladder, one for the search, and every sentence."""
    rng = np.random.default_rng(1)
    data = pd.DataFrame(rng.normal(size=(300, 4)) + rng.normal(size=(300, 1)), columns=list("abcd"))
    data["where"] = ["here", "there"] * 150
    data.loc[data["where"] == "there", "c"] += 1.0
    ladder = invariance("f =~ a + b + c + d", data, "where", levels=["configural", "metric", "scalar"])
    plain = invariance_text(ladder)
    assert "Invariance (here 150, there 150)" in plain
    assert "Search" not in plain
    both = invariance_text(ladder, partial_invariance(ladder, "scalar"))
    assert "Search for exceptions, level scalar" in both
    assert "c~1" in both
    assert "exploratory" in both
    assert "0.000" not in both.split("Search")[0].split("Invariance")[1].split("scalar")[1].splitlines()[0]
