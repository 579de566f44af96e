"""Model descriptions written for semopy, put into lavaan syntax where they mean the same.

Both share ``=~ ~ ~~``, labels and fixed values.  What semopy does otherwise is written out: several names on the
left are joined by commas; a factor takes its scale from its first fixed loading, else from its first loading without
a label; outcomes do not covary unless the text says so; a single indicator keeps its residual variance.  Not carried
over is semopy's bound of every variance at 0: our estimates may leave it, and say so.
"""

import re
from dataclasses import dataclass, field

from sopsem.errors import ModelSyntaxError
from sopsem.sem.model.scanner import syntax_error
from sopsem.sem.model.spec import model_spec

__all__ = ["semopy_to_lavaan"]

_OPERATOR = re.compile(r"=~|~~|~")
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_NAME = re.compile(r"[^\W\d][\w.]*")
_COMMAND = re.compile(r"([A-Za-z][A-Za-z_]*+)\s*+(.*)")
_COMPARISON = re.compile(r"[<>]=?|==?")
_NAME_OR_ONE = re.compile(r"[^\W\d][\w.]*|1")


@dataclass(frozen=True, kw_only=True)
class _Line:
    """One line of the description, with the place where errors are shown."""

    text: str
    whole: str
    number: int

    def error(self, message: str, fix: str, at: str = "") -> ModelSyntaxError:
        shown = self.whole.split("\n")[self.number - 1]
        column = max(shown.find(at or self.text), 0) + 1
        return syntax_error(self.whole, self.number, column, message, fix)


@dataclass(kw_only=True)
class _Description:
    """What has been read: terms as (lhs, op, multiplier, rhs), and what commands say of labels."""

    terms: list[tuple[str, str, str, str]] = field(default_factory=list)
    latent: list[str] = field(default_factory=list)
    starts: list[tuple[_Line, str, str]] = field(default_factory=list)
    bounds: list[tuple[_Line, str, str]] = field(default_factory=list)
    relations: list[str] = field(default_factory=list)


def semopy_to_lavaan(text: str) -> str:
    """Return the model of a semopy description in lavaan syntax.

    Parameters
    ----------
    text : str
        A description for ``semopy.Model``: ``=~ ~ ~~`` with labels and numbers as multipliers, ``#`` comments,
        ``DEFINE(latent)``, ``START(v)``, ``BOUND(a, b)``, ``CONSTRAINT(...)``.

    Returns
    -------
    str
        What lavaan's automatic rules would do otherwise than semopy's is written out.

    Raises
    ------
    ModelSyntaxError
        A line that is no semopy syntax, or whose meaning has no counterpart: ordinal variables, random
        effects, forced roles, the multiplier START, a label NA.  The message shows the line.

    Notes
    -----
    semopy's rules are those of ``Model`` in semopy 2.3 with default options (Igolkina & Meshcheryakov, 2020).

    Examples
    --------
    >>> print(semopy_to_lavaan("f =~ a*x1 + x2 + x3"))
    f =~ NA*x1 + 1*x2 + x3
    f =~ a*x1

    """
    found = _Description()
    for number, raw in enumerate(text.replace("\u223c", "~").split("\n"), start=1):
        content = raw.split("#", 1)[0].strip()
        if content:
            _read(_Line(text=content, whole=text, number=number), found)
    lines = _formulas(found)
    lines += [f"{f} =~ 0" for f in found.latent if not any(t[0] == f and t[1] == "=~" for t in found.terms)]
    labels = {t[2] for t in found.terms if _NAME.fullmatch(t[2])}
    for line, label, _ in (*found.starts, *found.bounds):
        if label not in labels:
            raise line.error(
                f"{label!r} is no label of the model", "Give the path that label, e.g. a*x.", label
            )
    for _, label, value in found.starts:
        lines += [f"{a} {op} start({value})*{b}" for a, op, m, b in found.terms if m == label]
    lines += [f"{label} {bound}" for _, label, bound in found.bounds]
    lines += found.relations
    return "\n".join([*lines, *_written_out("\n".join(lines))])


def _read(line: _Line, found: _Description) -> None:
    operator = _OPERATOR.search(line.text)
    if operator is None or line.text[: operator.start()].rstrip().endswith(")"):
        _read_command(line, found)
        return
    left, right = line.text[: operator.start()], line.text[operator.end() :]
    for lhs in left.split(","):
        if not _NAME.fullmatch(lhs.strip()):
            raise line.error(
                f"{lhs.strip()!r} is not a variable name", "Start the line with a name.", lhs.strip()
            )
        for term in right.split("+"):
            multiplier, variable = _term(line, term.strip())
            found.terms.append((lhs.strip(), operator[0], multiplier, variable))


