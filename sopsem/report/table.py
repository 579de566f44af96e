"""Table: a frozen table of texts, ready to be printed in any format.

Every verb returns a new table.  Numbers become text once, here, so that all formats print the same digits.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Self

import pandas as pd

from sopsem.errors import UsageError
from sopsem.report.digits import MISSING, Formatter, as_text, bounded, decimals, p_value
from sopsem.report.markup import table_markup

__all__ = ["Table"]

_BY_NAME: dict[str, Formatter] = {
    "pvalue": p_value(3),
    "est_std": bounded(3),
    "std_all": bounded(3),
    "std_lv": bounded(3),
    "r2": bounded(3),
}


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table of texts with a title and notes.

    Attributes
    ----------
    title : str
    columns : tuple of str
        The headers.
    rows : tuple of tuple of str
        One text per column.
    notes : tuple of str
        Printed below the table, one paragraph each.
    alignment : str
        One letter per column: ``l``, ``c``, ``r``, or ``d`` for numbers whose decimal points stand below each
        other; left for all when empty.
    source_label : str
        What the data are, e.g. "synthetic data"; printed in every format.
    spanners : tuple of str
        One text per column, printed above its header; equal neighbours share one.  None when empty.
    levels : tuple of int
        How far the first cell of every row is indented; a row with nothing but a first cell heads those below.
    number : str
        Such as "Table 1", printed above the title.
    frame : DataFrame or None
        The unrounded numbers behind the rows: what the CSV format prints.

    Raises
    ------
    UsageError
        When a row has another number of cells than there are columns, or a cell is not text.

    Examples
    --------
    >>> table = Table(title="Fit", columns=("Index", "Value"), rows=(("CFI", ".942"),), alignment="lr")
    >>> table.with_note("N = 92.").notes
    ('N = 92.',)
    >>> table.notes
    ()

    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()
    alignment: str = ""
    source_label: str = ""
    spanners: tuple[str, ...] = ()
    levels: tuple[int, ...] = ()
    number: str = ""
    frame: pd.DataFrame | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        """Check the shape, and copy sequences into tuples."""
        if isinstance(self.notes, str):
            raise UsageError("notes is one text; give a tuple of texts, e.g. notes=('...',)")
        fields = {
            "columns": tuple(self.columns),
            "rows": tuple(tuple(row) for row in self.rows),
            "notes": tuple(self.notes),
            "alignment": self.alignment or "l" * len(tuple(self.columns)),
            "spanners": tuple(self.spanners),
            "levels": tuple(self.levels),
            "frame": None if self.frame is None else self.frame.copy(),
        }
        for name, value in fields.items():
            object.__setattr__(self, name, value)
        self._check()

    def _check(self) -> None:
        width = len(self.columns)
        if width == 0:
            raise UsageError(f"table {self.title!r} has no columns; give at least one header")
        for number, row in enumerate(self.rows, start=1):
            if len(row) != width:
                raise UsageError(f"table {self.title!r}, row {number}: {len(row)} cells, {width} columns")
            odd = next((cell for cell in row if not isinstance(cell, str)), None)
            if odd is not None:
                raise UsageError(
                    f"table {self.title!r}, row {number}: cell {odd!r} is not text; format it first"
                )
        if len(self.alignment) != width or set(self.alignment) - set("lcrd"):
            raise UsageError(
                f"table {self.title!r}: alignment is {self.alignment!r}; give {width} letters out of l, c, r, d"
            )
        for name, given, wanted in (
            ("spanners", self.spanners, width),
            ("levels", self.levels, len(self.rows)),
        ):
            if given and len(given) != wanted:
                raise UsageError(f"table {self.title!r}: {len(given)} {name}; give {wanted} or none")

    @classmethod
    def from_frame(
        cls,
        frame: pd.DataFrame,
        *,
        title: str,
        labels: Mapping[str, str] | None = None,
        formats: Mapping[str, Formatter | int] | None = None,
        notes: Sequence[str] = (),
        source_label: str = "",
    ) -> Self:
        """Return the columns of a frame as a table; the index is not shown.

        Parameters
        ----------
        frame : DataFrame
            One row per row of the table.
        title : str
            Title above the table.
        labels : mapping of str to str
            Header of a column; its name otherwise.
        formats : mapping of str to formatter or int
            How a column is printed; an int is a number of decimals.  Other columns: ``pvalue`` and the
            standardized columns as APA has them, floats with three decimals, all else as text.
        notes : sequence of str
            Paragraphs below the table.
        source_label : str
            What the data are, e.g. "synthetic data".

        Raises
        ------
        UsageError
            When ``labels`` or ``formats`` names a column that the frame does not have.

        Examples
        --------
        >>> frame = pd.DataFrame({"path": ["a", "b"], "est": [0.5, None], "pvalue": [0.0001, 0.0741]})
        >>> Table.from_frame(frame, title="Paths", formats={"est": 2}).rows
        (('a', '0.50', '< .001'), ('b', '—', '.074'))

        """
        labels, formats = labels or {}, formats or {}
        unknown = [name for name in (*labels, *formats) if name not in frame.columns]
        if unknown:
            raise UsageError(
                f"no column {unknown[0]!r} to format; the frame has {', '.join(map(str, frame.columns))}"
            )
        shown = [_column(frame[name], formats.get(name)) for name in frame.columns]
        return cls(
            title=title,
            columns=tuple(labels.get(name, str(name)) for name in frame.columns),
            rows=tuple(zip(*shown, strict=True)),
            notes=tuple(notes),
            alignment="".join("r" if _is_number(frame[name]) else "l" for name in frame.columns),
            source_label=source_label,
        )

    def with_title(self, title: str) -> Self:
        """Return the table under another title."""
        return replace(self, title=title)

    def with_note(self, note: str) -> Self:
        """Return the table with one more note below."""
        return replace(self, notes=(*self.notes, note))

    def with_source(self, source_label: str) -> Self:
        """Return the table labelled with what its data are."""
        return replace(self, source_label=source_label)

    def with_number(self, number: str) -> Self:
        """Return the table numbered, e.g. "Table 1"."""
        return replace(self, number=number)

    def with_row(self, *cells: str) -> Self:
        """Return the table with one more row, indented as the last one."""
        levels = (*self.levels, self.levels[-1]) if self.levels else ()
        return replace(self, rows=(*self.rows, cells), levels=levels)

    def aligned(self, alignment: str) -> Self:
        """Return the table with other alignments, one letter per column."""
        return replace(self, alignment=alignment)

    def renamed(self, labels: Mapping[str, str]) -> Self:
        """Return the table with some headers replaced."""
        for name in labels:
            self._place(name)
        return replace(self, columns=tuple(labels.get(name, name) for name in self.columns))

    def select(self, *columns: str) -> Self:
        """Return the table with these columns, in this order."""
        places = [self._place(name) for name in columns]
        return replace(
            self,
            columns=columns,
            rows=tuple(tuple(row[place] for place in places) for row in self.rows),
            alignment="".join(self.alignment[place] for place in places),
            spanners=tuple(self.spanners[place] for place in places) if self.spanners else (),
        )

    def with_interval(self, lower: str, upper: str, *, label: str) -> Self:
        """Return the table with two columns of limits joined into one ``[lower, upper]``.

        Examples
        --------
        >>> table = Table(title="", columns=("est", "lo", "hi"), rows=((".5", ".2", ".8"), ("1", "—", "—")))
        >>> table.with_interval("lo", "hi", label="95% CI").rows
        (('.5', '[.2, .8]'), ('1', '—'))

        """
        low, high = self._place(lower), self._place(upper)
        kept = [place for place in range(len(self.columns)) if place != high]

        def joined(row: tuple[str, ...]) -> tuple[str, ...]:
            missing = row[low] == row[high] == MISSING
            limits = MISSING if missing else f"[{row[low]}, {row[high]}]"
            return tuple(limits if place == low else row[place] for place in kept)

        return replace(
            self,
            columns=tuple(label if place == low else self.columns[place] for place in kept),
            rows=tuple(joined(row) for row in self.rows),
            alignment="".join("c" if place == low else self.alignment[place] for place in kept),
            spanners=tuple(self.spanners[place] for place in kept) if self.spanners else (),
        )

    def _place(self, column: str) -> int:
        if column not in self.columns:
            raise UsageError(
                f"table {self.title!r} has no column {column!r}; it has {', '.join(self.columns)}"
            )
        return self.columns.index(column)

    def _repr_html_(self) -> str:
        """Show the table in a notebook."""
        return table_markup(self)


def _is_number(column: pd.Series) -> bool:
    return bool(pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column))


def _column(column: pd.Series, given: Formatter | int | None) -> list[str]:
    """Return the printed cells of one column."""
    if given is None:
        fallback = decimals(3) if pd.api.types.is_float_dtype(column) else as_text
        given = _BY_NAME.get(str(column.name), fallback)
    shown = decimals(given) if isinstance(given, int) else given
    return [shown(value) for value in column]
