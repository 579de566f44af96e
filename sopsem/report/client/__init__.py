"""The client report: one briefing as a page, a Word file, a workbook and JSON, with the same numbers."""
