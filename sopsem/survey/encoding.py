"""Bytes to text: by the byte order mark, then strict UTF-8, then a guess that is named and can be refused."""

import codecs
import re
from dataclasses import dataclass

import chardet

from sopsem.errors import FileError, UsageError
from sopsem.survey.messages import quote

__all__ = ["Decoded", "decode"]

# UTF-32 first: its little-endian mark begins with that of UTF-16.
MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
SAMPLE = 200_000  # bytes shown to the guesser
# Below this confidence cp1252, what Excel writes in western Europe, goes before the guess.  chardet is
# modest: tried on short texts, right guesses of other encodings had .06 to .42, wrong ones .01 to .03.
SURE = 0.05
# What survey tools and Excel write today; guesses of DOS and Mac code pages also go after cp1252.
TODAY = ("windows-125", "cp125", "iso-8859-", "koi8", "cp932", "shift", "gb", "big5", "euc", "cp949")


@dataclass(frozen=True, kw_only=True)
class Decoded:
    """The text of a file, the encoding it was read with, and a note when that was a guess."""

    text: str
    encoding: str
    note: str = ""


def decode(raw: bytes, title: str, encoding: str | None = None) -> Decoded:
    r"""Return the text of a file.

    Raises
    ------
    FileError
        The bytes do not fit the encoding, hold a NUL, or two guesses read the first line differently.
    UsageError
        The encoding asked for does not exist.

    Examples
    --------
    >>> decode("é;1".encode("utf-16"), "a.csv").encoding
    'utf-16'
    >>> decode(b"region\nS\xfcd\n", "a.csv").text
    'region\nSüd\n'

    """
    decoded = _as_asked(raw, title, encoding) if encoding else _found(raw, title)
    _refuse_nul(raw, decoded, title)
    return decoded


def _as_asked(raw: bytes, title: str, encoding: str) -> Decoded:
    try:
        name = codecs.lookup(encoding).name
        text = raw.decode("utf-8-sig" if name == "utf-8" else name)
    except UnicodeDecodeError as error:
        raise FileError(f"{title}: byte {error.start} is not {encoding}; give another encoding") from error
    except (LookupError, ValueError) as error:  # also the codecs that are not text, such as base64
        raise UsageError(f"unknown text encoding {quote(encoding)}; try utf-8, utf-16 or cp1252") from error
    return Decoded(text=text, encoding=name)


def _found(raw: bytes, title: str) -> Decoded:
    for mark, name in MARKS:
        if raw.startswith(mark):
            return _by_mark(raw, title, name)
    text = _try(raw, "utf-8")
    return Decoded(text=text, encoding="utf-8") if text is not None else _guessed(raw, title)


def _by_mark(raw: bytes, title: str, name: str) -> Decoded:
    text = _try(raw, name)
    if text is None:
        raise FileError(f"{title}: begins with the mark of {name} but is not {name}; it is damaged")
    return Decoded(text=text, encoding=name)


def _try(raw: bytes, name: str) -> str | None:
    try:
        return raw.decode(name)
    except UnicodeDecodeError:
        return None


def _guessed(raw: bytes, title: str) -> Decoded:
    readings = {name: text for name in _guesses(raw) if (text := _try(raw, name)) is not None}
    if not readings:
        raise FileError(f"{title}: the text encoding is not recognised; give encoding=, for example cp1252")
    first_lines = {name: _header_line(text) for name, text in readings.items()}
    if len(set(first_lines.values())) > 1:
        shown = "; ".join(f"{name}: {quote(line)}" for name, line in first_lines.items())
        raise FileError(
            f"{title}: not UTF-8, and the guesses read the first line differently ({shown}); give encoding="
        )
    chosen = next(iter(readings))
    note = f"the encoding is a guess: {chosen}"
    others = [name for name in readings if readings[name] != readings[chosen]]
    doubt = f"; {', '.join(others)} would read some cells differently" if others else ""
    return Decoded(text=readings[chosen], encoding=chosen, note=note + doubt)


def _header_line(text: str) -> str:
    """Return the first line that is neither blank nor Excel's ``sep=;``."""
    lines = re.split("[\r\n]+", text[:SAMPLE].lstrip())
    return next((line for line in lines if not line.lower().startswith("sep=")), "")


def _guesses(raw: bytes) -> list[str]:
    """Return encodings to try, best first; ISO-8859-1 is read as cp1252, its superset, as browsers do."""
    found = chardet.detect(raw[:SAMPLE])
    name = str(found["encoding"] or "cp1252").lower()
    name = "cp1252" if name in ("ascii", "utf-8", "iso-8859-1", "windows-1252") else name
    trusted = float(found["confidence"] or 0) >= SURE and name.startswith(TODAY)
    return list(dict.fromkeys([name, "cp1252"] if trusted else ["cp1252", name]))


def _refuse_nul(raw: bytes, decoded: Decoded, title: str) -> None:
    position = decoded.text.find("\0")
    if position < 0:
        return
    wide = decoded.encoding.startswith(("utf-16", "utf-32"))
    offset = f"character {position}" if wide else f"byte {raw.find(0)}"
    hint = (
        ""
        if wide or raw.count(0) < len(raw) // 4
        else "; if it is UTF-16 without a mark, give encoding=utf-16-le"
    )
    raise FileError(f"{title}: a NUL at {offset}: not a text file, or damaged{hint}")
