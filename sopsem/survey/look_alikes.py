"""Names that look like another name but are written with letters of another alphabet."""

import unicodedata
from collections.abc import Iterable

from sopsem.survey.messages import normalised, quote

__all__ = ["foreign_letter", "look_alike"]

# Cyrillic and Greek letters drawn like Latin ones (Unicode Technical Standard 39, confusables).
LOOK_ALIKES = str.maketrans(
    "асԁеһіјкӏорԛѕуԝхѵАВСЕНІЈКМОРЅТУХαγικνορτυωχΑΒΕΖΗΙΚΜΝΟΡΤΥΧ",
    "acdehijklopqsywxvABCEHIJKMOPSTYXayikvoptuwxABEZHIKMNOPTYX",
)


def look_alike(column: str, spare: Iterable[str]) -> str | None:
    r"""Return a column that looks like this name but is written with other characters.

    Examples
    --------
    >>> look_alike("col1", ["col2", "c\u043el1"]) == "c\u043el1"
    True

    """
    shape = _shape(column)
    return next((name for name in spare if not name.isascii() and _shape(name) == shape), None)


def foreign_letter(twin: str) -> str:
    r"""Say which letter of a look-alike is foreign.

    Examples
    --------
    >>> foreign_letter("c\u043el1").partition("has ")[2]
    'U+043E CYRILLIC SMALL LETTER O'

    """
    foreign = next(c for c in twin if not c.isascii())
    name = unicodedata.name(foreign, "(a character without a name)")
    return f"{quote(twin)} looks the same and has U+{ord(foreign):04X} {name}"


def _shape(name: str) -> str:
    visible = "".join(c for c in name if unicodedata.category(c) != "Cf")
    return normalised(unicodedata.normalize("NFKC", visible).translate(LOOK_ALIKES))
