"""Every panel: it draws on a sheet of its own and on axes that are given, and its words stay on the page."""

from dataclasses import replace

import numpy as np
import pandas as pd
from figure_checks import drawn_texts, outside

from sopsem.executive.assessment import assess
from sopsem.executive.bridge import link_survey
from sopsem.executive.forecast import forecast_bias
from sopsem.executive.schema.tables import check_tables
from sopsem.executive.throughput import contribution_table
from sopsem.report.canvas import sheet
from sopsem.report.operations import panels
from sopsem.report.operations.cash_panel import cash_panel
from sopsem.report.operations.headline import headline
from sopsem.report.operations.panel import drawn
from sopsem.report.operations.sheet_page import A3, A3_BACK, grid_page

SMALLEST = 9.0  # points on A3


def all_panels(found):
    return (*panels.front_panels(found), *panels.back_panels(found))


def test_the_grid_is_full_and_no_panel_is_a_card(found):
    assert len(panels.front_panels(found)) == A3.rows * A3.columns
    assert len(panels.back_panels(found)) == A3_BACK.rows * A3_BACK.columns
    assert [p.finding.title for p in all_panels(found) if p.finding.title.startswith("Not shown")] == []


def test_each_draws_alone_and_keeps_its_words_on_the_sheet(found):
    for panel in all_panels(found):
        alone = drawn(panel, None)
        assert outside(alone.get_figure(root=True)) == [], panel.name


def test_the_pages_at_a3_hold_every_word_in_readable_size(found):
    for shape, own, gauges in (
        (A3, panels.front_panels(found), headline(found)),
        (A3_BACK, panels.back_panels(found), ()),
    ):
        page = grid_page(own, shape, title="Plant", foot="foot", label="synthetic data", gauges=gauges)
        assert outside(page) == []
        assert min(text.get_size() for text, _ in drawn_texts(page)) >= SMALLEST


def test_axes_that_are_given_are_drawn_on(found):
    mine = sheet(7.0, 4.0).add_axes((0.2, 0.2, 0.6, 0.5))
    assert panels.panel_cash(found.cash, mine) is mine
    assert "tied up" in " ".join(text.get_text() for text in mine.texts)


def test_every_panel_says_in_words_what_it_shows(found):
    for panel in all_panels(found):
        assert panel.finding.alt
        assert panel.finding.subtitle.endswith("]"), panel.finding.subtitle
        assert "nan" not in f"{panel.finding.title} {panel.finding.alt}".split()


def test_a_missing_table_is_named_on_its_card(plant):
    frames = {
        name: frame for name, frame in plant.frames.items() if name in {"products", "demand", "financials"}
    }
    found = assess(check_tables(frames))
    cards = {p.name: p.finding for p in panels.front_panels(found)}
    assert "pipeline.csv is needed" in cards["pipeline"].title
    assert "routings.csv is needed" in cards["scenarios"].alt  # the reason of what it starts from
    assert cards["cash"].title.startswith("Money is tied up")


def test_thin_evidence_is_said_not_guessed(plant):
    frames = dict(plant.frames)
    frames["pipeline"] = frames["pipeline"].head(12)
    few = assess(check_tables({name: frames[name] for name in ("pipeline",)}))
    (title,) = [p.finding.title for p in panels.front_panels(few) if p.name == "pipeline"]
    assert title.startswith("Too few closed deals to judge the pipeline: have ")


def test_titles_follow_the_numbers(found):
    titles = {p.name: p.finding.title for p in all_panels(found)}
    count = int((found.bottleneck.table["bottleneck"] == "MACH").sum())
    assert titles["utilisation"].startswith(f"MACH limits output in {count} of 15 months")
    worst = found.bias.table[found.bias.table["bias_p"] < 0.05]
    if len(worst):
        assert worst.loc[worst["optimism"].abs().idxmax(), "sales_unit"] in titles["optimism"]


def test_long_names_and_many_of_them_stay_on_the_page(found, plant):
    frames = {name: plant.frames[name].copy() for name in ("products", "routings", "demand", "forecasts")}
    rng = np.random.default_rng(0)
    for name, noise in {"demand": 0.0, "forecasts": 0.2}.items():
        own = frames[name][frames[name]["sales_unit"] == "North"]
        units = {f"Sales organisation <b>$x^2$ {n} of the north": 1 + n * noise for n in range(10)}
        many = [
            own.assign(sales_unit=unit, quantity=own["quantity"] * rng.uniform(1 - noise, most, len(own)))
            for unit, most in units.items()
        ]
        frames[name] = pd.concat(many, ignore_index=True)
    bias = forecast_bias(frames["forecasts"], frames["demand"])
    longer = {f"P{i}": f"Hydraulic press with automatic loading, series {i}" for i in range(1, 7)}
    products, routings = (
        frames[n].assign(product_id=frames[n]["product_id"].replace(longer)) for n in list(frames)[:2]
    )
    contribution = contribution_table(products, routings, resource="MACH")
    wide = replace(found, unit="Plant " * 60, bias=bias, contribution=contribution, prices=None)
    page = grid_page(panels.front_panels(wide), A3, title="Plant " * 60, foot="", gauges=headline(wide))
    assert outside(page) == []


def test_units_stand_in_their_quadrant_and_one_alone_in_its_profile():
    people = pd.DataFrame({"unit": ["A"] * 5 + ["B"] * 5, "alignment": [6, 6, 5, 6, 6, 3, 3, 2, 3, 3]})
    measured = pd.DataFrame({"unit": ["A", "B"], "index_s": [45, 70], "delivery": [0.9, 0.7]})
    ax = panels.panel_perception(link_survey(people, measured, categories=7), unit="A")
    assert outside(ax.get_figure(root=True)) == []
    assert {"A", "B"} <= {text.get_text() for text in ax.texts}
    alone = link_survey(people.head(5), measured.head(1), categories=7)
    panel = panels.panel_perception(alone, unit="A")
    assert outside(panel.get_figure(root=True)) == []
    assert len(panel.lines) == len(alone.profile.dropna(subset=["score"]))


def test_the_title_of_cash_is_of_the_last_period_and_three_before(found):
    days = np.arange(40.0, 40.0 + 2.0 * len(found.cash.table), 2.0)
    title = cash_panel(replace(found.cash, table=found.cash.table.assign(ccc=days))).finding.title
    assert title == f"Money is tied up for {days[-1]:.0f} days, 6 more than 3 months before"
