"""One number with its formula, what was put in, the steps between, and where it comes from."""

import html
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sopsem.errors import UsageError
from sopsem.explanation.formula import evaluate, names_of

__all__ = ["Explanation", "Input", "Step", "explained"]

AGREE = 1e-9  # relative; the explanation and the function it explains are two computations
COLUMNS = ["symbol", "row", "column", "value", "meaning"]


@dataclass(frozen=True, kw_only=True)
class Input:
    """A number, vector or matrix that is put into a formula; ``rows`` and ``columns`` name its elements."""

    symbol: str
    value: Any
    meaning: str
    rows: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()

    def listed(self) -> list[tuple[str, str, str, float, str]]:
        """Return one row for each element."""
        value = np.asarray(self.value, dtype=np.float64)
        if value.ndim == 0:
            return [(self.symbol, "", "", float(value), self.meaning)]
        if value.ndim == 1:
            return [
                (self.symbol, r, "", float(v), self.meaning) for r, v in zip(self.rows, value, strict=True)
            ]
        columns = self.columns or self.rows
        return [
            (self.symbol, r, c, float(value[i, j]), self.meaning)
            for i, r in enumerate(self.rows)
            for j, c in enumerate(columns)
        ]


@dataclass(frozen=True, kw_only=True)
class Step:
    """An intermediate value: its symbol, its formula, what it came to, and what it means."""

    symbol: str
    formula: str
    value: float
    meaning: str = ""


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """A reported number explained; frozen.

    Attributes
    ----------
    name, label : str
        What was asked for, and how reports print it.
    formula : str
        The formula that gives ``result`` from the inputs and steps; see ``sopsem.explanation.formula``.
    inputs : DataFrame
        symbol row column value meaning: one row per number put in; row and column name the elements of vectors and
        matrices.
    steps : tuple of Step
        Values on the way, each with its own formula.
    result, reported : float
        What the formula gives, and the number that ``where`` (a function of sopsem) reports; they agree.
    digits : int
        With which reports print it.
    source : str
        Who proposed it.

    """

    name: str
    label: str
    formula: str
    inputs: pd.DataFrame
    steps: tuple[Step, ...]
    result: float
    reported: float
    where: str
    digits: int
    source: str

    def recompute(self) -> float:
        """Return the result made again from the table of inputs by the steps and the formula alone.

        >>> from sopsem.registry import Entry
        >>> entry = Entry(name="mfi", function=abs, label="MFI", digits=3, source="McDonald (1989)")
        >>> given = [Input(symbol="x", value=4.0, meaning="a number")]
        >>> explained("root", entry, "sqrt(x)", given, reported=2.0, where="sqrt").recompute()
        2.0
        """
        values = {str(symbol): _rebuilt(part) for symbol, part in self.inputs.groupby("symbol", sort=False)}
        for step in self.steps:
            values[step.symbol] = evaluate(step.formula, values)
        return float(evaluate(self.formula, values))

    def __repr__(self) -> str:
        """Show formula, numbers put in, steps, result and source."""
        lines = [f"{self.label} = {_number(self.result)}   ({self.name})", f"  formula   {self.formula}"]
        lines += _input_lines(self.inputs)
        lines += [
            f"  step      {s.symbol} = {s.formula} = {_number(s.value)}"
            + (f"   {s.meaning}" if s.meaning else "")
            for s in self.steps
        ]
        lines += [f"  result    {self.result:.{self.digits}f}   (unrounded {self.result!r})"]
        return "\n".join([*lines, f"  reported  by {self.where}", f"  source    {self.source}"])

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(repr(self))}</pre>"

    def as_dict(self) -> dict[str, object]:
        """Return everything as plain values."""
        return {
            "name": self.name,
            "label": self.label,
            "formula": self.formula,
            "inputs": self.inputs.to_dict("records"),
            "steps": [vars(step) for step in self.steps],
            "result": self.result,
            "reported": self.reported,
            "where": self.where,
            "digits": self.digits,
            "source": self.source,
        }


