"""Records made by hand, and briefings of units that answer to them."""

import sys
from pathlib import Path

import numpy as np
import pandas as pd

from sopsem.client.operations.unit_views import UnitsAsked, unit_views
from sopsem.client.privacy.released import published_groups
from sopsem.executive.alignment.index import COMPONENTS
from sopsem.executive.bridge import MeasuredUnits
from sopsem.executive.result import Provenance
from sopsem.executive.schema.policy import DEFAULT_POLICY
from sopsem.report.client.operations.records import Records
from sopsem.survey.scoring import construct_means

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[3] / "client" / "operations"))

from briefings import briefing, trace
from worlds import unit_survey

NOTHING = pd.DataFrame()


def records(names, seed=3, **changes):
    """Return records of units whose measures are random."""
    rng = np.random.default_rng(seed)
    metrics = [*COMPONENTS, "index", "index_s", "premium_freight", "otif_requested"]
    table = pd.DataFrame(rng.uniform(0.2, 0.9, (len(names), len(metrics))), columns=metrics)
    table["inventory_fit"] = np.nan
    table.insert(0, "unit", list(names))
    table["index_s"] *= 100
    reasons = pd.DataFrame(
        [(n, "inventory_fit", "it is taken from given=") for n in names], columns=["unit", "metric", "reason"]
    )
    origin = Provenance(formula="E43", source="made by hand", policy="", inputs="cd" * 8)
    measured = MeasuredUnits(
        table=table, halves=NOTHING, windows=NOTHING, reasons=reasons, summary={}, provenance=origin
    )
    index = table[["unit"]].assign(
        index=table["index_s"], low=table["index_s"] - 9, high=table["index_s"] + 9
    )
    rows = [
        (n, c, COMPONENTS[c], v, 100 * v, "" if np.isfinite(v) else "it is taken from given=")
        for n, *values in table[["unit", *COMPONENTS]].itertuples(index=False)
        for c, v in zip(COMPONENTS, values, strict=True)
    ]
    parts = {
        "measured": measured,
        "index": index,
        "components": pd.DataFrame(rows, columns=["unit", "component", "label", "value", "score", "reason"]),
        "outcomes": table[["unit"]].assign(outcome=rng.normal(size=len(names))),
        "reliability": 0.8,
        "policy": DEFAULT_POLICY,
        "label": "synthetic data",
    }
    return Records(**(parts | changes))


def told(sizes, made=None, constructs=("alignment",), question="unit", **survey):
    """Return a briefing with the views of units, and the records beside them."""
    answers = unit_survey(sizes, **survey)
    made = records(sizes) if made is None else made
    asked: UnitsAsked = made.asked(question)
    scores = construct_means(answers, list(constructs))
    by = ("unit",) if len(sizes) > 1 and question == "unit" else ()
    views = unit_views(answers, published_groups(answers, by, scores=scores), asked)
    traces = {**briefing().traces, "units": trace("operations.unit_views.unit_views")}
    return briefing(views=views, traces=traces), made
