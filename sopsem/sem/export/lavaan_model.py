"""A parameter table as lavaan model text with every row spelt out, so that no automatic rule is needed."""

from collections.abc import Mapping
from math import isfinite, isnan
from textwrap import wrap

from sopsem.sem.export.arithmetic import R, written
from sopsem.sem.export.labels import Labels, labels_of
from sopsem.sem.export.names import r_names
from sopsem.sem.model.spec import ModelSpec, Parameter

__all__ = ["lavaan_model", "lavaan_names"]

WIDTH = 100


def lavaan_names(spec: ModelSpec) -> dict[str, str]:
    """Return what every variable of a model is called in R."""
    return r_names([*spec.observed, *spec.latent])


def lavaan_model(spec: ModelSpec) -> str:
    """Return model text for ``lavaan::lavaan`` without automatic parameters, or for ``model_spec``.

    Moments of fixed exogenous variables are left to the program.  With several groups every group is written
    under a ``group:`` line with its number.

    Parameters
    ----------
    spec : ModelSpec

    Returns
    -------
    str

    Examples
    --------
    >>> from sopsem.sem.model.spec import model_spec
    >>> print(lavaan_model(model_spec("m ~ a*x; y ~ b*m; ab := a*b")))
    m ~ a*x
    y ~ b*m
    m ~~ m
    y ~~ y
    ab := a*b
    <BLANKLINE>

    """
    names, labels = lavaan_names(spec), labels_of(spec, r_names)
    lines: list[str] = []
    for group in range(1, spec.n_groups + 1):
        lines += [f"group: {group}"] if spec.n_groups > 1 else []
        lines += _group_lines(spec, group, names, labels)
    lines += [f"{labels.of_name[d.lhs]} := {written(d.right, labels.of_name, R)}" for d in spec.definitions]
    for c in spec.constraints:
        left, right = written(c.left, labels.of_name, R), written(c.right, labels.of_name, R)
        lines.append(f"{left} {c.op} {right}")
    return "\n".join(lines) + "\n"


def _group_lines(spec: ModelSpec, group: int, names: Mapping[str, str], labels: Labels) -> list[str]:
    """Return the rows of a group, those with one left side and operator on one line."""
    terms: dict[tuple[str, str], list[str]] = {}
    for i in spec.rows_of(group):
        p = spec.parameters[i]
        if p.exo or (not p.free and isnan(p.value)):
            continue  # follows from the data or from other rows
        terms.setdefault((names.get(p.lhs, p.lhs), p.op), []).extend(_terms(p, labels.of_row[i], names))
    lines = []
    for (lhs, op), listed in terms.items():
        start = f"{lhs} {'~' if op == '~1' else op} "
        lines += wrap(" + ".join(listed), WIDTH, initial_indent=start, subsequent_indent="    ")
    return lines


def _terms(p: Parameter, label: str, names: Mapping[str, str]) -> list[str]:
    """Return a row as terms, each with one modifier, as lavaan has it."""
    if p.op == "=~" and p.lhs == p.rhs:
        return ["0"]
    target = "1" if p.op == "~1" else names.get(p.rhs, p.rhs)
    made = [] if p.free else [f"{_number(p.value)}*{target}"]
    if p.free and p.op in ("=~", "<~"):
        made.append(f"NA*{target}")
    if label:
        made.append(f"{label}*{target}")
    for kind in ("start", "lower", "upper"):
        value = getattr(p, kind)
        if p.free and isfinite(value):
            made.append(f"{kind}({_number(value)})*{target}")
    return made or [target]


def _number(value: float) -> str:
    short = f"{value:.10g}"
    return short if float(short) == value else repr(value)
