"""Tables, figures, sentences and problems of the other rooms as parts of the page; every text is escaped."""

import base64

from shiny import ui

from sopsem.errors import SopsemError
from sopsem.report.client.document import Document, Drawing, Exhibit, Headline, Statement
from sopsem.report.escape import plain
from sopsem.report.markup import table_markup
from sopsem.report.table import Table

__all__ = ["drawing", "exhibits", "headlines", "problem", "table", "waiting"]


def table(shown: Table) -> ui.TagChild:
    """Return a table."""
    return ui.HTML(table_markup(shown))


def drawing(shown: Drawing) -> ui.Tag:
    """Return a figure of the report as a picture, in which a browser runs nothing."""
    return ui.tags.figure(
        ui.tags.picture(
            ui.tags.source(media="(max-width: 40rem)", srcset=_address(shown.narrow)),
            ui.img(src=_address(shown.wide), alt=plain(shown.alt)[0]),
        )
    )


def _address(content: bytes) -> str:
    return f"data:image/svg+xml;base64,{base64.b64encode(content).decode('ascii')}"


def exhibits(document: Document, anchor: str) -> ui.TagList:
    """Return what one part of the report shows."""
    part = next(each for each in document.parts if each.anchor == anchor)
    return ui.TagList(ui.h3(plain(part.heading)[0]), *(_block(block) for block in part.content))


def _block(block: str | Statement | Exhibit) -> ui.TagChild:
    if isinstance(block, str):
        return ui.p(plain(block)[0])
    if isinstance(block, Statement):
        return ui.p(plain(f"{block.sentence} {block.evidence}")[0])
    return drawing(block.content) if isinstance(block.content, Drawing) else table(block.content)


def headlines(lines: tuple[Headline, ...]) -> ui.Tag:
    """Return the sentences of the summary."""
    pairs = [(ui.tags.dt(plain(each.topic)[0]), ui.tags.dd(plain(each.sentence)[0])) for each in lines]
    return ui.tags.dl(*(part for pair in pairs for part in pair), class_="summary")


def problem(error: SopsemError) -> ui.Tag:
    """Return an error as a message that a screen reader announces."""
    return ui.div(
        *(ui.div(plain(line)[0]) for line in str(error).splitlines()), class_="problem", role="alert"
    )


def waiting(text: str) -> ui.Tag:
    """Return what has to happen before there is something to see."""
    return ui.p(text, class_="waiting")