def _rebuilt(part: pd.DataFrame) -> Any:
    """Return a number, vector or matrix from its rows in the table of inputs."""
    values = part["value"].to_numpy(dtype=np.float64)
    if len(part) == 1 and part["row"].iloc[0] == "":
        return float(values[0])
    columns = part["column"].nunique()
    return values.reshape(-1, columns) if part["column"].iloc[0] else values


def explained(
    name: str,
    entry: Any,
    formula: str,
    inputs: Iterable[Input],
    *,
    reported: float,
    where: str,
    steps: Mapping[str, tuple[str, str]] | None = None,
) -> Explanation:
    """Return the explanation of a number: evaluate the formula and hold it against what is reported.

    Parameters
    ----------
    name : str
    entry : Entry
        Label, digits and source, which live with the function that computes the number.
    formula : str
    inputs : iterable of Input
    reported : float
        The number as the function ``where`` gives it.
    where : str
    steps : mapping, optional
        symbol -> (formula, meaning), in their order.

    Raises
    ------
    UsageError
        The formula does not give the number reported: a case with a convention of its own, such as df = 0.

    """
    given = list(inputs)
    values = {one.symbol: one.value for one in given}
    done = []
    for symbol, (text, meaning) in (steps or {}).items():
        values[symbol] = evaluate(text, values)
        if np.ndim(values[symbol]) == 0:
            done.append(Step(symbol=symbol, formula=text, value=float(values[symbol]), meaning=meaning))
        else:
            done.append(Step(symbol=symbol, formula=text, value=float("nan"), meaning=meaning))
    result = float(evaluate(formula, values))
    if np.isnan(reported):
        raise UsageError(
            f"{name} is not defined for this model and these data, so there is nothing to explain"
        )
    if not np.isclose(result, reported, rtol=AGREE, atol=1e-9):
        raise UsageError(
            f"{name} is {reported:.6g} by a convention of its own here; the general formula {formula} gives "
            f"{result:.6g} ({_unused(formula, values)})"
        )
    frame = pd.DataFrame([row for one in given for row in one.listed()], columns=COLUMNS)
    return Explanation(
        name=name,
        label=entry.label,
        formula=formula,
        inputs=frame,
        steps=tuple(done),
        result=result,
        reported=float(reported),
        where=where,
        digits=entry.digits,
        source=entry.source,
    )


def _unused(formula: str, values: Mapping[str, Any]) -> str:
    return ", ".join(f"{n} = {values[n]:.6g}" for n in names_of(formula) if np.ndim(values[n]) == 0)


def _number(value: float) -> str:
    """Show six digits; a step that is a vector or matrix has no number of its own."""
    return "(as many numbers as its inputs)" if np.isnan(value) else f"{value:.6g}"


def _input_lines(inputs: pd.DataFrame) -> list[str]:
    lines = []
    for symbol, part in inputs.groupby("symbol", sort=False):
        meaning, first = part["meaning"].iloc[0], part.iloc[0]
        if first["row"] == "":
            lines.append(f"  put in    {symbol} = {_number(first['value'])}   {meaning}")
        elif first["column"] == "":
            numbers = ", ".join(f"{r} {v:.4g}" for r, v in zip(part["row"], part["value"], strict=True))
            lines += [f"  put in    {symbol}: {meaning}", *_wrapped(numbers)]
        else:
            lines += [f"  put in    {symbol}: {meaning}", *_matrix_lines(part)]
    return lines


def _wrapped(text: str, width: int = 96) -> list[str]:
    lines = [""]
    for word in text.split(", "):
        if len(lines[-1]) + len(word) > width:
            lines.append("")
        lines[-1] += f"{word}, "
    return [f"            {line.strip().rstrip(',')}" for line in lines]


def _matrix_lines(part: pd.DataFrame) -> list[str]:
    """Show a matrix; of a symmetric one the lower triangle."""
    table = part.pivot_table(index="row", columns="column", values="value", sort=False, aggfunc="first")
    values = table.to_numpy()
    square = values.shape[0] == values.shape[1] and np.allclose(values, values.T, rtol=1e-9)
    shown = table.map(lambda v: f"{v:.3f}")
    if square:
        shown = shown.where(np.tril(np.ones(table.shape, dtype=bool)), "")
    shown.index.name = shown.columns.name = None
    return [f"            {line}".rstrip() for line in shown.to_string().splitlines()]
