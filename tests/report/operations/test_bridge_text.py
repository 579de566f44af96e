"""The text of the bridge: every table that has rows, floors and reasons in words, nothing of what is not known."""

import numpy as np
import pandas as pd

from sopsem.executive.bridge import link_survey
from sopsem.executive.schema.policy import make_policy
from sopsem.report.operations.bridge_text import bridge_text

QUICK = make_policy(bridge={"permutations": 99, "draws": 50})
MONTHS = [f"2025-{m:02d}" for m in range(1, 8)]


def firm(units):
    """Units from low to high: people who agree, measures by month that follow."""
    rng = np.random.default_rng(1)
    names = [f"U{u:02d}" for u in range(units)]
    level = np.linspace(2, 6, units)
    people = pd.DataFrame(
        [
            {
                "unit": n,
                "role": ("Sales", "Operations")[k % 2],
                **{
                    f"{c}{i}": round(x + rng.normal(0, 0.4))
                    for c in ("alignment", "market_performance")
                    for i in (1, 2)
                },
            }
            for n, x in zip(names, level, strict=True)
            for k in range(6)
        ]
    )
    panel = pd.DataFrame(
        [
            {
                "unit": n,
                "period": m,
                "index_s": 10 * x + rng.normal(),
                "otif_requested": x / 8 + rng.normal(0, 0.05),
            }
            for n, x in zip(names, level, strict=True)
            for m in MONTHS
        ]
    )
    return people, panel


def text(units, **options):
    people, panel = firm(units)
    return bridge_text(
        link_survey(people, panel, categories=7, policy=QUICK, **options), source_label="synthetic"
    )


def test_few_units_have_a_table_and_no_correlation():
    shown = text(3)
    assert shown.startswith("Perceived and measured by unit")
    assert "synthetic" in shown
    assert "Spearman" not in shown
    assert "Path from" not in shown
    assert "3 units have both; 8 are needed" not in shown  # the floor says it once
    assert "the survey has no items of conflict" in " ".join(shown.split())


def test_many_units_have_every_table():
    shown = text(31, at="2025-04")
    titles = (
        "Spearman's correlation",
        "Pearson's",
        "shared within units",
        "by function",
        "Path from",
        "before it",
    )
    for title in (*titles, "Response surface"):
        assert title in shown, title
    rows = [
        line.split() for line in shown.splitlines() if line.startswith("market_performance  otif_requested")
    ]
    assert [row[2:4] for row in rows][:1] == [["+", "31"]]
    assert max(map(len, shown.splitlines())) <= 120
