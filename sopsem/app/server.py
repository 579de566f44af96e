"""What happens on the local page: files in, columns confirmed, results shown, the report given out."""

import io
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from shiny import App, Inputs, Outputs, Session, reactive, render, req, ui

from sopsem.app import shown
from sopsem.app.page import OWN, page
from sopsem.app.study_table import study_tables
from sopsem.app.uploads import Upload, kept, match_sentence, match_table, missing_questions
from sopsem.client.benchmark import Norms
from sopsem.client.brief import brief
from sopsem.client.briefing import Briefing
from sopsem.errors import SopsemError, UsageError
from sopsem.report.client.assembly import client_document
from sopsem.report.client.document import Document
from sopsem.report.client.report_files import client_files
from sopsem.report.screening_text import counts_table
from sopsem.survey import Instrument, Responses, load_instrument
from sopsem.survey.inspection import Inspection
from sopsem.survey.screening.screening import Action, screen
from sopsem.survey.screening.screens import screens
from sopsem.survey.shipped import find_survey

__all__ = ["application"]

DRAWS = 500
NOTHING = "not in the file"
T = TypeVar("T")


def application() -> App:
    """Return the page as an ASGI application; it has no door of its own, see ``guard``."""
    return App(page(), _serve)


def _serve(inputs: Inputs, outputs: Outputs, session: Session) -> None:
    """Serve one browser window."""
    folder = tempfile.TemporaryDirectory(prefix="sopsem-uploads-")
    session.on_ended(folder.cleanup)
    _Visit(inputs, outputs, Path(folder.name))


@dataclass(frozen=True, kw_only=True)
class _Confirmed:
    """A file whose columns the user has confirmed."""

    upload: Upload
    instrument: Instrument
    columns: dict[str, str]


