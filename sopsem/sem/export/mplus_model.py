"""A parameter table as Mplus statements: MODEL, group-specific MODEL and MODEL CONSTRAINT."""

from collections.abc import Mapping
from itertools import combinations
from math import isfinite, isnan
from textwrap import wrap

from sopsem.sem.export.arithmetic import MPLUS, written
from sopsem.sem.export.labels import Labels, labels_of
from sopsem.sem.export.names import mplus_names
from sopsem.sem.model.ordinal_rows import threshold_rank
from sopsem.sem.model.spec import ModelSpec, Parameter

__all__ = ["LINE", "mplus_model", "untranslated"]

LINE = 85  # Mplus reads 90 columns


def mplus_model(spec: ModelSpec, names: Mapping[str, str]) -> list[str]:
    r"""Return the MODEL and MODEL CONSTRAINT sections, every parameter spelt out against the defaults of Mplus.

    Parameters
    ----------
    spec : ModelSpec
    names : mapping of str to str
        What each variable is called in Mplus.

    Returns
    -------
    list of str
        Lines of at most 90 characters.  With several groups MODEL gives the structure and a MODEL section for each
        group, called g1, g2, ..., its own rows.

    Examples
    --------
    >>> from sopsem.sem.model.spec import model_spec
    >>> spec = model_spec("m ~ a*x; y ~ b*m; ab := a*b")
    >>> print("\n".join(mplus_model(spec, {"m": "m", "x": "x", "y": "y"})))
    MODEL:
      m ON x* (a);
      y ON m* (b);
      m*;
      y*;
    MODEL CONSTRAINT:
      NEW(ab);
      ab = a*b;

    """
    labels = labels_of(spec, mplus_names, bounds=True)
    lines = ["MODEL:"]
    if spec.n_groups == 1:
        lines += _rows(spec, 1, names, labels.of_row)
    else:
        lines += _rows(spec, 1, names, ("",) * len(spec.parameters))
        for group in range(1, spec.n_groups + 1):
            lines += [f"MODEL g{group}:", *_rows(spec, group, names, labels.of_row)]
    return [*lines, *_constraints(spec, labels)]


def _rows(spec: ModelSpec, group: int, names: Mapping[str, str], labels: tuple[str, ...]) -> list[str]:
    lines = []
    for i in spec.rows_of(group):
        p = spec.parameters[i]
        if not p.exo and not (not p.free and isnan(p.value)) and not _implicit(p, spec):
            lines.append(f"  {_statement(p, names, labels[i], spec)};")
    known = {frozenset((p.lhs, p.rhs)) for p in spec if p.op in ("~~", "~", "=~", "<~")}
    absent = [pair for pair in combinations(spec.latent, 2) if frozenset(pair) not in known]
    absent += [pair for pair in _outcome_pairs(spec) if frozenset(pair) not in known]
    return [*lines, *(f"  {names[a]} WITH {names[b]}@0;" for a, b in dict.fromkeys(absent))]


def _implicit(p: Parameter, spec: ModelSpec) -> bool:
    """Say whether Mplus has no such parameter: intercepts of responses, and what the parameterization implies."""
    if p.lhs not in spec.ordered or p.op not in ("~1", "~~", "~*~") or p.lhs != (p.rhs or p.lhs):
        return False
    kept = "~*~" if spec.parameterization == "delta" else "~~"
    return p.op != kept or (spec.n_groups == 1 and not p.free and p.value == 1.0)


def _outcome_pairs(spec: ModelSpec) -> list[tuple[str, str]]:
    """Return pairs of observed outcomes that predict nothing, whose residuals Mplus lets covary by default."""
    predictors = {p.rhs for p in spec if p.op == "~"}
    found = (p.lhs for p in spec if p.op == "~" and p.lhs in spec.observed and p.lhs not in predictors)
    outcomes = list(dict.fromkeys(found))
    return list(combinations(outcomes, 2))


def _statement(p: Parameter, names: Mapping[str, str], label: str, spec: ModelSpec) -> str:
    lhs, rhs = names.get(p.lhs, p.lhs), names.get(p.rhs, p.rhs)
    start = f"{p.start:.10g}" if p.free and isfinite(p.start) else ""
    setting = f"*{start}" if p.free else f"@{p.value:.10g}"
    end = f"{setting} ({label})" if label and p.free else setting
    if p.op == "=~":
        return f"{lhs} BY {rhs}{end}" if p.lhs != p.rhs else f"{lhs} BY {names[spec.observed[0]]}@0"
    if p.op in ("~", "<~"):
        return f"{lhs} ON {rhs}{end}"
    if p.op == "~~" and p.lhs != p.rhs:
        return f"{lhs} WITH {rhs}{end}"
    if p.op == "~~":
        return f"{lhs}{end}"
    brackets = "{}" if p.op == "~*~" else "[]"
    what = f"{lhs}${threshold_rank(p)}" if p.op == "|" else lhs
    tail = f" ({label})" if label and p.free else ""
    return f"{brackets[0]}{what}{setting}{brackets[1]}{tail}"


def _constraints(spec: ModelSpec, labels: Labels) -> list[str]:
    lines: list[str] = []
    if spec.definitions:
        lines += _wrapped(f"NEW({' '.join(labels.of_name[d.lhs] for d in spec.definitions)});")
    for d in spec.definitions:
        lines += _wrapped(f"{labels.of_name[d.lhs]} = {written(d.right, labels.of_name, MPLUS)};")
    for c in spec.constraints:
        left, right = written(c.left, labels.of_name, MPLUS), written(c.right, labels.of_name, MPLUS)
        lines += _wrapped(f"0 = {left} - ({right});" if c.op == "==" else f"{left} {c.op} {right};")
    for p, label in zip(spec, labels.of_row, strict=True):
        if p.free and isfinite(p.lower):
            lines += _wrapped(f"{label} > {p.lower:.10g};")
        if p.free and isfinite(p.upper):
            lines += _wrapped(f"{label} < {p.upper:.10g};")
    return ["MODEL CONSTRAINT:", *dict.fromkeys(lines)] if lines else []


def _wrapped(text: str) -> list[str]:
    """Return a statement on lines that Mplus reads whole; a long product is broken after an operator."""
    spaced = text if len(text) <= LINE else text.replace("*", "* ").replace("* * ", "**").replace("/", "/ ")
    return wrap(spaced, LINE, initial_indent="  ", subsequent_indent="    ", break_long_words=False)


def untranslated(spec: ModelSpec) -> list[str]:
    """Return in words what of the table Mplus has no words for."""
    said = []
    if spec.composites:
        said.append(
            f"The composites {', '.join(spec.composites)} are written as ON; fix their residual variance."
        )
    moved = [p.path() for p in spec if p.op == "~1" and p.lhs in spec.ordered and (p.free or p.value != 0.0)]
    if moved:
        said.append(
            f"Mplus has no intercepts of ordered variables; left out, so the model differs: {', '.join(moved)}."
        )
    return said
