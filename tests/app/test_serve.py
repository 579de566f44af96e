"""The address we listen on, and a real browser with a real upload."""

import os
import re
import shutil
import socket
import subprocess
import sys
import urllib.error
import urllib.request
import zipfile
from pathlib import Path

import pandas as pd
import pytest

import sopsem
from sopsem.app.serve import ADDRESS, listening
from sopsem.errors import UsageError

ROOT = Path(sopsem.__file__).parent.parent
CHROMIUM = Path(shutil.which("chromium") or "chromium is not installed")


def test_a_port_that_is_taken_is_said():
    """With what to do."""
    with socket.socket() as other:
        other.bind((ADDRESS, 0))
        other.listen()
        with pytest.raises(UsageError, match="choose another with --port"):
            listening(other.getsockname()[1])
    with listening(0) as free:
        assert free.getsockname()[0] == "127.0.0.1"


@pytest.fixture
def served(tmp_path):
    """Run the page in a process of its own; give its address and the folder of its temporary files."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    environment = os.environ | {"TMPDIR": str(folder), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "sopsem.app", "0"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, env=environment, **pipes) as page:
        yield page.stdout.readline().strip(), folder
        page.terminate()
        assert page.wait(20) == 0
        assert page.stderr.read() == ""
    assert list(folder.iterdir()) == []


@pytest.fixture
def window():
    """A window of headless Chromium with all it asked for and said; skipped where there is none."""
    playwright = pytest.importorskip("playwright.sync_api")
    if not CHROMIUM.exists():
        pytest.skip("no chromium")
    flags = [
        "--disable-gpu",
        "--disable-background-networking",
        *(["--no-sandbox"] if os.geteuid() == 0 else []),
    ]
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=str(CHROMIUM), args=flags)
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.set_default_timeout(60_000)
        seen = []
        page.on("request", lambda r: seen.append(r.url))
        page.on("dialog", lambda d: (seen.append("dialog"), d.dismiss()))
        page.on("pageerror", lambda e: seen.append(f"error {e}"))
        page.on(
            "console", lambda m: seen.append(f"error {m.text} {m.location}") if m.type == "error" else None
        )
        yield page, seen
        browser.close()


def test_a_survey_is_dropped_looked_at_and_taken_along(served, window, tmp_path):
    """Columns confirmed, screening, scorecard, model and the report; nothing leaves the machine, nothing stays."""
    (address, folder), (page, seen) = served, window
    frame = pd.read_csv(sopsem.find_survey("synthetic_twin_1"), dtype=str, keep_default_na=False)
    survey = tmp_path / "<img src=x onerror=alert(1)> synthetic.csv"
    frame.rename(columns={"col1": "first_item"}).to_csv(survey, index=False)
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(address.partition("?")[0])

    page.goto(address)
    assert "token" not in page.url
    page.set_input_files("#survey", {"name": "b.csv", "mimeType": "text/csv", "buffer": b"%PDF-1.7"})
    page.wait_for_selector(".problem")
    page.set_input_files("#survey", survey)
    page.wait_for_selector("#map_0")
    page.wait_for_selector(".problem:has-text('item col1')")
    page.select_option("#map_0", "first_item")
    page.click("#confirm")
    assert "mahalanobis" in page.inner_text("#screening table")
    page.click("role=tab[name=Scorecard]")
    page.wait_for_selector("#scores table")
    assert "synthetic data" in page.inner_text("#scores")
    page.click("role=tab[name=Model]")
    page.wait_for_selector("#model table")
    assert "the paper's table beside ours" in page.inner_text("#model")
    page.fill("#client", "Acme <b>Ltd</b>")
    page.press("#client", "Tab")
    with page.expect_download() as taken:
        page.click("#everything")
    with zipfile.ZipFile(taken.value.path()) as archive:
        assert {"report.html", "report.docx", "manifest.json"} <= set(archive.namelist())
        text = archive.read("report.html").decode()
    assert "Acme &lt;b&gt;Ltd&lt;/b&gt;" in text
    assert any(folder.rglob("*.csv"))
    outside = [u for u in seen if not re.match(r"(http|ws)://127\.0\.0\.1:\d+/|data:|blob:", u)]
    assert outside == []
