"""Pay by order: what a plan of incentives pays for every order line."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from sopsem.executive.notices import Notice, quote, warning

__all__ = ["METRICS", "accuracy_bonus", "collection_factor", "pay_of"]

EVERYBODY = "ALL"


def accuracy_bonus(wape: float, wape_naive: float, optimism: float, limit: float) -> float:
    """Return max(0, 1 - WAPE / WAPE of the naive forecast); 0 where |optimism| is above the limit.

    Sandbagging therefore earns nothing; NaN where it is not known.

    >>> accuracy_bonus(0.10, 0.20, 0.05, 0.10), accuracy_bonus(0.10, 0.20, -0.15, 0.10)
    (0.5, 0.0)
    """
    if not wape_naive > 0 or np.isnan(wape) or np.isnan(optimism):
        return float("nan")
    return 0.0 if abs(optimism) > limit else max(0.0, 1 - wape / wape_naive)


def collection_factor(lines: pd.DataFrame) -> "pd.Series[float]":
    """Return min(1, agreed days / days taken) of every line; NaN where it is not paid or has no terms."""
    taken = (lines["paid_date"] - lines["invoice_date"]).dt.days
    ratio = lines["payment_terms_days"] / taken.where(taken > 0)
    return (
        ratio.clip(upper=1.0)
        .where(taken.isna() | (taken > 0), 1.0)
        .where(lines["payment_terms_days"].notna())
    )


def _shared(lines: pd.DataFrame) -> "pd.Series[float]":
    """Return the bonus of each line's sales unit, shared among its lines by revenue."""
    total = lines.groupby("sales_unit")["revenue"].transform("sum")
    return lines["bonus"] * lines["revenue"] / total.where(total > 0)


METRICS: dict[str, Callable[[pd.DataFrame], "pd.Series[float]"]] = {
    "revenue": lambda lines: lines["revenue"],
    "contribution": lambda lines: lines["contribution"].clip(lower=0.0),
    "net_throughput": lambda lines: lines["net"].clip(lower=0.0),
    "forecast_accuracy": _shared,
    "collection": collection_factor,
}


def pay_of(rows: pd.DataFrame, lines: pd.DataFrame, notices: list[Notice]) -> "pd.Series[float]":
    """Return what a plan pays for every line: the sum of weight x rate x metric over its rows.

    A row of a line's own sales unit stands before the row for ALL.  Threshold and cap bound the metric's total and
    pay of each sales unit over all lines given.

    Parameters
    ----------
    rows : DataFrame
        Of incentives.csv, role sales, one plan or several that are paid together.
    lines : DataFrame
        sales_unit, revenue, contribution, net, bonus, and the dates of payment.
    notices : list
        Receives T36 for a row that cannot be paid out.

    """
    pay = pd.Series(0.0, index=lines.index)
    for (_, metric), group in rows.groupby(["plan_id", "metric"]):
        own = set(group["sales_unit"]) - {EVERYBODY}
        for row in group.to_dict("records"):
            mine = lines["sales_unit"] == row["sales_unit"]
            if row["sales_unit"] == EVERYBODY:
                mine = ~lines["sales_unit"].isin(own)
            if mine.any():
                pay[mine] += _paid(row, str(metric), lines[mine], notices)
    return pay


def _paid(
    row: dict[str, object], metric: str, lines: pd.DataFrame, notices: list[Notice]
) -> "pd.Series[float]":
    nothing = pd.Series(0.0, index=lines.index)
    rate, weight = float(row["rate"]), float(row["weight"])  # type: ignore[arg-type]
    if metric not in METRICS or np.isnan(rate):
        why = "has no rate" if metric in METRICS else f"is none of {', '.join(METRICS)}"
        message = f"metric {quote(metric)} of plan {quote(row['plan_id'])} {why}: it pays nothing here"
        notices.append(warning("T36", message, table="incentives", column="metric"))
        return nothing
    amount = METRICS[metric](lines)
    lacking = int(amount.isna().sum())
    if lacking:
        message = (
            f"metric {quote(metric)} is not known for {lacking} of {len(lines)} lines: it pays nothing there"
        )
        notices.append(warning("T36", message, table="incentives", column="metric"))
    paid = weight * rate * amount.fillna(0.0)
    unit = lines["sales_unit"]
    totals = amount.fillna(0.0).groupby(unit).transform("sum")
    threshold, cap = float(row["threshold"]), float(row["cap"])  # type: ignore[arg-type]
    if not np.isnan(threshold):
        paid = paid.where(totals >= threshold, 0.0)
    if not np.isnan(cap):
        earned = paid.groupby(unit).transform("sum")
        paid = paid * (cap / earned.where(earned > cap)).fillna(1.0)
    return paid
