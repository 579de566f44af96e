"""E43: the survey set beside the measures of the same units, as far as the number of units allows."""

import hashlib
import math
from collections.abc import Mapping, Sequence

import pandas as pd

from sopsem.executive.alignment.index import COMPONENTS, alignment_index
from sopsem.executive.bridge.answers import Answers, read_answers
from sopsem.executive.bridge.comparison import Linked, lag_table, pair_table, path_table, surface_table
from sopsem.executive.bridge.congruence import gaps
from sopsem.executive.bridge.floors import LIMITS, Floors, floors_of
from sopsem.executive.bridge.measured import MeasuredUnits
from sopsem.executive.bridge.measures import Measures, read_measures
from sopsem.executive.bridge.pairing import Pair, congruence_pair, metric_label, pairs_of
from sopsem.executive.bridge.perception import agreement_table, role_table, shared_means
from sopsem.executive.bridge.result import Bridge
from sopsem.executive.notices import Notice, fault, quote, refusal, warning
from sopsem.executive.result import Provenance
from sopsem.executive.schema.policy import DEFAULT_POLICY, Policy

__all__ = ["link_survey"]

SOURCE = "James, Demaree & Wolf 1984; Bliese 2000; Edwards & Parry 1993"


def link_survey(
    survey: pd.DataFrame,
    ops: pd.DataFrame | MeasuredUnits,
    *,
    categories: int | Mapping[str, int],
    by: str = "unit",
    role: str = "role",
    constructs: Mapping[str, Sequence[str]] | None = None,
    at: str | None = None,
    seed: int | None = None,
    policy: Policy = DEFAULT_POLICY,
) -> Bridge:
    """Return perceived beside measured alignment by unit; what few units do not allow is not given, and that is said.

    Perceptions are averaged by unit only where they are shared (r_wg(J), ICC(2)).  One unit with both: the profile.
    From 2: z-scored gap and quadrant.  From 8: Spearman and Pearson with permutation p (Holm over the pairs), BCa
    interval and correction for unreliability, and the unit-level path by least squares with a wild bootstrap.  From
    30: response surface.  No direction is inferred.

    Parameters
    ----------
    survey : DataFrame
        A row per respondent: ``by``, ``role`` and the items of each construct, scored 1 to ``categories``
        and turned the way of their construct.
    ops : DataFrame or MeasuredUnits
        ``by`` and metrics, a row per unit (or per unit and ``period``), or what ``measure_units`` found.
    categories : int or mapping of str to int
        Response categories of the items; never guessed, for agreement is judged by it.
    by : str
        Column of the unit in both.
    role : str
        Column of the respondent's function in the survey, which may be absent.
    constructs : mapping of str to sequence of str, optional
        Items of each construct; by default the columns named after it (``alignment1`` ...).
    at : str, optional
        The survey's period, where ``ops`` has periods: measures of the three periods before and after it.
    seed : int, optional
        Of permutations and draws; the policy's by default.
    policy : Policy
        ``[bridge]``: pairs, floors, roles; ``[index]``: anchors of the profile.

    Returns
    -------
    Bridge

    Raises
    ------
    DataError
        As in ``read_answers`` and ``read_measures``; T05: no unit is in both; T02: no item of any construct; T08:
        ``at`` is not what the units were measured for.
    PolicyError
        Pairs that cannot be read.

    Examples
    --------
    >>> people = pd.DataFrame({"unit": ["A"] * 5 + ["B"] * 5, "alignment": [6, 6, 5, 6, 6, 3, 3, 2, 3, 3]})
    >>> found = link_survey(people, pd.DataFrame({"unit": ["A", "B"], "index_s": [45, 70]}), categories=7)
    >>> found.units[["unit", "quadrant"]].values.tolist()
    [['A', 'misaligned and confident'], ['B', 'aligned and doubt it']]
    >>> print(found.floors[0])
    2 units have both: the congruence table only; below 8 units no correlation and no p-value is given.

    """
    pairs, shown = pairs_of(policy), congruence_pair(policy)
    answers = read_answers(
        survey,
        dict.fromkeys(pair.construct for pair in (shown, *pairs)),
        by=by,
        role=role,
        categories=categories,
        constructs=constructs,
    )
    metrics = list(dict.fromkeys([*(pair.metric for pair in (shown, *pairs)), *COMPONENTS, "index"]))
    measures, reasons = _measures(ops, metrics, by, at)
    _require_common(answers, measures, by)
    chosen = int(policy["general"]["seed"] if seed is None else seed)
    agreement = agreement_table(answers, policy)
    linked = Linked(
        perceived=shared_means(answers, agreement, policy),
        measures=measures,
        agreement=agreement.set_index("construct"),
        why_not=reasons,
        policy=policy,
        seed=chosen,
    )
    floors = floors_of(len(linked.common), policy)
    units = _unit_table(answers, linked, shown)
    table, roles = pair_table(linked, pairs), role_table(answers, policy, chosen)
    return Bridge(
        table=units,
        pairs=table,
        agreement=agreement,
        roles=roles,
        profile=_profile(answers, linked),
        lags=lag_table(linked, pairs),
        paths=path_table(linked, pairs, shown),
        surface=surface_table(linked, pairs, units) if floors.surface else pd.DataFrame(),
        floors=_sentences(floors, agreement, units, roles, policy),
        summary=_summary(answers, linked, floors, table, shown),
        notices=_notices(answers, measures, linked, ops),
        excluded=_excluded(answers, ops),
        provenance=Provenance(
            formula="E43", source=SOURCE, policy=policy.digest, inputs=_digest(answers, measures)
        ),
    )


