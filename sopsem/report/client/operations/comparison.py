"""Perceptions that were released, set beside the records by the rules of the bridge (E43)."""

import math

import numpy as np
import pandas as pd

from sopsem.client.briefing import Briefing, Trace
from sopsem.client.operations.chapter import OperationsChapter
from sopsem.client.operations.unit_views import UnitViews
from sopsem.executive.bridge.comparison import Linked, pair_table, path_table
from sopsem.executive.bridge.congruence import gaps
from sopsem.executive.bridge.pairing import NOT_COMPUTED, congruence_pair, metric_label, pairs_of
from sopsem.executive.schema.policy import Policy
from sopsem.report.client.operations.records import Records
from sopsem.runs.identity import digest

__all__ = ["operations_chapter"]

UNITS = ("unit", "n", "perceived", "index", "low", "high", "gap", "quadrant", "reason")
PAIRS = ("label", "metric", "n", "spearman", "lower", "upper", "p_holm", "corrected")
PATHS = ("label", "metric", "n", "reported", "measured", "difference", "lower", "upper", "p")
SHORT = {"index_s": "alignment index", "otif_requested": "on time in full", "roce": "return on capital"}
PROFILE = ("side", "label", "value", "score", "said")


def operations_chapter(briefing: Briefing, records: Records) -> OperationsChapter:
    """Return what may be said with so many units, from released means only.

    One unit: its profile.  From 2: gap and quadrant.  From 8 (``min_units`` of the policy): correlations and paths
    over units.  From 30: the model with a measured outcome, which the briefing holds.

    Parameters
    ----------
    briefing : Briefing
        Made with ``units=records.asked(...)``.
    records : Records

    """
    views = briefing.views
    assert views is not None
    linked, names = _linked(views, records), _names(views, records.policy)
    shared = str(linked.agreement["reason"].get(congruence_pair(records.policy).construct, ""))
    units = _units(views, records, shared)
    profile = _profile(views, records, units)
    # a profile is of components: one unit needs no index to have both sides
    both = 1 if len(profile) else int((units["perceived"].notna() & units["index"].notna()).sum())
    enough = both >= records.policy["bridge"]["min_units"]
    scale = views.scales.loc[views.predictor] if views.predictor in views.scales.index else None
    inputs = digest(briefing.traces["units"].inputs_sha256, records.measured.provenance.inputs)
    pairs = _pairs(linked, names, views) if enough else pd.DataFrame(columns=list(PAIRS))
    return OperationsChapter(
        label=records.label,
        perceived_label=views.predictor if scale is None else str(scale["label"]),
        outcome_label=views.outcome_label,
        policy=records.policy.digest,
        minimum=math.nan if scale is None else float(scale["minimum"]),
        maximum=math.nan if scale is None else float(scale["maximum"]),
        units=units,
        profile=profile,
        pairs=pairs,
        unit_paths=(
            _unit_paths(linked, names, views) if enough and not shared else pd.DataFrame(columns=list(PATHS))
        ),
        paths=views.paths,
        sentences=_sentences(views, records.policy, units, both, shared),
        notes=_notes(linked, enough=enough),
        trace=Trace(
            function="sopsem.report.client.operations.comparison.operations_chapter", inputs_sha256=inputs
        ),
    )


def _names(views: UnitViews, policy: Policy) -> dict[str, str]:
    """Return construct of the questionnaire -> its name in the policy's pairs."""
    wanted = {pair.construct for pair in pairs_of(policy)}
    found = {
        name: f"{name}_performance" if f"{name}_performance" in wanted - {name} else name
        for name in views.perceived.columns
    }
    return found | {views.predictor: congruence_pair(policy).construct}


def _linked(views: UnitViews, records: Records) -> Linked:
    names, limits = _names(views, records.policy), records.policy["bridge"]
    agreement = views.agreement.rename(index=names)
    reasons = [_not_shared(row, limits["rwg_min"], limits["icc2_min"]) for _, row in agreement.iterrows()]
    first = records.measured.reasons.drop_duplicates("metric")
    return Linked(
        perceived=views.perceived.rename(columns=names),
        measures=records.measured.measures,
        agreement=agreement.assign(reason=reasons, shared=[not reason for reason in reasons]),
        why_not=dict(zip(first["metric"], first["reason"], strict=True)),
        policy=records.policy,
        seed=int(records.policy["general"]["seed"]),
    )


