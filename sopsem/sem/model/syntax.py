"""lavaan model syntax -> statements.  Model text is data: it is scanned and parsed, never evaluated.

Operators: ``=~ <~ ~ ~~ ~1 | ~*~ := == < >``.  Terms take modifiers in front: numbers, labels, ``NA``,
``start() label() equal() lower() upper() c()``, strings and constant arithmetic.  A formula may
run over several lines; ``;`` separates formulas; ``#`` and ``!`` start a comment.  A line ``group: LABEL``
starts the formulas of one group.
"""

from dataclasses import dataclass
from itertools import pairwise

from sopsem.errors import ModelSyntaxError
from sopsem.sem.model.expressions import Expression, parse_expression
from sopsem.sem.model.modifiers import (
    BRACKETS,
    Source,
    modifier,
    plain_name,
    separators,
    split,
    start_value,
)
from sopsem.sem.model.scanner import Token, scan

__all__ = ["Formula", "Relation", "Term", "parse_syntax"]

RELATION_OPERATORS = (":=", "==", "<", ">")


@dataclass(frozen=True, kw_only=True)
class Term:
    """One right-hand side term with its modifiers; a modifier given per group is a tuple.

    ``fixed`` holds numbers, with NaN for ``NA`` (free); ``variable`` is "" for an intercept (``~ 1``)
    and for a factor without indicators (``=~ 0``).
    """

    variable: str
    fixed: tuple[float, ...] | None = None
    start: tuple[float, ...] | None = None
    label: tuple[str, ...] | None = None
    equal: tuple[str, ...] | None = None
    lower: tuple[float, ...] | None = None
    upper: tuple[float, ...] | None = None
    line: int = 0
    column: int = 0

    def modified(self) -> bool:
        """Say whether any modifier stands in front of the variable."""
        return any(
            getattr(self, kind) is not None for kind in ("fixed", "start", "label", "equal", "lower", "upper")
        )


@dataclass(frozen=True, kw_only=True)
class Formula:
    """``lhs operator terms`` with one of ``=~ <~ ~ ~~ | ~*~``; a ``~`` term "" is an intercept.

    ``block`` is the label of the ``group:`` line that the formula stands under, "" without one.
    """

    lhs: str
    operator: str
    terms: tuple[Term, ...]
    line: int
    column: int = 1
    block: str = ""


@dataclass(frozen=True, kw_only=True)
class Relation:
    """``lhs operator rhs`` with one of ``:= == < >``; for ``:=`` ``name`` is the new parameter."""

    operator: str
    name: str
    left: Expression
    right: Expression
    text: tuple[str, str]
    line: int


def parse_syntax(text: str) -> list[Formula | Relation]:
    """Parse model text into formulas and relations, in the order written.

    Parameters
    ----------
    text : str
        lavaan model syntax, at most 1,000,000 characters, brackets at most 100 deep.

    Returns
    -------
    list of Formula and Relation
        A formula with several variables on the left gives one entry for each.

    Raises
    ------
    ModelSyntaxError
        With the line, a caret under the character, and what to write instead.
    ResourceLimitError
        The text is too long or nested too deep.

    Examples
    --------
    >>> [(f.lhs, f.operator, [t.variable for t in f.terms]) for f in parse_syntax("f =~ x1 + a*x2")]
    [('f', '=~', ['x1', 'x2'])]

    """
    source = Source(text)
    parsed: list[Formula | Relation] = []
    scanned = scan(text)
    _refuse_empty_names(source, scanned)
    block = ""
    for tokens in _statements(scanned):
        if len(tokens) > 1 and tokens[1].text == ":":
            block = _block_label(source, tokens)
        else:
            parsed.extend(_parse_statement(source, tokens, block))
    return parsed


def _block_label(source: Source, tokens: list[Token]) -> str:
    """Return the group that a line such as ``group: Pasteur`` names."""
    kind, colon, *label = tokens
    if kind.text.lower() != "group":
        several = "models with several levels are not estimated by this version"
        fix = (
            several if kind.text.lower() == "level" else "write group: LABEL, or := for a defined parameter."
        )
        raise source.error(kind, f"there is no block {kind.text!r}", fix[:1].upper() + fix[1:])
    if not label:
        raise source.error(colon, "group: names no group", "Write its label or number, e.g. group: 1.")
    wrong = next((t for t in label if t.kind == "operator"), None)
    if wrong is not None:
        raise source.error(wrong, f"{wrong.text!r} in a group: line", "Start a new line for the formula.")
    return "".join(plain_name(t) for t in label)


