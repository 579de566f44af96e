"""Cells of a CSV file that a spreadsheet must not take for formulas, in a way that can be undone.

Source: OWASP, CSV Injection.
"""

__all__ = ["escaped", "unescaped"]

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def unescaped(cell: str) -> str:
    """Return a cell without the apostrophe that keeps a spreadsheet from taking it for a formula.

    Examples
    --------
    >>> unescaped("'=1+1"), unescaped("''=1"), unescaped("'tis")
    ('=1+1', "'=1", "'tis")

    """
    bare = cell.lstrip("'")
    return cell[1:] if bare != cell and _risky(bare) else cell


def escaped(cell: str) -> str:
    """Return a cell with an apostrophe before what a spreadsheet would take for a formula; numbers stay.

    Examples
    --------
    >>> escaped("=1+1"), escaped("'=1"), escaped("-99"), escaped("plain")
    ("'=1+1", "''=1", '-99', 'plain')

    """
    return "'" + cell if _risky(cell.lstrip("'")) else cell


def _risky(text: str) -> bool:
    """Say whether a spreadsheet could take a text for a formula (OWASP, CSV Injection)."""
    number = text.strip(" ").replace(".", "", 1).lstrip("+-").isdecimal()
    return not number and (text.startswith(("\t", "\r")) or text.lstrip().startswith(FORMULA))