def _not_shared(row: "pd.Series[float]", least_agreement: float, least_reliability: float) -> str:
    """Say why means of units do not stand for their people, or nothing; one unit has nothing to differ from."""
    if row["units"] < 2:
        return ""
    if row["rwg"] < least_agreement:
        return f"people of one unit do not agree enough (median r_wg {row['rwg']:.2f}, needed {least_agreement:.2f})"
    if not row["icc2"] >= least_reliability:
        return f"units differ too little for their people (ICC(2) {row['icc2']:.2f}, needed {least_reliability:.2f})"
    return ""


def _units(views: UnitViews, records: Records, shared: str) -> pd.DataFrame:
    """Return every unit of either side, sorted by name; only who has both and is shared has a quadrant."""
    known = views.people.set_index("unit")
    table = records.index.set_index("unit")
    table = table.reindex(sorted({*table.index, *known.index}, key=str))
    table["n"] = known["n"].reindex(table.index).astype(float)
    own = views.perceived.get(views.predictor, pd.Series(dtype=float))
    table["perceived"] = own.reindex(table.index)
    usable = table["perceived"] if not shared else table["perceived"] * np.nan
    placed = gaps(usable, table["index"])
    withheld = known["withheld"].reindex(table.index)
    measured = set(records.index["unit"])
    table["reason"] = [
        _lacking(views, withheld[unit], float(table.loc[unit, "index"]), measured=str(unit) in measured)
        for unit in table.index
    ]
    table = table.join(placed[["gap", "quadrant"]]).rename_axis("unit").reset_index()
    return table[list(UNITS)]


def _lacking(views: UnitViews, withheld: object, index: float, *, measured: bool) -> str:
    if views.refusal:
        return "no answers by unit"
    if not isinstance(withheld, str):
        return "nobody of it answered"
    if withheld:
        few = withheld.startswith("fewer than")
        return f"hidden: {withheld}" if few else "hidden: to protect the answers of a few"
    if not measured:
        return "not measured"
    return "too few components are known" if math.isnan(index) else ""


def _profile(views: UnitViews, records: Records, units: pd.DataFrame) -> pd.DataFrame:
    """Return views beside components where a single unit has both; 100 is good on either side."""
    has = units[units["n"].notna() & units["unit"].isin(records.components["unit"])]
    if len(has) != 1 or len(records.index) != 1:
        return pd.DataFrame(columns=list(PROFILE))
    unit = has["unit"].iloc[0]
    rows = []
    for name, scale in views.scales.iterrows():
        mean = float(views.perceived.loc[unit, str(name)])
        share = 100.0 * (mean - scale["minimum"]) / (scale["maximum"] - scale["minimum"])
        low = scale["favourable"] == "low"
        label = f"{scale['label']} (lower is better)" if low else scale["label"]
        said = "mean of the items" if math.isfinite(mean) else "hidden"
        rows.append(("people", label, mean, 100.0 - share if low else share, said))
    own = records.components[records.components["unit"] == unit]
    for r in own.itertuples():
        said = NOT_COMPUTED.get(str(r.component), str(r.reason)) if r.reason else str(r.label)
        rows.append(("records", str(r.component).replace("_", " "), r.value, r.score, said))
    return pd.DataFrame(rows, columns=list(PROFILE))


def _label(views: UnitViews, names: dict[str, str], construct: str) -> str:
    own = next((name for name, theirs in names.items() if theirs == construct), construct)
    return str(views.scales["label"].get(own, own))


def _pairs(linked: Linked, names: dict[str, str], views: UnitViews) -> pd.DataFrame:
    table = pair_table(linked, pairs_of(linked.policy))
    table = table[table["reason"] == ""]
    renamed = table.rename(
        columns={"spearman_lower": "lower", "spearman_upper": "upper", "spearman_p_holm": "p_holm"}
    )
    renamed["label"] = [_label(views, names, construct) for construct in renamed["construct"]]
    renamed["metric"] = [_short(metric) for metric in renamed["metric"]]
    return renamed[list(PAIRS)].reset_index(drop=True)


