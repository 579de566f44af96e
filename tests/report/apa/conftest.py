"""One table of every kind, for one group and for several, ordered, improper, and with names in many letters."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import sopsem

TWO = "f =~ a + b + c; g =~ d + e + h"
SECOND = TWO + "; k =~ p + q + r; z =~ f + g + k; y ~ z"
LABELS = {"f": "Zusammenarbeit & Vertrauen", "g": "品質", "a": "α_1 100%"}
TEXTS = {
    "a": "We meet on a fixed calendar, every month, to settle one common plan for all of us.",
    "b": "=1+1",
}


@pytest.fixture(scope="session")
def study():
    """Return the fits and draws that the tables are made of."""
    loadings = "f =~ 0.8*a + 0.7*b + 0.6*c; g =~ 0.8*d + 0.7*e + 0.6*h; k =~ 0.9*p + 0.7*q + 0.8*r"
    population = f"{loadings}; z =~ 0.8*f + 0.7*g + 0.6*k; y ~ 0.5*z"
    data = sopsem.simulate(population, 200, seed=3, groups=("Süd", "nord"), group="school")
    data.loc[::40, "a"] = np.nan
    answers = data.assign(**{v: pd.cut(data[v], 4, labels=False) for v in "bcdeh"})
    answers["a"] = pd.cut(data["a"], 4, labels=False)
    paths = sopsem.fit(SECOND, data, missing="ml")
    heywood = pd.DataFrame([[1.0, 0.9, 0.3], [0.9, 1.0, 0.2], [0.3, 0.2, 1.0]], *[list("abc")] * 2)
    return SimpleNamespace(
        data=data,
        single=sopsem.fit(TWO, data),
        groups=sopsem.fit(TWO, data, group="school", estimator="MLR"),
        paths=paths,
        free=sopsem.fit(SECOND + "; y ~ f", data, missing="ml"),
        grouped_paths=sopsem.fit(TWO + "; g ~ l*f", data, group="school"),
        ordinal=sopsem.fit(TWO, answers, ordered=list("abcdeh")),
        heywood=sopsem.fit("f =~ a + b + c", sample_cov=heywood, n_obs=80),
        ladder=sopsem.invariance(TWO, data, "school", levels=["configural", "metric", "scalar"]),
        draws=sopsem.bootstrap(sopsem.fit(TWO + "; g ~ f", data), draws=60, seed=1),
    )


@pytest.fixture(scope="session")
def tables(study):
    """Return the tables by name."""
    s, words = study, {"labels": LABELS}
    return {
        "measurement": sopsem.measurement_table(s.single, texts=TEXTS, with_stars=True, **words),
        "measurement_groups": sopsem.measurement_table(s.groups, digits=3, **words),
        "measurement_second": sopsem.measurement_table(s.paths, **words),
        "measurement_ordinal": sopsem.measurement_table(s.ordinal, **words),
        "measurement_improper": sopsem.measurement_table(s.heywood, source_label="synthetic data"),
        "validity": sopsem.validity_table(s.single, with_stars=True, **words),
        "validity_groups": sopsem.validity_table(s.groups, ratio="htmt2", digits=3, **words),
        "validity_ordinal": sopsem.validity_table(s.ordinal, **words),
        "effects": sopsem.effects_table(s.paths, with_stars=True, **words),
        "effects_groups": sopsem.effects_table(s.grouped_paths, digits=3, **words),
        "effects_draws": sopsem.effects_table(s.draws.fit, s.draws, **words),
        "fit": sopsem.fit_table({"Free path": s.free, "No path": s.paths}),
        "fit_robust": sopsem.fit_table(s.groups),
        "invariance": sopsem.invariance_table(s.ladder),
        "correlations": sopsem.correlation_table(s.data, list("abcdeh"), with_stars=True, **words),
        "bootstrap": sopsem.bootstrap_table(s.draws.fit, s.draws, **words),
    }
