"""Pairs, lags, paths and surfaces of the units that have both survey and measures."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sopsem.executive.bridge.association import (
    associate,
    corrected_for_unreliability,
    correlations,
    holm,
    spearman_brown,
)
from sopsem.executive.bridge.congruence import response_surface, standardised
from sopsem.executive.bridge.measures import Measures
from sopsem.executive.bridge.pairing import NOT_COMPUTED, Pair, metric_label
from sopsem.executive.bridge.unit_path import unit_path
from sopsem.executive.schema.policy import Policy

__all__ = ["Linked", "lag_table", "pair_table", "path_table", "surface_table"]

NAMES = [f"{r}{part}" for r in ("spearman", "pearson") for part in ("", "_p", "_p_holm", "_lower", "_upper")]
PATH = ("slope", "p", "lower", "upper")


@dataclass(frozen=True, kw_only=True)
class Linked:
    """Both sides by unit: perceived means of the constructs that are shared, and the measures."""

    perceived: pd.DataFrame
    measures: Measures
    agreement: pd.DataFrame
    why_not: Mapping[str, str]
    policy: Policy
    seed: int

    @property
    def common(self) -> list[str]:
        """Units that have survey and measures."""
        return sorted(set(self.perceived.index) & set(self.measures.units.index))

    def perception(self, construct: str) -> "pd.Series[float]":
        """Return the means of a construct, NaN where they are not used."""
        return self.perceived.get(construct, pd.Series(np.nan, index=self.perceived.index))

    def metric(self, name: str, frame: pd.DataFrame | None = None) -> "pd.Series[float]":
        """Return a metric by unit, NaN where it is not known."""
        units = self.measures.units if frame is None else frame
        return units.get(name, pd.Series(np.nan, index=units.index))

    def both(self, pair: Pair, frame: pd.DataFrame | None = None) -> pd.DataFrame:
        """Return ``perceived measured`` of the units that have both, by name."""
        sides = {"perceived": self.perception(pair.construct), "measured": self.metric(pair.metric, frame)}
        return pd.DataFrame(sides).dropna().sort_index()

    def unknown(self, pair: Pair) -> str:
        """Say why a pair has no numbers at all, or nothing."""
        if pair.construct not in self.agreement.index:
            return f"the survey has no items of {pair.construct}"
        if not self.agreement.loc[pair.construct, "shared"]:
            return str(self.agreement.loc[pair.construct, "reason"])
        if not self.measures.known(pair.metric):
            found = self.why_not.get(pair.metric, "it is not measured")
            return f"{NOT_COMPUTED.get(pair.metric, found)}; give it as a column {pair.metric}"
        return ""

    def lacking(self, unit: str, pair: Pair, respondents: int) -> str:
        """Say what one unit lacks to be compared, or nothing."""
        least = self.policy["bridge"]["min_respondents"]
        if unit not in self.measures.units.index:
            return "no measures"
        if respondents == 0:
            return "no respondents"
        if reason := self.unknown(pair):
            return reason
        if math.isnan(self.perception(pair.construct)[unit]):
            return f"fewer than {least} respondents"
        return f"{pair.metric} is not known" if math.isnan(self.metric(pair.metric)[unit]) else ""


def pair_table(linked: Linked, pairs: Sequence[Pair]) -> pd.DataFrame:
    """Return every pair with its correlations where there are units enough, else why not."""
    table = pd.DataFrame([_pair_row(linked, pair) for pair in pairs])
    for name in ("spearman", "pearson"):
        table[f"{name}_p_holm"] = holm(table[f"{name}_p"])
    ends = ["rel_perceived", "rel_measured", "corrected", "reason"]
    return table[["construct", "metric", "label", "expected", "n", *NAMES, *ends]]


def _pair_row(linked: Linked, pair: Pair) -> dict[str, object]:
    both, limits = linked.both(pair), linked.policy["bridge"]
    reason = linked.unknown(pair) or _too_few(len(both), limits["min_units"])
    numbers = dict.fromkeys(NAMES, math.nan)
    if not reason:
        given = {"permutations": limits["permutations"], "draws": limits["draws"], "seed": linked.seed}
        numbers |= associate(both["perceived"], both["measured"], **given)
        reason = "" if not math.isnan(numbers["pearson"]) else "all units are alike in one of the two"
    shared = pair.construct in linked.agreement.index
    rel_x = float(linked.agreement.loc[pair.construct, "icc2"]) if shared else math.nan
    rel_y = _split_half(linked, pair, list(both.index))
    return {
        "construct": pair.construct,
        "metric": pair.metric,
        "label": metric_label(pair.metric),
        "expected": "+" if pair.sign > 0 else "-",
        "n": len(both),
        **numbers,
        "rel_perceived": rel_x,
        "rel_measured": rel_y,
        "corrected": corrected_for_unreliability(numbers["pearson"], rel_x, rel_y),
        "reason": reason,
    }


def _too_few(n: int, least: int) -> str:
    return f"{n} unit{' has' if n == 1 else 's have'} both; {least} are needed" if n < least else ""


def _split_half(linked: Linked, pair: Pair, units: list[str]) -> float:
    """Return the reliability of a metric over the units of its pair; NaN below the floor of correlations."""
    if linked.measures.halves is None or len(units) < linked.policy["bridge"]["min_units"]:
        return math.nan
    one, two = (linked.metric(pair.metric, half).reindex(units) for half in linked.measures.halves)
    both = pd.DataFrame({"one": one, "two": two}).dropna()
    return spearman_brown(both["one"], both["two"])


def lag_table(linked: Linked, pairs: Sequence[Pair]) -> pd.DataFrame:
    """Return every pair's correlations with the measure before and after the survey; empty without windows."""
    if linked.measures.windows is None:
        return pd.DataFrame()
    rows = []
    for pair in pairs:
        row: dict[str, object] = {"construct": pair.construct, "metric": pair.metric}
        for name, window in zip(("before", "after"), linked.measures.windows, strict=True):
            both = linked.both(pair, window)
            enough = len(both) >= linked.policy["bridge"]["min_units"]
            known = both if enough else both.iloc[:0]
            found = correlations(known["perceived"].to_numpy(), known["measured"].to_numpy())
            row |= {f"n_{name}": len(both), **{f"{r}_{name}": value for r, value in found.items()}}
        rows.append(row)
    return pd.DataFrame(rows)


