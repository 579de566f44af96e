"""Every fault of a questionnaire file, each with its place, found on the raw TOML in one pass."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from sopsem.survey.messages import normalised, quote, suggestion
from sopsem.survey.model_names import model_faults

__all__ = ["consistency_faults", "structure_faults"]

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
CODE = re.compile(r"[+-]?[0-9]{1,6}")


def structure_faults(error: ValidationError, root: type[BaseModel]) -> list[str]:
    """Word pydantic's errors, such as ``items.con3.revers: unknown key, did you mean 'reverse'?``."""
    # codes are worded by _scale_faults, min_valid by _min_valid_faults
    found = [e for e in error.errors() if e["loc"][-1:] != ("[key]",) and "min_valid" not in e["loc"]]
    return [_structure_fault(e["loc"], e["type"], e["msg"], root) for e in found]


def _structure_fault(loc: tuple[int | str, ...], kind: str, text: str, root: type[BaseModel]) -> str:
    place = ".".join(_shown(part) for part in loc)
    if kind == "missing":
        return f"{place}: missing, but required"
    if kind == "extra_forbidden":
        hint = suggestion(str(loc[-1]), _known_keys(root, loc[:-1]))
        return f"{place}: unknown key{hint}"
    return f"{place}: {text[0].lower()}{text[1:]}"


def _shown(part: int | str) -> str:
    text = str(part)
    return text if NAME.fullmatch(text) or text.isdigit() else quote(text)


def _known_keys(model: type[BaseModel], loc: tuple[int | str, ...]) -> list[str]:
    """Return the keys that may stand at a place: the questionnaire's own, or those of a part (items.con3)."""
    if len(loc) >= 2:
        inner = [a for a in get_args(model.model_fields[str(loc[0])].annotation) if isinstance(a, type)]
        model = next((a for a in inner if issubclass(a, BaseModel)), model)
    return [field.alias or name for name, field in model.model_fields.items()]


def consistency_faults(data: Mapping[str, Any]) -> list[str]:
    """List what single fields cannot show: unknown references, duplicates, reversals, the model's names."""
    return [
        *_name_faults(data),
        *_scale_faults(data),
        *_missing_faults(data),
        *_construct_faults(data),
        *_item_faults(data),
        *_column_faults(data),
        *_model_faults(data),
    ]


def _tables(data: Mapping[str, Any], section: str) -> dict[str, dict[str, Any]]:
    """Return the tables of a section; what is not a table is reported by the structure check."""
    found = data.get(section)
    if not isinstance(found, dict):
        return {}
    return {name: table for name, table in found.items() if isinstance(table, dict)}


def _table(table: Mapping[str, Any], key: str) -> dict[str, Any]:
    found = table.get(key)
    return found if isinstance(found, dict) else {}


def _name_faults(data: Mapping[str, Any]) -> Iterator[str]:
    sections = ("constructs", "items", "background")
    for section in (*sections, "scales"):
        for name in _tables(data, section):
            if not NAME.fullmatch(name):
                yield f"{section}.{quote(name)}: a name is ASCII letters, digits and _, first a letter"
    owners: dict[str, str] = {}
    for section in sections:
        for name in _tables(data, section):
            if name in owners:
                yield f"{section}.{_shown(name)}: the name is already used in {owners[name]}"
            owners.setdefault(name, section)


def _scale_faults(data: Mapping[str, Any]) -> Iterator[str]:
    for name, scale in _tables(data, "scales").items():
        codes = _table(scale, "codes")
        place = f"scales.{_shown(name)}.codes"
        yield from (f"{place}.{_shown(c)}: a code is an integer" for c in codes if not CODE.fullmatch(c))
        numbers = Counter(int(c) for c in codes if CODE.fullmatch(c))
        yield from (f"{place}: code {n} is given twice" for n, count in numbers.items() if count > 1)
        labels = Counter(normalised(text) for text in codes.values() if isinstance(text, str))
        yield from (
            f"{place}: label {quote(text)} is given {count} times, so text answers are ambiguous"
            for text, count in labels.items()
            if count > 1
        )


