"""Money in words: throughput accounts, breakeven, how earnings swing, days of cash."""

import math

import pandas as pd

from sopsem.executive.assessment import Assessment
from sopsem.executive.finance import CashResult
from sopsem.executive.leverage import RecalibrationResult, VolatilityResult
from sopsem.executive.throughput import ThroughputAccounts
from sopsem.report.client.document import Statement
from sopsem.report.digits import decimals
from sopsem.report.operations.cash_panel import cash_panel
from sopsem.report.operations.report_evidence import Block, Pictured, Shown, Topic, said
from sopsem.report.operations.report_words import money, period_word, scaled, share, years_of
from sopsem.report.table import Table

__all__ = ["ACCOUNTS", "BREAKEVEN", "CASH", "EARNINGS"]

ONE = decimals(1)
WHOLE = decimals(0)


def _change(now: float, before: float) -> str:
    """Say how an amount moved."""
    if not before > 0 or math.isnan(now):
        return ""
    moved = now / before - 1
    return f"{share(abs(moved))} {'more' if moved >= 0 else 'less'} than in the year before"


def _accounts(accounts: ThroughputAccounts, found: Assessment) -> Statement:
    table, n = accounts.table, accounts.number("n_periods")
    last, before = table.tail(12), table.iloc[-24:-12]
    kept = float(last["throughput"].sum())
    change = _change(kept, float(before["throughput"].sum())) if len(before) == 12 else ""
    between = f", {change}" if change else ""
    return said(
        accounts,
        n,
        f"In the last {len(last)} {period_word(found)}s {money(kept)} was earned after totally variable cost"
        f"{between}; {money(float(last['expense'].sum()))} of operating expense leaves "
        f"{money(float(last['net_profit'].sum()))}.",
    )


def _accounts_content(accounts: ThroughputAccounts, found: Assessment) -> list[Block]:
    labour = "is counted in" if accounts.summary["labour_is_variable"] else "is not counted in"
    rows = []
    for year, own in accounts.table.groupby(years_of(list(accounts.table["period"]))):
        t, e, p = (float(own[c].sum()) for c in ("throughput", "expense", "net_profit"))
        hour = t / float(own["constraint_hours"].sum()) if own["constraint_hours"].sum() > 0 else math.nan
        rows.append(
            (
                str(year),
                str(len(own)),
                money(t),
                money(e),
                money(p),
                decimals(2)(t / e if e else math.nan),
                scaled(hour),
            )
        )
    table = Table(
        title="Throughput accounts",
        columns=(
            "Year", f"{period_word(found).title()}s", "Throughput", "Operating expense", "Net profit",
            "Throughput per expense", "Per hour of the constraint",
        ),
        rows=tuple(rows),
        alignment="lrrrrrr",
        notes=(
            (f"Throughput is price less totally variable cost of what was sold; direct labour {labour} variable cost "
            "(policy labour_is_variable), a choice that can reverse rankings of products."),
        ),
    )  # fmt: skip
    return [Shown(table=table, result=accounts)]


def _breakeven(even: RecalibrationResult, _: Assessment) -> Statement:
    base, n = even.table.iloc[0], even.number("n_periods")
    safety = float(base["margin_of_safety"])
    room = (
        f"{share(safety)} fewer units could be sold before a loss"
        if safety >= 0
        else f"sales are {share(-safety)} short of it"
    )
    return said(
        even,
        n,
        f"The year {even.summary['first']} to {even.summary['last']} breaks even at revenue of "
        f"{money(float(base['revenue']))}; {room}.",
    )


def _breakeven_content(even: RecalibrationResult, found: Assessment) -> list[Block]:
    n, table = even.number("n_periods"), even.table
    blocks: list[Block] = []
    if float(table["utilisation"].iloc[0]) > 0 and found.bottleneck is not None:
        blocks.append(
            said(
                even,
                n,
                f"Breakeven takes {share(float(table['utilisation'].iloc[0]))} of the year's hours of "
                f"{found.bottleneck.summary['bottleneck']}.",
            )
        )
    worlds = table.iloc[1:]
    moved = worlds["units"] / float(table["units"].iloc[0]) - 1
    worst = worlds.loc[moved.idxmax()]
    blocks.append(
        said(
            even,
            n,
            f"Of the changes below, {worst['scenario']} would raise the units at breakeven most: by "
            f"{share(float(moved.max()))}.",
        )
    )
    rows = [
        (
            str(row["scenario"]).capitalize(),
            scaled(float(row["units"])),
            money(float(row["revenue"])),
            share(float(row["utilisation"])),
            share(float(row["margin_of_safety"])),
        )
        for _, row in table.iterrows()
    ]
    shown = Table(
        title="Breakeven of the last year, and in other worlds",
        columns=("World", "Units", "Revenue", "Hours of the constraint", "Margin of safety"),
        rows=tuple(rows),
        alignment="lrrrr",
        notes=(
            "Units are of the year's mix. Depreciation and premiums for overtime are not in fixed cost here.",
        ),
    )
    return [*blocks, Shown(table=shown, result=even)]


