"""All APA tables of a fit, numbered, and their files."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from sopsem.errors import UsageError
from sopsem.report.apa.bootstrap import bootstrap_table
from sopsem.report.apa.effects import effects_table
from sopsem.report.apa.measurement import measurement_table
from sopsem.report.apa.model_fit import fit_table
from sopsem.report.apa.validity import validity_table
from sopsem.report.markup import Section, html_page
from sopsem.report.render import render
from sopsem.report.table import Table
from sopsem.report.word import word_document
from sopsem.runs.atomic import write_all
from sopsem.sem.constructs.measurement import first_order_factors
from sopsem.sem.estimation.fit import Fit
from sopsem.sem.resampling.draws import Draws

__all__ = ["TABLE_FORMATS", "apa_tables", "numbered", "table_files", "write_tables"]

TABLE_FORMATS = ("docx", "tex", "html", "md", "csv")
_TITLE = "Tables"


def apa_tables(
    fit: Fit,
    draws: Draws | None = None,
    *,
    kind: str | None = None,
    labels: Mapping[str, str] | None = None,
    texts: Mapping[str, str] | None = None,
    level: float = 0.95,
    digits: int = 2,
    with_stars: bool = False,
    source_label: str = "",
) -> dict[str, Table]:
    """Return every table that a fit has, numbered, by name.

    Parameters
    ----------
    fit : Fit
    draws : Draws, optional
        Bootstrap draws of the fit, for intervals of effects and a table of all parameters.
    kind : str, optional
        Of interval with draws.
    labels, texts, level, digits, with_stars, source_label
        As in ``measurement_table``.

    Returns
    -------
    dict of str to Table
        measurement (with factors or composites), validity (two factors or more), effects (with paths), fit, and
        bootstrap (with draws).

    Examples
    --------
    >>> import sopsem
    >>> data = sopsem.simulate("f =~ 0.8*a + 0.7*b + 0.6*c; y ~ 0.5*f", 200, seed=1)
    >>> tables = sopsem.apa_tables(sopsem.fit("f =~ a + b + c; y ~ f", data))
    >>> {name: table.number for name, table in tables.items()}
    {'measurement': 'Table 1', 'effects': 'Table 2', 'fit': 'Table 3'}

    """
    ops = {p.op for p in fit.spec}
    look = {"labels": labels, "digits": digits, "source_label": source_label}
    marked = {**look, "with_stars": with_stars}
    made: dict[str, Table] = {}
    if ops & {"=~", "<~"}:
        made["measurement"] = measurement_table(fit, texts=texts, level=level, **marked)  # type: ignore[arg-type]
    if len(first_order_factors(fit.spec)) > 1:
        made["validity"] = validity_table(fit, **marked)  # type: ignore[arg-type]
    if "~" in ops:
        made["effects"] = effects_table(fit, draws, kind=kind, level=level, **marked)  # type: ignore[arg-type]
    made["fit"] = fit_table(fit, source_label=source_label)
    if draws is not None:
        made["bootstrap"] = bootstrap_table(fit, draws, kind=kind or "percentile", level=level, **look)  # type: ignore[arg-type]
    return numbered(made)


def numbered(tables: Mapping[str, Table]) -> dict[str, Table]:
    """Return the tables as Table 1, Table 2, ..."""
    return {
        name: table.with_number(f"Table {place}")
        for place, (name, table) in enumerate(tables.items(), start=1)
    }


def table_files(tables: Mapping[str, Table], to: Sequence[str] = TABLE_FORMATS) -> dict[str, bytes]:
    """Return file name -> bytes: one file of all tables in each format, but one CSV file per table.

    Raises
    ------
    UsageError
        An unknown format, or no table.

    Examples
    --------
    >>> one = Table(title="Fit", columns=("CFI",), rows=((".942",),))
    >>> sorted(table_files({"fit": one}))
    ['fit.csv', 'tables.docx', 'tables.html', 'tables.md', 'tables.tex']

    """
    unknown = [name for name in to if name not in TABLE_FORMATS]
    if unknown:
        raise UsageError(f"no format {unknown[0]!r} for tables; choose among {', '.join(TABLE_FORMATS)}")
    if not tables:
        raise UsageError("there is no table to write; give at least one")
    files: dict[str, bytes] = {}
    for name in to:
        if name == "csv":
            files |= {f"{key}.csv": render(table, "csv") for key, table in tables.items()}
        else:
            files[f"tables.{name}"] = _together(list(tables.values()), name)
    return files


def _together(tables: Sequence[Table], name: str) -> bytes:
    if name == "docx":
        return word_document(tables, title=_TITLE)
    if name == "html":
        label = next((table.source_label for table in tables if table.source_label), "")
        parts = [Section(heading=table.number or table.title, content=(table,)) for table in tables]
        return html_page(_TITLE, parts, source_label=label).encode("utf-8")
    return b"\n".join(render(table, {"tex": "latex", "md": "markdown"}[name]) for table in tables)


def write_tables(
    tables: Mapping[str, Table], folder: str | os.PathLike[str], to: Sequence[str] = TABLE_FORMATS
) -> list[Path]:
    """Write tables into a folder, all files or none, and return their paths.

    Parameters
    ----------
    tables : mapping of str to Table
        By name, as ``apa_tables`` returns them.
    folder : path-like
    to : sequence of str
        Among docx, tex, html, md, csv.

    Raises
    ------
    UsageError
        As ``table_files``.
    FileError
        A file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> one = Table(title="Fit", columns=("CFI",), rows=((".942",),))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     [path.name for path in write_tables({"fit": one}, folder, to=("md", "csv"))]
    ['tables.md', 'fit.csv']

    """
    files = {Path(folder) / name: content for name, content in table_files(tables, to).items()}
    write_all({str(path): content for path, content in files.items()})
    return list(files)
