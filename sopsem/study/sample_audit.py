"""Checks of the sample description: whether whole people can give these percentages, and of which base."""

import math
from collections.abc import Iterator
from itertools import combinations, islice

from sopsem.study.findings import CHECKS, Finding, Verdict, agreement
from sopsem.study.printed import Printed
from sopsem.study.published import PublishedStudy
from sopsem.study.study_parts import SampleTable

__all__ = ["possible_counts"]

_TINY = 1e-9


def possible_counts(percents: list[Printed], base: int, *, limit: int = 1000) -> list[tuple[int, ...]]:
    """Return ways, at most ``limit``, to split ``base`` people so that all percentages print so.

    >>> from sopsem.study.printed import printed
    >>> possible_counts([printed(p) for p in ("60.6", "7.0", "31.0", "1.4")], 71)
    [(43, 5, 22, 1)]
    """
    return list(islice(_splits([_range(percent, base) for percent in percents], base), limit))


def _range(percent: Printed, base: int) -> range:
    """Return the counts that print so; an exact half may be rounded either way."""
    low, high = percent.lower * base / 100 - _TINY, percent.upper * base / 100 + _TINY
    return range(max(math.ceil(low), 0), min(math.floor(high), base) + 1)


def _splits(ranges: list[range], rest: int) -> Iterator[tuple[int, ...]]:
    """Yield every choice of one count per range that adds up to ``rest``."""
    if not ranges:
        yield from [()] if rest == 0 else []
        return
    # Ranges have no gaps, so the later ones can make up any sum between their smallest and their largest.
    least = sum(r.start for r in ranges[1:])
    most = sum(r.stop - 1 for r in ranges[1:])
    if any(len(r) == 0 for r in ranges):
        return
    for count in range(max(ranges[0].start, rest - most), min(ranges[0].stop - 1, rest - least) + 1):
        yield from ((count, *others) for others in _splits(ranges[1:], rest - count))


@CHECKS.register(
    "counts", label="printed counts against percentages", digits=1, source="GRIM: Brown & Heathers (2017)"
)
def counts_against_percentages(study: PublishedStudy) -> Iterator[Finding]:
    """Divide printed counts by the base and compare the percentages."""
    for table in study.samples:
        counts = [category.count for category in table.categories]
        if any(count is None for count in counts):
            continue
        numbers = [round(count.value) for count in counts if count is not None]
        base = table.base or sum(numbers)
        if base == 0:
            continue
        wrong = [
            c.label
            for c, k in zip(table.categories, numbers, strict=True)
            if k not in _range(c.percent, base)
        ]
        adds = sum(numbers) == base
        yield Finding(
            part=table.name,
            computed=", ".join(f"{100 * k / base:.2f}" for k in numbers),
            printed=", ".join(str(c.percent) for c in table.categories),
            verdict=agreement(adds and not wrong),
            explanation=f"{' + '.join(map(str, numbers))} = {sum(numbers)} of {base}."
            + (f" Do not agree: {', '.join(wrong)}." if wrong else ""),
            values={"sum": sum(numbers), "base": base},
        )


@CHECKS.register("base", label="base of percentages without counts", digits=0, source="exhaustive search")
def base_of_percentages(study: PublishedStudy) -> Iterator[Finding]:
    """Search every base up to N for whole counts that give the printed percentages."""
    for table in study.samples:
        if all(category.count is not None for category in table.categories):
            continue
        percents = [category.percent for category in table.categories]
        found = {
            n: counts for n in range(1, study.n + 1) if (counts := possible_counts(percents, n, limit=2))
        }
        yield _base(study, table, found)


def _base(study: PublishedStudy, table: SampleTable, found: dict[int, list[tuple[int, ...]]]) -> Finding:
    bases = list(found)
    claimed = table.base
    unique = len(bases) == 1 and len(found[bases[0]]) == 1
    values = {"n_bases": float(len(bases))}
    if unique:
        values |= {"base": bases[0]}
        values |= {c.label: k for c, k in zip(table.categories, found[bases[0]][0], strict=True)}
    told = f"n = {bases[0]}: {', '.join(map(str, found[bases[0]][0]))}" if unique else _told(bases)
    possible = bool(bases) if claimed is None else claimed in bases
    certain = unique or claimed is not None
    return Finding(
        part=table.name,
        computed=told,
        printed=", ".join(map(str, percents_of(table))),
        verdict=agreement(possible) if certain or not possible else Verdict.UNDECIDABLE,
        explanation=f"Searched n = 1 to {study.n}." + (_explained(study, table, bases[0]) if unique else ""),
        values=values,
    )


def _told(bases: list[int]) -> str:
    if not bases:
        return "no base"
    more = f" and {len(bases) - 5} more" if len(bases) > 5 else ""
    return f"n = {', '.join(map(str, bases[:5]))}{more}"


def percents_of(table: SampleTable) -> list[Printed]:
    """Return the printed percentages of a table."""
    return [category.percent for category in table.categories]


def _explained(study: PublishedStudy, table: SampleTable, base: int) -> str:
    """Say what the base is, if it is not N: categories of another table that add up to it."""
    if base == study.n:
        return ""
    told = f" {study.n - base} of {study.n} are not in this table."
    for other in study.samples:
        counted = [(c.label, round(c.count.value)) for c in other.categories if c.count is not None]
        for size in range(1, len(counted)):
            for chosen in combinations(counted, size):
                if other is not table and sum(k for _, k in chosen) == base:
                    told += f" {base} = {' + '.join(f'{k} {label}' for label, k in chosen)}."
    return told
