"""The parts of the client report about scores: beside the benchmark, and of two groups beside each other."""

import math

from sopsem.client.briefing import Briefing
from sopsem.report.client.document import Drawing, Exhibit, Part
from sopsem.report.client.drawings import drawn
from sopsem.report.client.row_chart import gap_chart, score_chart
from sopsem.report.digits import MISSING, count, decimals, interval
from sopsem.report.table import Table

__all__ = ["benchmark_label", "gap_part", "label_of", "ordinal", "score_part", "too_few"]

ONE = decimals(1)
WHOLE = decimals(0)
VERDICTS = {True: "a gap", False: "not told from chance", None: MISSING}  # of ``PerceptionGaps``


def label_of(briefing: Briefing) -> str:
    """Return what the data of the report are, the client's and the benchmark's; "" when both are real."""
    client, norm = briefing.client.label, briefing.benchmark.label
    if client and norm:
        return client if client == norm else f"{client}; benchmark: {norm}"
    return client or benchmark_label(briefing)


def benchmark_label(briefing: Briefing) -> str:
    """Return what the benchmark's data are, e.g. "benchmark: synthetic data"."""
    return f"benchmark: {briefing.benchmark.label}" if briefing.benchmark.label else ""


def ordinal(percentile: float) -> str:
    """Return a percentile as a whole number between 1 and 99, so that nobody is the best of all.

    >>> ordinal(61.2), ordinal(0.0), ordinal(float("nan"))
    ('61', '1', '—')
    """
    return WHOLE(percentile if math.isnan(percentile) else min(max(percentile, 1.0), 99.0))


def score_part(briefing: Briefing) -> Part:
    """Return the scorecard: every construct with its interval beside the benchmark."""
    frame, label = briefing.scores, label_of(briefing)
    rows = tuple(
        (
            f"{r.label}{'' if r.favourable == 'high' else ' (lower is better)'}",
            count(r.n),
            ONE(r.mean),
            interval(r.lower, r.upper, ONE),
            ONE(r.benchmark_mean),
            interval(r.benchmark_low, r.benchmark_high, ONE),
            ordinal(float(r.percentile)),
        )
        for r in frame.itertuples()
    )
    table = Table(
        title="Scores beside the benchmark",
        columns=(
            "",
            "answers",
            "score",
            "95% interval",
            "benchmark",
            "its middle half",
            "percentile",
        ),
        rows=rows,
        alignment="lrrcrcr",
        source_label=label,
        notes=(
            (
                f"Scores are means of items on scales from {_range(briefing)}; reversed items are turned round. "
                f"Benchmark: {briefing.benchmark.name}, {briefing.benchmark.n} respondents. Percentile: how many of "
                "100 benchmark respondents score lower than this client's printed mean, "
                "by the quantiles of the benchmark."
            ),
            "— : hidden, because fewer people answered than the privacy rules ask for.",
        ),
    )
    alt = "Scores on their scale: " + "; ".join(f"{row[0]} {row[2]}, benchmark {row[4]}" for row in rows)
    figure = drawn(lambda width: score_chart(frame, width=width, source_label=label), alt)
    return Part(
        anchor="scorecard",
        heading="Scorecard",
        content=(
            _exhibit("F1", figure, briefing, "scores", "Scores with their intervals, over the benchmark."),
            _exhibit("T1", table, briefing, "scores"),
        ),
    )


def _range(briefing: Briefing) -> str:
    ends = briefing.scores[["minimum", "maximum"]].drop_duplicates()
    said = [f"{low:g} to {high:g}" for low, high in ends.itertuples(index=False)]
    return " or ".join(said)


def _exhibit(
    name: str, content: Table | Drawing, briefing: Briefing, frame: str, caption: str = ""
) -> Exhibit:
    return Exhibit(id=name, content=content, trace=briefing.traces[frame], caption=caption)


def too_few(first: str, second: str) -> str:
    """Return the sentence in place of a comparison that would single people out.

    >>> too_few("Sales", "Operations")
    'Too few people of Sales or Operations answered to compare them.'
    """
    return f"Too few people of {first} or {second} answered to compare them."


def gap_part(briefing: Briefing) -> Part:
    """Return how two groups see the same things."""
    if briefing.gaps.empty:
        return Part(anchor="gaps", heading="Perception gap", content=briefing.gap_notes)
    (first, n_first), (second, n_second) = briefing.groups
    heading = f"Perception gap: {first} and {second}"
    if briefing.gaps["gap"].isna().all():
        return Part(anchor="gaps", heading=heading, content=(too_few(first, second),))
    frame, label = briefing.gaps, briefing.client.label
    rows = tuple(
        (
            str(r.label),
            ONE(r.mean_first),
            ONE(r.mean_second),
            ONE(r.gap),
            interval(r.lower, r.upper, ONE),
            VERDICTS[r.differs],
            str(r.alike),
        )
        for r in frame.itertuples()
    )
    table = Table(
        title=f"{first} and {second}: how each sees the same things",
        columns=("", first, second, "gap", "95% interval", "reading", "answer alike"),
        rows=rows,
        alignment="lrrrcll",
        source_label=label,
        notes=(
            (
                f"Gap: mean of {first} ({n_first} answers) minus mean of {second} ({n_second} answers). "
                "Reading: a gap where the test is significant at 5% after correction for the number of scales (Holm). "
                "An interval is of one scale alone, without that correction, so it may leave out 0 where the reading "
                "is chance; its limits are rounded, so 0.0 may lie just above or below 0. "
                "Answer alike: equal loadings and intercepts of the items are tenable; weakly: groups are small."
            ),
        ),
    )
    alt = f"Means of {first} and {second}: " + "; ".join(f"{row[0]} {row[1]} and {row[2]}" for row in rows)
    figure = drawn(lambda width: gap_chart(frame, (first, second), width=width, source_label=label), alt)
    return Part(
        anchor="gaps",
        heading=heading,
        content=(
            *briefing.gap_notes,
            _exhibit("F2", figure, briefing, "gaps", f"How {first} and {second} see the same things."),
            _exhibit("T2", table, briefing, "gaps"),
        ),
    )
