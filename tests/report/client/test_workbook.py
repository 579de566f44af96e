"""The workbook holds texts and numbers, never a formula or a link."""

import io

import pytest

openpyxl = pytest.importorskip("openpyxl")
pytest.importorskip("xlsxwriter")

from sopsem.errors import UsageError  # noqa: E402
from sopsem.report.client import workbook  # noqa: E402


def test_hostile_texts_are_neither_formulas_nor_links(hostile_document):
    """Read by another library: every cell is a text or a number."""
    book = openpyxl.load_workbook(io.BytesIO(workbook.workbook_bytes(hostile_document)))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert len(cells) > 200
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    assert not any(cell.hyperlink for cell in cells)
    assert any(str(cell.value).startswith("=cmd") for cell in cells)


def test_a_missing_extra_is_one_message(hostile_document, monkeypatch):
    """What to install is said."""
    monkeypatch.setattr(workbook, "has_workbooks", lambda: False)
    with pytest.raises(UsageError, match=r"pip install 'sopsem\[xlsx\]'"):
        workbook.workbook_bytes(hostile_document)
