r"""Foreign text made harmless for each format it is printed in.

A text may come from anywhere: an item, a construct, a group, a file name, a comment.  Each function makes it
plain text of one format, so that it can neither run, nor link, nor break the document.

Sources: OWASP, CSV Injection; CommonMark 0.31 and GitHub Flavored Markdown (backslash escapes, autolinks);
XML 1.0, 2.2 (characters); Unicode Technical Report 36 (direction overrides).
"""

import re
import unicodedata

__all__ = [
    "csv_cell",
    "display_width",
    "latex_text",
    "markdown_text",
    "plain",
    "terminal_lines",
    "terminal_text",
    "true_minus",
]

# Controls, lone surrogates and noncharacters cannot stand in XML; overrides of the writing direction show a
# reader another text than the one stored.
_OVERRIDES = "\u202a-\u202e\u2066-\u2069"
_FORBIDDEN = re.compile(f"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff{_OVERRIDES}]")
_INVISIBLE = re.compile(
    f"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff{_OVERRIDES}\u061c\u200b-\u200f\u2028\u2029\u2060\ufeff]"
)
_BREAKS = re.compile(r"\r\n|[\t\n\r\v\f\x85\u2028\u2029]")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?%?\*{0,3}")
_FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")  # also as wide letters
_MINUS = re.compile(r"(?<![\w.)\-])-(?=\.?\d|\N{INFINITY})")


def plain(text: str) -> tuple[str, int]:
    r"""Return a text without control characters, and how many were replaced by U+FFFD.

    Line breaks and tabs become a space and do not count.

    Examples
    --------
    >>> plain("a\x1b[31m\tb")
    ('a�[31m b', 1)

    """
    return _FORBIDDEN.subn("\ufffd", _BREAKS.sub(" ", text))


def true_minus(text: str) -> str:
    """Return a text with the true minus sign before numbers; hyphens in words and ranges stay.

    Examples
    --------
    >>> true_minus("[-.655, -.202]"), true_minus("col-1, 2020-21")
    ('[−.655, −.202]', 'col-1, 2020-21')

    """
    return _MINUS.sub("\N{MINUS SIGN}", text)


def csv_cell(text: str) -> str:
    r"""Return a cell that no spreadsheet takes for a formula; numbers stay as they are.

    Examples
    --------
    >>> csv_cell("=1+1"), csv_cell(" @SUM(A1)"), csv_cell("-.448"), csv_cell("-.448**")
    ("'=1+1", "' @SUM(A1)", '-.448', '-.448**')

    """
    safe = plain(text)[0]
    # A spreadsheet may trim what it does not show, so the first visible character decides.
    risky = _INVISIBLE.sub("", safe).lstrip().startswith(_FORMULA)
    return "'" + safe if risky and not _NUMBER.fullmatch(safe.strip(" ")) else safe


def markdown_text(text: str) -> str:
    r"""Return a text in which Markdown sees no mark, link, cell border or HTML.

    Examples
    --------
    >>> markdown_text("a|b <b>*x*</b>")
    'a\\|b \\<b\\>\\*x\\*\\</b\\>'

    """
    marked = re.sub(r"([\\`*_{}\[\]<>|#~$&!])", r"\\\1", plain(text)[0])
    return re.sub(r"(?i)\bwww\.", r"www\\.", re.sub(r":(?=//)", r"\\:", marked))


_LATEX = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\symbol{34}",
    "`": r"\symbol{96}",
    "\N{MINUS SIGN}": "$-$",
    "\N{EM DASH}": "---",
    "\N{EN DASH}": "--",
    "\N{INFINITY}": r"$\infty$",
    "\N{SUPERSCRIPT TWO}": r"\textsuperscript{2}",
    "\N{MULTIPLICATION SIGN}": r"$\times$",
    "\N{PLUS-MINUS SIGN}": r"$\pm$",
    "\N{LESS-THAN OR EQUAL TO}": r"$\leq$",
    "\N{GREATER-THAN OR EQUAL TO}": r"$\geq$",
    "\N{NOT EQUAL TO}": r"$\neq$",
    "\N{RIGHTWARDS ARROW}": r"$\rightarrow$",
    "\N{LEFTWARDS ARROW}": r"$\leftarrow$",
    "\N{NO-BREAK SPACE}": r"\nobreakspace{}",
    "\N{REPLACEMENT CHARACTER}": "?",
    "\N{INCREMENT}": r"$\Delta$",
    "\N{FIGURE SPACE}": r"\phantom{0}",
    "\N{SQUARE ROOT}": r"$\surd$",
}
# Greek letters that LaTeX names as Unicode does; pdfLaTeX has no glyph for the letters themselves.
_GREEK = "alpha beta gamma delta epsilon zeta eta theta kappa mu nu xi pi rho sigma tau phi chi psi omega"
_LATEX |= {unicodedata.lookup(f"GREEK SMALL LETTER {name}"): rf"$\{name}$" for name in _GREEK.split()}
_LATEX |= {
    unicodedata.lookup(f"GREEK CAPITAL LETTER {name}"): rf"$\{name.title()}$"
    for name in ("gamma", "delta", "theta", "xi", "pi", "sigma", "phi", "psi", "omega")
}
_LATEX[unicodedata.lookup("GREEK SMALL LETTER LAMDA")] = r"$\lambda$"


def latex_text(text: str) -> str:
    r"""Return a text in which LaTeX sees no command, math, comment or alignment.

    Examples
    --------
    >>> print(latex_text(r"95% \input{x} χ²"))
    95\% \textbackslash{}input\{x\} $\chi$\textsuperscript{2}

    """
    apart = re.sub("-(?=-)", "-\u200b", plain(text)[0])
    escaped = "".join(_LATEX.get(letter, letter) for letter in apart)
    # The zero-width space kept two hyphens from becoming a dash; an empty group does so in LaTeX.
    return re.sub("[\u200b-\u200f\u2060\ufeff\u061c]", "{}", escaped)


def terminal_text(text: str) -> str:
    r"""Return a text that a terminal prints but does not obey; what cannot be seen shows as a code.

    Examples
    --------
    >>> print(terminal_text("\x1b[2Jgone\u202e"))
    \x1b[2Jgone\u202e

    """

    def code(match: re.Match[str]) -> str:
        point = ord(match.group())
        return f"\\x{point:02x}" if point < 0x100 else f"\\u{point:04x}"

    return _INVISIBLE.sub(code, _BREAKS.sub(" ", text))


def terminal_lines(text: str) -> str:
    r"""Return a text of several lines that a terminal prints but does not obey.

    Examples
    --------
    >>> print(terminal_lines("one\n\x1b[2Jtwo"))
    one
    \x1b[2Jtwo

    """
    return "\n".join(terminal_text(line) for line in text.split("\n"))


def display_width(text: str) -> int:
    """Return how many terminal cells a text takes: wide characters two, combining marks none.

    Examples
    --------
    >>> display_width("abc"), display_width("品質"), display_width("e\u0301")
    (3, 4, 1)

    """
    return sum(
        0 if unicodedata.combining(letter) else 2 if unicodedata.east_asian_width(letter) in "WF" else 1
        for letter in text
    )
