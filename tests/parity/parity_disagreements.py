"""Deliberate disagreements with the reference: each states a claim that the runner verifies with numbers.

A unit that differs passes only when its claim is verified in this run, and is printed with a mark either way.
"""

import tomllib
from dataclasses import dataclass, replace
from fnmatch import fnmatch
from pathlib import Path

from parity_cases import Case, Entry
from parity_claims import CLAIMS
from parity_units import Unit

FILE = Path(__file__).with_name("disagreements.toml")

PAGE = Path(__file__).parents[2] / "docs" / "disagreements.md"
PAGE_HEAD = """# Where sopsem and lavaan disagree

Every number of the parity cases agrees with lavaan 0.7-2 at the stated tolerances, but for the following.  Each entry
names a claim that `tests/parity/run.py` verifies with numbers in every run; a unit passes only when it is verified.
The page is made from `tests/parity/disagreements.toml` by `tests/parity/run.py --page`."""


@dataclass(frozen=True, kw_only=True)
class Disagreement:
    """Which units differ, the claim that settles them, the argument and a further witness."""

    units: list[str]
    claim: str
    argument: str
    witness: str


def read_disagreements(path: Path = FILE) -> list[Disagreement]:
    """Return the disagreements on file."""
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    return [Disagreement(**entry) for entry in content.get("disagreement", [])]


def as_markdown(known: list[Disagreement]) -> str:
    """Return the page docs/disagreements.md."""
    parts = [PAGE_HEAD]
    for found in known:
        units = ", ".join(f"`{unit}`" for unit in found.units)
        parts += [f"## {found.claim}", f"Concerns {units}.", found.argument, f"*Witness:* {found.witness}"]
    return "\n\n".join(parts) + "\n"


def settle(unit: Unit, case: Case, known: list[Disagreement]) -> Unit:
    """Mark a failing unit that is on file; it passes when one of its claims is verified."""
    matching = [d for d in known if any(fnmatch(unit.id, u) for u in d.units)]
    if unit.passed or not matching:
        return unit
    part = unit.id.split("/")[1]
    entry = case.entries.get(part) or next(iter(case.entries.values()))
    refused = []
    for found in matching:
        verified, reason = _verify(found, case, entry)
        if verified:
            mark = f"[disagrees, see disagreements.toml: {found.claim} verified]"
            return replace(unit, passed=True, detail=f"{mark} {unit.detail}")
        refused.append(f"{found.claim} NOT verified{reason}")
    return replace(unit, detail=f"[{'; '.join(refused)}] {unit.detail}")


def _verify(found: Disagreement, case: Case, entry: Entry) -> tuple[bool, str]:
    try:
        return bool(CLAIMS[found.claim](case, entry)), ""
    except Exception as bug:  # noqa: BLE001 - a claim that cannot be checked is not verified
        return False, f" ({type(bug).__name__}: {str(bug)[:80]})"
