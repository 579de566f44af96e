"""The page can run nothing and load nothing."""

import re
from html.parser import HTMLParser

import pytest

from sopsem.errors import UsageError
from sopsem.report.canvas import figure_bytes, sheet
from sopsem.report.markup import Picture, Section, html_page, table_markup
from sopsem.report.table import Table


class Page(HTMLParser):
    """Collects elements and the text outside of the style."""

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


def picture(alt="A picture"):
    return Picture(content=figure_bytes(sheet(1, 1), "svg"), alt=alt, caption="Caption")


def page_of(text):
    table = Table(title=text, columns=(text,), rows=((text,),), notes=(text,), source_label=text)
    section = Section(heading=text, content=(text, table, picture(f"alt {text}")))
    return Page(html_page(text, [section, section], source_label=text))


KNOWN = {
    "html",
    "head",
    "meta",
    "title",
    "style",
    "body",
    "header",
    "h1",
    "h2",
    "p",
    "nav",
    "ul",
    "li",
    "a",
    "main",
    "section",
    "div",
    "table",
    "caption",
    "span",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "em",
    "figure",
    "img",
    "figcaption",
}


def test_payloads_stay_text(payload):
    """No payload adds an element, an attribute or an address."""
    page = page_of(payload)
    assert {tag for tag, _ in page.elements} <= KNOWN
    for _, attributes in page.elements:
        assert not any(name.startswith("on") for name in attributes)
        assert set(attributes) <= {
            "lang",
            "charset",
            "http-equiv",
            "content",
            "name",
            "class",
            "role",
            "aria-label",
            "tabindex",
            "scope",
            "colspan",
            "id",
            "href",
            "src",
            "alt",
        }
    assert all(re.fullmatch(r"#part-\d", link["href"]) for link in page.named("a"))
    assert all(image["src"].startswith("data:image/svg+xml;base64,") for image in page.named("img"))


def test_the_policy_forbids_everything_but_styles_and_data():
    """The strict policy stands before anything that could load."""
    metas = page_of("x").named("meta")
    policy = next(meta["content"] for meta in metas if meta.get("http-equiv") == "Content-Security-Policy")
    assert policy.split("; ")[:3] == ["default-src 'none'", "style-src 'unsafe-inline'", "img-src data:"]
    assert metas[1].get("http-equiv") == "Content-Security-Policy"
    assert any(meta.get("name") == "viewport" for meta in metas)


def test_nothing_is_loaded_from_elsewhere():
    """No address outside of the page, not in the style either."""
    text = html_page("T", [Section(heading="H", content=("text", picture()))])
    assert not re.search(
        r"https?:|//|@import|url\(", text.replace("data:image/svg+xml;base64,", "").split("<img")[0]
    )
    assert "<script" not in text


def test_the_page_shows_all_parts_in_order():
    """Heading, paragraph, table with a true minus, picture with its texts, source under the title."""
    table = Table(title="Tab", columns=("a",), rows=(("-.5",),), notes=("First.", "Second."))
    page = Page(
        html_page(
            "Report",
            [Section(heading="Part", content=("Words.", table, picture()))],
            source_label="synthetic data",
        )
    )
    words = " ".join(" ".join(page.text).split())
    assert re.search(
        r"Report.*synthetic data.*Part.*Words\..*Tab.*−\.5.*Note\..*First\..*Second\..*Caption", words
    )
    assert page.named("img")[0]["alt"] == "A picture"
    assert page.named("html") == [{"lang": "en"}]


def test_contents_only_for_several_parts():
    """One part needs no contents; an empty heading makes no element."""
    assert Page(html_page("T", [Section(heading="", content=("x",))])).named("h2") == []
    assert Page(html_page("T", [Section(heading="H", content=("x",))])).named("nav") == []
    assert len(page_of("x").named("a")) == 2


def test_a_fragment_is_one_table():
    """The fragment has no page around it."""
    fragment = table_markup(Table(title="T", columns=("a", "b"), rows=(("1", "2"),), alignment="lr"))
    assert fragment.lstrip().startswith("<div")
    assert [cell["class"] for cell in Page(fragment).named("td")] == ["l", "r"]


@pytest.mark.parametrize(
    ("content", "alt", "message"),
    [
        (b"<svg/>", " ", "alt text"),
        (b"<html>", "a", "neither SVG nor PNG"),
        (b"", "a", "neither SVG nor PNG"),
    ],
)
def test_pictures_are_checked(content, alt, message):
    """A picture needs a description and bytes that a browser shows."""
    with pytest.raises(UsageError, match=message):
        Picture(content=content, alt=alt)


def test_png_pictures():
    """PNG bytes are announced as PNG."""
    assert Picture(content=figure_bytes(sheet(1, 1), "png"), alt="a").address.startswith(
        "data:image/png;base64,"
    )
