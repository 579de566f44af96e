"""Rules over the rows of one table: repeated keys, gaps between periods, impossible dates, outliers."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sopsem.executive.notices import Notice, fault, warning
from sopsem.executive.schema.cells import named_rows
from sopsem.executive.schema.definitions import Schema
from sopsem.executive.schema.periods import frequency_of, ordinals, period_of_dates, range_of

__all__ = ["Outcome", "Rule", "rules_of", "several_units"]

FAR = 20.0  # median absolute deviations


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a rule found: notices, and rows that are left out for one reason."""

    excluded: np.ndarray
    notices: tuple[Notice, ...] = ()
    code: str = ""
    reason: str = ""


Rule = Callable[[pd.DataFrame, Schema, np.ndarray, pd.Series], Outcome]


def rules_of(name: str) -> tuple[Rule, ...]:
    """Return the rules of a table, repeated rows first.

    >>> [rule.__name__ for rule in rules_of("financials")]
    ['_repeated_rows', '_contiguous']
    """
    return (_repeated_rows, *_TABLE_RULES.get(name, ()))


def several_units(frame: pd.DataFrame) -> bool:
    """Say whether rows are of more than one unit.

    >>> several_units(pd.DataFrame({"unit": ["A", "A"]}))
    False
    """
    return bool((frame["unit"] != frame["unit"].iloc[0]).any())


def _nothing(frame: pd.DataFrame, *notices: Notice) -> Outcome:
    return Outcome(excluded=np.zeros(len(frame), bool), notices=notices)


def _repeated_rows(frame: pd.DataFrame, schema: Schema, rows: np.ndarray, keys: pd.Series) -> Outcome:
    """Keep a row that is there twice once; a key with different values is a fault."""
    key = list(schema.key)
    same_key = frame.duplicated(key, keep=False).to_numpy()
    if not same_key.any():
        return _nothing(frame)
    copies = np.zeros(len(frame), bool)
    copies[same_key] = frame[same_key].duplicated().to_numpy()
    clash = frame[~copies].duplicated(key, keep=False).to_numpy()
    notices = []
    if clash.any():
        at = np.flatnonzero(~copies)[clash]
        bad = np.isin(np.arange(len(frame)), at)
        named = ", ".join(k for k in schema.key if k != "unit" or several_units(frame))
        message = f"{named_rows(bad, rows, keys)}: the same {named} with different values; a key is used once"
        # of a pipeline these are several snapshots of one opportunity, which would count as several
        code = "T22" if schema.name == "pipeline" else "T04"
        notices.append(fault(code, message, table=schema.name, column=schema.key[-1], rows=rows[bad]))
    if copies.any():
        message = f"{named_rows(copies, rows, keys)}: the same row again, kept once"
        notices.append(warning("T04", message, table=schema.name, rows=rows[copies]))
    return Outcome(excluded=copies, notices=tuple(notices), code="T04", reason="the same row again")


def _contiguous(frame: pd.DataFrame, schema: Schema, rows: np.ndarray, keys: pd.Series) -> Outcome:
    """Periods are of one frequency and without a gap."""
    del rows, keys
    periods = sorted(frame["period"].unique())
    kinds = sorted({frequency_of(p) for p in periods})
    if len(kinds) > 1:
        message = f"mixed frequencies: {' and '.join(kinds)}; give one"
        return _nothing(frame, fault("T08", message, table=schema.name, column="period"))
    missing = sorted(set(range_of(periods)) - set(periods)) if len(periods) < 10000 else []
    if missing:
        shown = ", ".join(missing[:10]) + (f" and {len(missing) - 10} more" if len(missing) > 10 else "")
        message = f"no rows for {shown}; give every period from {periods[0]} to {periods[-1]}"
        return _nothing(frame, fault("T08", message, table=schema.name, column="period"))
    return _nothing(frame)