def path_table(linked: Linked, pairs: Sequence[Pair], shown: Pair) -> pd.DataFrame:
    """Return the path from perceived alignment to each outcome, as perceived and as measured, and the difference.

    Slopes of z scores, measured outcomes turned the way of their construct.  The difference (perceived less measured)
    is the slope of the difference of the two outcomes: how much of the path comes from one source answering both.
    """
    limits = linked.policy["bridge"]
    rows = []
    for pair in pairs:
        if pair.construct not in limits["outcomes"] or linked.unknown(pair):
            continue
        both = linked.both(pair).assign(alignment=linked.perception(shown.construct)).dropna()
        if len(both) < limits["min_units"] or not (both.max() > both.min()).all():
            continue
        z = both.apply(standardised)
        ends = {"perceived": z["perceived"], "measured": pair.sign * z["measured"]}
        ends["difference"] = ends["perceived"] - ends["measured"]
        row: dict[str, object] = {"outcome": pair.construct, "metric": pair.metric, "n": len(both)}
        for name, y in ends.items():
            found = unit_path(z["alignment"], y, draws=limits["permutations"], seed=linked.seed)
            row |= {f"{name}_{part}": found[part] for part in PATH}
        rows.append(row)
    return pd.DataFrame(rows)


def surface_table(linked: Linked, pairs: Sequence[Pair], units: pd.DataFrame) -> pd.DataFrame:
    """Return the response surface of every measured outcome over perceived and measured alignment."""
    limits = linked.policy["bridge"]
    placed = units.set_index("unit")[["z_perceived", "z_measured"]]
    frames = []
    for pair in pairs:
        if pair.construct not in limits["outcomes"] or not linked.measures.known(pair.metric):
            continue
        rows = placed.assign(outcome=pair.sign * linked.metric(pair.metric)).dropna()
        if len(rows) >= limits["min_units_sem"]:
            found = response_surface(rows["z_perceived"], rows["z_measured"], standardised(rows["outcome"]))
            found.insert(0, "metric", pair.metric)
            frames.append(found)
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()
