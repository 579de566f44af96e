"""Forecast and pipeline in words: error beside the naive forecast, optimism by sales unit, worth of the stages."""

import math

import pandas as pd

from sopsem.executive.assessment import Assessment
from sopsem.executive.forecast import ForecastReport
from sopsem.executive.pipeline import PipelineResult
from sopsem.report.client.document import Statement
from sopsem.report.digits import decimals, p_value
from sopsem.report.operations.report_evidence import Block, Shown, Topic, said
from sopsem.report.operations.report_words import listed, period_word, share
from sopsem.report.table import Table

__all__ = ["FORECAST", "PIPELINE"]

WHOLE = decimals(0)


def _optimism(value: float) -> str:
    """Say on which side of demand a forecast lies."""
    if math.isnan(value):
        return "of unknown bias"
    return f"{share(abs(value))} too {'high' if value >= 0 else 'low'} on balance"


def _forecast(forecast: ForecastReport, found: Assessment) -> Statement:
    s, n = forecast.summary, forecast.number("n_periods")
    if math.isnan(forecast.number("wape")):
        return said(
            forecast,
            n,
            f"The error of the {s['step']} forecast cannot be told yet: too few {period_word(found)}s.",
        )
    naive = forecast.number("wape_naive")
    beside = (
        ""
        if math.isnan(naive)
        else f", where repeating the last {period_word(found)} misses by {share(naive)}"
    )
    worst = _harmful(found)
    return said(
        forecast,
        n,
        f"The {s['step']} forecast misses demand by {share(forecast.number('wape'))}{beside}; it is "
        f"{_optimism(forecast.number('optimism'))}.{worst}",
    )


def _harmful(found: Assessment) -> str:
    """Name the step that makes the forecast worse, when there is one."""
    added = found.value_added
    if added is None:
        return ""
    steps = added.table.dropna(subset="added")
    if steps.empty or steps["added"].min() >= 0:
        return ""
    row = steps.loc[steps["added"].idxmin()]
    return (
        f" After the {row['step']} step the error is {_points(-float(row['added']))} higher than before it."
    )


def _points(value: float) -> str:
    return f"{decimals(1)(100 * value)} points"


def _forecast_content(_: ForecastReport, found: Assessment) -> list[Block]:
    blocks: list[Block] = []
    if found.bias is not None:
        blocks += _bias(found)
    if found.value_added is not None:
        blocks.append(Shown(table=_staircase(found.value_added.table), result=found.value_added))
    return blocks


def _bias(found: Assessment) -> list[Block]:
    bias = found.bias
    assert bias is not None
    n, table = bias.number("n_periods"), bias.table
    limit = found.tables.policy["forecast"]["ts_limit"]
    over = table[table["signal"].abs() > limit]
    names = [f"{row['sales_unit']} (since {row['first_breach']})" for _, row in over.iterrows()]
    sentence = (
        f"The tracking signal is beyond {limit:g} for {listed(names)}."
        if names
        else f"No sales unit's tracking signal is beyond {limit:g} now."
    )
    rows = [
        (
            str(row["sales_unit"]),
            share(float(row["optimism"])),
            p_value()(row["bias_p"]),
            decimals(1)(row["signal"]),
            decimals(2)(row["factor"]),
            {True: "yes", False: "no"}.get(row["corrects"], "not known"),
        )
        for _, row in table.iterrows()
    ]
    shown = Table(
        title="Bias by sales unit",
        columns=("Sales unit", "Optimism", "p", "Tracking signal", "Correction factor", "Correction helped"),
        rows=tuple(rows),
        alignment="lrrrrl",
        notes=(
            (
                "Optimism is forecast over demand less one; p allows for runs of errors. Whether multiplying by the "
                "factor helped was tried on periods that were not used for it."
            ),
        ),
    )
    return [said(bias, n, sentence), Shown(table=shown, result=bias)]


def _staircase(frame: pd.DataFrame) -> Table:
    rows = [
        (
            str(row["step"]).capitalize(),
            share(float(row["wape"])),
            decimals(1)(100 * float(row["added"])),
            p_value()(row["dm_p"]),
            decimals(1)(100 * float(row["added_to_naive"])),
        )
        for _, row in frame.iterrows()
    ]
    return Table(
        title="What every step of the forecast adds",
        columns=(
            "Step",
            "Error (WAPE)",
            "Points better than the step before",
            "p",
            "Points better than naive",
        ),
        rows=tuple(rows),
        alignment="lrrrr",
        notes=(
            "A negative number: the forecast is worse after the step. p: Diebold and Mariano's test of equal error.",
        ),
    )


def _pipeline(pipeline: PipelineResult, _: Assessment) -> Statement:
    n = pipeline.number("n_closed")
    optimism = pipeline.number("value_optimism")
    side = "more" if optimism >= 0 else "less"
    return said(
        pipeline,
        n,
        f"The pipeline promised {share(abs(optimism))} {side} money than was won: of {WHOLE(n)} closed deals "
        f"{WHOLE(pipeline.number('stated_wins'))} wins were stated and {WHOLE(pipeline.number('wins'))} happened.",
    )


def _pipeline_content(pipeline: PipelineResult, _: Assessment) -> list[Block]:
    s, n = pipeline.summary, pipeline.number("n_closed")
    blocks: list[Block] = [
        said(
            pipeline,
            n,
            f"One deal in ten closes {WHOLE(pipeline.number('slip_p90'))} days or more after its stated date; "
            f"{s['unsupported']} open deals are stated likely without the support for it.",
        )
    ]
    rows = [
        (
            str(row["stage"]).capitalize(),
            WHOLE(row["n"]),
            share(float(row["stated"])),
            share(float(row["rate"])),
            share(float(row["shrunken"])),
        )
        for _, row in pipeline.table.iterrows()
    ]
    table = Table(
        title="What the stages are worth",
        columns=("Stage", "Closed deals", "Stated chance", "Won", "Chance to plan with"),
        rows=tuple(rows),
        alignment="lrrrr",
        notes=(
            "The chance to plan with is the share won, drawn towards that of all deals where a stage has few.",
        ),
    )
    return [*blocks, Shown(table=table, result=pipeline)]


FORECAST = Topic(
    anchor="forecast",
    heading="How far the forecast carries",
    system="forecast",
    headline=_forecast,
    content=_forecast_content,
)
PIPELINE = Topic(
    anchor="pipeline",
    heading="What the pipeline is worth",
    system="pipeline",
    headline=_pipeline,
    content=_pipeline_content,
)
