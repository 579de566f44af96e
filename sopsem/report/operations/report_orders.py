"""Orders in words: what a rule would have said on the day, delivery, prices against their floors, products, pay."""

import math

from sopsem.executive.alignment import AlignmentMeasures
from sopsem.executive.assessment import Assessment
from sopsem.executive.governance import ReplayResult
from sopsem.executive.incentives import IncentiveResult
from sopsem.executive.pricing import PriceCorridor
from sopsem.executive.throughput import ContributionResult
from sopsem.report.client.document import Statement
from sopsem.report.digits import MISSING, count, decimals
from sopsem.report.operations.report_evidence import Block, Shown, Topic, said
from sopsem.report.operations.report_words import listed, money, scaled, share
from sopsem.report.table import Table

__all__ = ["DELIVERY", "PAY", "PRICES", "PRODUCTS", "REPLAY"]

TESTS = {
    "A1": "data",
    "A2": "capacity by the requested date",
    "A3": "corridor",
    "A4": "variable cost",
    "A5": "price of the hours taken",
    "A6": "size",
    "A7": "credit",
    "A8": "liquidity",
    "A9": "speculative",
    "A10": "displacement",
}
DECISIONS = {"approve": "Approved", "escalate": "To be signed by several", "reject": "Not as asked"}


def _replay(replay: ReplayResult, _: Assessment) -> Statement:
    n = replay.number("n")
    passed = 1 - replay.number("share_escalated") - replay.number("share_rejected")
    late, stopped = replay.number("share_late_approved"), replay.number("share_late_stopped")
    ended = (
        ""
        if math.isnan(late) or math.isnan(stopped)
        else f"; {share(stopped)} of the orders it would have stopped were delivered late, of the others {share(late)}"
    )
    return said(
        replay,
        n,
        f"Asked on the day of each order, the rule would have passed {share(passed)} "
        f"of {count(n)} orders, sent {share(replay.number('share_escalated'))} to be signed and turned down "
        f"{share(replay.number('share_rejected'))} as asked{ended}.",
    )


def _replay_content(replay: ReplayResult, _: Assessment) -> list[Block]:
    n = replay.number("n")
    reasons = replay.table["reasons"].str.split().explode().dropna().value_counts()
    blocks: list[Block] = []
    if len(reasons):
        named = [
            f"{TESTS.get(str(code), str(code))} ({code}, {k} orders)"
            for code, k in sorted(reasons.items(), key=lambda r: (-r[1], str(r[0])))
        ]
        blocks.append(said(replay, n, f"Tests that spoke against orders: {listed(named)}."))
    rows = [
        (
            DECISIONS[str(row["decision"])],
            count(row["n"]),
            share(float(row["share"])),
            share(float(row["share_of_value"])),
            share(float(row["share_late"])),
            share(float(row["leakage"])),
        )
        for _, row in replay.groups.iterrows()
    ]
    table = Table(
        title="The rule replayed on past orders",
        columns=("Decision", "Orders", "Share", "Share of value", "Late", "Premium freight and penalties"),
        rows=tuple(rows),
        alignment="lrrrrr",
        notes=(
            (
                "The orders were all accepted; how stopped orders ended is an association, no proof of what the rule "
                f"would have saved. {MISSING}: fewer than ten orders."
            ),
        ),
    )
    return [*blocks, Shown(table=table, result=replay)]


def _measure(found: Assessment, component: str) -> float:
    assert found.measures is not None
    return float(found.measures.known.get(component, math.nan))


def _delivery(measures: AlignmentMeasures, found: Assessment) -> Statement:
    n = float(len(found.tables["orders"].frame)) if "orders" in found.tables else 0.0
    kept, checked = _measure(found, "delivery"), _measure(found, "commitment_discipline")
    first = (
        "On-time delivery cannot be told without orders.csv"
        if math.isnan(kept)
        else f"{share(kept)} of order lines were delivered whole by the promised day"
    )
    second = (
        "no order says whether it was checked against capacity"
        if math.isnan(checked)
        else f"{share(checked)} of order value was checked against capacity before it was promised"
    )
    return said(measures, n, f"{first}; {second}.")


