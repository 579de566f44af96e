"""A small complete questionnaire to begin with, each part explained."""

from importlib import resources
from pathlib import Path

from sopsem.survey.codebooks.toml_file import toml_data
from sopsem.survey.questionnaire import Instrument, questionnaire

__all__ = ["template_instrument", "template_text"]


def template_text() -> str:
    """Return the commented TOML of the template.

    Examples
    --------
    >>> template_text().splitlines()[0][:32]
    '# A questionnaire for sopsem.  L'

    """
    return (resources.files("sopsem.survey.codebooks") / "template.toml").read_text("utf-8")


def template_instrument() -> Instrument:
    """Return the questionnaire of the template.

    Examples
    --------
    >>> template_instrument().item_ids
    ('clear1', 'clear2', 'clear3', 'trust1', 'trust2', 'trust3')

    """
    title = Path("template.toml").name
    return questionnaire(toml_data(template_text().encode("utf-8"), title), title)