def _term(line: _Line, term: str) -> tuple[str, str]:
    """Return multiplier ("" without one) and variable."""
    *multiplier, variable = (part.strip() for part in term.split("*"))
    value = multiplier[0] if multiplier else ""
    if len(multiplier) > 1 or not _NAME_OR_ONE.fullmatch(variable):
        raise line.error(f"{term!r} is not a term of semopy", "Write variable or multiplier*variable.", term)
    if value in ("NA", "START"):
        meaning = (
            "a label in semopy but frees the path in lavaan" if value == "NA" else "a sample value in semopy"
        )
        raise line.error(f"the multiplier {value} is {meaning}", "Choose another label, or a number.", term)
    if value and not (_NUMBER.fullmatch(value) or _NAME.fullmatch(value)):
        raise line.error(
            f"the multiplier {value!r} is neither number nor label", "Write e.g. 0.5*x or a*x.", term
        )
    return value, variable


def _read_command(line: _Line, found: _Description) -> None:
    """Read ``NAME(arguments) operands``, or semopy's newer ``name arguments: operands``."""
    match = _COMMAND.fullmatch(line.text)
    if match is None:
        raise line.error("this line has no operator and no command", "Write e.g. f =~ x1 + x2.")
    name, rest = match[1].upper(), match[2]
    inside, _, onto = rest[1:].rpartition(")") if rest.startswith("(") else rest.rpartition(":")
    operands = onto.replace(",", " ").split()
    if name == "LATENT" or (name == "DEFINE" and inside.strip() == "latent"):
        found.latent += operands
    elif name == "START" and _NUMBER.fullmatch(inside.strip()):
        found.starts += [(line, label, inside.strip()) for label in operands]
    elif name == "BOUND":
        found.bounds += [(line, label, bound) for label in operands for bound in _bounds(line, inside)]
    elif name == "CONSTRAINT":
        found.relations.append(_constraint(line, inside or rest.strip(" \"'`")))
    else:
        hints = {"DEFINE": "Ordered variables are named where the model is fitted, not in its text."}
        raise line.error(
            f"{line.text.split(')')[0].split(':')[0].strip()!r} has no counterpart in lavaan syntax",
            hints.get(name, "Allowed are DEFINE(latent), START(value), BOUND(low, high), CONSTRAINT(...)."),
        )


def _bounds(line: _Line, inside: str) -> list[str]:
    ends = inside.replace(",", " ").split()
    try:
        low, high = (float(end) for end in ends)
    except ValueError:
        raise line.error("BOUND takes two numbers", "Write e.g. BOUND(0, 1) a.") from None
    return [f"> {low:.17g}"] * (low > float("-inf")) + [f"< {high:.17g}"] * (high < float("inf"))


def _constraint(line: _Line, inside: str) -> str:
    comparisons = _COMPARISON.findall(inside)
    if len(comparisons) != 1:
        raise line.error("CONSTRAINT needs one of = < > between labels", "Write e.g. CONSTRAINT(a = b).")
    left, right = (side.strip() for side in _COMPARISON.split(inside))
    operator = "==" if comparisons[0].strip("=") == "" else comparisons[0][0]
    return f"{left} {operator} {right}".replace("**", "^")


def _formulas(found: _Description) -> list[str]:
    """Write the formulas, with the scale of every factor where semopy puts it."""
    lines: list[str] = []
    labels: list[str] = []
    grouped: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for lhs, op, multiplier, variable in found.terms:
        grouped.setdefault((lhs, op), []).append((multiplier, variable))
    for (lhs, op), terms in grouped.items():
        marker = _marker(terms) if op == "=~" else -1
        written = []
        for place, (multiplier, variable) in enumerate(terms):
            if op == "=~" and place == 0 and marker != 0 and not _NUMBER.fullmatch(multiplier):
                labels += [f"{lhs} {op} {multiplier}*{variable}"] if multiplier else []
                written.append(f"NA*{variable}")  # lavaan would fix it
            elif place == marker and not multiplier:
                written.append(f"1*{variable}" if place else variable)
            else:
                written.append(f"{multiplier}*{variable}" if multiplier else variable)
        lines.append(f"{lhs} {op} {' + '.join(written)}")
    return lines + labels


def _marker(terms: list[tuple[str, str]]) -> int:
    """Return which loading semopy fixes: the first number, else the first without a label, else none (-1)."""
    numbers = [i for i, (multiplier, _) in enumerate(terms) if _NUMBER.fullmatch(multiplier)]
    bare = [i for i, (multiplier, _) in enumerate(terms) if not multiplier]
    return next(iter([*numbers, *bare]), -1)


def _written_out(text: str) -> list[str]:
    """Return the lines that undo what lavaan would add and semopy does not."""
    if not text.strip():
        return []
    spec = model_spec(text)
    made = []
    exogenous_latent = {f for f in spec.latent if not any(p.op == "~" and p.lhs == f for p in spec)} - {
        p.rhs for p in spec if p.op == "=~" and p.lhs != p.rhs
    }
    for p in spec:
        if p.user or p.op != "~~" or p.exo:
            continue
        if p.lhs == p.rhs and not p.free:
            made.append(f"{p.lhs} ~~ {p.lhs}")
        elif p.lhs != p.rhs and p.free and not {p.lhs, p.rhs} <= exogenous_latent:
            made.append(f"{p.lhs} ~~ 0*{p.rhs}")
    return made
