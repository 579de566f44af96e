"""surveyframe's ``.sframe``: JSON with items, choices, scales, checks and models; the fields mean what ours mean.

Carried over: item id, label, choice_set, scale_id, reverse; choice values and labels; a scale's items,
reverse_items and min_valid (null there: every item must be answered); attention checks; the first reflective
model.  Source: the R package surveyframe 0.3 (CRAN, 2026), its constructors and example files.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sopsem.errors import DataError, FileError, ResourceLimitError
from sopsem.survey.codebooks.draft import CodebookImport, Draft, plain_label
from sopsem.survey.codebooks.sframe_model import listed, model_text
from sopsem.survey.messages import quote

__all__ = ["sframe_codebook", "sframe_data"]

SHOWN_ONLY = {"section_break", "text_block"}
ONE_ANSWER = {"likert", "single_choice", "rating"}
OPEN = {"numeric", "text", "textarea", "date", "slider"}
CHECK = "attention"
DEFAULT_RATING, MOST_RATING = 5, 100

Part = Mapping[str, Any]


def sframe_data(raw: bytes, title: str) -> dict[str, Any]:
    """Return the object of a ``.sframe`` file.

    Raises
    ------
    FileError
        Not UTF-8.
    ResourceLimitError
        Nested too deeply.
    DataError
        No JSON object with items, or a key that stands twice.

    """
    try:
        data = json.loads(raw.decode("utf-8-sig"), object_pairs_hook=_once)
    except UnicodeDecodeError as error:
        raise FileError(f"{title}: not UTF-8 text (byte {error.start})") from error
    except RecursionError as error:
        raise ResourceLimitError(f"{title}: nested too deeply to be a questionnaire") from error
    except ValueError as error:
        raise DataError(f"{title}: not valid JSON: {error}") from error
    if not isinstance(data, dict) or not isinstance(data.get("items"), list):
        raise DataError(f"{title}: no .sframe file: a JSON object with a list of items is expected")
    return data


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"key {next(n for n in names if names.count(n) > 1)!r} stands twice in one object")
    return found


def sframe_codebook(
    raw: bytes, title: str, about: dict[str, str], *, items: Sequence[str] = ()
) -> CodebookImport:
    """Return the questionnaire of a ``.sframe`` file.

    Parameters
    ----------
    raw
        The file.
    title
        Its name in messages.
    about
        Title, version and language to use where the file does not say.
    items
        Questions that are scale items though they belong to no scale.

    Raises
    ------
    FileError, ResourceLimitError
        See `sframe_data`.
    DataError
        A part without an id, an unknown choice set, no item.

    """
    data = sframe_data(raw, title)
    reader = _Reader(data, title, items)
    for item in reader.parts("items"):
        reader.take(item)
    reader.scales()
    reader.checks()
    draft = reader.draft
    meta = _object(data.get("meta"))
    languages = [str(code) for code in listed(meta.get("languages"))]
    if len(languages) > 1:
        draft.note("several languages are named, the first is taken", languages)
    said = {
        "title": str(meta.get("title") or ""),
        "version": str(meta.get("version") or ""),
        "language": languages[0] if languages else "",
        "model": model_text(reader.parts("models"), draft),
    }
    for key in ("description", "authors"):
        if meta.get(key):
            draft.note(f"{key} is not carried over")
    for key in ("branching", "analysis_plan", "designs", "amendments"):
        if data.get(key):
            draft.note(f"{key} is not carried over")
    draft.note("a .sframe file does not say codes for no answer")
    draft.note("the integrity hash of the file was not checked")
    return draft.finish("surveyframe .sframe", about | {k: v for k, v in said.items() if v}, title)


def _object(value: Any) -> Part:
    return value if isinstance(value, dict) else {}


class _Reader:
    """Takes in items, then scales and checks, which refer to them."""

    def __init__(self, data: Part, title: str, asked_for: Sequence[str]) -> None:
        self.data, self.title = data, title
        self.draft = Draft(asked_for=asked_for)
        self.codes = {
            str(part["id"]): {
                str(value): str(label)
                for value, label in zip(listed(part.get("values")), listed(part.get("labels")), strict=False)
            }
            for part in self.parts("choices")
        }
        self.checked = {str(c.get("item_id")) for c in self.parts("checks")}
        members = [(str(item), part) for part in self.parts("scales") for item in listed(part.get("items"))]
        self.scale_of: dict[str, str] = {}
        for item, part in members:
            self.scale_of.setdefault(item, str(part["id"]))
        for part in self.parts("scales"):
            self.draft.constructs[str(part["id"])] = {"label": str(part.get("label") or part["id"])}

    def parts(self, key: str) -> list[Part]:
        """Return the objects of a list, each with an id."""
        parts = listed(self.data.get(key))
        for number, part in enumerate(parts, start=1):
            if not isinstance(part, dict) or not part.get("id"):
                raise DataError(f"{self.title}: {key}[{number}]: an object with an id is expected")
        return parts

    def take(self, item: Part) -> None:
        """Take in one item."""
        name, kind = str(item["id"]), str(item.get("type"))
        text = plain_label(str(item.get("label") or name))
        if kind in SHOWN_ONLY:
            self.draft.note(f"{kind} is shown only and left out", [name])
            return
        if kind not in ONE_ANSWER | OPEN:
            self.draft.note(f"items of type {kind} are left out", [name])
            return
        codes = self._codes_of(item, name, kind)
        scale_id = str(item.get("scale_id") or self.scale_of.get(name, ""))
        chosen = str(item.get("choice_set") or name)
        if scale_id in self.draft.constructs:
            more = {"reverse": True} if item.get("reverse") is True else {}
            self.draft.add_item(name, text, codes, scale=chosen, **more, construct=scale_id)
        elif name in self.checked:
            self.draft.constructs.setdefault(CHECK, {"label": "Attention check"})
            self.draft.add_item(name, text, codes, scale=chosen, construct=CHECK, optional=True)
        else:
            self.draft.question(name, text, codes, item=kind == "likert", scale=chosen)

    def _codes_of(self, item: Part, name: str, kind: str) -> dict[str, str]:
        chosen = item.get("choice_set")
        if chosen and str(chosen) not in self.codes:
            raise DataError(f"{self.title}: item {quote(name)}: no choice set {quote(chosen)}")
        if chosen:
            return self.codes[str(chosen)]
        if kind == "rating":
            most = item.get("rating_max") or DEFAULT_RATING
            if not isinstance(most, int) or not 0 < most <= MOST_RATING:
                raise DataError(
                    f"{self.title}: item {quote(name)}: rating_max {quote(most)} is no number from 1 to {MOST_RATING}"
                )
            return {str(code): str(code) for code in range(1, most + 1)}
        return {}

    def scales(self) -> None:
        """Take in the rules of scoring, and the items that a scale reverses."""
        for part in self.parts("scales"):
            name = str(part["id"])
            own = [item for item, q in self.draft.items.items() if q["construct"] == name]
            rule = part.get("min_valid")
            if own:
                self.draft.constructs[name]["min_valid"] = len(own) if rule is None else rule
            else:
                del self.draft.constructs[name]
                self.draft.note("scales without an item of their own are left out", [name])
            for item in map(str, listed(part.get("reverse_items"))):
                if item in own:
                    self.draft.items[item]["reverse"] = True
            shared = [i for i in map(str, listed(part.get("items"))) if i not in own]
            if shared:
                self.draft.note(
                    f"scale {name} also has items that belong to another scale or are left out", shared
                )
            for key in ("weights",):
                if part.get(key):
                    self.draft.note(f"{key} of scale {name} are not carried over; scores are plain means")
            if part.get("method") == "sum":
                self.draft.note(f"scale {name} is a sum there; scores here are means")

    def checks(self) -> None:
        """Take in attention checks that have one right answer."""
        for check in self.parts("checks"):
            name, right = str(check.get("item_id")), listed(check.get("pass_values"))
            item = self.draft.items.get(name)
            one = len(right) == 1 and str(right[0]).lstrip("-").isdecimal()
            if check.get("type") == "trap" or not one or item is None:
                self.draft.note(
                    f"check {check['id']} is not carried over; a check here is an item with one right answer"
                )
            else:
                item["expected"] = int(right[0])