def _earnings(swing: VolatilityResult, found: Assessment) -> Statement:
    row = swing.units.iloc[0]
    n = float(row["n"])
    if math.isnan(float(row["cv"])):
        return said(swing, n, "Earnings (EBITDA) are not positive on average, so their swing has no scale.")
    parts = {
        "volume": float(row["share_volume"]),
        "unit margin": float(row["share_margin"]),
        "fixed cost": float(row["share_fixed"]),
    }
    largest = max(parts, key=lambda name: -math.inf if math.isnan(parts[name]) else parts[name])
    word = period_word(found)
    return said(
        swing,
        n,
        f"Earnings (EBITDA) average {money(float(row['mean']))} a {word}; they swing by {share(float(row['cv']))}"
        f" (standard deviation over mean), {ONE(float(row['ratio']))} times as much as revenue; "
        f"{share(parts[largest])} of the variance of their changes is in {largest}.",
    )


def _earnings_content(swing: VolatilityResult, found: Assessment) -> list[Block]:
    blocks: list[Block] = []
    if found.leverage is not None:
        lever = found.leverage
        n = lever.number("n_periods")
        median = lever.number("median_dol")
        if not math.isnan(median):
            blocks.append(
                said(
                    lever,
                    n,
                    f"With this cost structure 1% of revenue goes with {ONE(median)}% of profit before interest "
                    f"(median); {share(lever.number('fixed_share'))} of cost is fixed.",
                )
            )
    row = swing.units.iloc[0]
    if swing.number("n_units") < 2:
        blocks.append(
            said(
                swing,
                float(row["n"]),
                "Whether better aligned units have steadier earnings is not tested: it takes eight units or more, and "
                "these are the tables of one.",
            )
        )
    return [*blocks, Shown(table=_swings(swing.table, found), result=swing)]


def _swings(frame: pd.DataFrame, found: Assessment) -> Table:
    rows = []
    for year, own in frame.groupby(years_of(list(frame["period"]))):
        e = own["ebitda"]
        cv = float(e.std(ddof=1) / e.mean()) if len(own) > 1 and e.mean() > 0 else math.nan
        rows.append(
            (
                str(year),
                str(len(own)),
                money(float(e.sum())),
                money(float(e.min())),
                money(float(e.max())),
                share(cv),
            )
        )
    word = period_word(found)
    return Table(
        title="Earnings (EBITDA)",
        columns=("Year", f"{word.title()}s", "Sum", f"Lowest {word}", f"Highest {word}", "Swing"),
        rows=tuple(rows),
        alignment="lrrrrr",
        notes=("Swing is the standard deviation over the mean; seasons are part of it.",),
    )


def _cash(cash: CashResult, found: Assessment) -> Statement:
    n = cash.number("n_periods")
    target = found.tables.policy["index"]["ccc_target_days"]
    return said(
        cash,
        n,
        f"Money is tied up for {WHOLE(cash.number('ccc'))} days between paying suppliers and being paid "
        f"({WHOLE(cash.number('dio'))} in stock, {WHOLE(cash.number('dso'))} with customers, less "
        f"{WHOLE(cash.number('dpo'))} from suppliers); the target is {target:g}.",
    )


def _cash_content(cash: CashResult, _: Assessment) -> list[Block]:
    n, last = cash.number("n_periods"), cash.table.iloc[-1]
    blocks: list[Block] = [
        said(
            cash,
            n,
            f"A day less with customers would free {money(float(last['release_dso']))}, a day less in stock "
            f"{money(float(last['release_dio']))}, at the volume of {last['period']}.",
        )
    ]
    blocks.append(Pictured(panel=cash_panel(cash), result=cash))
    rows = [
        (
            str(row["sales_unit"]),
            WHOLE(row["terms_days"]),
            ONE(row["collection_days"]),
            ONE(row["late_days"]),
            money(float(row["value"])),
        )
        for _, row in cash.collection.iterrows()
    ]
    if rows:
        table = Table(
            title="Who is paid how late",
            columns=("Sales unit", "Terms, days", "Paid after, days", "Late, days", "Invoiced"),
            rows=tuple(rows),
            alignment="lrrrr",
            notes=("Weighted by value; orders with invoice and payment dates only.",),
        )
        blocks.append(Shown(table=table, result=cash))
    return blocks


ACCOUNTS = Topic(
    anchor="accounts",
    heading="What the plant earns",
    system="accounts",
    headline=_accounts,
    content=_accounts_content,
)
BREAKEVEN = Topic(
    anchor="breakeven",
    heading="Breakeven",
    system="breakeven",
    headline=_breakeven,
    content=_breakeven_content,
)
EARNINGS = Topic(
    anchor="earnings",
    heading="How steady earnings are",
    system="volatility",
    headline=_earnings,
    content=_earnings_content,
)
CASH = Topic(anchor="cash", heading="Days of cash", system="cash", headline=_cash, content=_cash_content)