def _missing_faults(data: Mapping[str, Any]) -> Iterator[str]:
    missing = _table(data, "missing")
    numbers = {int(c) for c in missing if CODE.fullmatch(c)}
    texts = {normalised(t) for t in (*missing, *missing.values()) if isinstance(t, str)}
    for name, scale in _tables(data, "scales").items():
        for code, label in _table(scale, "codes").items():
            place = f"scales.{_shown(name)}.codes.{_shown(code)}"
            if CODE.fullmatch(code) and int(code) in numbers:
                yield f"missing: {quote(code)} is also an answer: {place}"
            if isinstance(label, str) and normalised(label) in texts:
                yield f"missing: {quote(label)} is also the label of {place}"


def _construct_faults(data: Mapping[str, Any]) -> Iterator[str]:
    constructs = _tables(data, "constructs")
    items = list(_tables(data, "items").values())
    measured = {item["construct"] for item in items if _is_text(item, "construct")}
    for name, construct in constructs.items():
        place = f"constructs.{_shown(name)}"
        of = construct.get("of", [])
        parts = [part for part in of if isinstance(part, str)] if isinstance(of, list) else []
        for part in parts:
            if part not in constructs:
                yield f"{place}.of: unknown construct {quote(part)}{suggestion(part, constructs)}"
            if part == name:
                yield f"{place}.of: a construct cannot be made of itself"
        if parts and name in measured:
            yield f"{place}: is made of other constructs and also has items; use one of the two"
        if not parts and name not in measured:
            yield f"{place}: has neither items nor other constructs (of)"
        members = len(parts) or sum(item.get("construct") == name for item in items)
        yield from _min_valid_faults(f"{place}.min_valid", construct.get("min_valid"), members)


def _min_valid_faults(place: str, rule: object, members: int) -> Iterator[str]:
    count = isinstance(rule, int) and not isinstance(rule, bool) and 1 <= rule <= members
    share = isinstance(rule, float) and 0 < rule <= 1
    if not (rule is None or count or share):
        yield f"{place}: {quote(rule)} is neither a count from 1 to {members} nor a share above 0 up to 1.0"


def _is_text(table: Mapping[str, Any], key: str) -> bool:
    return isinstance(table.get(key), str)


def _item_faults(data: Mapping[str, Any]) -> Iterator[str]:
    items = _tables(data, "items")
    if not any(item.get("optional") is not True for item in items.values()):
        yield "items: no items; a questionnaire needs at least one that is not optional"
    for name, item in items.items():
        place = f"items.{_shown(name)}"
        yield from _reference_faults(place, item, "construct", _tables(data, "constructs"))
        yield from _reference_faults(place, item, "scale", _tables(data, "scales"))
        if _is_text(item, "scale") and item["scale"] in _tables(data, "scales"):
            yield from _code_faults(place, item, _table(_tables(data, "scales")[item["scale"]], "codes"))


def _reference_faults(
    place: str, item: Mapping[str, Any], key: str, known: Mapping[str, Any]
) -> Iterator[str]:
    if _is_text(item, key) and item[key] not in known:
        yield f"{place}.{key}: unknown {key} {quote(item[key])}{suggestion(item[key], known)}"


def _code_faults(place: str, item: Mapping[str, Any], codes: Mapping[str, Any]) -> Iterator[str]:
    if item.get("reverse") is True and not codes:
        yield f"{place}.reverse: the scale {quote(item['scale'])} has no codes to reverse by"
    expected = item.get("expected")
    if isinstance(expected, int) and codes and str(expected) not in codes:
        yield f"{place}.expected: {expected} is not a code of the scale {quote(item['scale'])}"


def _column_faults(data: Mapping[str, Any]) -> Iterator[str]:
    owners: dict[str, str] = {}
    for section in ("items", "background"):
        for name, table in _tables(data, section).items():
            column = table["column"] if _is_text(table, "column") else name
            place = f"{section}.{_shown(name)}"
            if column in owners:
                yield f"{place}.column: {quote(column)} is already the column of {owners[column]}"
            owners.setdefault(column, place)


def _model_faults(data: Mapping[str, Any]) -> Iterator[str]:
    model = data.get("model")
    if isinstance(model, str):
        yield from model_faults(model, _tables(data, "items"), _tables(data, "constructs"))
