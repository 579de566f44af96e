"""Our own two carriers, TOML and the item sheet: the files that `load_instrument` takes."""

from collections.abc import Sequence
from pathlib import Path

from sopsem.errors import UsageError
from sopsem.survey.codebooks.files import codebook_bytes, codebook_sheets
from sopsem.survey.codebooks.rows import records
from sopsem.survey.codebooks.sheet import sheet_instrument
from sopsem.survey.codebooks.sheet_csv import SECTION, csv_sheet, read_csv_sheet
from sopsem.survey.codebooks.toml_file import toml_data, toml_text
from sopsem.survey.messages import quote, quote_path
from sopsem.survey.questionnaire import Instrument, questionnaire

__all__ = ["CARRIERS", "carrier_bytes", "carrier_instrument"]

CARRIERS = (".toml", ".csv", ".xlsx")


def carrier_instrument(path: Path) -> Instrument:
    """Read a questionnaire from TOML or from an item sheet.

    Raises
    ------
    FileError, ResourceLimitError
        See `codebook_bytes`.
    UsageError
        A codebook of another tool, which is imported first so that its gaps are seen.
    DataError
        Every fault, with its place.

    """
    title, raw = quote_path(path), codebook_bytes(path)
    if path.suffix.lower() == ".toml":
        return questionnaire(toml_data(raw, title), title)
    sheets = codebook_sheets(path, raw) if path.suffix.lower() in CARRIERS else {}
    if set(sheets) == {""} and _has_sections(sheets[""].rows[0].fields):
        return read_csv_sheet(sheets[""], title)
    if {"items", "questionnaire"} <= set(sheets):
        return sheet_instrument({name: records(grid, title) for name, grid in sheets.items()}, title)
    raise UsageError(
        f"{title}: neither TOML nor an item sheet; a codebook of another tool is converted first, so that what "
        "it does not say is seen: sopsem instrument new MINE.toml --from FILE"
    )


def _has_sections(header: Sequence[str]) -> bool:
    names = {name.strip() for name in header}
    return {SECTION, "name"} <= names


def carrier_bytes(instrument: Instrument, path: Path, comments: tuple[str, ...] = ()) -> bytes:
    """Return a questionnaire as TOML or as an item sheet in CSV, by the path's ending.

    The workbook is made in `sopsem.report.item_workbook`.

    Raises
    ------
    UsageError
        Another ending.

    """
    ending = path.suffix.lower()
    if ending == ".toml":
        return toml_text(instrument, comments).encode("utf-8")
    if ending == ".csv":
        return csv_sheet(instrument)
    raise UsageError(f"{quote_path(path)}: text is written to .toml or .csv, not {quote(ending)}")
