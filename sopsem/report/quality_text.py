"""What the terminal shows of measurement quality and of a factor analysis, and their files."""

import pandas as pd

from sopsem.client.measurement_quality import MeasurementQuality
from sopsem.report.digits import Formatter, as_text, bounded, count, decimals, percent
from sopsem.report.frame_csv import frame_csv
from sopsem.report.table import Table
from sopsem.report.terminal import text_of
from sopsem.sem.exploratory.efa_result import EFA

__all__ = ["efa_files", "efa_text", "quality_files", "quality_text"]

CUT = 0.3  # smaller loadings are not shown


def quality_text(result: MeasurementQuality, *, source_label: str = "") -> str:
    """Return the tables of measurement quality and what they say."""
    tables = [
        _described(result.items, "item", "Items", source_label),
        _described(result.scales, "construct", "Constructs (means of items)", ""),
        *_efa_tables(result.efa),
    ]
    if result.drops is not None and len(result.drops.reliability):
        tables.append(_drop_table(result))
    return text_of(*tables, sentences=result.sentences)


def _described(frame: pd.DataFrame, name: str, title: str, source_label: str) -> Table:
    two, share = decimals(2), percent(0)
    columns: dict[str, tuple[str, Formatter]] = {
        name: (name, as_text),
        "n": ("n", count),
        "missing": ("missing", count),
        "mean": ("mean", two),
        "sd": ("SD", two),
        "skew": ("skew", two),
        "kurtosis": ("kurtosis", two),
        "min": ("min", decimals(0) if name == "item" else two),
        "max": ("max", decimals(0) if name == "item" else two),
        "floor_share": ("floor", share),
        "ceiling_share": ("ceiling", share),
        "item_total": ("item-total r", bounded(2)),
        "kmo": ("KMO", bounded(2)),
    }
    shown = {c: v for c, v in columns.items() if c in frame}
    cells = [[form(value) for value in frame[c]] for c, (_, form) in shown.items()]
    return Table(
        title=title,
        columns=tuple(label for label, _ in shown.values()),
        rows=tuple(zip(*cells, strict=True)),
        alignment="l" + "r" * (len(shown) - 1),
        source_label=source_label,
    )


def efa_text(result: EFA, *, source_label: str = "") -> str:
    """Return the loadings sorted by factor, factor correlations, variance and what to know."""
    return text_of(*_efa_tables(result, source_label), sentences=result.sentences)


def _efa_tables(result: EFA, source_label: str = "") -> list[Table]:
    two = bounded(2)
    shown = result.sorted_loadings(CUT)
    own = result.items.set_index("item")
    loadings = Table(
        title=f"Factor analysis: {result.method}, {result.rotation}; loadings of .30 and more",
        columns=("item", *shown.columns, "communality"),
        rows=tuple(
            (str(item), *("" if pd.isna(v) else two(v) for v in row), two(own.loc[item, "communality"]))
            for item, row in zip(shown.index, shown.to_numpy().tolist(), strict=True)
        ),
        alignment="l" + "r" * (shown.shape[1] + 1),
        source_label=source_label,
    )
    tables = [loadings, _factor_table(result)]
    return tables if result.suggested.empty else [*tables, _number_table(result.suggested)]


def _factor_table(result: EFA) -> Table:
    phi, two = result.factor_correlations, bounded(2)
    rows = [
        (
            r.factor,
            decimals(2)(r.ss_loadings),
            percent(1)(r.share),
            *(two(v) if j <= i else "" for j, v in enumerate(phi.iloc[i])),
        )
        for i, r in enumerate(result.variance.itertuples())
    ]
    return Table(
        title="Factors: variance carried and correlations",
        columns=("factor", "SS loadings", "share", *map(str, phi.columns)),
        rows=tuple(rows),
        alignment="l" + "r" * (2 + len(phi)),
    )


def _number_table(suggested: pd.DataFrame) -> Table:
    return Table(
        title="How many factors?",
        columns=("criterion", "factors"),
        rows=tuple((r.criterion, count(r.n_factors)) for r in suggested.itertuples()),
        alignment="lr",
    )


def _drop_table(result: MeasurementQuality) -> Table:
    """Return one row per item: reliability with and without it, and the path it moves most."""
    drops, three = result.drops, bounded(3)
    rows = []
    if drops is not None:
        wide = drops.reliability.pivot_table(
            index="item", columns="coefficient", values="without", sort=False
        )
        omega = drops.reliability.query("coefficient == 'omega'").set_index("item")
        for item in wide.index:
            own = drops.paths[drops.paths["item"] == item]
            most = own.loc[own["change"].abs().idxmax()] if own["change"].notna().any() else None
            moved = "" if most is None else f"{most['lhs']} {most['op']} {most['rhs']}"
            size = "" if most is None else f"{three(most['est'])} to {three(most['without'])}"
            numbers = (three(wide.loc[item, c]) for c in ("alpha", "omega", "ave_std"))
            rows.append((str(item), str(omega.loc[item, "factor"]), *numbers, moved, size))
    return Table(
        title="Without the item: reliability of its construct, and the path that moves most",
        columns=("item", "construct", "α", "ω", "AVE", "path", "standardized"),
        rows=tuple(rows),
        alignment="llrrrlr",
    )


def quality_files(result: MeasurementQuality) -> dict[str, bytes]:
    """Return every table of measurement quality as CSV by file name."""
    frames = {
        "items.csv": result.items,
        "constructs.csv": result.scales,
        "normality.csv": result.normality,
        "stray_items.csv": result.strays,
    }
    if result.drops is not None:
        frames |= {
            "item_drop_reliability.csv": result.drops.reliability,
            "item_drop_htmt.csv": result.drops.htmt,
            "item_drop_paths.csv": result.drops.paths,
            "item_drop_refused.csv": result.drops.refused,
        }
    return {name: frame_csv(frame) for name, frame in frames.items()} | efa_files(result.efa)


def efa_files(result: EFA) -> dict[str, bytes]:
    """Return the tables of a factor analysis as CSV by file name."""
    frames = {
        "loadings.csv": result.loadings.rename_axis("item").reset_index().merge(result.items, on="item"),
        "structure.csv": result.structure.rename_axis("item").reset_index(),
        "factor_correlations.csv": result.factor_correlations.rename_axis("factor").reset_index(),
        "factor_variance.csv": result.variance,
        "efa_fit.csv": result.fit.rename("value").rename_axis("measure").reset_index(),
    }
    if not result.suggested.empty:
        frames["number_of_factors.csv"] = result.suggested
    return {name: frame_csv(frame) for name, frame in frames.items()}
