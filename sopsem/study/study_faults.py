"""The faults of a study file: one line each, with the place and a suggestion for a misspelt key."""

from difflib import get_close_matches
from types import UnionType
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

__all__ = ["fault_lines"]


def fault_lines(error: ValidationError, root: type[BaseModel]) -> list[str]:
    """Turn pydantic's errors into lines such as ``fit.chisqr: unknown key, did you mean 'chisq'?``."""
    return [_fault_line(fault["loc"], fault["type"], fault["msg"], root) for fault in error.errors()]


def _fault_line(loc: tuple[int | str, ...], kind: str, text: str, root: type[BaseModel]) -> str:
    place = ".".join(str(part) for part in loc) or "the file"
    if kind == "missing":
        return f"{place}: missing, but required"
    if kind == "extra_forbidden":
        return f"{place}: unknown key{_suggestion(str(loc[-1]), _keys_at(root, loc[:-1]))}"
    message = text.removeprefix("Value error, ").removeprefix("Assertion failed, ")
    return f"{place}: {message[0].lower()}{message[1:]}"


def _suggestion(key: str, known: list[str]) -> str:
    close = get_close_matches(key, known, n=1, cutoff=0.5)
    return f", did you mean {close[0]!r}?" if close else f"; known keys: {', '.join(known)}"


def _keys_at(model: type[BaseModel], loc: tuple[int | str, ...]) -> list[str]:
    """Return the keys that the part of the model at a place may have."""
    current: type[BaseModel] | None = model
    for part in loc:
        if isinstance(part, str) and current is not None and part in current.model_fields:
            current = _model_in(current.model_fields[part].annotation)
    return list(current.model_fields) if current is not None else []


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """Return the model a field holds, alone, optional or in a tuple."""
    if isinstance(annotation, type) and not get_origin(annotation):
        return annotation if issubclass(annotation, BaseModel) else None
    if get_origin(annotation) in (tuple, list, dict, Union, UnionType):
        return next((found for part in get_args(annotation) if (found := _model_in(part))), None)
    return None
