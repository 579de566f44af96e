"""The client report as one HTML file: opens from a disk, loads nothing, runs nothing, prints on A4.

The content policy names the hash of the one style sheet; there is no script.  Figures are SVG inside ``img``
elements, where a browser runs nothing of them; a phone gets the narrow drawing.
"""

import base64
import hashlib
from importlib.resources import files

from markupsafe import Markup

from sopsem.report.client.document import Document, Drawing, Exhibit, Statement
from sopsem.report.markup import PAGES

__all__ = ["client_page"]

_STYLE = (files("sopsem.report") / "templates" / "client.css").read_text("utf-8")


def _block_kind(block: str | Statement | Exhibit) -> str:
    if isinstance(block, str):
        return "paragraph"
    if isinstance(block, Statement):
        return "statement"
    return "drawing" if isinstance(block.content, Drawing) else "table"


def _address(content: bytes) -> str:
    return f"data:image/svg+xml;base64,{base64.b64encode(content).decode('ascii')}"


PAGES.filters |= {"block_kind": _block_kind, "address": _address}


def client_page(document: Document) -> str:
    """Return the report as a self-contained page.

    Examples
    --------
    >>> empty = Document(
    ...     title="<b>", subtitle="", source_label="", language="en", summary=(), parts=()
    ... )
    >>> page = client_page(empty)
    >>> "<b>" in page, "<script" in page, "default-src 'none'" in page
    (False, False, True)

    """
    digest = base64.b64encode(hashlib.sha256(_STYLE.encode("utf-8")).digest()).decode("ascii")
    template = PAGES.get_template("client.html.jinja")
    return template.render(document=document, style=Markup(_STYLE), style_hash=f"sha256-{digest}")  # noqa: S704
