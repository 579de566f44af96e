"""Background answers of a twin: the printed sample description, handed out at random."""

from itertools import combinations

import numpy as np
import pandas as pd

from sopsem.errors import DataError
from sopsem.study.published import PublishedStudy
from sopsem.study.sample_audit import percents_of, possible_counts
from sopsem.study.study_parts import SampleTable
from sopsem.survey import Instrument

__all__ = ["background_columns", "category_counts"]


def category_counts(study: PublishedStudy, table: SampleTable) -> dict[str, int]:
    """Return the counts of a sample table: printed, or the only whole numbers that give its percentages.

    Raises
    ------
    DataError
        No counts, or several, give the percentages.

    Examples
    --------
    >>> from sopsem.study.published import load_study
    >>> study = load_study()
    >>> list(category_counts(study, study.samples[1]).values())
    [43, 5, 22, 1]

    """
    labels = [category.label for category in table.categories]
    printed = [category.count for category in table.categories]
    if all(count is not None for count in printed):
        return {label: round(c.value) for label, c in zip(labels, printed, strict=True) if c is not None}
    bases = [table.base] if table.base is not None else range(1, study.n + 1)
    found = [counts for n in bases for counts in possible_counts(percents_of(table), n, limit=2)]
    if len(found) != 1:
        raise DataError(
            f"the percentages of {table.name} fit {'no' if not found else 'several sets of'} counts; "
            "give the counts"
        )
    return dict(zip(labels, found[0], strict=True))


def background_columns(
    study: PublishedStudy, instrument: Instrument | None, rng: np.random.Generator
) -> pd.DataFrame:
    """Return one column per sample table, its categories at random over the respondents; "" where not asked.

    A table of fewer people than N is given to those in the categories of an earlier table that add up to its
    base, where there are such categories, and otherwise to a random part.
    """
    columns: dict[str, np.ndarray] = {}
    counts: dict[str, dict[str, int]] = {}
    for table in study.samples:
        counts[table.name] = category_counts(study, table)
        base = sum(counts[table.name].values())
        answers = np.repeat(list(counts[table.name]), list(counts[table.name].values())).astype(object)
        who = _asked(columns, counts, base) if base < study.n else np.arange(study.n)
        who = rng.permutation(study.n)[:base] if who is None else who
        columns[table.name] = np.full(study.n, "", dtype=object)
        columns[table.name][who] = rng.permutation(answers)
    return pd.DataFrame({name: _coded(name, values, instrument) for name, values in columns.items()})


def _asked(columns: dict[str, np.ndarray], counts: dict[str, dict[str, int]], base: int) -> np.ndarray | None:
    """Return the respondents of an earlier table whose categories, the fewest, add up to the base."""
    for name, values in columns.items():
        for size in range(1, len(counts[name])):
            for chosen in combinations(counts[name], size):
                if sum(counts[name][label] for label in chosen) == base:
                    return np.flatnonzero(np.isin(values.astype(str), chosen))
    return None


def _coded(name: str, values: np.ndarray, instrument: Instrument | None) -> list[str]:
    """Return the questionnaire's code where its label begins like the study's, else the study's label."""
    codes = (
        instrument.background[name].codes if instrument is not None and name in instrument.background else {}
    )
    return [
        next((code for code, label in codes.items() if value and value in (code, label[: len(value)])), value)
        for value in values
    ]
