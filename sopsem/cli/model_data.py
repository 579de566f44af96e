"""What commands on a model are given: model text and data, or a survey with its instrument's model and words."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

from sopsem.cli.inputs import read_survey
from sopsem.cli.model_text import model_text
from sopsem.errors import UsageError
from sopsem.survey import load_instrument
from sopsem.survey.plain import read_numbers
from sopsem.survey.shipped import data_label

__all__ = ["DataOrNone", "ModelData", "ModelOrNone", "Stars", "SurveyInstead", "read_model_data"]

ModelOrNone = Annotated[Path | None, typer.Argument(help="Text file with a model in lavaan syntax.")]
DataOrNone = Annotated[Path | None, typer.Argument(help="CSV file of numbers with a header.")]
SurveyInstead = Annotated[
    str | None, typer.Option(help="Survey file instead of MODEL and DATA; the shipped twin by default.")
]
Stars = Annotated[bool, typer.Option("--stars", help="Mark p by stars.")]


@dataclass(frozen=True, kw_only=True)
class ModelData:
    """A model, its data, and the words of an instrument to print them with."""

    model: str
    rows: pd.DataFrame
    labels: dict[str, str] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    source_label: str = ""


def read_model_data(
    model: Path | None,
    data: Path | None,
    survey: str | None,
    name: str | None,
    columns: list[str] | None = None,
    sheet: str | None = None,
) -> ModelData:
    """Return what MODEL and DATA hold, or a survey with its instrument's model.

    Raises
    ------
    UsageError
        A model without data, both a model and a survey, or the columns or sheet of no survey.

    """
    if (model is None) != (data is None) or (model is not None and survey is not None):
        raise UsageError(
            "give MODEL and DATA, or --survey with --instrument, or none of them for the shipped twin"
        )
    if model is not None and (columns or sheet is not None):
        raise UsageError("--map and --sheet are for --survey; the columns of DATA have the model's names")
    instrument = None if name is None and model is not None else load_instrument(name or "sop_alignment")
    words = {} if instrument is None else {key: c.label for key, c in instrument.constructs.items()}
    texts = {} if instrument is None else {key: item.text for key, item in instrument.items.items()}
    if model is not None and data is not None:
        rows = read_numbers(data)
        return ModelData(
            model=model_text(model), rows=rows, labels=words, texts=texts, source_label=data_label(data)
        )
    read = read_survey(survey, name or "sop_alignment", columns, sheet)
    return ModelData(
        model=read.instrument.model,
        rows=read.responses.items,
        labels=words,
        texts=texts,
        source_label=read.label,
    )
