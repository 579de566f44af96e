"""Output where the terminal cannot show every character: arrows and lines in ASCII instead of a failure."""

import codecs
import io
import sys
import unicodedata

__all__ = ["in_ascii", "make_output_safe"]

HANDLER = "sopsem.in_ascii"
PLAIN = {
    "→": "->", "←": "<-", "↔": "<->", "−": "-", "–": "-", "—": "-", "─": "-", "━": "=", "═": "=", "│": "|",
    "┃": "|", "≤": "<=", "≥": ">=", "≠": "!=", "≈": "~", "×": "x", "·": ".", "…": "...", "“": '"', "”": '"',
    "‘": "'", "’": "'", "χ": "chi", "α": "alpha", "β": "beta", "λ": "lambda", "ω": "omega", "Δ": "d", "✓": "ok",
}  # fmt: skip


def in_ascii(character: str) -> str:
    """Return a character in ASCII: a spelling of its own, the letter without its marks, or a question mark.

    >>> in_ascii("→"), in_ascii("┼"), in_ascii("é"), in_ascii("²"), in_ascii("漢")
    ('->', '+', 'e', '2', '?')
    """
    if character in PLAIN:
        return PLAIN[character]
    if "─" <= character <= "╿":
        return "+"
    bare = unicodedata.normalize("NFKD", character).encode("ascii", "ignore").decode("ascii")
    return bare or "?"


def _replace(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(map(in_ascii, error.object[error.start : error.end])), error.end


def make_output_safe() -> None:
    """Let stdout and stderr spell what their encoding does not have."""
    codecs.register_error(HANDLER, _replace)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=HANDLER)
