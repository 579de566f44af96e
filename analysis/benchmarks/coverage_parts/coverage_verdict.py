"""Pass or fail: what the campaign demands of a right build, and a wrong one must not meet.

A line passes when its number lies in the band, and fails when it lies outside by more than two of its Monte Carlo
errors; in between it is open, and more data sets would tell.
"""

from collections.abc import Iterator

import pandas as pd
from coverage_population import HEADLINE
from coverage_summary import OUTCOMES, POOLED

BRADLEY = (0.925, 0.975)  # Bradley (1978), liberal criterion
MISSED = (0.0, 0.04)
BY_STANDARD_ERROR = (("delta", "none"), ("monte carlo", "none"), ("studentized", "keep"))
CORRECTED = (0.035, 0.065)
LEVEL_BANDS = {  # of normal rows, at 5 %; the raw test is known to be inflated, and to be right would be a fault
    ("raw (N)", 92): (0.177, 0.217),
    ("raw (N)", 300): (0.066, 0.106),
    **{
        (f"{test} ({n})", size): CORRECTED
        for test in ("Swain", "Yuan")
        for n in ("N", "N - 1")
        for size in (92, 300)
    },
    **{("difference", size): (0.040, 0.065) for size in (92, 300)},
}
REFERENCE = {  # measured before by another engine: total effect of alignment on performance, normal rows, N = 92
    ("percentile", "keep"): (0.943, 0.011),
    ("percentile", "bound"): (0.957, 0.013),
    ("bc", "drop"): (0.637, 0.024),
    ("delta", "none"): (0.955, 0.011),
}


def verdicts(coverage: pd.DataFrame, levels: pd.DataFrame, accounts: pd.DataFrame) -> pd.DataFrame:
    """Return a line for every rule."""
    lines = [*_of_coverage(coverage), *_of_levels(levels), *_of_accounts(accounts)]
    columns = ["rule", "data", "n", "what", "value", "se", "low", "high", "verdict"]
    return pd.DataFrame([(*line, _verdict(*line[4:])) for line in lines], columns=columns)


def _verdict(value: float, se: float, low: float, high: float) -> str:
    if low <= value <= high:
        return "pass"
    return "FAIL" if value + 2.0 * se < low or value - 2.0 * se > high else "open"


def _of_coverage(table: pd.DataFrame) -> Iterator[tuple]:
    for row in table.itertuples():
        at, method = (row.data, row.n), (row.method, row.policy)
        if method == ("percentile", "keep") and row.effect in HEADLINE:
            yield "default covers", *at, row.effect, row.coverage, row.coverage_se, *BRADLEY
        if method == ("percentile", "keep") and row.effect == POOLED:
            yield "default misses below", *at, POOLED, row.missed_below, row.missed_below_se, *MISSED
            yield "default misses above", *at, POOLED, row.missed_above, row.missed_above_se, *MISSED
        if method in BY_STANDARD_ERROR and row.effect == POOLED:
            yield f"{row.method} covers", *at, POOLED, row.coverage, row.coverage_se, *BRADLEY


def _of_levels(table: pd.DataFrame) -> Iterator[tuple]:
    for row in table[table.data == "normal"].itertuples():
        if (row.test, row.n) in LEVEL_BANDS:
            band = LEVEL_BANDS[row.test, row.n]
            yield "true model rejected", row.data, row.n, row.test, row.rejected_5, row.rejected_5_se, *band


def _of_accounts(table: pd.DataFrame) -> Iterator[tuple]:
    for row in table.to_dict("records"):
        at = (row["data"], row["n"])
        ended = sum(row[name] for name in OUTCOMES)
        yield "data sets unaccounted for", *at, "all", row["data_sets"] - ended, 0.0, 0.0, 0.0
        yield "analyses refused or crashed", *at, "all", row["refused"] + row["crashed"], 0.0, 0.0, 0.0
        for policy in ("keep", "bound"):
            counted = sum(count for name, count in row.items() if name.startswith(f"{policy}_"))
            yield "draws unaccounted for", *at, policy, row["draws"] - counted, 0.0, 0.0, 0.0


def against_reference(coverage: pd.DataFrame) -> pd.DataFrame:
    """Return our coverage beside what was measured before, and the difference in its Monte Carlo errors."""
    at = coverage[(coverage.data == "normal") & (coverage.n == 92) & (coverage.effect == HEADLINE[-1])]
    rows = []
    for row in at.itertuples():
        if (row.method, row.policy) in REFERENCE:
            value, se = REFERENCE[row.method, row.policy]
            apart = (row.coverage - value) / (se**2 + row.coverage_se**2) ** 0.5
            rows.append((row.method, row.policy, row.coverage, row.coverage_se, value, se, round(apart, 1)))
    columns = ["method", "policy", "coverage", "se", "before", "before_se", "apart_in_se"]
    return pd.DataFrame(rows, columns=columns)
