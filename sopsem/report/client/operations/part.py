"""The chapter on operations as text, tables and a figure: what people perceive beside what was measured."""

from typing import TYPE_CHECKING

from sopsem.client.operations.chapter import OperationsChapter
from sopsem.executive.bridge.congruence import APART
from sopsem.report.client.document import Exhibit, Headline, Part
from sopsem.report.client.drawings import drawn
from sopsem.report.client.operations.profile_chart import profile_chart
from sopsem.report.client.operations.quadrant_chart import quadrant_chart
from sopsem.report.digits import MISSING, bounded, count, decimals, interval, p_value
from sopsem.report.table import Table

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["joined_label", "operations_headline", "operations_part"]

ONE, WHOLE, TWO, P = decimals(1), decimals(0), bounded(2), p_value()
HEADING = "Perceived and measured alignment"
LIMITS = (
    "What people perceive and what records show are two views of the same units, and neither is the truth about the "
    "other. No correlation says which of the two moves the other."
)

PROFILE_NOTE = (
    "0 to 100: share of the scale, "
    "or of the way between the anchors that the policy calls bad and good; 100 is good on either side."
)
UNITS_NOTE = (
    "Measured: alignment index from 0 to 100, without margin and cash. Other weights: where 90% of the "
    "indices with other weights lie; units whose ranges overlap by more than half cannot be ranked. Gap: "
    "perceived minus measured, in standard deviations of these units; above 0 people are more confident "
    "than the records. Readings compare these units with each other: no unit is high or low by itself."
)
PAIRS_NOTE = (
    "r: Spearman's correlation, from the printed means; interval: bootstrap of units (BCa); p: permutation, "
    "corrected for the number of pairs (Holm). Corrected: Pearson's correlation divided by the root of both "
    "reliabilities; beyond 1 a reliability is estimated too low."
)
UNIT_PATHS_NOTE = (
    "Standard deviations of the outcome per standard deviation of perceived alignment, from the printed "
    "means of units; least squares, intervals and p by wild bootstrap. Difference: what the path loses "
    "when the outcome is measured, because nobody reports it."
)
PATHS_NOTE = (
    "Standardized, both outcomes in one model; standard errors are robust to people of one unit being "
    "alike, that of the difference by the delta method, intervals with units - 2 degrees of freedom. "
    "Difference: the size of common-source inflation."
)


def joined_label(answers: str, chapter: OperationsChapter) -> str:
    """Return what the data are where answers and records stand together; "" when both are real."""
    if not chapter.label or chapter.label == answers:
        return answers
    return f"{answers}; operations: {chapter.label}" if answers else f"operations: {chapter.label}"


def operations_part(chapter: OperationsChapter, source_label: str) -> Part:
    """Return the chapter: what its number of units allows, and in plain words what it does not."""
    content: list[str | Exhibit] = list(chapter.sentences)
    if len(chapter.profile):
        content += _profile(chapter, source_label)
    elif len(chapter.units):
        content += _units(chapter, source_label)
    if len(chapter.pairs):
        content.append(_exhibit("T11", _pairs(chapter, source_label), chapter))
    if len(chapter.unit_paths):
        content.append(_exhibit("T12", _unit_paths(chapter, source_label), chapter))
    if chapter.paths is not None:
        content += [_measured_sentence(chapter), _exhibit("T13", _paths(chapter, source_label), chapter)]
    return Part(anchor="operations", heading=HEADING, content=(*content, LIMITS))


def operations_headline(chapter: OperationsChapter) -> Headline:
    """Return the sentence of the summary: what the comparison found, or why there is none."""
    return Headline(topic="Do records agree", sentence=_headline(chapter))


def _headline(chapter: OperationsChapter) -> str:
    placed = chapter.units[chapter.units["quadrant"] != ""]
    if len(chapter.profile):
        return _weakest(chapter)
    if placed.empty:
        return chapter.sentences[0]
    confident, doubting = (int((placed["quadrant"] == name).sum()) for name in APART)
    said = (
        f"Beside each other, of {len(placed)} units {_counted(confident)} misaligned and confident, "
        f"{_counted(doubting)} aligned and doubt{'s' if doubting == 1 else ''} it."
    )
    if chapter.paths is None:
        return said
    difference = chapter.paths.paths.set_index("path").loc["difference"]
    limits = interval(difference["ci_lower"], difference["ci_upper"], TWO)
    word = "lower" if difference["est"] >= 0.0 else "higher"
    return (
        f"{said} The path to a measured outcome is {TWO(abs(difference['est']))} {word} than to the reported one "
        f"(95% interval of the difference {limits})."
    )


def _counted(n: int) -> str:
    return "none is" if n == 0 else "1 is" if n == 1 else f"{n} are"


def _weakest(chapter: OperationsChapter) -> str:
    known = chapter.profile[chapter.profile["side"] == "records"].dropna(subset=["score"])
    if known.empty:
        return "No component of alignment could be measured from the tables."
    worst = known.loc[known["score"].idxmin()]
    return (
        f"Of {len(known)} measured components, {worst['label']} is furthest from good ({WHOLE(worst['score'])} of "
        "100). With one unit, views and records are set side by side without a test."
    )


def _exhibit(name: str, table: Table, chapter: OperationsChapter) -> Exhibit:
    return Exhibit(id=name, content=table, trace=chapter.trace)


