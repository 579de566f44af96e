"""Answers and a benchmark in, a briefing out: everything a client report says, in numbers."""

import platform
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from importlib.metadata import version

import numpy as np
import pandas as pd

from sopsem.client.benchmark import EVERYBODY, Norms
from sopsem.client.brief_levers import Levers, levers
from sopsem.client.brief_quality import comments_of, exclusion_counts, missing_by_item, screen_counts
from sopsem.client.briefing import Benchmark, Briefing, Client, Trace
from sopsem.client.contradiction import contradictions
from sopsem.client.gaps import PerceptionGaps, perception_gaps
from sopsem.client.operations.unit_views import UnitsAsked, unit_views
from sopsem.client.privacy.ledger import Ledger
from sopsem.client.privacy.released import ReleasedTable, published_groups
from sopsem.errors import DataError, PrivacyError, UsageError
from sopsem.runs.identity import digest
from sopsem.survey.instrument import Instrument
from sopsem.survey.messages import quote, suggestion
from sopsem.survey.responses import Responses
from sopsem.survey.screening.screening import Action, screen

__all__ = ["brief"]

GAPS = (
    "label",
    "mean_first",
    "mean_second",
    "gap",
    "lower",
    "upper",
    "differs",
    "minimum",
    "maximum",
    "alike",
)
MEANS, GAPS_BY, LEVERS, SCREENS, FIT = (
    "sopsem.client.privacy.released.published_groups",
    "sopsem.client.gaps.perception_gaps",
    "sopsem.client.drivers.drivers",
    "sopsem.survey.screening.screening.screen",
    "sopsem.sem.estimation.fit.fit",
)
FUNCTIONS = {
    "scores": MEANS,
    "gaps": GAPS_BY,
    "drivers": LEVERS,
    "screening": SCREENS,
    "exclusions": SCREENS,
    "missing": SCREENS,
    "reliability": "sopsem.sem.constructs.reliability.reliability",
    "method": FIT,
    "units": "sopsem.client.operations.unit_views.unit_views",
}
DEPARTMENT = "department"  # the question that tells sales from operations


