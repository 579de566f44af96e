"""The thresholds: defaults, a file that changes some, and the hash that every result carries."""

import hashlib
import json
import math
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from sopsem.errors import FileError, PolicyError
from sopsem.executive.notices import nearest, quote

__all__ = ["DEFAULT_POLICY", "POLICY_TEXT", "Policy", "load_policy", "make_policy"]

POLICY_TEXT = Path(__file__).with_name("policy.toml").read_text("utf-8")
Section = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Policy:
    """Thresholds by section and name, read-only.

    Examples
    --------
    >>> policy = make_policy(capacity={"alpha": 0.1})
    >>> policy["capacity"]["alpha"], policy["general"]["days_per_year"]
    (0.1, 365)
    >>> policy.digest == DEFAULT_POLICY.digest
    False

    """

    sections: Mapping[str, Section]

    def __getitem__(self, section: str) -> Section:
        """Return one section."""
        return self.sections[section]

    def __repr__(self) -> str:
        """Return a name: the values would fill a page."""
        return f"Policy({self.digest})"

    @property
    def digest(self) -> str:
        """Hash of every value: two reports with the same one were made by the same thresholds."""
        plain = {name: _plain(section) for name, section in self.sections.items()}
        text = json.dumps(plain, sort_keys=True)
        return hashlib.sha256(text.encode("utf-8")).hexdigest()[:16]


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {k: _plain(v) for k, v in value.items()}
    if isinstance(value, tuple):
        return [_plain(v) for v in value]
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _frozen(value: Any) -> Any:
    if isinstance(value, Mapping):
        return MappingProxyType({k: _frozen(v) for k, v in value.items()})
    return tuple(_frozen(v) for v in value) if isinstance(value, list | tuple) else value


DEFAULT_POLICY = Policy(sections=_frozen(tomllib.loads(POLICY_TEXT)))


def make_policy(**sections: Mapping[str, Any]) -> Policy:
    """Return the default thresholds with some of them changed.

    Raises
    ------
    PolicyError
        A section or key that is not known, or a value that is not of the default's kind.

    Examples
    --------
    >>> make_policy(capacity={"alfa": 0.1})
    Traceback (most recent call last):
    ...
    sopsem.errors.PolicyError: policy: [capacity] has no 'alfa', did you mean 'alpha'?

    """
    faults: list[str] = []
    merged = _merge(DEFAULT_POLICY.sections, sections, "", faults)
    if faults:
        raise PolicyError("policy: " + "\n  ".join(faults))
    return Policy(sections=_frozen(merged))


def _merge(known: Section, given: Section, place: str, faults: list[str]) -> dict[str, Any]:
    """Return the known values with the given ones put over them; every fault is listed."""
    merged = dict(known)
    for name, value in given.items():
        where = f"{place}.{name}".strip(".")
        free = place == "authorise.approvers"  # approvers of any test may be named
        if name not in known and not free:
            faults.append(_unknown(name, known, place))
        elif isinstance(known.get(name), Mapping) and isinstance(value, Mapping):
            merged[name] = _merge(known[name], value, where, faults)
        else:
            reason = _misfit(known.get(name, ()), value)
            if reason:
                faults.append(f"{where} is {quote(value)}; {reason}")
            merged[name] = value
    return merged


def _unknown(name: str, known: Section, place: str) -> str:
    where = f"[{place}] has no {quote(name)}" if place else f"there is no section [{name}]"
    return where + nearest(name, known)


def _misfit(default: Any, value: Any) -> str:
    """Say what kind a value must be of, or nothing."""
    if isinstance(default, bool) or isinstance(value, bool):
        return "" if isinstance(default, bool) and isinstance(value, bool) else _kind(default)
    if isinstance(default, int | float):
        finite = isinstance(value, int | float) and math.isfinite(value)
        return "" if finite and (isinstance(value, int) or isinstance(default, float)) else _kind(default)
    if isinstance(default, Mapping):
        return "it must be a section"
    if isinstance(default, tuple) and isinstance(value, list | tuple):
        numbers = bool(default) and not isinstance(default[0], str)
        fits = len(value) == len(default) if numbers else all(isinstance(v, str) for v in value)
        return "" if fits and not (numbers and any(_misfit(0.0, v) for v in value)) else _kind(default)
    return "" if isinstance(default, str) and isinstance(value, str) else _kind(default)


def _kind(default: Any) -> str:
    words = {bool: "true or false", int: "a whole number", float: "a number", str: "a text"}
    kind = words.get(type(default))
    return f"it must be {kind}" if kind else f"it must be a list like {list(default)}"


def load_policy(path: str | os.PathLike[str]) -> Policy:
    """Read a policy file; what it does not name keeps its default.

    Raises
    ------
    FileError
        The file is missing or cannot be read.
    PolicyError
        It is no TOML, or has a key that is not known.

    Examples
    --------
    >>> load_policy(Path(__file__).with_name("policy.toml")) == DEFAULT_POLICY
    True

    """
    try:
        given = tomllib.loads(Path(path).read_text("utf-8-sig"))
    except OSError as error:
        raise FileError(f"{path}: cannot be read: {error.strerror or error}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PolicyError(f"{path}: not valid TOML in UTF-8: {error}") from error
    wrong = [name for name, section in given.items() if not isinstance(section, dict)]
    if wrong:
        raise PolicyError(f"{path}: {quote(wrong[0])} stands outside a section such as [general]")
    return make_policy(**given)