def _profile(chapter: OperationsChapter, source_label: str) -> list[str | Exhibit]:
    frame = chapter.profile
    rows = tuple(
        (
            str(r.label),
            str(r.side),
            ONE(r.value) if r.side == "people" else _value(float(r.value)),
            WHOLE(r.score),
            str(r.said),
        )
        for r in frame.itertuples()
    )
    table = Table(
        title="What people say and what records say",
        columns=("", "told by", "value", "0 to 100", "what it is"),
        rows=rows,
        alignment="llrrl",
        source_label=source_label,
        notes=(PROFILE_NOTE, _policy(chapter)),
    )
    alt = "From 0 to 100: " + "; ".join(f"{row[0]} ({row[1]}) {row[3]}" for row in rows)
    figure = drawn(lambda width: profile_chart(frame, width=width, source_label=source_label), alt)
    caption = "What people say and what records say, each from 0 to 100."
    return [
        Exhibit(id="F10", content=figure, trace=chapter.trace, caption=caption),
        _exhibit("T10", table, chapter),
    ]


def _value(value: float) -> str:
    return WHOLE(value) if abs(value) >= 100 else ONE(value) if abs(value) >= 10 else decimals(2)(value)


def _units(chapter: OperationsChapter, source_label: str) -> list[str | Exhibit]:
    frame = chapter.units
    rows = tuple(
        (
            str(r.unit),
            count(r.n),
            ONE(r.perceived),
            WHOLE(r.index),
            interval(r.low, r.high, WHOLE),
            ONE(r.gap),
            str(r.reason or r.quadrant or MISSING),
        )
        for r in frame.itertuples()
    )
    table = Table(
        title=f"{chapter.perceived_label}: perceived and measured by unit",
        columns=("", "answers", "perceived", "measured", "other weights", "gap", "reading"),
        rows=rows,
        alignment="lrrrcrl",
        source_label=source_label,
        notes=(
            f"Perceived: mean on a scale from {chapter.minimum:g} to {chapter.maximum:g}. {UNITS_NOTE}",
            _policy(chapter),
        ),
    )
    content: list[str | Exhibit] = []
    drawable = frame[frame["quadrant"] != ""]
    if len(drawable) >= 2:
        alt = "Measured and perceived alignment: " + "; ".join(
            f"{r.unit} {WHOLE(r.index)} and {ONE(r.perceived)}, {r.quadrant}" for r in drawable.itertuples()
        )
        figure = drawn(
            lambda width: quadrant_chart(
                drawable, perceived=chapter.perceived_label, width=width, source_label=source_label
            ),
            alt,
        )
        caption = (
            "What is measured (to the right) and perceived (up); dashed lines are the means of these units."
        )
        content.append(Exhibit(id="F10", content=figure, trace=chapter.trace, caption=caption))
    return [*content, _exhibit("T10", table, chapter)]


def _pairs(chapter: OperationsChapter, source_label: str) -> Table:
    return Table(
        title="What goes with what over units",
        columns=("perceived", "measured", "units", "r", "95% interval", "p", "corrected"),
        rows=tuple(
            (
                str(r.label),
                str(r.metric),
                count(r.n),
                TWO(r.spearman),
                interval(r.lower, r.upper, TWO),
                P(r.p_holm),
                TWO(r.corrected),
            )
            for r in chapter.pairs.itertuples()
        ),
        alignment="llrrcrr",
        source_label=source_label,
        notes=(
            PAIRS_NOTE,
            *chapter.notes,
        ),
    )


def _unit_paths(chapter: OperationsChapter, source_label: str) -> Table:
    return Table(
        title=f"{chapter.perceived_label} and outcomes over units: as reported, as measured",
        columns=(
            "outcome",
            "measured by",
            "reported",
            "measured",
            "difference",
            "95% interval",
            "p",
        ),
        rows=tuple(
            (
                str(r.label),
                str(r.metric),
                TWO(r.reported),
                TWO(r.measured),
                TWO(r.difference),
                interval(r.lower, r.upper, TWO),
                P(r.p),
            )
            for r in chapter.unit_paths.itertuples()
        ),
        alignment="llrrrcr",
        source_label=source_label,
        notes=(f"Over {_spread(chapter.unit_paths['n'])} units. {UNIT_PATHS_NOTE}",),
    )


def _policy(chapter: OperationsChapter) -> str:
    return f"Anchors and thresholds: policy {chapter.policy}."


def _spread(counts: "pd.Series[int]") -> str:
    low, high = int(counts.min()), int(counts.max())
    return f"{low}" if low == high else f"{low} to {high}"


def _measured_sentence(chapter: OperationsChapter) -> str:
    found = chapter.paths
    assert found is not None
    paths = found.paths.set_index("path")
    gap = paths.loc["difference"]
    sure = gap["ci_lower"] > 0.0 or gap["ci_upper"] < 0.0
    verdict = "more than chance" if sure else "not told from chance"
    return (
        f"With {found.units} units and {found.respondents} respondents the path from {chapter.perceived_label} to "
        f"performance is {TWO(paths.loc['reported', 'est'])} when the same people report it and "
        f"{TWO(paths.loc['measured', 'est'])} when the {chapter.outcome_label} of their unit is taken instead; the "
        f"difference of {TWO(gap['est'])} is {verdict}. The model is fitted to all respondents and tells of no unit."
    )


def _paths(chapter: OperationsChapter, source_label: str) -> Table:
    found = chapter.paths
    assert found is not None
    left = "; ".join(f"{reason}: {rows}" for reason, rows in found.excluded.items())
    return Table(
        title=f"The path to performance, reported and measured ({chapter.outcome_label})",
        columns=("", "path", "standard error", "95% interval", "p"),
        rows=tuple(
            (str(r.path), TWO(r.est), TWO(r.se), interval(r.ci_lower, r.ci_upper, TWO), P(r.pvalue))
            for r in found.paths.itertuples()
        ),
        alignment="lrrcr",
        source_label=source_label,
        notes=(
            PATHS_NOTE,
            *found.notes,
            *((f"Respondents left out: {left}.",) if left else ()),
        ),
    )
