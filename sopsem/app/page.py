"""What the local page looks like: four steps, one below the other; no font, script or picture from elsewhere."""

from importlib.resources import files

from shiny import ui

from sopsem.survey import shipped_instruments
from sopsem.survey.shipped import shipped_surveys

__all__ = ["FILES", "page"]

FILES = [".csv", ".tsv", ".txt", ".xlsx", ".xls", ".ods", ".sav", ".zsav", ".dta", ".parquet", ".zip"]
OWN = "a survey or scorecard of mine"
_STYLE = (files("sopsem.app") / "page.css").read_text("utf-8")


def page() -> ui.Tag:
    """Return the page."""
    return ui.page_fluid(
        ui.tags.head(ui.tags.style(_STYLE)),
        ui.tags.header(
            ui.h1("sopsem"),
            ui.p("From a survey file to a client report. Everything stays on this machine."),
        ),
        ui.tags.main(
            _step(1, "Files", _files()),
            _step(2, "Columns", ui.output_ui("columns")),
            _step(3, "Results", ui.output_ui("results")),
            _step(4, "Report", ui.output_ui("report")),
        ),
        title="sopsem",
        lang="en",
    )


def _step(number: int, heading: str, content: ui.TagChild) -> ui.Tag:
    return ui.tags.section(
        ui.h2(ui.span(str(number), class_="number"), heading, id=f"step-{number}"),
        content,
        aria_labelledby=f"step-{number}",
    )


def _files() -> ui.Tag:
    return ui.div(
        ui.input_file(
            "survey",
            "Survey",
            accept=FILES,
            button_label="Choose",
            placeholder="or drop a file here",
            width="100%",
        ),
        ui.input_select("instrument", "Questionnaire", list(shipped_instruments()), width="100%"),
        ui.div(
            ui.input_select("against", "Benchmark", [*shipped_surveys(), OWN], width="100%"),
            ui.panel_conditional(
                f"input.against === '{OWN}'",
                ui.input_file(
                    "norm", "Benchmark file", accept=[*FILES, ".json"], button_label="Choose", width="100%"
                ),
            ),
        ),
        class_="files",
    )
