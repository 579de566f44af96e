"""What the terminal shows of perceived beside measured alignment."""

from typing import Any

import pandas as pd

from sopsem.executive.bridge import Bridge
from sopsem.report.digits import bounded, decimals, interval, p_value
from sopsem.report.table import Table
from sopsem.report.terminal import text_of

__all__ = ["bridge_text"]

CORRECTED = (
    "Corrected: Pearson divided by the root of both reliabilities. Beyond 1 a reliability is set too low; with one "
    "near 0 the correction says nothing."
)


def bridge_text(result: Bridge, *, source_label: str = "") -> str:
    """Return units, pairs, agreement, roles and paths as tables, and the floors in words.

    Examples
    --------
    >>> from sopsem.executive.bridge import link_survey
    >>> people = pd.DataFrame({"unit": ["A"] * 5, "alignment": [6, 6, 5, 6, 6]})
    >>> found = link_survey(people, pd.DataFrame({"unit": ["A"], "index_s": [45]}), categories=7)
    >>> print(bridge_text(found).splitlines()[0])
    Perceived and measured by unit

    """
    one = result.summary["units"] == 1
    known = result.pairs[result.pairs["reason"] == ""]
    tables = [
        _units(result.units, source_label),
        *([_profile(result.profile)] if one else []),
        _spearman(known),
        _pearson(known),
        _agreement(result.agreement),
        _roles(result.roles),
        _paths(result.paths),
        _lags(result.lags),
        _surface(result.surface),
    ]
    # where the floor of all units says it, no pair says it again
    unknown = [
        f"{r.construct} beside {r.metric}: {r.reason}."
        for r in result.pairs.itertuples()
        if r.reason and not 0 < r.n == result.summary["units"]
    ]
    noticed = [f"{n.code}: {n.message}" for n in result.notices]
    return text_of(*(t for t in tables if t.rows), sentences=[*result.floors, *unknown, *noticed])


def _units(units: pd.DataFrame, source_label: str) -> Table:
    two = decimals(2)
    return Table(
        title="Perceived and measured by unit",
        columns=("unit", "respondents", "perceived", "measured", "z perceived", "z measured", "gap", "place"),
        rows=tuple(
            (
                r.unit,
                str(r.respondents),
                *map(two, (r.perceived, r.measured, r.z_perceived, r.z_measured, r.gap)),
                r.quadrant or r.reason,
            )
            for r in units.itertuples()
        ),
        alignment="lrrrrrrl",
        source_label=source_label,
    )


def _profile(profile: pd.DataFrame) -> Table:
    two, whole = decimals(2), decimals(0)
    return Table(
        title="Profile of the unit: of 100, on the scale of the answers or between the policy's anchors",
        columns=("side", "what", "value", "of 100"),
        rows=tuple((r.side, r.label, two(r.value), whole(r.score)) for r in profile.itertuples()),
        alignment="llrr",
    )


def _spearman(pairs: pd.DataFrame) -> Table:
    return Table(
        title="Perception beside measure: Spearman's correlation over units, permutation p (Holm over the pairs)",
        columns=("perceived", "measured", "expected", "n", "Spearman", "95% interval", "p", "p Holm"),
        rows=tuple(
            (r.construct, r.metric, r.expected, str(r.n), *_correlation(r, "spearman"))
            for r in pairs.itertuples()
        ),
        alignment="llcrrrrr",
    )


def _pearson(pairs: pd.DataFrame) -> Table:
    two = decimals(2)
    return Table(
        title="The same as Pearson's correlation, and corrected for unreliability",
        columns=(
            *("perceived", "measured", "Pearson", "95% interval", "p", "p Holm"),
            *("ICC(2)", "split half", "corrected"),
        ),
        rows=tuple(
            (
                *(r.construct, r.metric, *_correlation(r, "pearson")),
                *map(two, (r.rel_perceived, r.rel_measured, r.corrected)),
            )
            for r in pairs.itertuples()
        ),
        alignment="llrrrrrrr",
        notes=(CORRECTED,),
    )


