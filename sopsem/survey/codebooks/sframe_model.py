"""The model of a ``.sframe`` file as lavaan text."""

from collections.abc import Mapping, Sequence
from typing import Any

from sopsem.survey.codebooks.draft import Draft

__all__ = ["model_text"]

KINDS = ("cb_sem", "cfa")
REFLECTIVE = {"reflective", "single_item"}

Part = Mapping[str, Any]


def model_text(models: Sequence[Part], draft: Draft) -> str:
    """Return the first covariance-based model whose constructs are the scales; what is left out is noted.

    Parameters
    ----------
    models
        Each with ``measurement.constructs`` (id, mode, items) and ``structural`` (paths from, to, label;
        covariances; indirect).
    draft
        The questionnaire so far; it takes the notes.

    """
    fitting = [m for kind in KINDS for m in models if m.get("type") == kind]
    other = [str(m["id"]) for m in models if m not in fitting[:1]]
    if other:
        draft.note("models that are not carried over", other)
    if not fitting:
        draft.note("the file has no covariance-based model")
        return ""
    model = fitting[0]
    why = _misfit(model, draft)
    if why:
        draft.note(f"model {model['id']} is not carried over: {why}")
        return ""
    if _listed(model, "structural", "indirect"):
        draft.note(
            f"indirect effects of model {model['id']} are not carried over; sopsem mediation finds them"
        )
    return "".join(f"{line}\n" for line in _lines(model))


def _listed(model: Part, part: str, key: str) -> list[Part]:
    found = (model.get(part) or {}).get(key) or []
    return found if isinstance(found, list) else [found]


def _items(construct: Part) -> list[str]:
    items = construct.get("items") or []
    return [str(item) for item in (items if isinstance(items, list) else [items])]


def _misfit(model: Part, draft: Draft) -> str:
    """Say why a model does not fit the questionnaire, or nothing."""
    constructs = _listed(model, "measurement", "constructs")
    if not constructs:
        return "it has no construct"
    for construct in constructs:
        name, mode = str(construct.get("id")), construct.get("mode") or "reflective"
        if mode not in REFLECTIVE:
            return f"construct {name} is {mode}"
        own = {item for item, part in draft.items.items() if part["construct"] == name}
        if not set(_items(construct)) <= own or not own:
            return f"construct {name} is not a scale with these items"
    return ""


def _lines(model: Part) -> list[str]:
    lines = [f"{c['id']} =~ {' + '.join(_items(c))}" for c in _listed(model, "measurement", "constructs")]
    for key, operator in (("paths", "~"), ("covariances", "~~")):
        for row in _listed(model, "structural", key):
            label = f"{row['label']}*" if row.get("label") else ""
            lines.append(f"{row['to']} {operator} {label}{row['from']}")
    return lines
