"""A unit of comparison, and the tolerances."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

CONSTRAINTS = ("==", "<", ">")


@dataclass(frozen=True, kw_only=True)
class Unit:
    """One named quantity group of one fit: did it agree, and if not, in what."""

    id: str
    passed: bool
    detail: str = ""

    def line(self) -> str:
        return f"{'pass' if self.passed else 'FAIL'}  {self.id}{f'  {self.detail}' if self.detail else ''}"


@dataclass(kw_only=True)
class Check:
    """Collects differences; a unit passes when there is none."""

    worst: list[tuple[float, str]] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def close(self, where: str, mine: float | None, reference: float | None, tolerance: float) -> None:
        """Require that two numbers agree; missing (None, NaN, infinite) agrees with missing."""
        a, b = _number(mine), _number(reference)
        if np.isnan(a) or np.isnan(b):
            if np.isnan(a) != np.isnan(b):
                self.complaints.append(f"{where} is {a:.7g}, reference {b:.7g}")
            return
        ratio = abs(a - b) / tolerance if tolerance > 0.0 else float(a != b) * np.inf
        if not ratio <= 1.0:
            self.worst.append((ratio, f"{where} is {a:.7g}, reference {b:.7g}"))

    def equal(self, where: str, mine: object, reference: object) -> None:
        """Require that two values are the same."""
        if mine != reference:
            self.complaints.append(f"{where} is {mine}, reference {reference}")

    def fail(self, text: str) -> None:
        """Note what is wrong."""
        self.complaints.append(text)

    def unit(self, name: str) -> Unit:
        """Return the verdict with the worst differences."""
        found = [*self.complaints, *(text for _, text in sorted(self.worst, reverse=True))]
        more = f" (and {len(found) - 3} more)" if len(found) > 3 else ""
        return Unit(id=name, passed=not found, detail="; ".join(found[:3]) + more)


def _number(value: float | None) -> float:
    if value is None:
        return float("nan")
    return float(value) if np.isfinite(float(value)) else float("nan")


def guarded(name: str, compare: Callable[[Check], None]) -> Unit:
    """Run one comparison; an exception is a failing unit with its name."""
    check = Check()
    try:
        compare(check)
    except Exception as bug:  # noqa: BLE001 - a bug is a failing unit, it must not end the run
        check.fail(f"{type(bug).__name__}: {str(bug).splitlines()[0][:160] if str(bug) else ''}")
    return check.unit(name)


def table(content: dict) -> pd.DataFrame:
    """Return a table of a case as a frame, with underscores for dots in the column names."""
    names = [c.replace(".", "_") for c in content["columns"]]
    return pd.DataFrame(content["rows"], columns=names)


def matrix(content: dict) -> pd.DataFrame:
    """Return a matrix of a case as a frame."""
    values = np.array(content["values"], dtype=float)
    return pd.DataFrame(values, index=content["rownames"], columns=content["colnames"])


def scale_of(values: Iterable[float | None]) -> float:
    """Return 0.1 x the median absolute value: the least scale of a relative comparison."""
    numbers = np.array([_number(v) for v in values])
    numbers = np.abs(numbers[np.isfinite(numbers)])
    return 0.1 * float(np.median(numbers)) if len(numbers) else 0.0


def relative(reference: float | None, floor: float, share: float) -> float:
    """Return the tolerance ``share`` of a reference, at least of ``floor``."""
    size = _number(reference)
    return share * max(0.0 if np.isnan(size) else abs(size), floor)


def chisq_tolerance(reference: float | None) -> float:
    """Return 1e-3, or 1e-5 of a large statistic."""
    return max(1e-3, relative(reference, 0.0, 1e-5))


def scaled_tolerance(reference: float | None) -> float:
    """Return 1e-3 of a scaled statistic, or of what scales it; at least 1e-3."""
    return max(1e-3, relative(reference, 0.0, 1e-3))


def score_tolerance(reference: float | None) -> float:
    """Return 1e-3, or 1e-3 of a large score test or expected change."""
    return max(1e-3, relative(reference, 0.0, 1e-3))


def row_key(lhs: str, op: str, rhs: str, group: int = 1) -> tuple[str, str, str, int]:
    """Return what identifies a row: a covariance is the same in both directions, a definition is its name."""
    if op == ":=":
        return (lhs, op, "", 0)
    if op == "~~" and rhs < lhs:
        lhs, rhs = rhs, lhs
    return (lhs, op, rhs, int(group))


def by_key(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table of ours with its rows named by what identifies them."""
    return frame.assign(key=[row_key(r.lhs, r.op, r.rhs, r.group) for r in frame.itertuples()]).set_index(
        "key"
    )


def named_vector(content: dict) -> dict[str, float]:
    """Return a named vector of a case, given as a mapping or as a matrix of one column."""
    if "values" not in content:
        return content
    names = content.get("rownames") or content["names"]
    return dict(zip(names, np.ravel(np.array(content["values"], dtype=float)), strict=True))


def each_row(
    check: Check, reference: pd.DataFrame, mine: pd.DataFrame
) -> Iterator[tuple[str, pd.Series, pd.Series]]:
    """Yield the rows of a reference table with ours; a row that is absent is a complaint."""
    for row in reference.to_dict("records"):
        if row["op"] in CONSTRAINTS:
            continue
        group = row.get("group", 1)
        key = row_key(row["lhs"], row["op"], row["rhs"], group)
        where = f"{row['lhs']} {row['op']} {row['rhs']}" + (f" in group {group}" if group > 1 else "")
        if key not in mine.index:
            check.fail(f"no row {where}")
            continue
        found = mine.loc[[key]].iloc[0]
        yield where, pd.Series(row, dtype=object), found
