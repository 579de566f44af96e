"""The page without a browser: one file, a strict policy, what a screen reader needs, a label on every part."""

import base64
import hashlib
import re
from html.parser import HTMLParser

from briefings import briefing

from sopsem.report.client.assembly import client_document
from sopsem.report.client.page import client_page


class Page(HTMLParser):
    """Collects elements with their attributes, and the text in them."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.text = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text.append(data)

    def named(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]


def page_of(*arguments, **changes):
    text = client_page(client_document(briefing(*arguments, **changes)))
    return text, Page(text)


def test_the_policy_allows_the_one_style_sheet_and_pictures_in_the_file():
    """Nothing by default; the style by its hash, so that no other style can be slipped in."""
    text, page = page_of()
    policy = page.named("meta")[1]["content"]
    style = re.search(r"<style>(.*?)</style>", text, re.DOTALL).group(1)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"
    )
    assert not re.search(r"https?:|@import|url\(", re.sub(r'"data:[^"]*"', "", text))
    assert "<script" not in text
    assert "style=" not in text


def test_what_a_screen_reader_needs_is_there():
    """Language, landmarks, one first heading, named parts, a text for every picture, headers with their scope."""
    _, page = page_of()
    assert page.named("html") == [{"lang": "en"}]
    assert len(page.named("main")) == len(page.named("h1")) == len(page.named("nav")) == 1
    headings = {heading["id"] for heading in page.named("h2")}
    assert all(part["aria-labelledby"] in headings for part in page.named("section"))
    assert all(image["alt"] for image in page.named("img"))
    assert {header["scope"] for header in page.named("th")} == {"row", "col"}
    assert len(page.named("caption")) == len(page.named("table")) == 9
    anchors = {attributes["id"] for _, attributes in page.elements if "id" in attributes}
    assert all(link["href"].removeprefix("#") in anchors for link in page.named("a"))


def test_every_part_says_that_the_data_are_synthetic():
    """On the title, the summary, every part, every table, every figure and at the end."""
    text, _ = page_of()
    parts = re.findall(r"<section.*?</section>", text, re.DOTALL)
    assert len(parts) == 6
    assert all("synthetic data" in part for part in (*parts, re.search("<title>.*", text).group()))
    assert all("synthetic data" in table for table in re.findall(r"<caption>.*?</caption>", text))
    assert "synthetic data" in text[text.index("<footer>") :]


def test_every_table_and_figure_is_traced():
    """Its id, the function and the hash of what it was given stand under it."""
    text, page = page_of()
    lines = re.findall(r'<p class="trace">(\S+) · (\S+) · inputs ([0-9a-f]{12})</p>', text)
    assert [name for name, _, _ in lines] == [
        "F1",
        "T1",
        "F2",
        "T2",
        "F3",
        "T3",
        "T4",
        "T5",
        "T6",
        "T7",
        "T8",
        "T9",
    ]
    assert len(page.named("img")) == 3


def test_comments_stand_in_the_report_only_when_they_were_asked_for():
    """No part, no heading without them."""
    assert "Comments" not in page_of()[0]
    assert "Meetings are too long." in page_of(comments=("Meetings are too long.",))[0]


def test_hostile_names_add_no_element(payload):
    """The same elements as with usual names, no handler, no address but those of the page itself."""
    document = client_document(briefing(comments=("x",)))
    usual = Page(client_page(document))
    page = Page(client_page(_renamed(document, payload)))
    assert {tag for tag, _ in page.elements} == {tag for tag, _ in usual.elements}
    assert not any(name.startswith("on") for _, attributes in page.elements for name in attributes)


def _renamed(document, text):
    """Put a text into every place of a document without drawing its figures again."""
    from dataclasses import replace

    from sopsem.report.client.document import Exhibit, Headline
    from sopsem.report.table import Table

    def changed(block):
        if isinstance(block, str):
            return text
        if isinstance(block.content, Table):
            cells = tuple(tuple(text for _ in row) for row in block.content.rows)
            names = tuple(text for _ in block.content.columns)
            table = replace(
                block.content, title=text, columns=names, rows=cells, notes=(text,), source_label=text
            )
            return replace(block, content=table)
        return Exhibit(
            id=block.id, content=replace(block.content, alt=f"x{text}"), trace=block.trace, caption=text
        )

    parts = tuple(
        replace(part, heading=text, content=tuple(changed(each) for each in part.content))
        for part in document.parts
    )
    lines = tuple(Headline(topic=text, sentence=text) for _ in document.summary)
    return replace(document, title=text, subtitle=text, source_label=text, summary=lines, parts=parts)