def _measures(
    ops: pd.DataFrame | MeasuredUnits, metrics: list[str], by: str, at: str | None
) -> tuple[Measures, dict[str, str]]:
    """Return the metrics and, where it is known, why some are not."""
    if isinstance(ops, MeasuredUnits):
        if at is not None and at != ops.summary["at"]:
            message = f"measured without windows around {quote(at)}; give measure_units(tables, at={at!r})"
            raise refusal([fault("T08", message, table="ops")])
        first = ops.reasons.drop_duplicates("metric")
        return ops.measures, dict(zip(first["metric"], first["reason"], strict=True))
    return read_measures(ops, metrics, by=by, at=at), {}


def _require_common(answers: Answers, measures: Measures, by: str) -> None:
    if not answers.items:
        message = "no item of any construct of the policy's pairs; name the columns of each: constructs="
        raise refusal([fault("T02", message, table="survey")])
    ours, theirs = sorted(set(answers.frame["unit"])), sorted(measures.units.index)
    if not set(ours) & set(theirs):
        shown = f"the survey has {', '.join(ours[:5]) or 'none'}; the measures have {', '.join(theirs[:5])}"
        raise refusal([fault("T05", f"no {by} is in both: {shown}", table="survey", column=by)])


def _unit_table(answers: Answers, linked: Linked, shown: Pair) -> pd.DataFrame:
    """Return every unit of either side; a unit that lacks something says what."""
    named = sorted(set(answers.frame["unit"]) | set(linked.measures.units.index))
    perceived = linked.perception(shown.construct).reindex(named)
    measured = linked.metric(shown.metric).reindex(named)
    counts = answers.frame.groupby("unit").size().reindex(named, fill_value=0)
    placed = gaps(perceived, shown.sign * measured)
    reason = [linked.lacking(unit, shown, int(counts[unit])) for unit in named]
    frame = pd.DataFrame({"respondents": counts, "perceived": perceived, "measured": measured})
    frame = pd.concat([frame, placed], axis=1).assign(reason=reason)
    return frame.rename_axis("unit").reset_index()