def _refuse_empty_names(source: Source, tokens: list[Token]) -> None:
    """Refuse strings without a name, which only stand for a group without a label: c("", "b")."""
    depth = 0
    for token in tokens:
        depth += BRACKETS.get(token.text, 0)
        if token.kind == "string" and not token.text[1:-1].strip() and depth == 0:
            raise source.error(
                token, "an empty name", "Put the name of a variable or label between the quotes."
            )


def _statements(tokens: list[Token]) -> list[list[Token]]:
    """Split at newlines and semicolons that do not stand inside a continued formula."""
    statements: list[list[Token]] = []
    current: list[Token] = []
    depth = 0
    for token, following in zip(tokens, _following(tokens), strict=True):
        if token.kind != "newline":
            depth += BRACKETS.get(token.text, 0)
            current.append(token)
        elif token.text == ";" or (depth <= 0 and not _continues(current, following)):
            if current:
                statements.append(current)
            current, depth = [], 0
    if current:
        statements.append(current)
    return statements


def _following(tokens: list[Token]) -> list[Token | None]:
    """Return for every token the first one at or after it that is not a line end: one pass from the back."""
    found: list[Token | None] = []
    latest: Token | None = None
    for token in reversed(tokens):
        latest = latest if token.text == "\n" else token
        found.append(latest)
    return found[::-1]


def _continues(current: list[Token], following: Token | None) -> bool:
    """Say whether a formula runs on after a line end."""
    if not current:
        return False
    if current[-1].text == ":":
        return False
    if current[-1].kind == "operator" or current[-1].text in "+*/^,(-":
        return True
    return following is not None and (following.kind == "operator" or following.text in "+*/^,)")


def _refuse_absent_features(source: Source, tokens: list[Token]) -> None:
    """Refuse by name what lavaan's language has and this version does not estimate."""
    for before, token in pairwise(tokens):
        if before.text == "efa" and token.text == "(":
            raise source.error(
                before,
                "blocks of exploratory factors, efa(), are not estimated by this version",
                "Write the loadings of a confirmatory model, with enough of them fixed.",
            )
    for token in tokens[1:]:
        if token.text == ":":
            raise source.error(
                token,
                "interactions, a:b, are not made by this version",
                "For observed variables add a column with the product and use its name; products of factors "
                "are not estimated.",
            )


def _parse_statement(source: Source, tokens: list[Token], block: str) -> list[Formula | Relation]:
    _refuse_open_brackets(source, tokens)
    _refuse_absent_features(source, tokens)
    places = [i for i, token in enumerate(tokens) if token.kind == "operator"]
    if not places:
        raise source.error(
            tokens[0],
            "this line has no operator",
            "A formula needs one of =~ ~ ~~ := == < >, e.g. f =~ x1 + x2.",
        )
    operator = tokens[places[0]]
    if len(places) > 1:
        raise source.error(
            tokens[places[1]],
            f"a second operator {tokens[places[1]].text!r} in one formula",
            "Start a new line (or use ;) for each formula; a line that ends in + runs on into the next.",
        )
    left, right = tokens[: places[0]], tokens[places[0] + 1 :]
    if not left:
        raise source.error(
            operator, f"nothing stands left of {operator.text}", "Write a variable name before it."
        )
    if not right:
        raise source.error(
            operator, f"nothing stands right of {operator.text}", "Write at least one term after it."
        )
    if operator.text in RELATION_OPERATORS:
        return [_relation(source, left, operator, right)]
    terms = _terms(source, operator, right)
    return [
        Formula(
            lhs=plain_name(t), operator=operator.text, terms=terms, line=t.line, column=t.column, block=block
        )
        for t in _left_names(source, left)
    ]


