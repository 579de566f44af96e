"""PublishedStudy: what a paper prints, with its decimals, read from a TOML file.

A study holds print and nothing else.  What print implies is computed in the audit, so that a study file can
be checked against the page by eye.
"""

import tomllib
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

import pandas as pd
from pydantic import Field, ValidationError, model_validator

from sopsem.errors import DataError, FileError
from sopsem.study.printed import Printed, printed
from sopsem.study.study_faults import fault_lines
from sopsem.study.study_parts import (
    Analysis,
    Assumptions,
    Effect,
    Effects,
    FitBlock,
    NestedTest,
    Part,
    SampleTable,
    Statement,
    Structure,
    StudyModel,
)

__all__ = ["CellRow", "PublishedStudy", "load_study", "shipped_studies"]

DEFAULT_STUDY = "sales_operations_alignment"
_SHIPPED = files("sopsem.study") / "published"
_MAX_BYTES = 1_000_000


class CellRow(NamedTuple):
    """One printed number with the id under which it is compared everywhere."""

    id: str
    printed: str
    value: float
    lower: float
    upper: float
    decimals: int
    kind: str


class PublishedStudy(Part):
    """A published analysis as printed.

    Examples
    --------
    >>> study = load_study("sales_operations_alignment")
    >>> study.n, str(study.fit.chisq), len(study.effects.rows)
    (92, '169.04', 5)
    >>> study.cells().set_index("id").loc["tli", ["value", "lower", "upper"]].tolist()
    [0.931, 0.9305, 0.9315]

    """

    name: str
    title: str
    source: str
    n: int = Field(ge=2)
    analysis: Analysis
    structure: Structure = Structure()
    model: StudyModel | None = None
    fit: FitBlock = FitBlock()
    nested: NestedTest | None = None
    effects: Effects = Effects()
    samples: tuple[SampleTable, ...] = ()
    statements: tuple[Statement, ...] = ()
    assumptions: Assumptions = Assumptions()

    @model_validator(mode="after")
    def _no_row_twice(self) -> "PublishedStudy":
        rows = [(row.name, row.kind) for row in self.effects.rows]
        twice = sorted({f"{name} ({kind})" for name, kind in rows if rows.count((name, kind)) > 1})
        if twice:
            raise ValueError(f"effects.rows holds a row twice: {', '.join(twice)}")
        return self

    @property
    def n_items(self) -> int | None:
        """The number of items: stated, or the only one that gives the printed df in this structure."""
        if self.structure.n_items is not None or self.fit.df is None:
            return self.structure.n_items
        solutions = self.structure.item_counts(round(self.fit.df.value))
        return solutions[0] if len(solutions) == 1 else None

    @property
    def npar(self) -> int | None:
        """The number of free parameters: printed, or what the printed df leaves of the moments."""
        if self.fit.npar is not None:
            return round(self.fit.npar.value)
        if self.fit.df is None or self.n_items is None:
            return None
        return self.n_items * (self.n_items + 1) // 2 - round(self.fit.df.value)

    def cells(self) -> pd.DataFrame:
        """Return every printed result: id, printed, value, lower, upper, decimals, kind.

        ``lower <= x < upper`` holds for every x that rounds to the print; kind is count, fit, test, effect,
        limit, effect_p, or implied for a number of parameters that follows from the printed df.  The sample
        description is not a result of the model and is left out.
        """
        return pd.DataFrame(list(self._cell_rows()), columns=list(CellRow._fields))

    def _cell_rows(self) -> Iterator[CellRow]:
        for name in ("chisq", "df", "npar", "pvalue"):
            yield from _cell(name, getattr(self.fit, name), _KINDS[name])
            if name == "npar" and self.fit.npar is None and self.npar is not None:
                yield from _cell(name, printed(str(self.npar)), "implied")
        if self.nested is not None:
            yield from _cell("dchisq", self.nested.dchisq, "test")
            yield from _cell("dpvalue", self.nested.dpvalue, "test")
        for name in FitBlock.model_fields:
            if name not in _KINDS:
                yield from _cell(name, getattr(self.fit, name), "fit")
        for field, prefix, kind in _EFFECT_CELLS:
            for row in self.effects.rows:
                yield from _cell(f"{prefix}:{self._row_id(row)}", getattr(row, field), kind)

    def effect_rows(self) -> list[tuple[str, Effect]]:
        """Return every printed effect with the name its cell ids carry."""
        return [(self._row_id(row), row) for row in self.effects.rows]

    def _row_id(self, row: Effect) -> str:
        """Return the row's name; a second kind of effect on the same pair is told apart by its kind."""
        alone = sum(other.pair == row.pair for other in self.effects.rows) == 1
        return row.name if alone or row.kind == "total" else f"{row.kind}:{row.name}"

    def __str__(self) -> str:
        """Return the one line of ``repr``."""
        return repr(self)

    def __repr__(self) -> str:
        """Say what the study is in one line."""
        return (
            f"<PublishedStudy {self.name}: {self.title}; N = {self.n}, {len(self.cells())} printed results>"
        )


_KINDS = {"chisq": "test", "df": "count", "npar": "count", "pvalue": "test"}
_EFFECT_CELLS = (
    ("est", "effect", "effect"),
    ("ci_lower", "ci_lower", "limit"),
    ("ci_upper", "ci_upper", "limit"),
    ("pvalue", "p", "effect_p"),
    ("se", "se", "effect"),
    ("z", "z", "effect"),
    ("std", "std", "effect"),
)


def _cell(name: str, number: Printed | None, kind: str) -> Iterator[CellRow]:
    """Yield the cell of a number that is printed; a p-value cannot lie below 0."""
    if number is not None:
        probability = kind == "effect_p" or name.endswith("pvalue")
        lower = max(number.lower, 0.0) if probability else number.lower
        yield CellRow(name, number.text, number.value, lower, number.upper, number.decimals, kind)


def shipped_studies() -> list[str]:
    """Return the names of the studies that come with the package.

    >>> "sales_operations_alignment" in shipped_studies()
    True
    """
    return sorted(
        entry.name.removesuffix(".toml") for entry in _SHIPPED.iterdir() if entry.name.endswith(".toml")
    )


def load_study(source: str | Path = DEFAULT_STUDY) -> PublishedStudy:
    """Read a study: the name of a shipped one, or the path of a TOML file.

    Raises FileError when there is no such file or it is not TOML, DataError with every fault of its content.

    >>> load_study().title
    'Sales-operations alignment study'
    """
    name = str(source)
    if name in shipped_studies():
        return _study(name, (_SHIPPED / f"{name}.toml").read_text("utf-8"), name)
    return _study(Path(source).stem, _text(Path(source)), name)


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise FileError(f"{path}: larger than {_MAX_BYTES} bytes; a study file is a page of numbers")
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        known = ", ".join(shipped_studies())
        raise FileError(f"{path}: cannot be read ({error}). Give a TOML file or one of: {known}") from error


def _study(name: str, text: str, place: str) -> PublishedStudy:
    try:
        return PublishedStudy.model_validate({"name": name} | tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise FileError(f"{place}: not valid TOML: {error}") from error
    except ValidationError as error:
        faults = "\n".join(f"  {line}" for line in fault_lines(error, PublishedStudy))
        raise DataError(f"{place}: the study file has {error.error_count()} fault(s):\n{faults}") from error
