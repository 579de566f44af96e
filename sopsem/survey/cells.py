"""One cell of an item: text to a code, a declared missing answer, or a refusal that says why.

Nothing is guessed: a number is ASCII digits, a label must match exactly (after NFKC, case and spaces), and
only the codes that the questionnaire declares are missing.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import nan

from sopsem.survey.instrument import Instrument, Scale
from sopsem.survey.messages import normalised, quote, suggestion

__all__ = ["CellRules", "Reading", "label_faults", "read_cell", "rules_for"]

NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,4})?")
DECIMAL_COMMA = re.compile(r"[+-]?[0-9]*,[0-9]+")
THOUSANDS = re.compile(r"[+-]?[0-9]{1,3}\.[0-9]{3}")
BOTH_MARKS = re.compile(r"[+-]?[0-9]+([.,' ][0-9]{3})+([.,][0-9]+)?")
CODE_AND_LABEL = re.compile(r"([+-]?[0-9]{1,6})\s*[-–—:.=|)]\s*(\S.*)")
INFINITE = ("inf", "infinity")
LONGEST_NUMBER = 60
LARGEST = 2.0**53  # from here on, neighbouring integers share one double
USUAL_MISSING = re.compile(r"-?(9|77|88|98|99|777|888|998|999|9999)|-1")


@dataclass(frozen=True, kw_only=True)
class CellRules:
    """What the cells of one item may hold."""

    scale: str
    codes: Mapping[int, str]
    labels: Mapping[str, int]  # normalised label -> code
    missing: Mapping[str, str]  # code -> reason
    missing_labels: Mapping[str, str]  # normalised reason -> reason
    decimal_comma: bool
    declared: Mapping[str, str] = field(default_factory=dict)  # cells the file declares missing -> reason


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What a cell says: a value (NaN when missing), how it was reached, and what is wrong with it."""

    value: float = nan
    rule: str = ""  # "", "missing code", "missing label", "label"
    source: str = ""  # what the log shows as the value before the rule
    target: str = ""  # ... and after it
    problem: str = ""
    hint: str = ""  # what is said once for the whole file about problems of this kind
    stripped: bool = False
    decimal: str = ""  # the decimal mark the number was written with


def rules_for(
    instrument: Instrument, item: str, *, decimal_comma: bool, declared: Mapping[str, str] | None = None
) -> CellRules:
    """Return the rules of an item's cells.

    Examples
    --------
    >>> from sopsem.survey.instrument import load_instrument
    >>> rules = rules_for(load_instrument(), "col1", decimal_comma=False)
    >>> read_cell(" Rather  agree", rules).value
    5.0
    >>> read_cell("8", rules).problem
    "8 is not a code of the scale 'agreement' (1 to 7)"

    """
    scale = instrument.scale_of(item)
    return CellRules(
        scale=instrument.items[item].scale,
        codes=scale.codes,
        labels=_labels(scale),
        missing=instrument.missing,
        missing_labels={normalised(reason): reason for reason in instrument.missing.values()},
        decimal_comma=decimal_comma,
        declared=declared or {},
    )


def _labels(scale: Scale) -> dict[str, int]:
    return {normalised(label): code for code, label in scale.codes.items()}


def label_faults(labels: Mapping[str, str], rules: CellRules) -> list[str]:
    """List the codes that a file's value labels give another meaning than the questionnaire.

    Examples
    --------
    >>> from sopsem.survey.instrument import load_instrument
    >>> rules = rules_for(load_instrument(), "col1", decimal_comma=False)
    >>> label_faults({"1": "Strongly agree"}, rules)
    ["the file says that 1 is 'Strongly agree', the questionnaire says that 7 is"]

    """
    return [
        f"the file says that {code} is {quote(label)}, the questionnaire says that {mine} is"
        for code, label in labels.items()
        if (mine := rules.labels.get(normalised(label))) is not None and str(mine) != code
    ]


def read_cell(text: str, rules: CellRules) -> Reading:
    """Read one cell: missing code, number, label, in this order; anything else is refused with a reason."""
    bare = text.strip()
    stripped = bare not in (text, "")
    if bare in rules.missing:
        return _missing(bare, rules.missing[bare], stripped)
    if bare in rules.declared:
        target = f"missing: {rules.declared[bare]}"
        return Reading(rule="missing in the file", source=bare, target=target, stripped=stripped)
    found = _number(bare, rules, stripped) or _label(bare, rules, stripped)
    return found or Reading(problem=_refusal(bare, rules), hint=_hint(bare, rules))


def _missing(code: str, reason: str, stripped: bool) -> Reading:
    return Reading(rule="missing code", source=code, target=f"missing: {reason}", stripped=stripped)


