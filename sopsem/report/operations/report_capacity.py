"""Capacity in words: what is booked beside what can be made, which resource limits output, how it is loaded."""

import math

import pandas as pd

from sopsem.executive.assessment import Assessment
from sopsem.executive.capacity import BottleneckResult, Corridor
from sopsem.executive.throughput import BookingResult
from sopsem.executive.throughput.booking import ILLUSORY
from sopsem.report.client.document import Statement
from sopsem.report.digits import decimals
from sopsem.report.operations.booking_panel import booking_panel
from sopsem.report.operations.report_evidence import Block, Pictured, Shown, Topic, said
from sopsem.report.operations.report_words import (
    hours,
    listed,
    money,
    period_word,
    scaled,
    share,
    times,
    years_of,
)
from sopsem.report.operations.utilisation_panel import utilisation_panel
from sopsem.report.table import Table

__all__ = ["CORRIDOR", "LIMIT", "PROMISES"]

YEAR = 12
FEWEST = 6  # periods behind a verdict


def _over(frame: pd.DataFrame) -> int:
    return int((frame["illusory"] > ILLUSORY).sum())


def _promises(booking: BookingResult, found: Assessment) -> Statement:
    n, word = booking.number("n_periods"), period_word(found)
    over = booking.number("periods_illusory")
    last = booking.table.tail(YEAR)
    limit = found.tables.policy["capacity"]["chronic_share"]
    chronic = _over(last) >= limit * len(last)
    rule = f"by the rule of this report (at least {share(limit)} of the last {len(last)} {word}s)"
    verdict = f"the gap is {'chronic' if chronic else 'not chronic'} {rule}"
    if len(last) < FEWEST:
        verdict = f"that is too few {word}s to call a gap chronic or not"
    sentence = (
        f"In {times(over, n, word)} more was booked than could be made (by over {share(ILLUSORY)})"
        f"{f', in {_over(last)} of the last {len(last)}' if n > len(last) else ''}; {verdict}."
    )
    return said(booking, n, sentence)


def _promises_content(booking: BookingResult, found: Assessment) -> list[Block]:
    n, word = booking.number("n_periods"), period_word(found)
    last = booking.table.iloc[-1]
    blocks: list[Block] = [
        said(
            booking,
            n,
            f"At the end of {last['period']} the backlog was {hours(float(last['backlog_hours']))} of "
            f"{booking.summary['constraint']}, {scaled(float(last['cover']))} {word}s of its capacity. A backlog that "
            "was promised for later is no fault; one that grows is.",
        )
    ]
    if found.persistence is not None and not math.isnan(found.persistence.number("share_lasting")):
        p = found.persistence
        blocks.append(
            said(
                p,
                p.number("n_periods"),
                f"Of a change in demand about {share(p.number('share_lasting'))} lasts (verdict: "
                f"{p.summary['verdict']}): capacity that is bought for a change should count on no more.",
            )
        )
    picture = Pictured(panel=booking_panel(booking), result=booking)
    return [*blocks, picture, Shown(table=_by_year(booking.table, word), result=booking)]


def _by_year(frame: pd.DataFrame, word: str) -> Table:
    rows = []
    for year, own in frame.groupby(years_of(list(frame["period"]))):
        sums = [money(float(own[c].sum())) if c in own else "" for c in ("booked", "feasible", "shipped")]
        lost = (
            1 - float(own["feasible"].sum()) / float(own["booked"].sum()) if own["booked"].sum() else math.nan
        )
        rows.append(
            (
                str(year),
                *sums,
                share(lost),
                f"{_over(own)} of {len(own)}",
                decimals(2)(float(own["cover"].iloc[-1])),
            )
        )
    return Table(
        title="What was booked, what could be made, what was shipped",
        columns=(
            "Year", "Booked", "Feasible", "Shipped", "Not feasible", f"{word.title()}s overbooked", f"Backlog, {word}s",
        ),
        rows=tuple(rows),
        alignment="lrrrrrr",
        notes=(
            ("Feasible is the best mix of what was booked and still open within the hours of every resource, without "
            "overtime; backlog is that of the constraint at the end of the year."),
        ),
    )  # fmt: skip


def _limit(limit: BottleneckResult, found: Assessment) -> Statement:
    s, n = limit.summary, limit.number("n_periods")
    word = period_word(found)
    periods = limit.number("share_of_periods") * n
    last = limit.table.tail(YEAR)
    recent = last["bottleneck"].value_counts()
    named = [f"{name} in {k}" for name, k in sorted(recent.items(), key=lambda r: (-r[1], str(r[0])))]
    where = f"; in the last {len(last)} {listed(named)}" if n > len(last) else ""
    return said(
        limit,
        n,
        f"{s['bottleneck']} was the most loaded resource in {times(periods, n, word)}{where}. Demand reached "
        f"{share(limit.number('severity'))} of the hours of the limiting resource at its peak.",
    )


