"""Metrics at the door: by unit, by unit and period, halves and windows."""

import pandas as pd
import pytest

from sopsem.errors import DataError
from sopsem.executive.bridge import link_survey
from sopsem.executive.bridge.measures import read_measures

MONTHS = [f"2025-{m:02d}" for m in range(1, 9)]
PANEL = pd.DataFrame({"unit": 7, "period": MONTHS, "cash": [10.0, 20, 30, 40, 50, 60, 70, 80]})


def test_a_panel_gives_means_halves_and_windows():
    found = read_measures(PANEL.sample(frac=1, random_state=1), ["cash"], by="unit", at="2025-04")
    assert found.units.loc["7", "cash"] == 45
    assert [half.loc["7", "cash"] for half in found.halves] == [40, 50]
    assert [window.loc["7", "cash"] for window in found.windows] == [20, 60]
    assert read_measures(PANEL, ["cash"], by="unit").windows is None


def test_one_row_a_unit_has_no_halves():
    found = read_measures(pd.DataFrame({"unit": ["A"], "cash": [1]}), ["cash", "roce"], by="unit")
    assert found.halves is None
    assert found.known("cash")
    assert not found.known("roce")


@pytest.mark.parametrize(
    ("frame", "options", "code"),
    [
        (PANEL.drop(columns="unit"), {}, "T02"),
        (PANEL.assign(unit=None), {}, "T02"),
        (pd.concat([PANEL, PANEL[["cash"]]], axis=1), {}, "T02"),
        (PANEL.assign(cash="much"), {}, "T03"),
        (PANEL.assign(cash=float("inf")), {}, "T03"),
        (PANEL.assign(period="2025-01"), {}, "T04"),
        (PANEL.drop(columns="period"), {}, "T04"),
        (PANEL.head(1).drop(columns="period"), {"at": "2025-01"}, "T08"),
        (PANEL.assign(period="soon").head(1), {}, "T03"),
    ],
)
def test_what_is_no_measure_is_refused(frame, options, code):
    with pytest.raises(DataError) as caught:
        read_measures(frame, ["cash"], by="unit", **options)
    assert caught.value.code == code


def test_lags_show_both_correlations_and_the_halves_give_a_reliability(people, ops, quick):
    wide = ops(10)
    panel = pd.concat([wide.assign(period=m, cash=wide["cash"] + 0.1 * i) for i, m in enumerate(MONTHS)])
    # after the survey the measure is turned: the two correlations must differ in sign
    later = panel["period"] > "2025-04"
    panel.loc[later, "price_realisation"] = 2 - panel.loc[later, "price_realisation"]
    found = link_survey(people(10), panel, categories=7, at="2025-04", policy=quick)
    lags = found.lags.set_index("metric")
    assert lags.loc["price_realisation", "pearson_before"] > 0.5
    assert lags.loc["price_realisation", "pearson_after"] < -0.5
    assert lags.loc["cash", "n_before"] == 10
    assert pd.isna(lags.loc["roce", "pearson_before"])
    pairs = found.pairs.set_index("metric")
    assert pairs.loc["cash", "rel_measured"] == pytest.approx(1)
    assert pairs.loc["cash", "corrected"] == pytest.approx(
        pairs.loc["cash", "pearson"] / pairs.loc["cash", "rel_perceived"] ** 0.5
    )
    few = link_survey(people(5), panel[panel["unit"] < "U06"], categories=7, at="2025-04", policy=quick)
    assert few.lags.filter(regex="pearson|spearman").isna().all().all()
