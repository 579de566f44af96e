"""What a manager must know, in five sentences; every number in them stands in a table below."""

import math
from typing import TYPE_CHECKING

from sopsem.client.briefing import Briefing
from sopsem.report.client.document import Headline
from sopsem.report.client.driver_part import share_text
from sopsem.report.client.score_part import ONE, ordinal, too_few
from sopsem.report.digits import bounded, count, interval

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["summary"]


def summary(briefing: Briefing) -> tuple[Headline, ...]:
    """Return five headlines: who answered, where the client stands, the gap, the first lever, how sure all this is."""
    return (
        Headline(topic="Who answered", sentence=_who(briefing)),
        Headline(topic="Where you stand", sentence=_standing(briefing)),
        Headline(topic="Do both sides agree", sentence=_gap(briefing)),
        Headline(topic="What to work on", sentence=_lever(briefing)),
        Headline(topic="How sure this is", sentence=_sureness(briefing)),
    )


def _who(briefing: Briefing) -> str:
    client = briefing.client
    used = f"{count(client.used)} of {count(client.rows)} answers are used"
    verb = "is" if client.excluded == 1 else "are"
    left = f"; {count(client.excluded)} {verb} left out, for reasons listed under Data quality"
    made = f" These are {client.label}, not answers of real people." if "synthetic" in client.label else ""
    return f"{used}{left if client.excluded else ''}.{made}"


def _standing(briefing: Briefing) -> str:
    """Name the best and the weakest score by percentile, turned round where low is good."""
    frame = briefing.scores.dropna(subset=["mean", "percentile"])
    against = f"Against the benchmark of {count(briefing.benchmark.n)} respondents"
    made = f" ({briefing.benchmark.label})" if briefing.benchmark.label else ""
    if frame.empty:
        return "Too few people answered to show any score."
    good = frame["percentile"].where(frame["favourable"] == "high", 100.0 - frame["percentile"])
    best, worst = frame.loc[good.idxmax()], frame.loc[good.idxmin()]
    if best["construct"] == worst["construct"]:
        return f"{against}{made}, {_placed(best)}."
    return f"{against}{made}, the best result is {_placed(best)}; the weakest is {_placed(worst)}."


def _placed(row: "pd.Series[object]") -> str:
    low = " (lower is better)" if row["favourable"] == "low" else ""
    return f"{row['label']}{low} with {ONE(row['mean'])}, percentile {ordinal(float(row['percentile']))}"


def _gap(briefing: Briefing) -> str:
    frame = briefing.gaps
    if frame.empty:
        return briefing.gap_notes[0] if briefing.gap_notes else "Groups are not compared."
    first, second = (name for name, _ in briefing.groups)
    if frame["gap"].isna().all():
        return too_few(first, second)
    if frame["differs"].isna().all():
        return (
            f"{first} and {second} are too few for tests, so whether a gap is more than chance is not known."
        )
    sure = frame[frame["differs"].eq(True)]
    if sure.empty:
        return f"{first} and {second} cannot be told apart on any scale, allowing for the number of scales compared."
    row = sure.loc[sure["gap"].abs().idxmax()]
    more = "higher" if row["gap"] > 0.0 else "lower"
    others = "" if len(sure) == 1 else f"; {len(sure)} scales show a gap"
    limits = interval(row["lower"], row["upper"], ONE)
    return f"{first} rate {row['label']} {more} than {second}: gap {ONE(row['gap'])}, 95% interval {limits}{others}."


def _lever(briefing: Briefing) -> str:
    frame = briefing.drivers
    if frame.empty:
        return briefing.driver_notes[0] if briefing.driver_notes else "Drivers are not estimated."
    row = frame.loc[frame["importance"].abs().idxmax()]
    outcome, share = briefing.driver_facts["outcome"], float(row["first_share"])
    sure = (
        f"it is the first lever in {share_text(share)} of draws" if math.isfinite(share) else "order unknown"
    )
    where = "" if "client" in str(briefing.driver_facts["sample"]) else " among the benchmark's respondents"
    return (
        f"{row['label']} moves {outcome} most{where} (effect {bounded(2)(row['importance'])}); {sure}, so the order is "
        f"{_word(share)}."
    )


def _word(share: float) -> str:
    return "stable" if share >= 0.9 else "fairly stable" if share >= 0.7 else "not settled by these data"


def _sureness(briefing: Briefing) -> str:
    n = briefing.client.used
    if briefing.scores["lower"].isna().all():
        said = f"Too few people answered (n = {count(n)}) to say how exact the scores are"
    else:
        size = "wide, because few people answered" if n < 50 else "of moderate width" if n < 200 else "narrow"
        said = f"The intervals are {size} (n = {count(n)})"
    usual = (
        f"{said}; all answers are opinions given at one time, so effects are "
        "associations and no proof of cause."
    )
    return " ".join([usual, *briefing.contradictions])