def _correlation(row: Any, name: str) -> tuple[str, ...]:
    r2, p3 = bounded(2), p_value()
    lower, upper = (getattr(row, f"{name}_{end}") for end in ("lower", "upper"))
    tests = (p3(getattr(row, f"{name}_{p}")) for p in ("p", "p_holm"))
    return r2(getattr(row, name)), interval(lower, upper, r2), *tests


def _agreement(agreement: pd.DataFrame) -> Table:
    r2, p3 = decimals(2), p_value()
    return Table(
        title="Are perceptions shared within units?",
        columns=(
            *("construct", "respondents", "units", "median r_wg", "skewed null", "ICC(1)", "ICC(2)", "p"),
            "shared",
        ),
        rows=tuple(
            (
                *(r.construct, str(r.respondents), str(r.units)),
                *map(r2, (r.rwg_median, r.rwg_skewed_median, r.icc1, r.icc2)),
                *(p3(r.p), "yes" if r.shared else "no"),
            )
            for r in agreement.itertuples()
        ),
        alignment="lrrrrrrrl",
    )


def _roles(roles: pd.DataFrame) -> Table:
    two = decimals(2)
    first, other = (roles[["role", "other"]].iloc[0]) if len(roles) else ("", "")
    return Table(
        title=f"Perception gap by function: {first} less {other}",
        columns=("construct", "n", str(first), "n ", str(other), "difference", "Hedges g", "95% interval"),
        rows=tuple(
            (
                *(r.construct, str(r.n), two(r.mean), str(r.n_other), two(r.mean_other)),
                *(two(r.difference), two(r.g), interval(r.g_lower, r.g_upper, two)),
            )
            for r in roles.itertuples()
        ),
        alignment="lrrrrrrr",
        notes=tuple(dict.fromkeys(f"{r.reason}." for r in roles.itertuples() if r.reason)),
    )


def _paths(paths: pd.DataFrame) -> Table:
    two, p3 = decimals(2), p_value()
    return Table(
        title="Path from perceived alignment to an outcome (standardized, wild bootstrap over units)",
        columns=(
            "outcome",
            "measured by",
            "n",
            "as perceived",
            "as measured",
            "95% interval",
            "p",
            "difference",
            "p ",
        ),
        rows=tuple(
            (
                *(r.outcome, r.metric, str(r.n), two(r.perceived_slope), two(r.measured_slope)),
                *(interval(r.measured_lower, r.measured_upper, two), p3(r.measured_p)),
                *(two(r.difference_slope), p3(r.difference_p)),
            )
            for r in paths.itertuples()
        ),
        alignment="llrrrrrrr",
        notes=(
            "Difference: what the path owes to one source answering both, as far as the measure is the outcome.",
        ),
    )


def _lags(lags: pd.DataFrame) -> Table:
    r2 = bounded(2)
    return Table(
        title="Survey beside the measure of the three periods before it and after it (Spearman)",
        columns=("perceived", "measured", "n before", "before", "n after", "after"),
        rows=tuple(
            (
                *(r.construct, r.metric),
                *(str(r.n_before), r2(r.spearman_before), str(r.n_after), r2(r.spearman_after)),
            )
            for r in lags.itertuples()
            if r.n_before or r.n_after
        ),
        alignment="llrrrr",
        notes=("Which of the two is larger says nothing certain about which came first.",),
    )


def _surface(surface: pd.DataFrame) -> Table:
    two, p3 = decimals(2), p_value()
    return Table(
        title="Response surface of an outcome over perceived and measured alignment",
        columns=("outcome", "along", "term", "est", "SE", "t", "p", "n", "R2"),
        rows=tuple(
            (
                *(r.metric, r.line, r.term),
                *map(two, (r.est, r.se, r.t)),
                *(p3(r.p), str(r.n), two(r.r_squared)),
            )
            for r in surface.itertuples()
        ),
        alignment="lllrrrrrr",
    )
