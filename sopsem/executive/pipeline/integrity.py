"""E28: are the chances that sales states kept, by stage and sales unit, and which open deals lack support."""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sopsem.executive.notices import Notice, few, warning
from sopsem.executive.pipeline.calibration import brier_parts, compliance_gain, cox_calibration, shrunken_rate
from sopsem.executive.plant import origin
from sopsem.executive.result import Result
from sopsem.executive.schema.policy import DEFAULT_POLICY, Policy
from sopsem.executive.schema.tables import Given, check_tables

__all__ = ["PipelineResult", "closed_deals", "pipeline_integrity"]

ID = ["unit", "opportunity_id"]


@dataclass(frozen=True, kw_only=True)
class PipelineResult(Result):
    """Stated against won.

    ``table``: stage, n, stated, won, rate, shrunken.  ``units``: unit, sales_unit, n, stated wins, wins,
    value_optimism, slip_median, slip_p90, slip_rate, compliance, brier.  ``unsupported``: open deals stated likely
    with too few criteria met, or older than nine in ten of the won ones.
    """

    units: pd.DataFrame
    unsupported: pd.DataFrame


def pipeline_integrity(pipeline: Given, *, policy: Policy = DEFAULT_POLICY) -> PipelineResult:
    """Return how far stated chances, values and dates were kept.

    Of every closed opportunity the snapshot nearest ``horizon_days`` before it closed counts; an opportunity is
    counted once.  Value optimism = sum p x amount / sum amount won - 1.

    Parameters
    ----------
    pipeline : DataFrame or Table
        With a snapshot per month; probabilities before the close, not those overwritten at it.
    policy : Policy
        ``horizon_days``, ``shrink_k``, ``min_closed`` (below it no calibration, T13), ``commit_probability``,
        ``gate_min``.

    Examples
    --------
    >>> deals = pd.DataFrame({"opportunity_id": ["a", "b"], "snapshot": "2025-01-31", "sales_unit": "N",
    ...     "stage": "offer", "probability": 0.6, "amount": 100, "expected_close": "2025-01-20",
    ...     "outcome": ["won", "lost"], "closed": "2025-01-25", "amount_won": [100, None]})
    >>> found = pipeline_integrity(deals)
    >>> round(found.summary["value_optimism"], 3), found.table["shrunken"].round(3).tolist()
    (0.2, [0.591])

    """
    tables = check_tables({"pipeline": pipeline}, policy)
    rules = policy["pipeline"]
    rows = tables["pipeline"].frame
    closed = closed_deals(rows, rules["horizon_days"])
    notices: list[Notice] = list(tables.notices)
    won = closed["won"].to_numpy(bool)
    p = closed["probability"].to_numpy(float)
    calibration = {"intercept": math.nan, "slope": math.nan}
    gain = math.nan
    if len(closed) < rules["min_closed"]:
        notices.append(few("calibration of the pipeline", len(closed), rules["min_closed"], table="pipeline"))
    else:
        calibration = cox_calibration(p, won)
        known = closed["compliance"].notna().to_numpy()
        if known.sum() >= rules["min_closed"]:
            gain = compliance_gain(p[known], won[known], closed["compliance"].to_numpy(float)[known])
    if rows["snapshot"].min() == rows["snapshot"].max():
        message = "a single snapshot: chances may have been overwritten when deals closed"
        notices.append(warning("T36", message, table="pipeline", column="snapshot"))
    parts = brier_parts(p, won) if len(closed) else {}
    units = _units(closed)
    unsupported = _unsupported(rows, closed, rules["commit_probability"], rules["gate_min"])
    summary = {
        "value_optimism": _optimism(closed),
        "stated_wins": float(p.sum()),
        "wins": int(won.sum()),
        **parts,
        **calibration,
        "slip_median": float(closed["slip"].median()) if len(closed) else math.nan,
        "slip_p90": float(closed["slip"].quantile(0.9)) if len(closed) else math.nan,
        "compliance": float(closed["compliance"].mean()) if len(closed) else math.nan,
        "compliance_aic_gain": gain,
        "largest_customer": _concentration(rows),
        "unsupported": len(unsupported),
        "n_closed": len(closed),
    }
    return PipelineResult(
        table=_stages(closed, rules["shrink_k"]),
        units=units,
        unsupported=unsupported,
        summary=summary,
        notices=notices,
        excluded=tables.excluded,
        provenance=origin("E28", "Murphy 1973; Cox 1958", tables),
    )


