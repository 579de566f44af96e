"""The options that say how a model is fitted, shared by ``fit``, ``invariance`` and ``export``."""

from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import pandas as pd
import typer

__all__ = [
    "Auxiliary",
    "Cluster",
    "DataFile",
    "Estimator",
    "Group",
    "GroupEqual",
    "GroupLabel",
    "GroupPartial",
    "Growth",
    "MeanStructure",
    "Mimic",
    "Missing",
    "ModelFile",
    "Ordered",
    "Parameterization",
    "StandardErrors",
    "StdLv",
    "Test",
    "listed",
    "ordered_option",
    "with_plain_labels",
]

ModelFile = Annotated[Path, typer.Argument(help="Text file with a model in lavaan syntax.")]
DataFile = Annotated[Path, typer.Argument(help="CSV file of numbers with a header; empty cells are missing.")]
Group = Annotated[str | None, typer.Option(help="Column of groups that are fitted together.")]
GroupLabel = Annotated[str, typer.Option(help="The groups to use, in this order, e.g. a,b.")]
GroupEqual = Annotated[
    str, typer.Option(help="Kinds of parameters equal over groups, e.g. loadings,intercepts.")
]
GroupPartial = Annotated[str, typer.Option(help="Parameters left free all the same, e.g. x3~1,f=~x2.")]
Estimator = Annotated[str | None, typer.Option(help="ML, MLR, MLM, GLS, ULS, WLS, WLSMV, ...")]
StandardErrors = Annotated[
    str | None, typer.Option("--se", help="standard, robust_sem, robust_huber_white, none, ...")
]
Test = Annotated[
    str | None, typer.Option(help="standard, satorra_bentler, yuan_bentler, scaled_shifted, ...")
]
Missing = Annotated[
    str | None, typer.Option(help="listwise, ml (FIML), ml_x, two_stage, robust_two_stage, pairwise.")
]
Auxiliary = Annotated[
    str, typer.Option(help="Columns outside the model that help to recover missing values, e.g. a,b.")
]
Ordered = Annotated[str, typer.Option(help="Ordered variables, e.g. a,b, or all.")]
Parameterization = Annotated[
    Literal["delta", "theta"] | None, typer.Option(help="Of ordered variables: scales or residual variances.")
]
Cluster = Annotated[str | None, typer.Option(help="Column of clusters: robust standard errors and test.")]
Mimic = Annotated[Literal["amos", "mplus"] | None, typer.Option(help="Program to follow.")]
StdLv = Annotated[bool, typer.Option("--std-lv", help="Scale factors by variance 1.")]

MeanStructure = Annotated[bool, typer.Option(help="Estimate intercepts.")]
Growth = Annotated[bool, typer.Option(help="Defaults of growth models: intercepts 0, factor means free.")]


def listed(text: str) -> tuple[str, ...]:
    """Return the names in a list with commas.

    >>> listed("loadings, intercepts")
    ('loadings', 'intercepts')
    """
    return tuple(part.strip() for part in text.split(",") if part.strip())


def ordered_option(text: str) -> bool | tuple[str, ...]:
    """Return what ``fit`` takes for ordered variables: all, some by name, or none.

    >>> ordered_option("all"), ordered_option("a,b"), ordered_option("")
    (True, ('a', 'b'), ())
    """
    return True if text.strip() == "all" else listed(text)


def with_plain_labels(data: pd.DataFrame, *columns: str | None) -> pd.DataFrame:
    """Return the data with whole numbers in some columns written as such: group 1, not 1.0.

    >>> with_plain_labels(pd.DataFrame({"g": [1.0, 2.0]}), "g")["g"].tolist()
    [1, 2]
    """
    changed: dict[str, Any] = {}
    for name in columns:
        if name in data.columns and pd.api.types.is_float_dtype(data[name]):
            values = data[name].to_numpy()
            if np.isfinite(values).all() and (values == np.round(values)).all():
                changed[str(name)] = values.astype(np.int64)
    return data.assign(**changed)
