"""The periods ahead in words: the best plan with the price of an hour, other worlds, and the functions' own views."""

import pandas as pd

from sopsem.executive.assessment import Assessment
from sopsem.executive.outlook import Outlook
from sopsem.executive.scenario import Arbitration, ScenarioResult
from sopsem.report.client.document import Statement
from sopsem.report.operations.report_evidence import Block, Shown, Topic, said
from sopsem.report.operations.report_words import hours, listed, money, period_word, scaled, share
from sopsem.report.table import Table

__all__ = ["ARBITRATION", "PLAN", "SCENARIOS"]


def _plan(outlook: Outlook, found: Assessment) -> Statement:
    s, n, word = outlook.summary, outlook.number("n_periods"), period_word(found)
    periods = outlook.plan.model.periods
    limit = (
        f"{s['constraint']} limits it" if s["constraint"] else "no hours limit it, as far as the tables know"
    )
    what = "the coming" if outlook.ahead else "the last"
    return said(
        outlook,
        n,
        f"The best plan for {what} {len(periods)} {word}s ({periods[0]} to {periods[-1]}) serves "
        f"{share(outlook.number('service'))} of forecast demand with "
        f"{hours(outlook.number('overtime_hours'))} of overtime and earns "
        f"{money(outlook.number('profit'))} before fixed cost; {limit}.",
    )


def _plan_content(outlook: Outlook, _: Assessment) -> list[Block]:
    n, plan = outlook.number("n_periods"), outlook.plan
    blocks: list[Block] = []
    lost = plan.table.groupby("product")["lost"].sum()
    lost = lost[lost > 0.5].sort_values(ascending=False)
    if len(lost):
        names = [f"{scaled(round(float(units)))} {name}" for name, units in lost.items()]
        blocks.append(
            said(
                outlook,
                n,
                f"Units the plan leaves, since other products earn more in the same hours: {listed(names)}.",
            )
        )
    return [*blocks, Shown(table=_by_period(plan.resources, plan.table), result=outlook)]


def _by_period(resources: pd.DataFrame, products: pd.DataFrame) -> Table:
    rows = []
    for period, own in resources.groupby("period"):
        dear = own.sort_values(["hour_price", "resource"], ascending=[False, True])
        priced = [
            f"{row['resource']} {scaled(float(row['hour_price']))}"
            for _, row in dear.iterrows()
            if row["hour_price"] > 0
        ]
        sold = products[products["period"] == period]
        rows.append(
            (
                str(period),
                ", ".join(priced) or "none",
                scaled(float(own["overtime"].sum())),
                share(float(own["utilisation"].max())),
                share(
                    float(sold["shipped"].sum() / sold["demand"].sum())
                    if sold["demand"].sum()
                    else float("nan")
                ),
            )
        )
    return Table(
        title="The plan ahead and the price of an hour",
        columns=("Period", "An hour more is worth", "Overtime, hours", "Highest load", "Demand served"),
        rows=tuple(rows),
        alignment="llrrr",
        notes=(
            (
                "The price of an hour is what one more hour of the resource would earn at the plan; it holds near the "
                "plan and not for any number of hours. Load above 100% is overtime."
            ),
        ),
    )


def _scenarios(worlds: ScenarioResult, found: Assessment) -> Statement:
    n, word = worlds.number("n_draws"), period_word(found)
    over = worlds.number("overstatement")
    spread = (
        f"between {money(worlds.number('p5'))} and {money(worlds.number('p95'))} in nine of ten drawn demands"
    )
    plain = f" A single forecast overstates it by {money(over)}." if over > 0 else ""
    periods = _horizon(found, word)
    return said(
        worlds,
        n,
        f"Profit after fixed cost {periods}lies {spread}; the chance of a loss is "
        f"{share(worlds.number('p_loss'))}.{plain}",
    )


def _horizon(found: Assessment, word: str) -> str:
    if found.outlook is None:
        return ""
    return f"of the planned {len(found.outlook.plan.model.periods)} {word}s "


def _scenarios_content(worlds: ScenarioResult, _: Assessment) -> list[Block]:
    n = worlds.number("n_draws")
    blocks: list[Block] = [
        said(
            worlds,
            n,
            f"Cash falls below zero in {share(worlds.number('p_cash_breach'))} of the drawn demands. Planning anew in "
            f"each one, rather than keeping the base plan, is worth {money(worlds.number('adaptability'))} on average.",
        )
    ]
    rows = [
        (
            str(row["scenario"]).capitalize(),
            money(float(row["profit"])),
            money(float(row["profit_fixed"])),
            share(float(row["service"])),
            share(float(row["peak_utilisation"])),
            money(float(row["lowest_cash"])),
        )
        for _, row in worlds.table.iterrows()
    ]
    table = Table(
        title="The plan in other worlds",
        columns=(
            "World",
            "Profit, planned anew",
            "Profit, base plan kept",
            "Demand served",
            "Highest load",
            "Lowest cash",
        ),
        rows=tuple(rows),
        alignment="lrrrrr",
        notes=(
            "The named worlds are assumptions, not forecasts. Cash starts from that of the last closed period.",
        ),
    )
    return [*blocks, Shown(table=table, result=worlds)]


def _arbitration(views: Arbitration, _: Assessment) -> Statement:
    s, n = views.summary, float(len(views.table))
    if not s["material"]:
        return said(
            views, n, "The views of sales, operations and the enterprise differ by less than 1% of profit."
        )
    parts = [
        f"{name}'s own plan earns {money(views.number(f'regret_{name}'))} less"
        for name in ("sales", "operations")
        if views.number(f"regret_{name}") > 0
    ]
    return said(views, n, f"Against the plan of the enterprise, {listed(parts)} over the planned periods.")


def _arbitration_content(views: Arbitration, _: Assessment) -> list[Block]:
    rows = [
        (
            str(row["option"]).capitalize(),
            money(float(row["profit"])) if row["feasible"] else "not possible",
            money(float(row["regret"])),
            money(float(row["revenue"])),
            share(float(row["service"])),
            hours(float(row["overtime_hours"])),
            share(float(row["peak_utilisation"])),
        )
        for _, row in views.table.iterrows()
    ]
    table = Table(
        title="Three views of the same periods",
        columns=(
            "View",
            "Profit",
            "Less than the best",
            "Revenue",
            "Demand served",
            "Overtime",
            "Highest load",
        ),
        rows=tuple(rows),
        alignment="lrrrrrr",
        notes=(
            (
                "Sales: the most revenue within all limits. Operations: no overtime, the corridor kept, few units late."
                " Profit is before fixed cost."
            ),
        ),
    )
    return [Shown(table=table, result=views)]


PLAN = Topic(
    anchor="plan", heading="The periods ahead", system="outlook", headline=_plan, content=_plan_content
)
SCENARIOS = Topic(
    anchor="scenarios",
    heading="Other worlds and cash",
    system="scenarios",
    headline=_scenarios,
    content=_scenarios_content,
)
ARBITRATION = Topic(
    anchor="arbitration",
    heading="Whose plan",
    system="arbitration",
    headline=_arbitration,
    content=_arbitration_content,
)
