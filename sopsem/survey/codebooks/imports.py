"""Codebooks of any known kind; what the file does not say comes as notes.

A new kind of codebook is a reader in this folder and one branch in `import_codebook`.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from sopsem.errors import FileError
from sopsem.survey.codebooks.carriers import carrier_instrument
from sopsem.survey.codebooks.draft import CodebookImport
from sopsem.survey.codebooks.files import codebook_bytes, codebook_sheets
from sopsem.survey.codebooks.redcap import is_redcap, redcap_codebook
from sopsem.survey.codebooks.sframe import sframe_codebook
from sopsem.survey.codebooks.sheet_csv import SECTION
from sopsem.survey.codebooks.xlsform import is_xlsform, xlsform_codebook
from sopsem.survey.formats.door import inside
from sopsem.survey.messages import quote_path
from sopsem.survey.table import Grid

__all__ = ["CodebookImport", "import_codebook"]

UNDETERMINED = "und"  # BCP 47
FORM = ("survey", "choices", "settings")


def import_codebook(
    path: str | Path, *, items: Sequence[str] = (), language: str | None = None
) -> CodebookImport:
    r"""Read a codebook: ours, a REDCap data dictionary, an XLSForm, or surveyframe's ``.sframe``.

    The kind is told from what is in the file.  Nothing is guessed: what a file does not say (constructs,
    reversed items, a model, ...) is listed in the notes.

    Parameters
    ----------
    path
        Of an XLSForm as CSV the sheet ``survey.csv``; ``choices.csv`` and ``settings.csv`` lie beside it.
    items
        Questions that are scale items, where the file cannot say so.
    language
        Of the texts: which of several, or the one that the file does not name.

    Raises
    ------
    FileError, ResourceLimitError
        Not readable, of no known kind, or larger than 1 MB.
    UsageError
        Several languages and none chosen.
    DataError
        What the file says breaks a rule; every fault with its place.

    Examples
    --------
    >>> import tempfile
    >>> header = "Variable / Field Name,Field Type,Field Label,Choices; Calculations,Matrix Group Name"
    >>> header = header.replace("Choices; Calculations", '"Choices, Calculations, OR Slider Labels"')
    >>> row = '{0},radio,We {0},"1, Never | 2, Often",habits'
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "dictionary.csv"
    ...     _ = file.write_text("\n".join([header, row.format("meet"), row.format("plan")]))
    ...     found = import_codebook(file, language="en")
    >>> found.kind, found.instrument.item_ids, found.instrument.scale_of("meet").codes[2]
    ('REDCap data dictionary', ('meet', 'plan'), 'Often')

    """
    path = Path(path)
    title = quote_path(path)
    about = {"title": path.stem, "version": "0", "language": language or UNDETERMINED}
    if path.suffix.lower() == ".toml":
        return CodebookImport(instrument=carrier_instrument(path), kind="TOML", notes=())
    raw = codebook_bytes(path)
    if path.suffix.lower() in {".sframe", ".json"}:
        return sframe_codebook(raw, title, about, items=items)
    sheets = codebook_sheets(path, raw, FORM)
    header = sheets[""].rows[0].fields if "" in sheets else ()
    if is_redcap(header):
        return redcap_codebook(sheets[""], title, about, items=items)
    form = _form(path, sheets)
    if form:
        return xlsform_codebook(form, title, about, items=items, language=language)
    if SECTION in header or not header:
        return CodebookImport(instrument=carrier_instrument(path), kind="item sheet", notes=())
    raise FileError(
        f"{title}: no known codebook; known are an item sheet (a column section), a REDCap data dictionary, an "
        "XLSForm (sheets survey and choices) and a .sframe file"
    )


def _form(path: Path, sheets: Mapping[str, Grid]) -> dict[str, Grid]:
    """Return the sheets of an XLSForm, those of a CSV file from the files beside it, or nothing."""
    if "survey" in sheets and is_xlsform(sheets["survey"].rows[0].fields):
        return {name: sheets[name] for name in FORM if name in sheets}
    if "" not in sheets or not is_xlsform(sheets[""].rows[0].fields):
        return {}
    names = [name for name in ("choices", "settings") if (path.parent / f"{name}.csv").exists()]
    others = {name: inside(path.parent, f"{name}.csv") for name in names}
    found = {name: codebook_sheets(p, codebook_bytes(p))[""] for name, p in others.items()}
    return {"survey": sheets[""], **found}
