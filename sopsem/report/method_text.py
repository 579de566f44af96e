"""What the terminal shows of method variance, and the files of ``--out``."""

import pandas as pd

from sopsem.report.digits import Formatter, bounded, decimals, interval, p_value, percent
from sopsem.report.frame_csv import frame_csv
from sopsem.report.headings import headings
from sopsem.report.table import Table
from sopsem.report.terminal import text_of
from sopsem.sem.constructs.method.cfa_marker import CFAMarker
from sopsem.sem.constructs.method.method_check import MethodCheck
from sopsem.sem.constructs.method.tipping_point import TippingPoint

__all__ = ["method_files", "method_text"]

_LONGEST = 33  # letters of a verdict in a table; the sentences have all of it


def method_text(result: MethodCheck, *, source_label: str = "") -> str:
    """Return tipping points, common factor and markers, and what they say."""
    tables = [
        _tips(result.paths, "Tipping points of the paths").with_source(source_label),
        _tips(result.constructs, "Tipping points of the correlations of constructs (CFA)"),
        _common(result),
        *(_cfa_marker(result.cfa_marker) if result.cfa_marker is not None else ()),
        _markers(result),
    ]
    return text_of(*tables, sentences=result.sentences)


def _tips(result: TippingPoint, title: str) -> Table:
    three, share = bounded(3), percent(1)
    rows = [
        (
            f"{r.lhs} {r.op} {r.rhs}",
            three(r.est),
            interval(r.ci_lower, r.ci_upper, three),
            r.direction,
            share(r.tip),
            share(r.tip_limit),
            share(r.correlation_tip),
        )
        for r in result.table.itertuples()
    ]
    level = f"{result.level:.0%}"
    return Table(
        title=f"{title}: share of method variance at which each vanishes",
        columns=(
            "path",
            "std",
            f"{level} interval",
            "method",
            "item share",
            "for its limit",
            "of constructs",
        ),
        rows=tuple(rows),
        alignment="lrrlrrr",
        notes=(f"These data go with at most {result.tolerated:.1%} of such a factor.",)
        if result.ended
        else (),
    )


def _common(result: MethodCheck) -> Table:
    formats: dict[str, Formatter | int] = {
        "chisq": 2,
        "df": 0,
        "cfi": bounded(3),
        "rmsea": bounded(3),
        "share": percent(1),
        "share_min": percent(1),
        "share_max": percent(1),
        "se_share": percent(1),
    }
    models = _short(result.common_factor.models)
    return Table.from_frame(
        models,
        title="Common method factor (CLF, ULMC): loadings, and share of the items' variance",
        labels=headings(models) | {"model": "loadings"},
        formats=formats,
    )


def _cfa_marker(result: CFAMarker) -> list[Table]:
    formats: dict[str, Formatter | int] = {"chisq": 2, "df": 0, "cfi": bounded(3), "rmsea": bounded(3)}
    three = bounded(3)
    models = _short(result.models)
    tests = Table.from_frame(
        result.tests,
        title="CFA marker: tests",
        labels=headings(result.tests),
        formats={"chisq_diff": 2, "df_diff": 0, "pvalue": p_value(3)},
    )
    split: dict[str, Formatter | int] = {"omega": three, "omega_substantive": three, "omega_method": three}
    return [
        Table.from_frame(models, title="CFA marker: models", labels=headings(models), formats=formats),
        tests,
        Table.from_frame(
            result.reliability,
            title=f"CFA marker: reliability, split in {result.best}",
            labels=headings(result.reliability),
            formats=split | {"method_percent": decimals(1)},
        ),
    ]


def _short(models: pd.DataFrame) -> pd.DataFrame:
    cut = [v if len(v) <= _LONGEST else f"{v[: _LONGEST - 3]}..." for v in models["verdict"]]
    return models.assign(verdict=cut)


def _markers(result: MethodCheck) -> Table:
    columns = ["construct1", "construct2", "choice", "r", "r_adjusted", "t", "pvalue"]
    formats: dict[str, Formatter | int] = {
        "r": bounded(3),
        "r_adjusted": bounded(3),
        "t": 2,
        "pvalue": p_value(3),
    }
    found = result.marker_correlation
    a_priori = set(found.markers.loc[found.markers["a_priori"], "choice"])
    kept = a_priori or {found.markers["choice"].iloc[0]}
    table = found.adjusted[found.adjusted["choice"].isin(kept)]
    shown = table[columns]
    return Table.from_frame(
        shown, title="Correlations adjusted for a marker", labels=headings(shown), formats=formats
    )


def method_files(result: MethodCheck) -> dict[str, bytes]:
    """Return every table of method variance as CSV by file name."""
    frames = {
        "tipping_points.csv": result.paths.table,
        "tipping_curve.csv": result.paths.curve,
        "tipping_points_constructs.csv": result.constructs.table,
        "common_factor_models.csv": result.common_factor.models,
        "common_factor_tests.csv": result.common_factor.tests,
        "common_factor_loadings.csv": result.common_factor.loadings,
        "common_factor_paths.csv": result.common_factor.paths,
        "marker_choices.csv": result.marker_correlation.markers,
        "marker_correlations.csv": result.marker_correlation.adjusted,
    }
    if result.cfa_marker is not None:
        marker = result.cfa_marker
        frames |= {
            "cfa_marker_models.csv": marker.models,
            "cfa_marker_tests.csv": marker.tests,
            "cfa_marker_loadings.csv": marker.loadings,
            "cfa_marker_reliability.csv": marker.reliability,
            "cfa_marker_correlations.csv": marker.correlations,
        }
    return {name: frame_csv(frame) for name, frame in frames.items()}
