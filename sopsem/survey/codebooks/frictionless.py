"""A questionnaire as a Frictionless Table Schema: what the columns of a survey file hold.

Source: https://datapackage.org/standard/table-schema/ (version 2: ``categories``, ``categoriesOrdered``,
``missingValues`` with labels).  What the standard has no word for (construct, reverse, ...) stands under
``sopsem``, which other programs pass over.
"""

from typing import Any

from sopsem.survey.questionnaire import BackgroundQuestion, Instrument, plain_data

__all__ = ["table_schema"]


def table_schema(instrument: Instrument) -> dict[str, Any]:
    """Return the Table Schema of a file with the answers, as plain data for JSON.

    Examples
    --------
    >>> from sopsem.survey.instrument import load_instrument
    >>> schema = table_schema(load_instrument())
    >>> field = schema["fields"][0]
    >>> field["name"], field["type"], field["categories"][0]
    ('col1', 'integer', {'value': 1, 'label': 'strongly disagree'})
    >>> schema["missingValues"][1]
    {'value': '-99', 'label': "don't know"}

    """
    items = [_item_field(instrument, name) for name in instrument.items]
    background = [_background_field(name, question) for name, question in instrument.background.items()]
    keys = [f["name"] for f in background if f["constraints"].get("unique")]
    return {
        "$schema": "https://datapackage.org/profiles/2.0/tableschema.json",
        "title": instrument.title,
        "fieldsMatch": "superset",
        "fields": [*items, *background],
        "missingValues": [{"value": code, "label": reason} for code, reason in instrument.missing.items()],
        **({"primaryKey": keys[:1]} if keys else {}),
        "sopsem": {
            key: value
            for key, value in plain_data(instrument).items()
            if key in {"version", "language", "instruction", "constructs", "model"}
        },
    }


def _item_field(instrument: Instrument, name: str) -> dict[str, Any]:
    item, scale = instrument.items[name], instrument.scale_of(name)
    own = plain_data(instrument)["items"][name]
    coded: dict[str, Any] = {"type": "number"}
    if scale.codes:
        coded = {
            "type": "integer",
            "categories": [{"value": code, "label": scale.codes[code]} for code in sorted(scale.codes)],
            "categoriesOrdered": True,
        }
    return {
        "name": item.column or name,
        "title": item.text,
        **({"description": scale.stem} if scale.stem else {}),
        **coded,
        "constraints": {"required": False},
        "sopsem": {"item": name, **{k: v for k, v in own.items() if k not in {"text", "column"}}},
    }


def _background_field(name: str, question: BackgroundQuestion) -> dict[str, Any]:
    categories = [{"value": code, "label": label} for code, label in question.codes.items()]
    return {
        "name": question.column or name,
        "title": question.text,
        "type": "string",
        **({"categories": categories} if categories else {}),
        "constraints": {"unique": True} if question.unique else {},
        "sopsem": {"background": name},
    }