def _number(bare: str, rules: CellRules, stripped: bool) -> Reading | None:
    if len(bare) > LONGEST_NUMBER:
        return None
    comma = rules.decimal_comma and DECIMAL_COMMA.fullmatch(bare) is not None
    plain = bare.replace(",", ".") if comma else bare
    if not NUMBER.fullmatch(plain):
        return None
    if rules.decimal_comma and THOUSANDS.fullmatch(bare):
        why = "a decimal point or a thousands mark? In a semicolon file write 1,234 or 1234"
        return Reading(problem=f"{quote(bare)} is ambiguous: {why}")
    value = float(plain)
    if abs(value) >= LARGEST or (value == 0 and re.search("[1-9]", re.split("[eE]", plain)[0])):
        return Reading(problem=f"{quote(bare)} is too large or too small for a number that is held exactly")
    code = next((c for c in rules.missing if _same_number(c, value)), None)
    if code is not None:
        return _missing(code, rules.missing[code], stripped)
    decimal = "," if comma else "." * ("." in bare)
    return Reading(value=value, problem=_not_a_code(bare, value, rules), stripped=stripped, decimal=decimal)


def _same_number(code: str, value: float) -> bool:
    return NUMBER.fullmatch(code) is not None and float(code) == value


def _not_a_code(bare: str, value: float, rules: CellRules) -> str:
    if not rules.codes or value in rules.codes:
        return ""
    shown = bare if len(bare) <= LONGEST_NUMBER // 3 else quote(bare)
    problem = f"{shown} is not a code of the scale {quote(rules.scale)} ({_code_range(rules)})"
    if USUAL_MISSING.fullmatch(bare):
        problem += (
            f'; if it stands for a missing answer, declare "{bare}" under [missing] in the questionnaire'
        )
    return problem


def _code_range(rules: CellRules) -> str:
    low, high = min(rules.codes), max(rules.codes)
    if len(rules.codes) == high - low + 1:
        return f"{low} to {high}"
    return ", ".join(str(code) for code in sorted(rules.codes))


def _label(bare: str, rules: CellRules, stripped: bool) -> Reading | None:
    label = normalised(bare)
    if label in rules.labels:
        code = rules.labels[label]
        return Reading(value=float(code), rule="label", source=label, target=str(code), stripped=stripped)
    if label in rules.missing_labels:
        reason = rules.missing_labels[label]
        return Reading(rule="missing label", source=label, target=f"missing: {reason}", stripped=stripped)
    return None


def _refusal(bare: str, rules: CellRules) -> str:
    """Say why a cell is neither number nor label; the nearest label is suggested, never applied."""
    if not bare:
        return 'an empty cell, and "" is not declared under [missing] in the questionnaire'
    reason = _misshapen(bare, "comma" if rules.decimal_comma else "point")
    if reason:
        return f"{quote(bare)} {reason}"
    near = "" if _code_and_label(bare, rules) else suggestion(bare, rules.codes.values())
    return f"{quote(bare)} is neither a number nor a label of the scale {quote(rules.scale)}{near}"


def _hint(bare: str, rules: CellRules) -> str:
    """Say what helps all cells of this kind; nothing for an empty or misshapen number."""
    if not rules.codes or not bare or _misshapen(bare, ""):
        return ""
    if _code_and_label(bare, rules):
        return (
            "some cells look like 'code - label': export the codes only, or the labels only, "
            "or keep only what stands before the dash"
        )
    labels = ", ".join(f"{quote(label)} ({code})" for code, label in sorted(rules.codes.items()) if label)
    known = f"the labels {labels}" if labels else f"the codes {_code_range(rules)}"
    missing = ", ".join(f'"{code}" ({reason})' for code, reason in rules.missing.items())
    return (
        f"the scale {quote(rules.scale)} has {known}; missing answers are {missing or 'not declared'}. "
        "Declare any other missing answer under [missing] in the questionnaire"
    )


def _code_and_label(bare: str, rules: CellRules) -> bool:
    """Say whether a cell is a code of the scale, a mark and words."""
    both = CODE_AND_LABEL.fullmatch(bare)
    return bool(both and int(both[1]) in rules.codes and re.search(r"[^\W\d]", both[2]))


def _misshapen(bare: str, mark: str) -> str:
    """Name the known ways in which a number can be written wrongly."""
    known = (
        (bare.lower().lstrip("+-") in INFINITE, "is infinite; an answer is a finite number"),
        (bare.lower() in ("true", "false"), "is a truth value, not a code"),
        (
            any(c.isdecimal() and not c.isascii() for c in bare),
            "has digits other than 0-9; write it with 0-9",
        ),
        (bare.lstrip("+-").isdigit(), "is too large for a number that is held exactly"),
        (bare.replace("_", "").isdigit(), "has an underscore; write the number without it"),
        (
            bool(DECIMAL_COMMA.fullmatch(bare) or BOTH_MARKS.fullmatch(bare)),
            f"is refused: in this file numbers have a decimal {mark} and no thousands mark",
        ),
    )
    return next((reason for holds, reason in known if holds), "")
