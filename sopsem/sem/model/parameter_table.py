"""The parameter table: one row per parameter, free or fixed, with labels, starts and bounds.

The table is what every later step reads; model text is not looked at again.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from sopsem.sem.model.expressions import Expression

__all__ = ["Definition", "ModelSpec", "Parameter"]


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """One row of the parameter table: ``lhs op rhs``, free or fixed, with its label and start.

    ``freed`` marks ``NA*``: the user asked for a free parameter, so no automatic rule may fix it.
    """

    lhs: str
    op: str
    rhs: str
    group: int = 1
    user: bool = True
    free: bool = True
    freed: bool = False
    value: float = float("nan")
    start: float = float("nan")
    label: str = ""
    exo: bool = False
    lower: float = float("-inf")
    upper: float = float("inf")

    @property
    def name(self) -> str:
        """The label if there is one, else lhs, operator and rhs together, as in lavaan: from group 2 with ``.g2``."""
        return self.label or self.path()

    def path(self, group: int = 0) -> str:
        """Return lhs, operator and rhs together, with ``.g2`` from group 2 on; ``group`` 1 leaves that out."""
        place = group or self.group
        return f"{self.lhs}{self.op}{self.rhs}" + (f".g{place}" if place > 1 else "")


@dataclass(frozen=True, kw_only=True)
class Definition:
    """A defined parameter (``:=``) or a constraint (``== < >``) on labels."""

    lhs: str
    op: str
    rhs: str
    left: Expression
    right: Expression


@dataclass(frozen=True, kw_only=True)
class ModelSpec:
    """A model ready to meet data.

    Attributes
    ----------
    parameters : tuple of Parameter
        Every row of the table, fixed ones included, in lavaan's order.
    definitions, constraints : tuple of Definition
        ``:=`` rows, and ``== < >`` rows.
    observed, latent : tuple of str
        Variables of the model in table order.
    exogenous : tuple of str
        Observed variables that only predict, fixed or random.
    meanstructure : bool
        Whether intercepts are part of the model.
    notes : tuple of str
        What the automatic rules did that a reader should know.
    groups : tuple of str
        Labels of the groups, in the order of ``Parameter.group`` (from 1); one empty label for one group.
    ordered : tuple of str
        Observed variables with thresholds, in table order: their rows describe a latent response.
    parameterization : str
        ``delta``: scales (``~*~``) are parameters and residual variances of latent responses follow from them;
        ``theta``: the other way round.
    conditional_x : bool
        Whether the moments analysed are those given the exogenous variables.
    auxiliary : tuple of str
        Observed variables that inform missing values and restrict nothing.

    """

    parameters: tuple[Parameter, ...]
    definitions: tuple[Definition, ...]
    constraints: tuple[Definition, ...]
    observed: tuple[str, ...]
    latent: tuple[str, ...]
    exogenous: tuple[str, ...]
    meanstructure: bool
    text: str
    notes: tuple[str, ...] = ()
    groups: tuple[str, ...] = ("",)
    ordered: tuple[str, ...] = ()
    parameterization: str = "delta"
    conditional_x: bool = False
    auxiliary: tuple[str, ...] = ()

    def __iter__(self) -> Iterator[Parameter]:
        """Iterate over the parameter rows."""
        return iter(self.parameters)

    @property
    def n_groups(self) -> int:
        """Number of groups."""
        return len(self.groups)

    @property
    def composites(self) -> tuple[str, ...]:
        """Variables made of their components (``<~``), in table order; they are in ``latent`` too."""
        return tuple(dict.fromkeys(p.lhs for p in self.parameters if p.op == "<~"))

    def rows_of(self, group: int) -> tuple[int, ...]:
        """Return the positions in the table of the rows of one group (from 1)."""
        if self.n_groups == 1:  # the table of a later group alone keeps its number
            return tuple(range(len(self.parameters)))
        return tuple(i for i, p in enumerate(self.parameters) if p.group == group)

    def of_group(self, group: int) -> "ModelSpec":
        """Return the table of one group (from 1) alone, without definitions and constraints across groups."""
        if self.n_groups == 1:
            return self
        own = tuple(self.parameters[i] for i in self.rows_of(group))
        return replace(
            self, parameters=own, definitions=(), constraints=(), groups=(self.groups[group - 1],), notes=()
        )

    def table(self) -> pd.DataFrame:
        """Return the table: lhs op rhs user group free (index from 1; 0 is fixed) ustart exo label."""
        count = 0
        rows = []
        for p in self.parameters:
            count += p.free
            given = p.value if not p.free else p.start
            # as in lavaan, slopes of given variables are marked exo where moments are conditional on them
            exo = p.exo or (self.conditional_x and p.op == "~" and p.rhs in self.exogenous)
            rows.append(
                (p.lhs, p.op, p.rhs, int(p.user), p.group, count if p.free else 0, given, int(exo), p.label)
            )
        rows += [
            (d.lhs, d.op, d.rhs, 1, 0, 0, np.nan, 0, d.lhs if d.op == ":=" else "")
            for d in (*self.definitions, *self.constraints)
        ]
        columns = ["lhs", "op", "rhs", "user", "group", "free", "ustart", "exo", "label"]
        return pd.DataFrame(rows, columns=columns)

    def find(self, lhs: str, op: str, rhs: str, *, group: int | None = None) -> Parameter | None:
        """Return the row ``lhs op rhs`` (either order for ``~~``) of a group, by default the first, or None."""
        for p in self.parameters:
            if (
                (group is None or p.group == group)
                and p.op == op
                and ((p.lhs, p.rhs) == (lhs, rhs) or (op == "~~" and (p.rhs, p.lhs) == (lhs, rhs)))
            ):
                return p
        return None
