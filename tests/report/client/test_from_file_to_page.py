"""From a hostile questionnaire and file to every output: item texts, constructs, groups, comments, file name."""

import io
import json

import docx
import pandas as pd
import pytest

import sopsem
from sopsem.client.benchmark import survey_norms
from sopsem.client.brief import brief
from sopsem.report.client.assembly import client_document
from sopsem.report.client.report_files import client_files
from sopsem.report.client.report_text import report_text


@pytest.fixture(scope="module")
def files(hostile_texts):
    """The files of a report in which strangers wrote everything that can be written."""
    texts = iter([text for text in hostile_texts if "\ud800" not in text] * 3)
    data = sopsem.load_instrument().model_dump(by_alias=True)
    for part in (*data["constructs"].values(),):
        part["label"] = next(texts)
    for part in (*data["items"].values(), *data["background"].values()):
        part["text"] = next(texts)
    data["background"]["department"]["codes"] = {
        name: next(texts) for name in ("sales", "operations", "other")
    }
    data["background"]["comment"] = {"text": "Anything else?"}
    data["title"] = next(texts)
    instrument = sopsem.Instrument.model_validate(data)
    frame = pd.read_csv(sopsem.find_survey("synthetic_twin_1"), dtype=object, keep_default_na=False)
    comments = [hostile_texts[n] if n < len(hostile_texts) else "" for n in range(len(frame))]
    frame["comment"] = pd.Series(comments, dtype=object)
    for row, item in enumerate(instrument.item_ids):
        frame.loc[row, item] = ""
    answers = sopsem.responses_from_frame(frame, instrument)
    norms = survey_norms(answers, name=next(texts), label=next(texts))
    told = brief(answers, norms, name=" ".join(hostile_texts), label=next(texts), comments="comment", draws=5)
    document = client_document(told)
    return {**client_files(told, document), "terminal": report_text(document).encode()}


@pytest.mark.filterwarnings("ignore:Glyph")  # the font has no wide letters
def test_every_file_can_be_opened(files):
    """By another program, and with all comments in it."""
    told = json.loads(files["report.json"])
    comments = next(part for part in told["parts"] if part["anchor"] == "comments")
    assert len(comments["content"]) >= 40
    assert len(docx.Document(io.BytesIO(files["report.docx"])).tables) == 8
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.load_workbook(io.BytesIO(files["scorecard.xlsx"]))
    kinds = {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row}
    assert kinds <= {"s", "n"}
    assert not any(letter in files["terminal"].decode() for letter in "\x1b\x00\x07\u202e\x9b")


@pytest.mark.filterwarnings("ignore:Glyph")
def test_the_page_runs_nothing(files, browser, tmp_path):
    """No dialog, no request, no message."""
    path = tmp_path / "report.html"
    path.write_bytes(files["report.html"])
    page, seen = browser.new_page(), []
    page.on("request", lambda r: seen.append(r.url) if r.url != path.as_uri() else None)
    page.on("console", lambda m: seen.append(m.text))
    page.on("dialog", lambda d: (seen.append("dialog"), d.dismiss()))
    page.goto(path.as_uri())
    page.wait_for_timeout(200)
    assert [each for each in seen if not each.startswith("data:image/svg+xml;base64,")] == []
    assert page.evaluate("document.querySelectorAll('script, iframe, object, svg, base').length") == 0
    page.close()