def _maintenance(frame: pd.DataFrame, schema: Schema, rows: np.ndarray, keys: pd.Series) -> Outcome:
    bad = (frame["maintenance_hours"] > frame["scheduled_hours"]).to_numpy()
    if not bad.any():
        return _nothing(frame)
    message = f"{named_rows(bad, rows, keys)}: maintenance_hours is above scheduled_hours"
    return _nothing(
        frame, fault("T10", message, table=schema.name, column="maintenance_hours", rows=rows[bad])
    )


def _shipments(frame: pd.DataFrame, schema: Schema, rows: np.ndarray, keys: pd.Series) -> Outcome:
    del rows, keys
    share = float((frame["measure"] == "shipments").mean())
    if not share:
        return _nothing(frame)
    message = f"{share:.0%} of rows are shipments: what could not be delivered is not seen in them"
    return _nothing(frame, warning("T25", message, table=schema.name, column="measure"))


def _known_before(frame: pd.DataFrame, schema: Schema, rows: np.ndarray, keys: pd.Series) -> Outcome:
    """Leave out forecasts made in their period or later: they know the answer."""
    issued = period_of_dates(frame["issued"], frequency_of(frame["period"].iloc[0]))
    late = ordinals(issued) >= ordinals(frame["period"])
    if not late.any():
        return _nothing(frame)
    message = f"{named_rows(late, rows, keys)}: issued when the period had opened, left out of accuracy"
    notice = warning("T21", message, table=schema.name, column="issued", rows=rows[late])
    return Outcome(excluded=late, notices=(notice,), code="T21", reason="issued when the period had opened")


def _sequence(*pairs: tuple[str, str]) -> Rule:
    """Return the rule that the second date of each pair is not before the first."""

    def impossible_dates(frame: pd.DataFrame, schema: Schema, rows: np.ndarray, keys: pd.Series) -> Outcome:
        bad = np.zeros(len(frame), bool)
        notices = []
        for first, second in pairs:
            wrong = (frame[second] < frame[first]).to_numpy()
            bad |= wrong
            if wrong.any():
                message = f"{named_rows(wrong, rows, keys)}: {second} is before {first}, left out"
                notices.append(warning("T12", message, table=schema.name, column=second, rows=rows[wrong]))
        return Outcome(excluded=bad, notices=tuple(notices), code="T12", reason="impossible order of dates")

    return impossible_dates


def _far(column: str) -> Rule:
    """Return the rule that notices values far from the median of their product."""

    def far_values(frame: pd.DataFrame, schema: Schema, rows: np.ndarray, keys: pd.Series) -> Outcome:
        groups = frame["product_id"]
        distance = (frame[column] - frame.groupby(groups)[column].transform("median")).abs()
        spread = distance.groupby(groups).transform("median")
        bad = ((spread > 0) & (distance > FAR * spread)).to_numpy()
        if not bad.any():
            return _nothing(frame)
        message = f"{named_rows(bad, rows, keys)}: {column} is more than {FAR:g} MAD from the product's median, kept"
        return _nothing(frame, warning("T19", message, table=schema.name, column=column, rows=rows[bad]))

    return far_values


def _criteria(frame: pd.DataFrame, schema: Schema, rows: np.ndarray, keys: pd.Series) -> Outcome:
    bad = (frame["criteria_met"] > frame["criteria_total"]).to_numpy()
    if not bad.any():
        return _nothing(frame)
    message = f"{named_rows(bad, rows, keys)}: criteria_met is above criteria_total"
    return _nothing(frame, fault("T07", message, table=schema.name, column="criteria_met", rows=rows[bad]))


_TABLE_RULES: dict[str, tuple[Rule, ...]] = {
    "capacity": (_contiguous, _maintenance),
    "demand": (_contiguous, _shipments, _far("quantity")),
    "forecasts": (_contiguous, _known_before),
    "pipeline": (_sequence(("created", "closed")), _criteria),
    "orders": (_sequence(("order_date", "delivered_date"), ("invoice_date", "paid_date")), _far("price")),
    "financials": (_contiguous,),
    "production": (_contiguous,),
}