def _short(metric: str) -> str:
    """Return a metric's name in words.

    >>> _short("index_s"), _short("premium_freight")
    ('alignment index', 'premium freight')
    """
    return SHORT.get(metric, metric.replace("_", " "))


def _unit_paths(linked: Linked, names: dict[str, str], views: UnitViews) -> pd.DataFrame:
    """Return the paths over units to each outcome as reported and as measured, and their difference with its test."""
    table = path_table(linked, pairs_of(linked.policy), congruence_pair(linked.policy))
    rows = [
        (
            _label(views, names, row["outcome"]),
            _short(row["metric"]),
            row["n"],
            *(row[f"{kind}_slope"] for kind in ("perceived", "measured", "difference")),
            *(row[f"difference_{part}"] for part in ("lower", "upper", "p")),
        )
        for _, row in table.iterrows()
    ]
    return pd.DataFrame(rows, columns=list(PATHS))


def _sentences(
    views: UnitViews, policy: Policy, units: pd.DataFrame, both: int, shared: str
) -> tuple[str, ...]:
    if views.refusal:
        return (views.refusal,)
    limits = policy["bridge"]
    fitted = views.paths is not None
    said = [_floor(both, limits["min_units"], limits["min_units_sem"], fitted=fitted)]
    if shared and both > 1:
        said = [
            (
                f"{both} units have both answers and records, but their means are not compared: {shared}. A picture of "
                "them would show who happened to answer. Ask more people in each unit."
            )
        ]
    hidden = units.loc[units["reason"].str.startswith("hidden"), "unit"]
    if len(hidden):
        said.append(
            f"Hidden, because too few people answered to tell of them: {', '.join(map(str, hidden))}. They are in no "
            "mean, figure or correlation of units."
        )
    for reason, word in (
        ("nobody of it answered", "Measured, but nobody answered"),
        ("not measured", "Answered, but not measured"),
    ):
        lone = units.loc[units["reason"] == reason, "unit"]
        if len(lone):
            said.append(f"{word}: {', '.join(map(str, lone))}.")
    if views.path_reason and both >= limits["min_units_sem"]:
        said.append(f"No model with a measured outcome: {views.path_reason}")
    return tuple(said)


def _floor(both: int, least: int, many: int, *, fitted: bool) -> str:
    """Say what so many units allow, and what would allow more.

    >>> print(_floor(5, 8, 30, fitted=False).split('.')[0])
    5 units have both answers and records: the quadrant of each, and no more
    """
    if both == 0:
        return "No unit has both answers that may be told and records, so nothing is compared."
    if both == 1:
        return (
            "One unit has both answers and records: nothing can be correlated, so what its people say stands beside "
            f"what its records say, without any test. Quadrants need 2 units, correlations {least}."
        )
    head = f"{both} units have both answers and records"
    if both < least:
        return (
            f"{head}: the quadrant of each, and no more. Correlations and p-values need {least} units; until then read "
            "the table unit by unit."
        )
    said = f"{head}: quadrants, correlations and a path over units"
    if fitted:
        return f"{said}, and a model with a measured outcome."
    if both >= many:
        return f"{said}."
    return f"{said}. A model with a measured outcome needs {many} units; more respondents do not take their place."


def _notes(linked: Linked, *, enough: bool) -> tuple[str, ...]:
    """Say what the measures are, and which have no numbers: a reader must know what was not looked at."""
    if not enough:
        return ()
    pairs = pairs_of(linked.policy)
    lacking = dict.fromkeys(pair.metric for pair in pairs if not linked.measures.known(pair.metric))
    known = dict.fromkeys(pair.metric for pair in pairs if pair.metric not in lacking)
    said = [f"{_short(metric)} ({metric_label(metric)})" for metric in known if metric != "index_s"]
    return (
        *((f"Measures: {', '.join(said)}.",) if said else ()),
        *((f"Not measured in these tables: {', '.join(map(_short, lacking))}.",) if lacking else ()),
    )
