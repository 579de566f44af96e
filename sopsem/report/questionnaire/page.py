"""The questionnaire as one HTML page: prints on A4, stacks on a phone, loads and runs nothing."""

from jinja2 import Environment, PackageLoader, StrictUndefined

from sopsem.report.escape import plain
from sopsem.report.questionnaire.paper import questionnaire_paper
from sopsem.survey.questionnaire import Instrument

__all__ = ["MAKERS_COPY", "questionnaire_page"]

MAKERS_COPY = "Annotated copy with names, constructs and codes: not for respondents"


def _shown(text: str) -> str:
    return plain(text)[0]


_PAGES = Environment(
    loader=PackageLoader("sopsem.report", "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_PAGES.filters["shown"] = _shown


def questionnaire_page(instrument: Instrument, *, optional: bool = True, annotated: bool = False) -> bytes:
    """Return the printable questionnaire as a self-contained HTML page.

    Parameters
    ----------
    instrument : Instrument
    optional : bool
        Also the optional items.
    annotated : bool
        For the makers: with names, constructs, reverse marks and codes; the page says so.

    Examples
    --------
    >>> from sopsem.survey import load_instrument
    >>> page = questionnaire_page(load_instrument()).decode()
    >>> "Thank you for taking part." in page, "coordination" in page, "<script" in page
    (True, False, False)

    """
    paper = questionnaire_paper(instrument, optional=optional, annotated=annotated)
    copy = MAKERS_COPY if annotated else ""
    return _PAGES.get_template("questionnaire.html.jinja").render(paper=paper, copy=copy).encode("utf-8")
