"""What stands on the printed questionnaire, as plain data: grids of items, choices, lines to write on."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from sopsem.report.questionnaire.words import Words, is_right_to_left, words_for
from sopsem.survey.questionnaire import Instrument

__all__ = ["Grid", "Option", "Paper", "Question", "questionnaire_paper"]

MOST_COLUMNS = 11  # a scale with more answers is a line to write a number on


@dataclass(frozen=True, kw_only=True)
class Option:
    """An answer to tick; ``apart`` ones say why there is no answer."""

    label: str
    apart: bool = False


@dataclass(frozen=True, kw_only=True)
class Question:
    """A numbered question; without options the answer is written on a line.  ``mark`` is for the makers only."""

    number: int
    text: str
    heading: str = ""
    options: tuple[Option, ...] = ()
    mark: str = ""


@dataclass(frozen=True, kw_only=True)
class Grid:
    """Questions that share their answers, under the scale's own sentence."""

    stem: str
    options: tuple[Option, ...]
    questions: tuple[Question, ...]


@dataclass(frozen=True, kw_only=True)
class Paper:
    """The whole questionnaire in order."""

    title: str
    version: str
    language: str
    right_to_left: bool
    instruction: str
    words: Words
    grids: tuple[Grid, ...]
    background: tuple[Question, ...]


def questionnaire_paper(instrument: Instrument, *, optional: bool = True, annotated: bool = False) -> Paper:
    """Return what stands on the printed questionnaire.

    Items stand in their order; neighbours with one scale form a grid.  Reasons for no answer that have a code,
    such as "don't know", are offered beside the scale.  What the survey tool fills in is not printed.

    Parameters
    ----------
    instrument : Instrument
    optional : bool
        Also the optional items.
    annotated : bool
        For the makers: names, constructs, reverse marks and codes.  Never for respondents.

    Examples
    --------
    >>> from sopsem.survey import load_instrument
    >>> paper = questionnaire_paper(load_instrument(), optional=False)
    >>> [(len(grid.questions), len(grid.options)) for grid in paper.grids]
    [(12, 8), (3, 8), (3, 8)]
    >>> paper.grids[0].options[-1]
    Option(label="don't know", apart=True)

    """
    words = words_for(instrument.language)
    names = [name for name, item in instrument.items.items() if optional or not item.optional]
    grids = tuple(_grids(instrument, names, annotated=annotated))
    asked = [n for n, question in instrument.background.items() if question.asked and not question.unique]
    return Paper(
        title=instrument.title,
        version=instrument.version,
        language=instrument.language,
        right_to_left=is_right_to_left(instrument.language),
        instruction=instrument.instruction.strip(),
        words=words,
        grids=grids,
        background=tuple(
            _background(instrument, name, number, words, annotated=annotated)
            for number, name in enumerate(asked, start=len(names) + 1)
        ),
    )


def _grids(instrument: Instrument, names: list[str], *, annotated: bool) -> Iterator[Grid]:
    number = 0
    for scale, run in groupby(names, key=lambda name: instrument.items[name].scale):
        members = list(run)
        questions = tuple(
            Question(
                number=number + place,
                text=instrument.items[name].text,
                mark=_item_mark(instrument, name) if annotated else "",
            )
            for place, name in enumerate(members, start=1)
        )
        number += len(members)
        options = _options(instrument, scale, annotated=annotated)
        yield Grid(stem=_stem(instrument, scale), options=options, questions=questions)


def _options(instrument: Instrument, scale: str, *, annotated: bool) -> tuple[Option, ...]:
    codes = instrument.scales[scale].codes
    if not 0 < len(codes) <= MOST_COLUMNS:
        return ()
    given = [Option(label=_coded(codes[code], str(code), annotated=annotated)) for code in sorted(codes)]
    apart = [
        Option(label=_coded(reason, code, annotated=annotated), apart=True)
        for code, reason in instrument.missing.items()
        if code
    ]
    return (*given, *apart)


def _stem(instrument: Instrument, name: str) -> str:
    """Return the scale's sentence, with its ends where the answers are too many for columns."""
    scale = instrument.scales[name]
    if len(scale.codes) <= MOST_COLUMNS:
        return scale.stem
    low, high = scale.anchors
    return f"{scale.stem} {scale.minimum} = {low}, {scale.maximum} = {high}".strip()


def _coded(label: str, code: str, *, annotated: bool) -> str:
    return f"{label} [{code}]" if annotated else label


def _item_mark(instrument: Instrument, name: str) -> str:
    item = instrument.items[name]
    parts = [
        name,
        item.factor,
        *(["reversed"] if item.reverse else []),
        *(["optional"] if item.optional else []),
    ]
    return ", ".join([*parts, *([f"right answer {item.expected}"] if item.expected is not None else [])])


def _background(instrument: Instrument, name: str, number: int, words: Words, *, annotated: bool) -> Question:
    question = instrument.background[name]
    return Question(
        number=number,
        text=question.text,
        heading=words.headings.get(name, ""),
        options=tuple(
            Option(label=_coded(label, code, annotated=annotated)) for code, label in question.codes.items()
        ),
        mark=name if annotated else "",
    )
