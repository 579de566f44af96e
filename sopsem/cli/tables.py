"""``sopsem tables``: the tables of a paper from one fit."""

from pathlib import Path
from typing import Annotated, Any

import typer

from sopsem.cli import fit_options as fo
from sopsem.cli.app import app
from sopsem.cli.column_map import ColumnMap, Sheet
from sopsem.cli.inputs import AsJson, echo, echo_json
from sopsem.cli.model_data import DataOrNone, ModelOrNone, Stars, SurveyInstead, read_model_data
from sopsem.cli.output_folder import require_writable, write_folder
from sopsem.cli.progress import progress_bar
from sopsem.errors import ConvergenceError
from sopsem.report.apa.collection import TABLE_FORMATS, apa_tables, numbered, table_files
from sopsem.report.apa.correlations import correlation_table
from sopsem.report.apa.invariance import invariance_table
from sopsem.report.table import Table
from sopsem.report.terminal import table_text
from sopsem.sem.estimation.fit import fit
from sopsem.sem.invariance.ladder import invariance
from sopsem.sem.resampling.bootstrap import bootstrap

__all__ = ["tables_command"]


@app.command("tables")
def tables_command(
    model: ModelOrNone = None,
    data: DataOrNone = None,
    survey: SurveyInstead = None,
    instrument: Annotated[
        str | None, typer.Option(help="Instrument whose labels and item texts are printed.")
    ] = None,
    columns: ColumnMap = None,
    sheet: Sheet = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder to write; without it the tables are shown.")
    ] = None,
    to: Annotated[str, typer.Option(help="Formats to write.")] = ",".join(TABLE_FORMATS),
    draws: Annotated[int, typer.Option(min=0, help="Bootstrap draws for the intervals; 0 for Wald's.")] = 0,
    seed: Annotated[int, typer.Option(help="Of the draws.")] = 1,
    kind: Annotated[str | None, typer.Option(help="Of interval: percentile, bc, bca, ...")] = None,
    digits: Annotated[int, typer.Option(min=1, max=6, help="Decimals of estimates.")] = 2,
    stars: Stars = False,
    item_texts: Annotated[bool, typer.Option("--item-texts", help="Print the wording of items.")] = False,
    ladder: Annotated[
        bool, typer.Option("--invariance", help="With --group: also the invariance table.")
    ] = False,
    group: fo.Group = None,
    group_label: fo.GroupLabel = "",
    group_equal: fo.GroupEqual = "",
    estimator: fo.Estimator = None,
    missing: fo.Missing = None,
    ordered: fo.Ordered = "",
    cluster: fo.Cluster = None,
    mimic: fo.Mimic = None,
    std_lv: fo.StdLv = False,
    as_json: AsJson = False,
) -> None:
    """Make the APA tables of a model: measurement, validity, effects, fit, correlations, invariance.

    Example: sopsem tables model.txt data.csv --stars --out tables --to docx,tex
    """
    require_writable(out)
    formats = fo.listed(to)
    given = read_model_data(model, data, survey, instrument, columns, sheet)
    rows = fo.with_plain_labels(given.rows, group, cluster)
    options: dict[str, Any] = {
        "estimator": estimator,
        "missing": missing,
        "ordered": fo.ordered_option(ordered),
        "cluster": cluster,
        "std_lv": std_lv,
        "group_label": fo.listed(group_label) or None,
    }
    result = fit(given.model, rows, group=group, group_equal=fo.listed(group_equal), mimic=mimic, **options)
    drawn = None
    if draws:
        with progress_bar("draws") as progress:
            drawn = bootstrap(result, draws=draws, seed=seed, progress=progress)
    look: dict[str, Any] = {"labels": given.labels, "source_label": given.source_label}
    made = apa_tables(
        result,
        drawn,
        kind=kind,
        texts=given.texts if item_texts else None,
        digits=digits,
        with_stars=stars,
        **look,
    )
    made["correlations"] = correlation_table(
        rows, list(result.spec.observed), with_stars=stars, digits=digits, **look
    )
    if ladder:
        found = invariance(given.model, rows, group, **options)
        made["invariance"] = invariance_table(found, source_label=given.source_label)
    _give(numbered(made), out, formats, as_json=as_json)
    if result.improper or not result.status.converged:
        raise typer.Exit(ConvergenceError.exit_code)


def _give(tables: dict[str, Table], out: Path | None, formats: tuple[str, ...], *, as_json: bool) -> None:
    """Write the tables, or show them; the results are shown even if they cannot be written."""
    failed = None
    if out is not None:
        failed = write_folder(
            {out / name: content for name, content in table_files(tables, formats).items()}, out
        )
    if as_json:
        echo_json(
            {
                name: {
                    "title": table.title,
                    "notes": list(table.notes),
                    "source": table.source_label,
                    "rows": [] if table.frame is None else table.frame.to_dict("records"),
                }
                for name, table in tables.items()
            }
        )
    elif out is None or failed is not None:
        echo("\n".join(table_text(table) for table in tables.values()))
    if failed is not None:
        raise failed
