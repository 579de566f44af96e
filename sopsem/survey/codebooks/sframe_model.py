"""The model of a ``.sframe`` file as lavaan text."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, Field, ValidationError

from sopsem.survey.codebooks.draft import Draft

__all__ = ["listed", "model_text"]

KINDS = ("cb_sem", "cfa")
REFLECTIVE = {"reflective", "single_item"}

T = TypeVar("T")
Part = Mapping[str, Any]


def listed(value: Any) -> list[Any]:
    """Return what may be a list, one value, or nothing, as a list; R writes lists of one as one value.

    Examples
    --------
    >>> listed("a"), listed(["a"]), listed(None)
    (['a'], ['a'], [])

    """
    return [] if value is None else value if isinstance(value, list) else [value]


Listed = Annotated[list[T], BeforeValidator(listed)]


class _Construct(BaseModel):
    id: str
    mode: str | None = None
    items: Listed[str] = []


class _Row(BaseModel):
    source: str = Field(alias="from")
    to: str
    label: str | None = None


class _Measurement(BaseModel):
    constructs: Listed[_Construct] = []


class _Structural(BaseModel):
    paths: Listed[_Row] = []
    covariances: Listed[_Row] = []
    indirect: Listed[Any] = []


class _Model(BaseModel):
    measurement: _Measurement
    structural: _Structural = _Structural()


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
    name = fitting[0]["id"]
    try:
        model = _Model.model_validate(fitting[0])
    except ValidationError:
        draft.note(f"model {name} is not carried over: it is not written as surveyframe writes models")
        return ""
    why = _misfit(model, draft)
    if why:
        draft.note(f"model {name} is not carried over: {why}")
        return ""
    if model.structural.indirect:
        draft.note(f"indirect effects of model {name} are not carried over; sopsem mediation finds them")
    return "".join(f"{line}\n" for line in _lines(model))


def _misfit(model: _Model, draft: Draft) -> str:
    """Say why a model does not fit the questionnaire, or nothing."""
    if not model.measurement.constructs:
        return "it has no construct"
    for construct in model.measurement.constructs:
        if (construct.mode or "reflective") not in REFLECTIVE:
            return f"construct {construct.id} is {construct.mode}"
        own = {item for item, part in draft.items.items() if part["construct"] == construct.id}
        if not construct.items or not set(construct.items) <= own:
            return f"construct {construct.id} is not a scale with these items"
    return ""


def _lines(model: _Model) -> list[str]:
    lines = [f"{c.id} =~ {' + '.join(c.items)}" for c in model.measurement.constructs]
    for rows, operator in ((model.structural.paths, "~"), (model.structural.covariances, "~~")):
        lines += [f"{r.to} {operator} {f'{r.label}*' if r.label else ''}{r.source}" for r in rows]
    return lines
