"""The page in a real browser: nothing asked for, nothing run, nothing cut off, at a desk, on a phone, on paper."""

import re
import zlib

import pytest
from briefings import briefing

from sopsem.report.client.assembly import client_document
from sopsem.report.client.page import client_page

CUT_OFF = """() => [...document.querySelectorAll('body *')]
  .filter(e => e.clientWidth > 0 && e.scrollWidth > e.clientWidth + 1)
  .filter(e => getComputedStyle(e).overflowX !== 'auto')
  .map(e => e.tagName + ' ' + e.textContent.slice(0, 60))"""
OUTSIDE = """() => [...document.querySelectorAll('body *:not(.table *):not(.skip)')]
  .filter(e => e.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
  .map(e => e.tagName + ' ' + e.textContent.slice(0, 60))"""
CONTRAST = """() => {
  const channel = c => { c /= 255; return c <= .03928 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4 };
  const light = ([r, g, b]) => .2126 * channel(r) + .7152 * channel(g) + .0722 * channel(b);
  const numbers = text => text.match(/[\\d.]+/g).map(Number);
  const behind = e => { for (; e; e = e.parentElement) {
    const c = numbers(getComputedStyle(e).backgroundColor);
    if (c.length < 4 || c[3] > 0) return c }
    return [255, 255, 255] };
  return Math.min(...[...document.querySelectorAll('body *')]
    .filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()))
    .map(e => { const a = light(numbers(getComputedStyle(e).color)), b = light(behind(e));
      return (Math.max(a, b) + .05) / (Math.min(a, b) + .05) })) }"""


@pytest.fixture(scope="module")
def opened(browser, tmp_path_factory):
    """Return a function that opens a page from the disk and gives it with what it asked for and said."""
    folder = tmp_path_factory.mktemp("page")
    pages = []

    def open_page(text, width):
        file = folder / f"report{len(pages)}.html"
        file.write_text(text, "utf-8")
        page = browser.new_page(viewport={"width": width, "height": 800})
        pages.append(page)
        seen = []
        page.on("request", lambda r: seen.append(r.url) if not r.url.startswith("data:") else None)
        page.on("console", lambda m: seen.append(m.text))
        page.on("pageerror", lambda e: seen.append(str(e)))
        page.on("dialog", lambda d: (seen.append("dialog"), d.dismiss()))
        page.goto(file.as_uri())
        page.wait_for_timeout(150)
        assert seen.pop(0) == file.as_uri()
        return page, seen

    yield open_page
    for page in pages:
        page.close()


@pytest.fixture(scope="module")
def report():
    """The page of a usual report."""
    return client_page(client_document(briefing()))


@pytest.mark.parametrize("width", [1280, 360])
def test_nothing_is_cut_off_and_nothing_is_asked_for(opened, report, width):
    """Only tables scroll, inside their own frame; figures are shown in the drawing for this width."""
    page, seen = opened(report, width)
    assert seen == []
    assert page.evaluate(CUT_OFF) == []
    assert page.evaluate(OUTSIDE) == []
    shown = page.evaluate("[...document.images].map(i => [i.naturalWidth > 0, i.currentSrc === i.src])")
    assert shown == [[True, width > 640]] * 3


def test_letters_are_dark_enough_and_the_keyboard_reaches_what_scrolls(opened, report):
    """Contrast of 4.5 everywhere; the first stop leads past the contents; every table takes the focus."""
    page, _ = opened(report, 360)
    assert page.evaluate(CONTRAST) >= 4.5
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#main"
    assert page.evaluate("[...document.querySelectorAll('.table')].every(t => t.tabIndex === 0)")


@pytest.mark.parametrize("width", [1280, 360])
def test_hostile_texts_run_nothing(opened, hostile_document, width):
    """No dialog, no request, no console message, whatever stands in names, labels, comments and files."""
    page, seen = opened(client_page(hostile_document), width)
    assert seen == []
    assert page.evaluate("document.querySelectorAll('script, iframe, svg, object, base').length") == 0
    assert page.evaluate(OUTSIDE) == []


def test_the_page_prints_on_a4(opened, report):
    """Paper of 210 x 297 mm, a handful of pages, and none of them empty."""
    page, _ = opened(report, 1280)
    content = page.pdf(prefer_css_page_size=True)
    boxes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", _unpacked(content))
    assert {(round(float(w)), round(float(h))) for w, h in boxes} == {(595, 842)} or {(596, 842)}
    assert 3 <= len(boxes) <= 8


def _unpacked(content):
    """Return a PDF with its compressed streams unpacked."""
    parts = [content]
    for found in re.finditer(rb"stream\r?\n(.*?)endstream", content, re.DOTALL):
        try:
            parts.append(zlib.decompress(found.group(1)))
        except zlib.error:
            continue
    return b"\n".join(parts)
