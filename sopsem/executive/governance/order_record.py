"""An order as a mapping of plain values, as JSON gives it: every field checked, every fault told at once."""

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from sopsem.errors import DataError
from sopsem.executive.governance.order import Order
from sopsem.executive.notices import Notice, fault, nearest, quote
from sopsem.executive.schema.periods import frequency_of

__all__ = ["FIELDS", "order_from", "order_record"]


def _text(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise DataError("a text")
    return value


def _plain_text(value: object) -> str:
    if not isinstance(value, str):
        raise DataError("a text")
    return value


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise DataError("a number, without quotes and with a decimal point")
    return float(value)


def _share(value: object) -> float:
    if not 0 <= _number(value) <= 1:
        raise DataError("a number from 0 to 1")
    return _number(value)


def _days(value: object) -> float:
    if _number(value) < 0:
        raise DataError("days, 0 or more")
    return _number(value)


def _truth(value: object) -> bool:
    if not isinstance(value, bool):
        raise DataError("true or false")
    return value


def _date(value: object) -> date:
    try:
        return date.fromisoformat(str(value))
    except ValueError as error:
        raise DataError("a day such as 2025-01-31") from error


def _parts(value: object) -> tuple[tuple[str, float], ...]:
    pairs: Sequence[Any] = value if isinstance(value, Sequence) and not isinstance(value, str) else [None]
    for pair in pairs:
        if not isinstance(pair, Sequence) or len(pair) != 2 or not frequency_of(str(pair[0])):
            raise DataError('part deliveries such as [["2025-01", 20], ["2025-02", 10]]')
    return tuple((str(period), _number(quantity)) for period, quantity in pairs)


# field -> how it is read, whether an order needs it
FIELDS: Mapping[str, tuple[Callable[[object], Any], bool]] = {
    "product": (_text, True),
    "quantity": (_number, True),
    "price": (_number, True),
    "requested": (_date, True),
    "order_id": (_plain_text, False),
    "customer": (_plain_text, False),
    "terms_days": (_days, False),
    "prepaid": (_truth, False),
    "probability": (_share, False),
    "compliance": (_share, False),
    "priority": (_truth, False),
    "parts": (_parts, False),
}


def order_from(record: object) -> Order:
    """Return an order from a mapping of plain values.

    A quantity or price that no order may have (0, below cost) is read: the decision says so, with a reason.

    Raises
    ------
    DataError
        Every field that is absent (T02), unknown (T02) or of another kind (T03), with what was found and expected.

    Examples
    --------
    >>> order_from({"product": "P", "quantity": 25, "price": 90, "requested": "2025-01-12"}).quantity
    25.0
    >>> order_from({"product": "P", "quantity": "25", "price": 90, "requested": "2025-01-12"})
    Traceback (most recent call last):
    ...
    sopsem.errors.DataError: E-T03 order: quantity is '25'; expected a number, without quotes and with a decimal point

    """
    if not isinstance(record, Mapping):
        found_kind = type(record).__name__
        raise _refusal([fault("T03", f"found {quote(found_kind)}; expected an object with {_wanted()}")])
    faults = [
        fault(
            "T02",
            f"there is no field {quote(name)}{nearest(str(name), FIELDS)}; known are {', '.join(FIELDS)}",
        )
        for name in record
        if name not in FIELDS
    ]
    faults += [
        fault("T02", f"{name} is missing; an order needs {_wanted()}")
        for name, (_, needed) in FIELDS.items()
        if needed and name not in record
    ]
    found: dict[str, Any] = {}
    for name, value in record.items():
        if name in FIELDS:
            faults += _read(name, value, found)
    if faults:
        raise _refusal(faults)
    return Order(**found)


def _refusal(faults: Sequence[Notice]) -> DataError:
    lines = [f"E-{one.code} order: {one.message}" for one in faults]
    text = lines[0] if len(lines) == 1 else "\n  - ".join([f"{len(lines)} problems", *lines])
    return DataError(text, code=faults[0].code, notices=tuple(faults))


def _wanted() -> str:
    return ", ".join(name for name, (_, needed) in FIELDS.items() if needed)


def _read(name: str, value: object, found: dict[str, Any]) -> list[Notice]:
    """Put a field's value into what was found, or return its fault."""
    try:
        found[name] = FIELDS[name][0](value)
    except DataError as error:
        return [fault("T03", f"{name} is {quote(value)}; expected {error}")]
    return []


def order_record(order: Order) -> dict[str, object]:
    """Return an order as plain values, ready to be asked again.

    >>> asked = Order(product="P", quantity=2.0, price=9.0, requested=date(2025, 1, 12))
    >>> order_from(order_record(asked)) == asked
    True
    """
    values = {name: getattr(order, name) for name in FIELDS}
    return {**values, "requested": order.requested.isoformat(), "parts": [list(part) for part in order.parts]}
