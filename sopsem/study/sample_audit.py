"""Checks of the sample description: whether whole people can give these percentages, and of which base."""

from collections.abc import Iterator
from itertools import combinations, product

from sopsem.study.findings import CHECKS, Finding, Verdict, agreement
from sopsem.study.printed import Printed
from sopsem.study.published import PublishedStudy
from sopsem.study.study_parts import SampleTable

__all__ = ["possible_counts"]

_MAX_COMBINATIONS = 100_000


def possible_counts(percents: list[Printed], base: int) -> list[tuple[int, ...]]:
    """Return every way to split ``base`` people so that all percentages come out as printed.

    >>> from sopsem.study.printed import printed
    >>> possible_counts([printed(p) for p in ("60.6", "7.0", "31.0", "1.4")], 71)
    [(43, 5, 22, 1)]
    """
    options = [[k for k in range(base + 1) if _prints(p, 100 * k / base)] for p in percents]
    size = 1
    for choice in options:
        size *= len(choice)
    if size > _MAX_COMBINATIONS:
        return []
    return [counts for counts in product(*options) if sum(counts) == base]


def _prints(percent: Printed, value: float) -> bool:
    """Say whether a value prints so; an exact half may be rounded either way."""
    return percent.lower - 1e-9 <= value <= percent.upper + 1e-9


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
        wrong = [
            c.label
            for c, k in zip(table.categories, numbers, strict=True)
            if not _prints(c.percent, 100 * k / base)
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
        found = {n: counts for n in range(1, study.n + 1) if (counts := possible_counts(percents, n))}
        yield _base(study, table, found)


def _base(study: PublishedStudy, table: SampleTable, found: dict[int, list[tuple[int, ...]]]) -> Finding:
    bases = list(found)
    claimed = table.base
    unique = len(bases) == 1 and len(found[bases[0]]) == 1
    values = {"n_bases": float(len(bases))}
    if unique:
        values |= {"base": bases[0]}
        values |= {c.label: k for c, k in zip(table.categories, found[bases[0]][0], strict=True)}
    told = (
        f"n = {bases[0]}: {', '.join(map(str, found[bases[0]][0]))}" if unique else f"bases {bases or 'none'}"
    )
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