class _Visit:
    """One window: what was uploaded and everything that follows from it, each computed once per change."""

    def __init__(self, inputs: Inputs, outputs: Outputs, folder: Path) -> None:
        self._in, self._folder = inputs, folder
        self._confirmed: reactive.Value[_Confirmed | None] = reactive.Value(None)
        self.upload = reactive.calc(self._upload)
        self.inspection = reactive.calc(self._inspection)
        self.responses = reactive.calc(self._responses)
        self.norms = reactive.calc(self._norms)
        self.briefing = reactive.calc(self._briefing)
        self.document = reactive.calc(self._document)
        reactive.effect(reactive.event(inputs.confirm)(self._confirm))
        reactive.effect(reactive.event(inputs.survey, inputs.instrument)(self._forget))
        shows = {
            "columns": self._show_columns,
            "mapped": self._show_mapped,
            "results": self._show_results,
            "screens": self._show_screens,
            "screening": self._show_screening,
            "scores": self._show_scores,
            "model": self._show_model,
            "report": self._show_report,
        }
        for name, show in shows.items():
            outputs(id=name)(render.ui(show))
        for name in ("report.html", "report.docx"):
            outputs(id=name.replace(".", "_"))(render.download_button(filename=name)(self._file(name)))
        outputs(id="everything")(render.download_button(filename="sopsem_report.zip")(self._everything))

    # ------------------------------------------------------------------------------------- what follows from what

    def _instrument(self) -> Instrument:
        return load_instrument(self._in.instrument())

    def _taken(self, name: str) -> Upload | None:
        """Return an uploaded file, moved to our folder."""
        found = self._in[name]()
        if not found:
            return None
        own = Path(tempfile.mkdtemp(dir=self._folder))
        return kept(Path(found[0]["datapath"]), found[0]["name"], own)

    def _upload(self) -> Upload | None:
        return self._taken("survey")

    def _inspection(self) -> Inspection | SopsemError | None:
        upload = self.upload()
        return None if upload is None else _tried(lambda: upload.inspect(self._instrument(), {}))

    def _columns(self) -> dict[str, str]:
        """Return question -> column as chosen on the page."""
        found = self.inspection()
        if not isinstance(found, Inspection):
            return {}
        chosen = {q: self._in[f"map_{n}"]() for n, q in enumerate(missing_questions(found))}
        return {question: column for question, column in chosen.items() if column != NOTHING}

    def _confirm(self) -> None:
        upload = self.upload()
        if upload is not None:
            self._confirmed.set(
                _Confirmed(upload=upload, instrument=self._instrument(), columns=self._columns())
            )

    def _forget(self) -> None:
        self._confirmed.set(None)

    def _responses(self) -> Responses | SopsemError | None:
        sure = self._confirmed()
        return None if sure is None else _tried(lambda: sure.upload.read(sure.instrument, sure.columns))

    def _norms(self) -> Norms | SopsemError | None:
        sure = self._confirmed()
        own = self._in.against() == OWN
        upload = self._taken("norm") if own else Upload(path=find_survey(self._in.against()))
        if sure is None or upload is None:
            return None
        return _tried(lambda: upload.norms(sure.instrument))

    def _briefing(self) -> Briefing | SopsemError | None:
        sure, answers, norms = self._confirmed(), self.responses(), self.norms()
        if sure is None or not isinstance(answers, Responses) or not isinstance(norms, Norms):
            return norms if isinstance(norms, SopsemError) else None
        actions = self._actions()
        with ui.Progress(min=0, max=DRAWS) as bar:
            bar.set(0, message="Fitting and resampling the model")
            return _tried(
                lambda: brief(
                    answers,
                    norms,
                    name=sure.upload.name,
                    label=sure.upload.label,
                    screens=actions,
                    draws=DRAWS,
                )
            )

    def _document(self) -> Document | None:
        told = self.briefing()
        return client_document(told) if isinstance(told, Briefing) else None

    def _actions(self) -> dict[str, Action]:
        return dict.fromkeys(self._in.leave_out(), "exclude")

    # ---------------------------------------------------------------------------------------------- what is shown

    def _show_columns(self) -> ui.TagChild:
        found = self.inspection()
        if found is None:
            return shown.waiting("Choose a survey file first.")
        if isinstance(found, SopsemError):
            return shown.problem(found)
        spare = [NOTHING, *map(str, found.unmatched["column"])]
        selects = [
            ui.input_select(f"map_{n}", f"{question}{f' (like it: {near})' if near else ''}", spare)
            for n, (question, near) in enumerate(missing_questions(found).items())
        ]
        ask = [ui.h3("Questions without a column"), ui.div(*selects, class_="files")] if selects else []
        listed = ui.tags.details(
            ui.tags.summary("Which column answers which question"),
            shown.table(match_table(found)),
            open=bool(selects) or None,
        )
        return ui.TagList(ui.p(match_sentence(found)), listed, *ask, ui.output_ui("mapped"))

    def _show_mapped(self) -> ui.TagChild:
        """Show what would be refused with the columns as chosen, or the button that confirms them."""
        upload = self.upload()
        req(upload)
        found = _tried(lambda: upload.inspect(self._instrument(), self._columns()))  # type: ignore[union-attr]
        if isinstance(found, SopsemError):
            return shown.problem(found)
        if found.faults:
            return ui.div(*(ui.div(fault) for fault in found.faults[:20]), class_="problem", role="alert")
        return ui.input_action_button("confirm", "These columns are right", class_="btn-primary mt-2")

    def _show_results(self) -> ui.TagChild:
        answers = self.responses()
        if answers is None:
            return shown.waiting("Confirm the columns first.")
        if isinstance(answers, SopsemError):
            return shown.problem(answers)
        return ui.navset_underline(
            ui.nav_panel("Screening", ui.output_ui("screens"), ui.output_ui("screening")),
            ui.nav_panel("Scorecard", ui.output_ui("scores")),
            ui.nav_panel("Model", ui.output_ui("model")),
            id="result",
        )

    def _show_screens(self) -> ui.TagChild:
        names = {entry.name: entry.name.replace("_", " ") for entry in screens}
        return ui.input_checkbox_group(
            "leave_out", "Leave out the rows that are marked by", names, inline=True
        )

    def _show_screening(self) -> ui.TagChild:
        answers, sure = self.responses(), self._confirmed()
        req(isinstance(answers, Responses))
        assert isinstance(answers, Responses)
        assert sure is not None
        found = screen(answers, self._actions())
        return shown.table(counts_table(found, source_label=sure.upload.label))

    def _show_scores(self) -> ui.TagChild:
        return self._parts("scorecard", "gaps")

    def _show_model(self) -> ui.TagChild:
        answers, sure = self.responses(), self._confirmed()
        req(isinstance(answers, Responses))
        assert isinstance(answers, Responses)
        assert sure is not None
        found = _tried(lambda: study_tables(answers, sure.upload.label))
        tables = [shown.problem(found)] if isinstance(found, SopsemError) else list(map(shown.table, found))
        return ui.TagList(*tables, self._parts("drivers"))

    def _show_report(self) -> ui.TagChild:
        if not isinstance(self.responses(), Responses):
            return shown.waiting("Confirm the columns first.")
        buttons = (
            ui.download_button("report_html", "Page (HTML)", class_="btn-primary"),
            ui.download_button("report_docx", "Word"),
            ui.download_button("everything", "All files (zip)"),
        )
        name = ui.input_text("client", "Name of the client", placeholder="as the file")
        return ui.div(name, *buttons, class_="take")

    def _parts(self, *anchors: str) -> ui.TagChild:
        told, document = self.briefing(), self.document()
        if isinstance(told, SopsemError):
            return shown.problem(told)
        if document is None:
            return shown.waiting("Choose a benchmark file.")
        label = [ui.p(document.source_label, class_="said")] if document.source_label else []
        return ui.TagList(*label, *(shown.exhibits(document, anchor) for anchor in anchors))

    # ------------------------------------------------------------------------------------------ what is given out

    def _files(self) -> dict[str, bytes]:
        told = self.briefing()
        if not isinstance(told, Briefing):
            why = str(told or "Choose a benchmark first.")
            ui.notification_show(why, type="error")
            raise UsageError(why)
        named = replace(told, client=replace(told.client, name=self._in.client() or told.client.name))
        return client_files(named, client_document(named))

    def _file(self, name: str) -> Callable[[], Iterator[bytes]]:
        def given() -> Iterator[bytes]:
            yield self._files()[name]

        return given

    def _everything(self) -> Iterator[bytes]:
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in self._files().items():
                archive.writestr(name, content)
        yield target.getvalue()


def _tried(work: Callable[[], T]) -> T | SopsemError:
    """Return a result, or the error that says why there is none: the page shows it in its place."""
    try:
        return work()
    except SopsemError as error:
        return error