def _delivery_content(measures: AlignmentMeasures, found: Assessment) -> list[Block]:
    if "orders" not in found.tables:
        return []
    frame = found.tables["orders"].frame
    rows = []
    for unit, own in frame.groupby("sales_unit"):
        done = own[own["delivered_date"].notna() & (own["status"] != "cancelled")]
        late = (done["delivered_date"] - done["promised_date"]).dt.days
        cost = float((done["expedite_cost"] + done["penalty_cost"]).sum())
        value = float((done["quantity"] * done["price"]).sum())
        days = decimals(1)(float(late[late > 0].mean())) if (late > 0).any() else MISSING
        rows.append(
            (
                str(unit),
                count(len(done)),
                share(float((late > 0).mean()) if len(done) else math.nan),
                days,
                share(cost / value if value else math.nan),
            )
        )
    table = Table(
        title="Delivery by sales unit",
        columns=(
            "Sales unit",
            "Delivered lines",
            "Late",
            "Days late, of the late",
            "Premium freight and penalties",
        ),
        rows=tuple(rows),
        alignment="lrrrr",
        notes=("Late against the promised day; cost as a share of the value delivered.",),
    )
    return [*_requested(found), Shown(table=table, result=measures)]


def _requested(found: Assessment) -> list[Block]:
    """Return delivery against what customers asked for, and what is open."""
    delivery = found.delivery
    if delivery is None or math.isnan(delivery.number("otif_requested")):
        return []
    sentence = (
        f"{share(delivery.number('otif_requested'))} of the lines due were delivered whole by the day the customer had "
        f"asked for; {count(delivery.number('n_open'))} lines are open, "
        f"{count(delivery.number('open_late'))} of them past their promise."
    )
    return [said(delivery, delivery.number("n_due"), sentence)]


def _prices(prices: PriceCorridor, _: Assessment) -> Statement:
    n = prices.number("n_orders")
    if not n:
        return said(
            prices, n, "No open order is promised for a planned period, so none is held against its floor."
        )
    below, lost = prices.number("orders_below_floor"), prices.number("displacement_loss")
    return said(
        prices,
        n,
        f"{count(below)} of {count(n)} orders promised for the planned periods are priced below what their hours earn "
        f"elsewhere, {money(lost)} in all; discounts given where the plant is full come to "
        f"{money(prices.number('discount_value_when_full'))}.",
    )


def _prices_content(prices: PriceCorridor, _: Assessment) -> list[Block]:
    n = float(prices.summary["n_orders"])  # type: ignore[arg-type]
    first = prices.table["period"].min()
    own = prices.table[prices.table["period"] == first]
    rows = [
        (
            str(row["product"]),
            *(scaled(float(row[c])) for c in ("price", "hard_floor", "hour_cost", "capacity_floor")),
            str(row["position"]).capitalize(),
        )
        for _, row in own.iterrows()
    ]
    table = Table(
        title=f"Price floors for delivery in {first}",
        columns=(
            "Product",
            "Price",
            "Floor of cost",
            "Hours at their price",
            "Floor of capacity",
            "Price is",
        ),
        rows=tuple(rows),
        alignment="lrrrrl",
        notes=(
            (
                "Floor of cost: variable cost, expected expedite cost and the cost of waiting for the money. Floor of "
                "capacity: the same with the hours taken at their price in the plan. The ceiling is the present price "
                "where customers' worth of a product is not known."
            ),
        ),
    )
    if math.isnan(prices.number("elasticity")):
        return [
            said(
                prices,
                n,
                "How demand answers to price cannot be told from these orders, so no best price is given.",
            ),
            Shown(table=table, result=prices),
        ]
    return [Shown(table=table, result=prices)]


