"""A briefing made by hand, with every kind of content and, if asked, one text in every place a stranger writes."""

import numpy as np
import pandas as pd

from sopsem.client.briefing import Benchmark, Briefing, Client, Trace

NAN = float("nan")
LABELS = (
    "Organisational collaboration",
    "Conflict",
    "Alignment",
    "Internal performance",
    "Market performance",
)


def trace(name):
    return Trace(function=f"sopsem.client.{name}", inputs_sha256="3f" * 32)


def briefing(text=None, **changes):
    """Return the briefing; ``text`` takes the place of names, labels, items, comments."""

    def own(usual):
        return usual if text is None else text

    labels = [own(each) for each in LABELS]
    scores = pd.DataFrame(
        {
            "construct": ["coordination", "conflict", "alignment", "internal", "market"],
            "label": labels,
            "n": [41, 40, 41, 41, 38],
            "mean": [4.3, 3.1, 3.4, 5.1, NAN],
            "lower": [3.9, 2.8, 3.0, 4.8, NAN],
            "upper": [4.6, 3.4, 3.8, 5.4, NAN],
            "benchmark_mean": [4.1, 3.5, 4.0, 4.6, 4.4],
            "benchmark_low": [3.4, 2.9, 3.2, 4.0, 3.8],
            "benchmark_high": [4.9, 4.1, 4.7, 5.2, 5.1],
            "percentile": [61.0, 31.4, 22.0, 74.0, NAN],
            "minimum": 1.0,
            "maximum": 7.0,
            "favourable": ["high", "low", "high", "high", "high"],
        }
    )
    gaps = pd.DataFrame(
        {
            "label": labels,
            "mean_first": [4.6, 2.9, 3.6, 5.1, NAN],
            "mean_second": [3.9, 3.3, 3.2, 5.2, NAN],
            "gap": [0.7, -0.4, 0.4, -0.1, NAN],
            "alike": ["yes", "no", "not checked", "yes, weakly", "not checked"],
            "differs": [True, False, False, False, None],
            "lower": [0.2, -0.9, -0.1, -0.6, NAN],
            "upper": [1.2, 0.1, 0.9, 0.4, NAN],
            "minimum": 1.0,
            "maximum": 7.0,
        }
    )
    drivers = pd.DataFrame(
        {
            "label": labels[:3],
            "importance": [0.41, -0.12, 0.62],
            "ci_lower": [0.22, -0.31, 0.40],
            "ci_upper": [0.61, 0.08, 0.86],
            "performance": [55.0, 35.0, 40.0],
            "room": [45.0, 35.0, 60.0],
            "first_share": [0.07, 0.0, 0.93],
        }
    )
    method = {
        "estimator": "maximum likelihood",
        "chi2": 169.04,
        "df": 129,
        "CFI": 0.942,
        "file": own("client.csv"),
        "versions": {"sopsem": "0.1.0", "numpy": "2.4.6"},
    }
    parts = {
        "client": Client(
            name=own("Acme Ltd"),
            label="synthetic data",
            subject="Sales-operations alignment",
            language="en",
            rows=44,
            used=41,
        ),
        "benchmark": Benchmark(name=own("synthetic_twin_0"), label="synthetic data", n=92),
        "scores": scores,
        "gaps": gaps,
        "groups": ((own("Sales"), 21), (own("Operations"), 20)),
        "gap_notes": (
            own("Sales and operations answer alike enough to compare means (scalar invariance held)."),
        ),
        "drivers": drivers,
        "driver_facts": {
            "outcome": own("Overall performance"),
            "draws": 1000,
            "n": 92,
            "sample": own("the benchmark"),
        },
        "driver_notes": (),
        "screening": pd.DataFrame(
            {
                "check": [own("speeders"), "straight-lining"],
                "rule": ["faster than a third of the median", "same answer 18 times"],
                "judged": [44, 44],
                "marked": [2, 1],
                "excluded": [2, 0],
                "cannot": ["", ""],
            }
        ),
        "exclusions": pd.DataFrame({"reason": [own("speeder"), "missing: col1"], "rows": [2, 1]}),
        "missing": pd.DataFrame(
            {
                "item": [own("col1"), "con3"],
                "text": [own("We meet on a fixed calendar to settle one common plan."), "x"],
                "missing": [1, 0],
                "share": [1 / 44, 0.0],
            }
        ),
        "reliability": pd.DataFrame(
            {
                "label": labels,
                "items": [4, 4, 4, 3, 3],
                "alpha": np.linspace(0.7, 0.9, 5),
                "omega": np.linspace(0.71, 0.91, 5),
                "ave": np.linspace(0.5, 0.7, 5),
            }
        ),
        "method": method,
        "model": own("coordination =~ col1 + col2 + col3 + col4\nconflict ~ coordination"),
        "comments": () if text is None else (text,),
        "traces": {
            name: trace(name)
            for name in (
                "scores",
                "gaps",
                "drivers",
                "screening",
                "exclusions",
                "missing",
                "reliability",
                "method",
            )
        },
    }
    return Briefing(**(parts | changes))
