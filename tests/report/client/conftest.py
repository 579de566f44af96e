"""Forty hostile texts, a report that has each of them in every place, and a page opened in a real browser."""

import os
import shutil
import sys
from pathlib import Path

import pytest

from sopsem.client.briefing import Trace
from sopsem.report.canvas import figure_bytes, sheet
from sopsem.report.client.document import Document, Drawing, Exhibit, Headline, Part
from sopsem.report.table import Table

sys.path.insert(0, str(Path(__file__).parent))  # briefings stands beside this file

CHROMIUM = Path(shutil.which("chromium") or "chromium is not installed")
MORE = (
    "</script><script>alert(1)</script>",
    "</style><style>@import 'http://evil.example/x.css';</style>",
    "--><img src=x onerror=alert(1)><!--",
    "</title><svg onload=alert(1)>",
    '"><iframe src="javascript:alert(1)"></iframe>',
    "<a href='javascript:alert(1)'>x</a>",
    "data:text/html,<script>alert(1)</script>",
    "<base href='http://evil.example/'>",
    "<meta http-equiv=refresh content='0;url=http://evil.example'>",
    "\uff0dcmd",
    '=HYPERLINK("http://evil.example")',
    "=1+1;=2+2",
    r"\openout1=x \catcode`\%=12",
    "\x9b31mred",
    "\u2066\u202dflip\u2069",
    "[[Q1]](_x0041_)",
)  # fmt: skip


@pytest.fixture(scope="session")
def hostile_texts(payloads):
    """At least forty texts."""
    every = (*payloads, *MORE)
    assert len(every) >= 40
    return every


@pytest.fixture(scope="session")
def hostile_document(hostile_texts):
    """A report in which every text stands in every place."""
    svg, png = (figure_bytes(sheet(1, 1), kind) for kind in ("svg", "png"))
    parts = []
    for number, text in enumerate(hostile_texts):
        trace = Trace(function="sopsem.client.scores", inputs_sha256="0" * 64)
        table = Table(
            title=text, columns=(text, "b"), rows=((text, text), ("x", text)), notes=(text, text), alignment="lr",
            source_label=text,
        )  # fmt: skip
        drawing = Drawing(wide=svg, narrow=svg, png=png, alt=f"alt {text}")
        shown = (
            Exhibit(id=f"F{number}", content=drawing, trace=trace, caption=text),
            Exhibit(id=f"T{number}", content=table, trace=trace),
        )
        parts.append(Part(anchor=f"p{number}", heading=text, content=(text, *shown)))
    text = " ".join(hostile_texts)
    return Document(
        title=text,
        subtitle=text,
        source_label=text,
        language="en",
        summary=tuple(Headline(topic=each, sentence=each) for each in hostile_texts),
        parts=tuple(parts),
    )


@pytest.fixture(scope="session")
def browser():
    """Headless Chromium; the test is skipped where it is missing."""
    playwright = pytest.importorskip("playwright.sync_api")
    if not CHROMIUM.exists():
        pytest.skip("no chromium")
    flags = ["--disable-gpu", "--disable-background-networking", "--no-first-run"]
    flags += ["--no-sandbox"] if os.geteuid() == 0 else []
    with playwright.sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=str(CHROMIUM), args=flags)
        yield started
        started.close()