def _profile(answers: Answers, linked: Linked) -> pd.DataFrame:
    """Return what each unit perceives and what is measured of it, each as a share of its scale where it has one."""
    rows = []
    for unit in linked.common:
        for construct in linked.perceived:
            value = float(linked.perceived.loc[unit, construct])
            most = answers.categories[str(construct)]
            score = 100 * (value - 1) / (most - 1)
            rows.append((unit, "perceived", construct, construct, value, score))
        own = {str(k): float(v) for k, v in linked.measures.units.loc[unit].items()}
        components = {name: own.get(name, math.nan) for name in COMPONENTS}
        scored = alignment_index(components, linked.policy).table.set_index("component")["score"]
        scores = {**scored, **{name: own.get(name, math.nan) for name in ("index", "index_s")}}
        for name, value in own.items():
            if not math.isnan(value):
                rows.append((unit, "measured", name, metric_label(name), value, scores.get(name, math.nan)))
    return pd.DataFrame(rows, columns=["unit", "side", "what", "label", "value", "score"])


def _sentences(
    floors: Floors, agreement: pd.DataFrame, units: pd.DataFrame, roles: pd.DataFrame, policy: Policy
) -> tuple[str, ...]:
    said = [floors.sentence]
    if floors.congruence and (units["quadrant"] != "").any():
        said.append(
            "Gaps and quadrants compare these units with each other; no unit is high or low by itself."
        )
    said += [f"{row.construct}: {row.reason}." for row in agreement.itertuples() if not row.shared]
    if len(units) and int(agreement["units"].max()) == 1:
        said.append("One unit answered: there is no ICC; agreement within it decides alone.")
    least = policy["bridge"]["min_respondents"]
    few = units.loc[units["respondents"].between(1, least - 1), "unit"]
    if len(few):
        said.append(f"{', '.join(few)}: fewer than {least} respondents; what they perceive is not shown.")
    if roles.empty:
        said.append(
            f"No gap by function: the roles {' and '.join(policy['bridge']['roles'])} are not both there."
        )
    return (*said, *LIMITS)


def _summary(
    answers: Answers, linked: Linked, floors: Floors, pairs: pd.DataFrame, shown: Pair
) -> dict[str, object]:
    own = pairs[(pairs["construct"] == shown.construct) & (pairs["metric"] == shown.metric)]
    names = ("spearman", "spearman_p", "pearson", "pearson_p", "corrected")
    found = {n: float(own[n].iloc[0]) if len(own) else math.nan for n in names}
    shared = linked.agreement["shared"].get(shown.construct, False)
    return {
        "units": floors.units,
        "respondents": len(answers.frame),
        "respondents_given": answers.given,
        "construct": shown.construct,
        "metric": shown.metric,
        "shared": bool(shared),
        **found,
        "pairs_known": int((pairs["reason"] == "").sum()),
        "pairs": len(pairs),
        "seed": linked.seed,
    }


def _notices(
    answers: Answers, measures: Measures, linked: Linked, ops: pd.DataFrame | MeasuredUnits
) -> list[Notice]:
    notices = list(ops.notices) if isinstance(ops, MeasuredUnits) else []
    ours, theirs = set(answers.frame["unit"]), set(measures.units.index)
    for only, where in ((ours - theirs, "the survey"), (theirs - ours, "the measures")):
        if only:
            notices.append(warning("T05", f"only in {where}: {', '.join(sorted(only))}", table="survey"))
    if linked.measures.halves is None:
        message = "no halves of the measures: their reliability is not known, nothing is corrected for it"
        notices.append(warning("T36", message))
    return notices


def _excluded(answers: Answers, ops: pd.DataFrame | MeasuredUnits) -> pd.DataFrame:
    """Return the rows left out of the survey, then those of the tables."""
    left = [answers.excluded, ops.excluded if isinstance(ops, MeasuredUnits) else answers.excluded.iloc[:0]]
    kept = [frame for frame in left if len(frame)]
    return pd.concat(kept, ignore_index=True) if kept else answers.excluded


def _digest(answers: Answers, measures: Measures) -> str:
    text = answers.frame.to_csv(index=False) + measures.units.to_csv()
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:16]