def _limit_content(limit: BottleneckResult, found: Assessment) -> list[Block]:
    s, n, word = limit.summary, limit.number("n_periods"), period_word(found)
    moves = round(limit.number("shift_frequency") * (n - 1)) if n > 1 else 0
    longest = f"One resource was the limit for {s['longest_run']} {word}s in a row at the longest; "
    blocks: list[Block] = [
        said(
            limit,
            n,
            f"{longest}from one {word} to the next the limit moved {moves} times in {n - 1:.0f}.",
        )
    ]
    if s["moves_soonest"]:
        row = limit.tipping.set_index("product").loc[str(s["moves_soonest"])]
        blocks.append(
            said(
                limit,
                n,
                f"The limit would move to {row['to']} when {s['moves_soonest']} makes up "
                f"{share(float(row['tipping_share']))} of the units asked for; over all {word}s it made up "
                f"{share(float(row['share']))}.",
            )
        )
    picture = Pictured(panel=utilisation_panel(limit, found.corridor), result=limit)
    return [*blocks, picture, Shown(table=_resources(found), result=limit)]


def _resources(found: Assessment) -> Table:
    limit = found.bottleneck
    assert limit is not None
    word = period_word(found)
    rows = []
    for resource, own in limit.utilisation.groupby("resource"):
        used = own["utilisation"]
        times_limit = int((limit.table["bottleneck"] == resource).sum())
        numbers = (share(float(used.mean())), share(float(used.max())), str(int((used > 1).sum())))
        rows.append((-float(used.mean()), (str(resource), str(times_limit), *numbers)))
    return Table(
        title="Load of every resource by demand",
        columns=(
            "Resource",
            f"{word.title()}s as the limit",
            "Mean load",
            "Highest load",
            f"{word.title()}s above 100%",
        ),
        rows=tuple(row for _, row in sorted(rows)),
        alignment="lrrrr",
        notes=("Load is hours asked for by demand over hours available without overtime.",),
    )


def _corridor(corridor: Corridor, found: Assessment) -> Statement:
    s, n, word = corridor.summary, corridor.number("n_periods"), period_word(found)
    if s["empty"]:
        return said(
            corridor,
            n,
            f"{s['resource']} has no corridor: to cover fixed cost it must be loaded to "
            f"{share(corridor.number('lower'))}, to keep dates to {share(corridor.number('upper'))} at most.",
        )
    inside = corridor.number("share_inside") * n
    return said(
        corridor,
        n,
        f"{s['resource']} is best loaded between {share(corridor.number('lower'))} (fixed cost is covered) and "
        f"{share(corridor.number('upper'))} (dates can be kept); it was inside in {times(inside, n, word)} and outside "
        f"for {s['longest_excursion']} in a row at the longest.",
    )


def _corridor_content(corridor: Corridor, found: Assessment) -> list[Block]:
    s, n = corridor.summary, corridor.number("n_periods")
    counts = corridor.table["status"].value_counts()
    rows = [
        (name, str(int(counts.get(key, 0))), share(float(counts.get(key, 0)) / max(n, 1)))
        for key, name in STATUS.items()
    ]
    table = Table(
        title=f"{s['resource']} and its corridor",
        columns=("Load", f"{period_word(found).title()}s", "Share"),
        rows=tuple(rows),
        alignment="lrr",
        notes=(
            f"The upper end is set by: {s['binding']}. Variability {decimals(2)(corridor.number('variability'))}.",
        ),
    )
    return [
        said(corridor, n, f"In all, {hours(corridor.number('hours_above'))} were loaded above the corridor."),
        Shown(table=table, result=corridor),
    ]


STATUS = {
    "below": "Below the corridor",
    "inside": "Inside",
    "above": "Above the corridor",
    "over-capacity": "Above capacity",
}
PROMISES = Topic(
    anchor="promises",
    heading="Promises against capacity",
    system="booking",
    headline=_promises,
    content=_promises_content,
)
LIMIT = Topic(
    anchor="limit",
    heading="Where output is limited",
    system="bottleneck",
    headline=_limit,
    content=_limit_content,
)
CORRIDOR = Topic(
    anchor="corridor",
    heading="How the limiting resource is loaded",
    system="corridor",
    headline=_corridor,
    content=_corridor_content,
)
