r"""A table in LaTeX: booktabs and nothing else, safe to compile whatever its texts hold."""

from sopsem.report.escape import display_width, latex_text, true_minus
from sopsem.report.table import Table
from sopsem.report.table_shape import is_heading, level_of, printed_headers, printed_rows, spans, symbols

__all__ = ["latex_table"]

_LONG = 44  # letters; a longer first cell is broken into lines
_SIZES = ((78, ""), (92, r"\small"), (108, r"\footnotesize"), (10_000, r"\scriptsize"))  # letters of a line
_ENGINE = "% Compile with XeLaTeX or LuaLaTeX and a font that has them: pdfLaTeX lacks some letters here."
_TURN = r"% Wide: with \usepackage{pdflscape} put this table into \begin{landscape} ... \end{landscape}."


def latex_table(table: Table) -> str:
    """Return a table environment; the document needs the booktabs package only."""
    label = f" ({latex_text(table.source_label)})" if table.source_label else ""
    letters = _letters(table)
    size = next(size for most, size in _SIZES if letters <= most)
    lines = [
        *([_TURN] if letters > _SIZES[2][0] else []),
        r"\begin{table}",
        rf"\caption{{{latex_text(table.title)}{label}}}",
        *([rf"{size}\setlength{{\tabcolsep}}{{3pt}}"] if size else []),
        rf"\begin{{tabular}}{{{table.alignment.replace('d', 'r')}}}",
        r"\toprule",
        *_spanners(table),
        _line([_with_symbols(header) for header in printed_headers(table)]),
        r"\midrule",
        *(_row(table, number, cells) for number, cells in enumerate(printed_rows(table))),
        r"\bottomrule",
        r"\end{tabular}",
        *(_note(note, first=number == 0) for number, note in enumerate(table.notes)),
        r"\end{table}",
    ]
    text = "\n".join(lines) + "\n"
    return f"{_ENGINE}\n{text}" if any(letter > "\u024f" for letter in text) else text


def _letters(table: Table) -> int:
    """Return about how many letters a line of the table has."""
    longest = [
        max((display_width(cell) for cell in (header, *cells)), default=0)
        for header, cells in zip(table.columns, zip(*table.rows, strict=True), strict=False)
    ]
    return sum(min(length, _LONG) + 2 for length in longest)


def _spanners(table: Table) -> list[str]:
    """Return the row above the headers, and a rule below each of its texts."""
    if not table.spanners:
        return []
    cells, rules, place = [], [], 1
    for text, width in spans(table.spanners):
        cells.append(rf"\multicolumn{{{width}}}{{c}}{{{latex_text(text)}}}" if text else " & " * (width - 1))
        if text:
            rules.append(rf"\cmidrule(lr){{{place}-{place + width - 1}}}")
        place += width
    return [_line(cells), " ".join(rules)]


def _row(table: Table, number: int, cells: tuple[str, ...]) -> str:
    shown = [latex_text(true_minus(cell)) for cell in cells]
    if is_heading(table, number):
        return _line([rf"\multicolumn{{{len(cells)}}}{{l}}{{{_indented(table, number, shown[0])}}}"])
    if display_width(cells[0]) > _LONG:
        shown[0] = rf"\parbox[t]{{0.4\linewidth}}{{\raggedright {shown[0]}\strut}}"
    shown[0] = _indented(table, number, shown[0])
    return _line(shown)


def _indented(table: Table, number: int, text: str) -> str:
    level = level_of(table, number)
    return rf"\hspace*{{{level}em}}{text}" if level else text


def _line(cells: list[str]) -> str:
    # A row that starts with [ or * would be read as an argument of the line end before it.
    guard = "{}" if cells[0].startswith(("[", "*")) else ""
    return f"{guard}{' & '.join(cells)} \\\\"


def _note(note: str, *, first: bool) -> str:
    lead = r"\emph{Note.} " if first else ""
    return rf"\par\smallskip{{\footnotesize {lead}{_with_symbols(true_minus(note))}\par}}"


def _with_symbols(text: str) -> str:
    """Return a text with its statistical symbols in italics."""
    parts = [(latex_text(part), symbol) for part, symbol in symbols(text)]
    return "".join(rf"\emph{{{part}}}" if symbol else part for part, symbol in parts)
