"""What every system returns: a table, its summary, what was noticed, what was left out, and where it is from."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from importlib.metadata import version
from types import MappingProxyType

import pandas as pd

from sopsem.executive.notices import Notice

__all__ = ["EXCLUDED_COLUMNS", "Provenance", "Result", "no_rows"]

EXCLUDED_COLUMNS = ("table", "row", "code", "reason")


@dataclass(frozen=True, kw_only=True)
class Provenance:
    """By what formula, thresholds and data a result was made.

    >>> Provenance(formula="E02", source="Goldratt 1990", policy="ab", inputs="cd").tag
    'E02'
    """

    formula: str
    source: str
    policy: str
    inputs: str
    version: str = field(default_factory=lambda: version("sopsem"))

    @property
    def tag(self) -> str:
        """The formula's name, as statements of a report end with it."""
        return self.formula


def no_rows() -> pd.DataFrame:
    """Return an empty frame of rows left out.

    >>> list(no_rows().columns)
    ['table', 'row', 'code', 'reason']
    """
    return pd.DataFrame({name: pd.Series(dtype=object) for name in EXCLUDED_COLUMNS})


@dataclass(frozen=True, kw_only=True)
class Result:
    """A frozen answer; systems add further frames as fields of a subclass.

    Parameters
    ----------
    table : DataFrame
        The main answer, tidy.
    summary : mapping of str to scalar
        Numbers, texts and truth values; a number without enough evidence is NaN.
    notices : sequence of Notice
        What makes the answer weaker, each with its code.
    excluded : DataFrame
        ``table row code reason`` of rows that were given and not used.
    provenance : Provenance

    Examples
    --------
    >>> origin = Provenance(formula="E00", source="none", policy="", inputs="", version="0")
    >>> result = Result(table=pd.DataFrame({"a": [1.0]}), summary={"n": 1}, provenance=origin)
    >>> print(result.to_markdown())
    | a |
    |---|
    | 1 |
    <BLANKLINE>
    - n: 1
    >>> result.to_dict()["summary"]
    {'n': 1}

    """

    table: pd.DataFrame
    summary: Mapping[str, object]
    provenance: Provenance
    notices: Sequence[Notice] = ()
    excluded: pd.DataFrame = field(default_factory=no_rows)

    def __post_init__(self) -> None:
        """Copy every frame and make the rest read-only."""
        for part in fields(self):
            value = getattr(self, part.name)
            if isinstance(value, pd.DataFrame):
                object.__setattr__(self, part.name, value.copy())
        object.__setattr__(self, "summary", MappingProxyType(dict(self.summary)))
        object.__setattr__(self, "notices", tuple(dict.fromkeys(self.notices)))

    def frames(self) -> dict[str, pd.DataFrame]:
        """Return every frame by its name, the main one first."""
        return {f.name: v for f in fields(self) if isinstance(v := getattr(self, f.name), pd.DataFrame)}

    def number(self, name: str) -> float:
        """Return a number of the summary, NaN where it holds none.

        >>> origin = Provenance(formula="E00", source="none", policy="", inputs="", version="0")
        >>> found = Result(table=pd.DataFrame(), summary={"n": 3, "worst": ""}, provenance=origin)
        >>> found.number("n"), found.number("worst"), found.number("other")
        (3.0, nan, nan)
        """
        value = self.summary.get(name)
        return float(value) if isinstance(value, int | float) else math.nan

    def codes(self) -> tuple[str, ...]:
        """Return the codes of the notices, each once."""
        return tuple(dict.fromkeys(notice.code for notice in self.notices))

    def to_dict(self) -> dict[str, object]:
        """Return plain mappings, lists and scalars."""
        frames = {name: frame.to_dict("records") for name, frame in self.frames().items()}
        origin = {f.name: getattr(self.provenance, f.name) for f in fields(self.provenance)}
        noticed = [notice.to_dict() for notice in self.notices]
        return {"summary": dict(self.summary), "notices": noticed, "provenance": origin, **frames}

    def to_markdown(self) -> str:
        """Return table, summary and notices as Markdown; the same result gives the same text."""
        lines = [_markdown_table(self.table), "", *(f"- {k}: {_shown(v)}" for k, v in self.summary.items())]
        if self.notices:
            lines += [
                "",
                *(f"- {notice.code} ({notice.severity}): {notice.message}" for notice in self.notices),
            ]
        return "\n".join(lines)


def _markdown_table(frame: pd.DataFrame) -> str:
    rows = [[_shown(cell).replace("|", "\\|") for cell in row] for row in frame.itertuples(index=False)]
    lines = [[str(name) for name in frame.columns], *rows]
    text = ["| " + " | ".join(line) + " |" for line in lines]
    return "\n".join([text[0], "|" + "|".join("---" for _ in frame.columns) + "|", *text[1:]])


def _shown(value: object) -> str:
    """Return a cell as people read it: six digits, whole numbers without a point, missing as nothing."""
    if isinstance(value, float):
        return "" if math.isnan(value) else f"{value:,.6g}" if abs(value) < 1e15 else f"{value:.6g}"
    return str(value)