def closed_deals(rows: pd.DataFrame, horizon: float) -> pd.DataFrame:
    """Return one row per closed opportunity: as stated nearest to the horizon before it closed, and how it ended.

    The slip is closing date less the first stated closing date, in days.
    """
    ends = rows[rows["outcome"] != "open"].sort_values("snapshot").groupby(ID).tail(1).set_index(ID)
    seen = rows[pd.MultiIndex.from_frame(rows[ID]).isin(ends.index)]
    ended = ends["closed"].fillna(ends["snapshot"])
    key = pd.MultiIndex.from_frame(seen[ID])
    before = (ended.reindex(key).to_numpy() - seen["snapshot"].to_numpy()) / np.timedelta64(1, "D")
    # what was written after the close is used only where nothing was written before it
    distance = np.where(before >= 0, np.abs(before - horizon), 1e6 - before)
    nearest = seen.assign(distance=distance).sort_values([*ID, "distance", "snapshot"], kind="stable")
    stated = nearest.groupby(ID).head(1).set_index(ID)
    first = seen.sort_values("snapshot").groupby(ID).head(1).set_index(ID)
    end = ends.reindex(stated.index)
    amount_won = end["amount_won"].where(end["amount_won"].notna(), end["amount"])
    return stated.assign(
        won=(end["outcome"] == "won").to_numpy(),
        amount_won=np.where(end["outcome"] == "won", amount_won, 0.0),
        slip=(ended.reindex(stated.index) - first["expected_close"].reindex(stated.index)).dt.days.to_numpy(
            float
        ),
        age=(ended.reindex(stated.index) - stated["created"]).dt.days.to_numpy(float),
        compliance=stated["criteria_met"] / stated["criteria_total"].where(stated["criteria_total"] > 0),
    ).reset_index()


def _optimism(closed: pd.DataFrame) -> float:
    won = float(closed["amount_won"].sum())
    return float((closed["probability"] * closed["amount"]).sum()) / won - 1 if won else math.nan


def _stages(closed: pd.DataFrame, k: float) -> pd.DataFrame:
    grouped = closed.groupby("stage")
    table = pd.DataFrame(
        {"n": grouped.size(), "stated": grouped["probability"].mean(), "won": grouped["won"].sum()}
    ).reset_index()
    table["rate"] = table["won"] / table["n"]
    table["shrunken"] = [
        shrunken_rate(w, n, p, k) for w, n, p in zip(table["won"], table["n"], table["stated"], strict=True)
    ]
    return table.sort_values("stated").reset_index(drop=True)


def _units(closed: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for (unit, sales_unit), own in closed.groupby(["unit", "sales_unit"]):
        rows.append(
            {
                "unit": unit,
                "sales_unit": sales_unit,
                "n": len(own),
                "stated_wins": float(own["probability"].sum()),
                "wins": int(own["won"].sum()),
                "value_optimism": _optimism(own),
                "slip_median": float(own["slip"].median()),
                "slip_p90": float(own["slip"].quantile(0.9)),
                "slip_rate": float((own["slip"] > 0).mean()),
                "compliance": float(own["compliance"].mean()),
                "brier": float(((own["probability"] - own["won"]) ** 2).mean()),
            }
        )
    names = ["unit", "sales_unit", "n", "stated_wins", "wins", "value_optimism"]
    return pd.DataFrame(rows) if rows else pd.DataFrame(columns=names)


def _unsupported(rows: pd.DataFrame, closed: pd.DataFrame, likely: float, gate: float) -> pd.DataFrame:
    """Return deals open at the newest snapshot that are stated likely without criteria, or are too old."""
    current = rows[(rows["snapshot"] == rows["snapshot"].max()) & (rows["outcome"] == "open")]
    compliance = current["criteria_met"] / current["criteria_total"].where(current["criteria_total"] > 0)
    age = (current["snapshot"] - current["created"]).dt.days
    oldest = closed["age"][closed["won"]].quantile(0.9) if closed["won"].any() else math.inf
    thin = (current["probability"] >= likely) & (compliance < gate)
    reason = np.where(thin, "stated likely, few criteria met", "older than nine in ten of the won deals")
    listed = current.assign(compliance=compliance, age=age, reason=reason)[thin | (age > oldest)]
    names = ["unit", "opportunity_id", "sales_unit", "probability", "amount", "compliance", "age", "reason"]
    return listed[names].reset_index(drop=True)


def _concentration(rows: pd.DataFrame) -> float:
    """Return the largest customer's share of the value open now."""
    current = rows[(rows["snapshot"] == rows["snapshot"].max()) & (rows["outcome"] == "open")]
    total = current["amount"].sum()
    if not total or current["customer_id"].isna().all():
        return math.nan
    return float(current.groupby("customer_id")["amount"].sum().max() / total)
