"""The page: nothing runs, nothing is loaded, nothing is cut off; looked at by a real browser where there is one."""

import html
import re
import shutil
import subprocess

import pytest

from sopsem.report.questionnaire.page import MAKERS_COPY, questionnaire_page
from sopsem.survey import load_instrument
from sopsem.survey.questionnaire import plain_data, questionnaire

INSTRUMENT = load_instrument()
HOSTILE = [
    "<script>document.title='run'</script>",
    "<img src=x onerror=\"document.title='run'\">",
    "\"><svg onload=document.title='run'>",
    "{{ 7 * 7 }} {% raw %}",
    "javascript:alert(1)",
    "a\x00b\x1b[31m\u202egnol",
    "=cmd|' /C calc'!A0",
]


def hostile():
    data = plain_data(INSTRUMENT)
    for item, text in zip(data["items"].values(), HOSTILE, strict=False):
        item["text"] = text
    data["title"] = HOSTILE[0]
    data["instruction"] = HOSTILE[1]
    data["scales"]["plan"]["codes"] = {"1": HOSTILE[1], "2": HOSTILE[2]}
    data["missing"] = {"": "no answer", "-9": HOSTILE[0]}
    data["background"]["department"]["codes"] = {"x": HOSTILE[2]}
    return questionnaire(data, "hostile")


def test_hostile_texts_are_only_text():
    page = questionnaire_page(hostile(), annotated=True).decode()
    assert "<script" not in page
    assert "<img" not in page
    assert "<svg" not in page
    assert "{{ 7 * 7 }}" in page
    assert "\x00" not in page
    assert "\x1b" not in page
    assert "default-src 'none'" in page
    assert html.escape(HOSTILE[0], quote=False).replace("'", "&#39;") in page


def test_the_page_is_in_the_language_and_direction_of_the_questionnaire():
    for language, direction, thanks in (
        ("de", "ltr", "Vielen Dank"),
        ("ar", "rtl", "شكرًا"),
        ("sv", "ltr", "Thank you"),
    ):
        data = plain_data(INSTRUMENT) | {"language": language}
        page = questionnaire_page(questionnaire(data, "x")).decode()
        assert f'<html lang="{language}" dir="{direction}">' in page
        assert thanks in page
    assert '<p class="thanks" lang="en">' in page


def test_the_makers_copy_says_so_and_the_other_has_no_names():
    assert MAKERS_COPY in questionnaire_page(INSTRUMENT, annotated=True).decode()
    plain = questionnaire_page(INSTRUMENT).decode()
    body = plain[plain.index("<body>") :]
    assert not re.search(r"\b(con3|coordination|reversed|conflict)\b", body)
    assert MAKERS_COPY not in body


CHROMIUM = shutil.which("chromium")
OPTIONS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
MEASURE = """<script>
addEventListener('load', () => {
  const shown = [...document.querySelectorAll('main *')].filter(e => !e.classList.contains('label'));
  const cut = shown.filter(e => e.clientWidth && e.scrollWidth > e.clientWidth + 1);
  const out = shown.filter(e => e.getBoundingClientRect().right > innerWidth + 1);
  const wide = document.documentElement.scrollWidth > innerWidth;
  document.title = `cut:${cut.length} out:${out.length} wide:${wide}`;
});
</script></body>"""


@pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")
@pytest.mark.parametrize("width", [1200, 500])
def test_no_text_is_cut_off_at_desktop_and_phone_width(tmp_path, width):
    """The policy of the page forbids the script that measures, so the test takes the policy out."""
    page = re.sub(
        r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", questionnaire_page(INSTRUMENT).decode()
    )
    file = tmp_path / "q.html"
    file.write_text(page.replace("</body>", MEASURE), encoding="utf-8")
    command = [CHROMIUM, *OPTIONS, f"--user-data-dir={tmp_path / 'profile'}", f"--window-size={width},900"]
    done = subprocess.run(
        [*command, "--dump-dom", file.as_uri()], capture_output=True, text=True, timeout=60, check=True
    )
    assert "<title>cut:0 out:0 wide:false</title>" in done.stdout


@pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")
def test_a_browser_runs_nothing_of_a_hostile_questionnaire(tmp_path):
    file = tmp_path / "q.html"
    file.write_bytes(questionnaire_page(hostile()))
    command = [CHROMIUM, *OPTIONS, f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", file.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert "<title>run</title>" not in done.stdout
