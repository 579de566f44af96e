"""Perceived beside measured alignment in words: as far as the number of units allows, and no further."""

import math

import pandas as pd

from sopsem.executive.bridge import Bridge
from sopsem.report.client.document import Statement
from sopsem.report.digits import bounded, count, decimals, interval, p_value
from sopsem.report.operations.report_evidence import Block, Shown, said
from sopsem.report.table import Table

__all__ = ["bridge_blocks", "bridge_line", "no_bridge"]


def no_bridge() -> Statement:
    """Return what is said where no survey was given."""
    return Statement(
        sentence="What people think of alignment is not set beside these measures: no survey was given; a file with a "
        "row per respondent and a column of the unit would allow it.",
        evidence="[E43, not made]",
    )


def bridge_line(bridge: Bridge) -> Statement:
    """Return the finding of the bridge as one sentence."""
    n = bridge.number("units")
    rho = bridge.number("spearman")
    told = (
        f"{count(bridge.number('respondents'))} respondents of {count(n)} {'unit' if n == 1 else 'units'} say what "
        f"{'it is' if n == 1 else 'they are'} like"
    )
    if math.isnan(rho):
        return said(bridge, n, f"{told}; so few units allow no correlation with what is measured.")
    p = p_value()(bridge.number("spearman_p"))
    return said(
        bridge,
        n,
        f"{told}; perceived and measured alignment rank the units alike to {bounded(2)(rho)} (Spearman, p {_is(p)}).",
    )


def _is(p: str) -> str:
    return p if p[0] in "<>" else f"= {p}"


def bridge_blocks(bridge: Bridge) -> list[Block]:
    """Return floors, units and pairs."""
    blocks: list[Block] = [bridge_line(bridge), *(f"{floor}" for floor in bridge.floors)]
    blocks.append(Shown(table=_units(bridge.units), result=bridge))
    known = bridge.pairs[bridge.pairs["spearman"].notna()]
    if len(known):
        blocks.append(Shown(table=_pairs(known), result=bridge))
    return blocks


def _units(units: pd.DataFrame) -> Table:
    two = decimals(2)
    return Table(
        title="Perceived and measured alignment by unit",
        columns=("Unit", "Respondents", "Perceived", "Measured", "Gap", "Place"),
        rows=tuple(
            (
                str(r["unit"]),
                count(r["respondents"]),
                two(r["perceived"]),
                decimals(0)(r["measured"]),
                two(r["gap"]),
                str(r["quadrant"] or r["reason"]).capitalize(),
            )
            for _, r in units.iterrows()
        ),
        alignment="lrrrrl",
        notes=(
            "Perceived: mean answer. Measured: index without margin and cash. Gap: in standard deviations of units.",
        ),
    )


def _pairs(pairs: pd.DataFrame) -> Table:
    two = bounded(2)
    return Table(
        title="What people say beside what is measured",
        columns=("Asked", "Measured", "Expected", "Units", "Spearman", "95% interval", "p, corrected"),
        rows=tuple(
            (
                str(r["construct"]).replace("_", " ").capitalize(),
                str(r["label"]),
                str(r["expected"]),
                count(r["n"]),
                two(r["spearman"]),
                interval(r["spearman_lower"], r["spearman_upper"], two),
                p_value()(r["spearman_p_holm"]),
            )
            for _, r in pairs.iterrows()
        ),
        alignment="lllrrrr",
        notes=(
            "p by permutation, corrected for the number of pairs (Holm). An association of units, no direction.",
        ),
    )