def _refuse_open_brackets(source: Source, tokens: list[Token]) -> None:
    opened: list[Token] = []
    for token in tokens:
        if token.text == "(":
            opened.append(token)
        elif token.text == ")":
            if not opened:
                raise source.error(token, "nothing opens this bracket", "Remove it, or write ( before it.")
            opened.pop()
    if opened:
        raise source.error(
            opened[-1], "a closing bracket ) is missing for this one", "Write ) after its content."
        )


def _relation(source: Source, left: list[Token], operator: Token, right: list[Token]) -> Relation:
    def fail(token: Token | None, message: str) -> ModelSyntaxError:
        return source.error(
            token or operator, message, "Use labels, numbers, + - * / ^ ( ) and exp log sqrt abs."
        )

    name = ""
    if operator.text == ":=":
        if len(left) != 1 or left[0].kind != "name":
            raise source.error(left[0], "the left of := is not one new name", "Write e.g. indirect := a*b.")
        name = left[0].text
    return Relation(
        operator=operator.text,
        name=name,
        left=parse_expression(left, fail),
        right=parse_expression(right, fail),
        text=("".join(t.text for t in left), "".join(t.text for t in right)),
        line=operator.line,
    )


def _left_names(source: Source, tokens: list[Token]) -> list[Token]:
    names: list[Token] = []
    for index, token in enumerate(tokens):
        expected_name = index % 2 == 0
        if expected_name and token.kind not in ("name", "string"):
            raise source.error(
                token, f"{token.text!r} is not a variable name", "Start the formula with a name."
            )
        if not expected_name and token.text != "+":
            raise source.error(
                token, f"{token.text!r} after a variable name", "Join names on the left with +."
            )
        if expected_name:
            names.append(token)
    if len(tokens) % 2 == 0:
        raise source.error(tokens[-1], "a name is missing after this +", "Remove the + or add a variable.")
    return names


def _terms(source: Source, operator: Token, tokens: list[Token]) -> tuple[Term, ...]:
    chunks = split(tokens, "+")
    if len(chunks) > 1 and not chunks[-1]:
        chunks.pop()  # a formula may end in +, as in lavaan
    terms = []
    for position, chunk in enumerate(chunks):
        if not chunk:
            raise source.error(
                separators(tokens, "+")[position],
                "a term is missing beside this +",
                "Remove the + or add a term.",
            )
        terms.append(_term(source, operator, chunk))
    return tuple(terms)


def _term(source: Source, operator: Token, tokens: list[Token]) -> Term:
    if len(tokens) == 1:
        return _finish_term(source, operator, tokens[0], {})
    factors, stars = split(tokens, "*?"), separators(tokens, "*?")
    for position, factor in enumerate(factors):
        if not factor:
            star = stars[min(position, len(stars) - 1)]
            raise source.error(star, f"a value is missing beside {star.text}", "Write e.g. 0.5*x1.")
    *modifiers, variable = factors
    if len(variable) != 1:
        wrong = variable[1] if variable[0].kind in ("name", "string", "number") else variable[0]
        raise source.error(
            wrong, f"{wrong.text!r} where a + or the end of the formula belongs", "Join terms with +."
        )
    collected: dict[str, tuple[object, ...]] = {}
    for factor, star in zip(modifiers, stars, strict=True):
        kind, values = modifier(source, factor) if star.text == "*" else start_value(source, factor)
        if kind in collected:
            raise source.error(
                factor[0], f"two modifiers of the same kind ({kind}) on one term", "Keep one of them."
            )
        collected[kind] = values
    return _finish_term(source, operator, variable[0], collected)


def _finish_term(
    source: Source, operator: Token, token: Token, collected: dict[str, tuple[object, ...]]
) -> Term:
    name = plain_name(token)
    if token.kind == "number":
        if operator.text == "~" and float(name) in (0.0, 1.0):
            if float(name) == 0.0:
                collected.setdefault("fixed", (0.0,))
            name = ""
        elif operator.text == "=~" and float(name) == 0.0:
            name = ""  # a phantom variable: a factor without indicators
        else:
            raise source.error(
                token, f"the number {name} stands where a variable belongs", "Write value*variable."
            )
    elif token.kind not in ("name", "string"):
        raise source.error(token, f"{token.text!r} is not a variable", "Write a variable name.")
    return Term(variable=name, line=token.line, column=token.column, **collected)  # type: ignore[arg-type]