def _products(ranked: ContributionResult, _: Assessment) -> Statement:
    s, n = ranked.summary, ranked.number("n_products")
    best = ranked.table.sort_values("rank_per_hour")
    top, last = best.iloc[0], best.iloc[-1]
    return said(
        ranked,
        n,
        f"An hour of {s['resource']} earns most with {top['product']} ({scaled(float(top['per_hour']))}), least with "
        f"{last['product']} ({scaled(float(last['per_hour']))}); ranking by margin in percent instead would turn round "
        f"{s['reversed_pairs']} pairs of products.",
    )


def _products_content(ranked: ContributionResult, found: Assessment) -> list[Block]:
    blocks: list[Block] = []
    if found.mix is not None:
        blocks += _rules(found)
    rows = [
        (
            str(row["product"]),
            scaled(float(row["price"])),
            scaled(float(row["contribution"])),
            share(float(row["margin"])),
            scaled(float(row["per_hour"])),
            *(decimals(0)(row[c]) for c in ("rank_margin", "rank_per_hour")),
        )
        for _, row in ranked.table.sort_values("rank_per_hour").iterrows()
    ]
    table = Table(
        title=f"Products by what an hour of {ranked.summary['resource']} earns",
        columns=("Product", "Price", "Contribution", "Margin", "Per hour", "Rank by margin", "Rank per hour"),
        rows=tuple(rows),
        alignment="lrrrrrr",
        notes=(f"Prices are {ranked.summary['prices']}; contribution is price less totally variable cost.",),
    )
    return [*blocks, Shown(table=table, result=ranked)]


def _rules(found: Assessment) -> list[Block]:
    """Say what choosing products by a simple rule would have left on the table."""
    mix = found.mix
    assert mix is not None
    others = mix.comparison[mix.comparison["rule"] != "optimum"]
    if others.empty or not mix.number("throughput") > 0:
        return []
    worst = others.loc[others["gap"].idxmax()]
    if not worst["gap"] > 0:
        return []
    part = float(worst["gap"]) / mix.number("throughput")
    sentence = (
        f"Choosing products by {worst['rule']} in {mix.summary['period']} would earn {money(float(worst['gap']))} less "
        f"than the best mix of the same hours ({share(part)})."
    )
    return [said(mix, mix.number("n_products"), sentence)]


def _pay(pay: IncentiveResult, _: Assessment) -> Statement:
    n = pay.number("n")
    return said(
        pay,
        n,
        f"{count(pay.number('conflicts'))} of {count(n)} order lines pay sales a bonus though they earn less than "
        f"their hours are worth elsewhere; {share(pay.number('exposure_share'))} of the bonus is paid there.",
    )


def _pay_content(pay: IncentiveResult, _: Assessment) -> list[Block]:
    rows = [
        (
            str(row["sales_unit"]),
            count(row["n"]),
            money(float(row["pay"])),
            count(row["conflicts"]),
            money(float(row["exposure"])),
            decimals(2)(row["rho"]),
        )
        for _, row in pay.units.iterrows()
    ]
    table = Table(
        title="Bonus and what orders earn",
        columns=(
            "Sales unit",
            "Order lines",
            "Bonus",
            "Lines in conflict",
            "Bonus in conflict",
            "Rank correlation",
        ),
        rows=tuple(rows),
        alignment="lrrrrr",
        notes=(
            "Rank correlation of the bonus of an order line with what it earns after its hours are priced.",
        ),
    )
    return [Shown(table=table, result=pay)]


REPLAY = Topic(
    anchor="replay",
    heading="A rule for accepting orders",
    system="replay",
    headline=_replay,
    content=_replay_content,
)
DELIVERY = Topic(
    anchor="delivery",
    heading="Delivery",
    system="measures",
    headline=_delivery,
    content=_delivery_content,
)
PRICES = Topic(
    anchor="prices",
    heading="Prices and their floors",
    system="prices",
    headline=_prices,
    content=_prices_content,
)
PRODUCTS = Topic(
    anchor="products",
    heading="Which products earn most in the scarce hours",
    system="contribution",
    headline=_products,
    content=_products_content,
)
PAY = Topic(
    anchor="pay", heading="What sales is paid for", system="incentives", headline=_pay, content=_pay_content
)
