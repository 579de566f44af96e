"""A survey beside the tables of its units: a plain table of answers, or one read through its questionnaire."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

from sopsem.cli.provenance import note_frame
from sopsem.errors import UsageError
from sopsem.executive.bridge import Bridge, link_survey, measure_units
from sopsem.executive.bridge.pairing import congruence_pair, pairs_of
from sopsem.executive.schema.tables import Tables
from sopsem.survey import Instrument, load_instrument, read_responses
from sopsem.survey.messages import quote
from sopsem.survey.plain import read_numbers

__all__ = [
    "BridgeSurvey",
    "Categories",
    "Questionnaire",
    "UnitColumn",
    "construct_columns",
    "linked",
    "read_bridge_survey",
]

Categories = Annotated[
    int | None, typer.Option(min=2, help="How many answers an item of the survey allows: 7 for 1 to 7.")
]
Questionnaire = Annotated[
    str | None, typer.Option("--instrument", help="Questionnaire of the survey instead of --categories.")
]
UnitColumn = Annotated[str, typer.Option("--by", help="Column of the survey with the unit.")]


@dataclass(frozen=True, kw_only=True)
class BridgeSurvey:
    """Answers from 1 up, the items of each construct (none where their names say it), the response categories."""

    answers: pd.DataFrame
    constructs: dict[str, list[str]]
    categories: int | dict[str, int]


def read_bridge_survey(
    path: Path, instrument: str | None, categories: int | None, *, keep: Sequence[str], wanted: Iterable[str]
) -> BridgeSurvey:
    """Read a survey of any kind of file, with the columns ``keep``.

    With a questionnaire its reversed items are turned, and a construct that is wanted is the questionnaire's of that
    name, or of the name it begins with: ``internal_performance`` is ``internal``.

    Raises
    ------
    UsageError
        Neither a questionnaire nor the number of categories, or both.

    """
    if (instrument is None) == (categories is None):
        raise UsageError("give --categories, how many answers an item allows, or --instrument, which says it")
    plain = note_frame("survey", read_numbers(path))
    if categories is not None:
        return BridgeSurvey(answers=plain, constructs={}, categories=categories)
    questions = load_instrument(str(instrument))
    items = read_responses(path, questions, duplicate_ids="keep", constant_items="keep").items
    found = _items_of(questions, wanted)
    scales = {name: questions.scale_of(own[0]) for name, own in found.items()}
    for name, own in found.items():
        items[own] = items[own] - (scales[name].minimum - 1)
    kept = plain[[name for name in dict.fromkeys(keep) if name in plain]]
    return BridgeSurvey(
        answers=pd.concat([kept, items.reset_index(drop=True)], axis=1),
        constructs=found,
        categories={name: scale.maximum - scale.minimum + 1 for name, scale in scales.items()},
    )


def linked(
    tables: Tables,
    survey: Path,
    *,
    categories: int | None,
    instrument: str | None,
    by: str,
    role: str = "role",
    constructs: Sequence[str] | None = None,
    at: str | None = None,
    halves: bool = True,
    seed: int | None = None,
) -> Bridge:
    """Return what people perceive beside what the tables of their units say; see ``sopsem ops bridge``."""
    policy = tables.policy
    wanted = [pair.construct for pair in (congruence_pair(policy), *pairs_of(policy))]
    given = read_bridge_survey(survey, instrument, categories, keep=(by, role), wanted=wanted)
    return link_survey(
        given.answers,
        measure_units(tables, halves=halves, at=at),
        categories=given.categories,
        by=by,
        role=role,
        constructs={**given.constructs, **construct_columns(constructs)},
        seed=seed,
        policy=policy,
    )


def _items_of(questions: Instrument, wanted: Iterable[str]) -> dict[str, list[str]]:
    """Return the required items of every construct that is wanted and that the questionnaire has."""
    found = {}
    for name in dict.fromkeys(wanted):
        named = [k for k in questions.constructs if name == k or name.startswith(f"{k}_")]
        items = [i for k in named[:1] for i in questions.items_of(k) if i in questions.item_ids]
        if items:
            found[name] = items
    return found


def construct_columns(given: Sequence[str] | None) -> dict[str, list[str]]:
    """Return the columns of each construct from NAME=COLUMN,COLUMN.

    >>> construct_columns(["alignment=a1,a2"])
    {'alignment': ['a1', 'a2']}
    """
    found: dict[str, list[str]] = {}
    for text in given or ():
        name, _, columns = text.partition("=")
        names = [column.strip() for column in columns.split(",") if column.strip()]
        if not name.strip() or not names or name.strip() in found:
            raise UsageError(f"--construct {quote(text)}: give each construct once as NAME=COLUMN,COLUMN")
        found[name.strip()] = names
    return found