def brief(
    responses: Responses,
    norms: Norms,
    *,
    name: str,
    label: str = "",
    by: str = DEPARTMENT,
    groups: tuple[str, str] = ("sales", "operations"),
    outcome: str | None = None,
    screens: Mapping[str, Action] | None = None,
    comments: str | None = None,
    units: UnitsAsked | None = None,
    ledger: Ledger | None = None,
    draws: int = 1000,
    seed: int = 1,
    executor: Executor | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Briefing:
    """Return all that a client is told, after screening, through the privacy door.

    Parameters
    ----------
    responses : Responses
        The client's answers, all rows.
    norms : Norms
        What they are compared with (`survey_norms`).
    name, label : str
        The client's name; what the data are, e.g. "synthetic data".
    by, groups
        The background question and two of its answers that are compared.
    outcome : str, optional
        What is to be moved; by default the model's last outcome.
    screens : mapping of screen to action, optional
        As in ``screen``; only those set to "exclude" leave rows out.
    comments : str, optional
        An open question whose answers are shown; none by default.
    units : UnitsAsked, optional
        The units whose operations were measured; their people's views go through the same privacy door.
    ledger : Ledger, optional
        What was published before.
    draws, seed, executor, progress
        Of the bootstrap behind the levers.

    Raises
    ------
    UsageError
        An unknown screen, action, open question or background question.
    PrivacyError
        Fewer than five comments; with a ledger, a report that with an earlier one would tell of too few people.
    DataError
        The screens leave nobody.

    Notes
    -----
    What cannot be computed (groups that are absent or too small, a model that cannot be fitted) is told as a
    sentence in its place; it does not stop the rest.

    Examples
    --------
    >>> from sopsem.client.benchmark import survey_norms
    >>> from sopsem.survey import load_instrument, read_responses
    >>> from sopsem.survey.shipped import find_survey
    >>> answers = read_responses(find_survey(), load_instrument())
    >>> told = brief(answers, survey_norms(answers, name="the same"), name="Acme", draws=20)
    >>> told.client.used, told.scores["label"].tolist()[0], len(told.drivers)
    (92, 'Organisational collaboration', 3)

    """
    screening = screen(responses, dict(screens or {}))
    kept = screening.apply()
    also = _question(kept, units)
    gaps, gap_notes = _gaps(kept, by, groups, tuple(q for q in also if q != by), ledger)
    told = published_groups(kept, also, ledger=ledger) if gaps is None else gaps.released
    found = levers(
        kept,
        norms.responses,
        _percent(told),
        outcome=outcome,
        draws=draws,
        seed=seed,
        executor=executor,
        progress=progress,
    )
    instrument = kept.instrument
    exclusions = exclusion_counts(kept)
    return Briefing(
        client=Client(
            name=name,
            label=label,
            subject=instrument.title,
            language=instrument.language,
            rows=len(kept) + int(exclusions["rows"].sum()),
            used=len(kept),
        ),
        benchmark=Benchmark(name=norms.name, label=norms.label, n=norms.n),
        scores=_scores(told, norms, instrument),
        gaps=_gap_frame(gaps, told),
        groups=_group_names(gaps, instrument),
        gap_notes=gap_notes,
        drivers=found.drivers,
        driver_facts=found.facts,
        driver_notes=() if len(found.drivers) else found.notes,
        screening=screen_counts(screening),
        exclusions=exclusions,
        missing=missing_by_item(screening),
        reliability=found.reliability,
        method=_method(kept, norms, found),
        model=instrument.model,
        comments=comments_of(kept, comments),
        contradictions=contradictions(kept),
        traces=_traces(
            kept,
            norms,
            found,
            f"{sorted(dict(screens or {}).items())} {by} {groups} {outcome} {draws} {seed}{_said(units)}",
        ),
        notes=(*told.notes, *(found.notes if len(found.drivers) else ())),
        views=None if units is None else unit_views(kept, told, units),
    )


def _question(kept: Responses, units: UnitsAsked | None) -> tuple[str, ...]:
    """Return the question that tells units apart, where its answers do."""
    if units is None or units.question not in kept.respondents.columns:
        return ()
    labels = kept.respondents[units.question]
    return (units.question,) if labels.notna().any() and len(set(labels)) > 1 else ()


def _said(units: UnitsAsked | None) -> str:
    """Return what was measured as a text, for the hash of what a briefing was made of."""
    if units is None:
        return ""
    return f" {units.question} {units.names} {units.outcomes.to_csv(index=False)} {units.reliability!r}"


def _gaps(
    kept: Responses, by: str, groups: tuple[str, str], also: tuple[str, ...], ledger: Ledger | None
) -> tuple[PerceptionGaps | None, tuple[str, ...]]:
    """Return the gaps, or why there are none; another question that the questionnaire does not have is a slip."""
    known = kept.instrument.background
    if by not in known and by != DEPARTMENT:
        raise UsageError(
            f"by: no background question {quote(by)}{suggestion(by, known)}; known: {', '.join(known) or 'none'}"
        )
    if by not in kept.respondents.columns:
        return None, (f"The survey does not ask for '{by}', so groups are not compared.",)
    try:
        found = perception_gaps(kept, by, groups, also=also, ledger=ledger)
    except (UsageError, PrivacyError, DataError) as error:
        return None, (f"Groups are not compared: {error}",)
    return found, _alike(found.frame)


def _alike(frame: pd.DataFrame) -> tuple[str, ...]:
    """Say whether the groups answer alike, which comes before any comparison of their means."""

    def named(state: bool | None) -> str:
        return ", ".join(str(r.label) for r in frame.itertuples() if r.comparable is state)

    differing, unchecked = named(state=False), named(state=None)
    if not (differing or unchecked):
        return (
            "Both groups answer the items alike (equal loadings and intercepts), so means can be compared.",
        )
    said = (
        f"The groups answer the items of {differing} differently: these gaps mix a difference of view with a "
        "difference of meaning."
        if differing
        else "",
        f"Whether the groups answer alike could not be tested for {unchecked}." if unchecked else "",
    )
    return tuple(filter(None, said))


def _scores(told: ReleasedTable, norms: Norms, instrument: Instrument) -> pd.DataFrame:
    own, theirs = told.of(EVERYBODY), norms.scores
    constructs = [name for name in own.index if name in theirs.index]
    own, theirs = own.loc[constructs], theirs.loc[constructs]
    parts = [instrument.constructs[name] for name in constructs]
    return pd.DataFrame(
        {
            "construct": constructs,
            "label": [part.label for part in parts],
            "n": own["n"].to_numpy(),
            "mean": own["mean"].to_numpy(),
            "lower": own["ci_lower"].to_numpy(),
            "upper": own["ci_upper"].to_numpy(),
            "benchmark_mean": theirs["mean"].to_numpy(),
            "benchmark_low": theirs["q25"].to_numpy(),
            "benchmark_high": theirs["q75"].to_numpy(),
            "percentile": [norms.percentile(each, float(own.loc[each, "mean"])) for each in constructs],
            "minimum": [told.ranges[each][0] for each in constructs],
            "maximum": [told.ranges[each][1] for each in constructs],
            "favourable": ["low" if part.higher_is == "worse" else "high" for part in parts],
        }
    )


def _gap_frame(gaps: PerceptionGaps | None, told: ReleasedTable) -> pd.DataFrame:
    if gaps is None:
        return pd.DataFrame(columns=list(GAPS))
    frame = gaps.frame
    limits = [told.ranges[name] for name in frame["construct"]]
    ends = pd.DataFrame(limits, columns=["minimum", "maximum"])
    renamed = frame.rename(columns={"ci_lower": "lower", "ci_upper": "upper"})
    return pd.concat([renamed, ends], axis=1)[list(GAPS)]


def _group_names(gaps: PerceptionGaps | None, instrument: Instrument) -> tuple[tuple[str, int], ...]:
    """Return the labels of the two groups and how many answered at most."""
    if gaps is None:
        return ()
    codes = instrument.background[gaps.by].codes
    sizes = [gaps.frame[name].max() for name in ("n_first", "n_second")]
    named = zip(gaps.groups, sizes, strict=True)
    return tuple((_short(codes.get(code, code)), 0 if np.isnan(size) else int(size)) for code, size in named)


def _short(label: str) -> str:
    """Return a label without what it lists after a comma: it stands above columns and in figures.

    >>> _short("Operations, incl. logistics")
    'Operations'
    """
    return label.partition(",")[0]


def _percent(told: ReleasedTable) -> dict[str, float]:
    """Return the client's scores on 0 to 100, from the rounded means: they tell nothing that these do not."""
    means = told.of(EVERYBODY)["mean"]
    ends = {str(name): told.ranges[str(name)] for name in means.index}
    return {name: 100.0 * (float(means[name]) - low) / (high - low) for name, (low, high) in ends.items()}


def _method(kept: Responses, norms: Norms, found: Levers) -> dict[str, object]:
    source = kept.source
    return {
        "client file": source.name,
        "SHA-256 of the file": source.sha256 or "a data frame",
        "SHA-256 of the answers": source.matrix_sha256,
        "benchmark": f"{norms.name}: {norms.n} respondents",
        "SHA-256 of the benchmark's answers": norms.inputs_sha256,
        "questionnaire": f"{kept.instrument.title} {kept.instrument.version}",
        **found.model_facts,
        "versions": {"python": platform.python_version()}
        | {name: version(name) for name in ("sopsem", "numpy", "scipy", "pandas")},
    }


def _traces(kept: Responses, norms: Norms, found: Levers, settings: str) -> dict[str, Trace]:
    """Return for every frame its function and the hash of the answers and settings it was given."""
    rows = np.asarray(kept.items.index, dtype=np.int64)
    own = digest(kept.source.matrix_sha256, rows, settings)
    both = digest(own, norms.inputs_sha256)
    sample = own if found.sample is kept else both
    inputs = {"scores": both, "drivers": sample, "reliability": sample, "method": sample}
    return {
        frame: Trace(function=function, inputs_sha256=inputs.get(frame, own))
        for frame, function in FUNCTIONS.items()
    }
