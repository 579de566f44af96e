"""A questionnaire being put together from another tool's file, with a note for everything that file leaves open."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from typing import Any

from sopsem.errors import DataError
from sopsem.survey.messages import quote, suggestion
from sopsem.survey.questionnaire import Instrument, questionnaire

__all__ = ["UNASSIGNED", "CodebookImport", "Draft", "plain_label"]

UNASSIGNED = "unassigned"
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
WHOLE = re.compile(r"-?[0-9]{1,6}")
TAG = re.compile(r"<[A-Za-z/!][^<>]*>")
LISTED = 12


@dataclass(frozen=True, kw_only=True)
class CodebookImport:
    """A questionnaire made from a file of another tool: ``kind`` of file, and ``notes`` on what is still open."""

    instrument: Instrument
    kind: str
    notes: tuple[str, ...]


class Draft:
    """Collects scales, items and background questions; answers that are alike share one scale."""

    def __init__(self, *, asked_for: Sequence[str] = ()) -> None:
        """Begin; ``asked_for`` are the questions that the user says are items."""
        self.asked_for = tuple(asked_for)
        self.notes: list[str] = []
        self.scales: dict[str, dict[str, Any]] = {}
        self.items: dict[str, dict[str, Any]] = {}
        self.background: dict[str, dict[str, Any]] = {}
        self.constructs: dict[str, dict[str, Any]] = {}
        self.candidates: list[str] = []
        self._renamed: dict[str, str] = {}

    def note(self, text: str, names: Sequence[str] = ()) -> None:
        """Add a note, with the names it is about."""
        more = f" and {len(names) - LISTED} more" if len(names) > LISTED else ""
        self.notes.append(f"{text}{': ' if names else ''}{', '.join(names[:LISTED])}{more}")

    def question(
        self, name: str, text: str, codes: Mapping[str, str], *, item: bool, scale: str = ""
    ) -> None:
        """Add a question: an item where the file or the user says so, else a background question."""
        scored = bool(codes) and all(WHOLE.fullmatch(code) for code in codes)
        if item or name in self.asked_for:
            self.add_item(name, text, codes, scale=scale)
        else:
            if scored:
                self.candidates.append(name)
            part: dict[str, Any] = {"text": text}
            self.background[self._safe(name, part)] = part | ({"codes": dict(codes)} if codes else {})

    def add_item(
        self, name: str, text: str, codes: Mapping[str, str], *, scale: str = "", **more: Any
    ) -> None:
        """Add an item; its answers must be whole numbers, or free."""
        wrong = [code for code in codes if not WHOLE.fullmatch(code)]
        if wrong:
            raise DataError(
                f"{quote(name)} cannot be an item: its answer {quote(wrong[0])} is not a whole number"
            )
        part: dict[str, Any] = {"text": text}
        safe = self._safe(name, part)
        self.items[safe] = part | {"construct": UNASSIGNED, "scale": self.scale(scale or safe, codes)} | more

    def scale(self, name: str, codes: Mapping[str, str]) -> str:
        """Return the name of the scale with these answers, adding it where it is new."""
        wanted = dict(codes)
        for known, scale in self.scales.items():
            if scale.get("codes", {}) == wanted and list(scale.get("codes", {})) == list(wanted):
                return known
        new = _valid(name, self.scales)
        self.scales[new] = {"codes": wanted} if wanted else {}
        return new

    def _safe(self, name: str, part: dict[str, Any]) -> str:
        """Return a name that the questionnaire may use; the file's own name stays the column's."""
        taken = {*self.items, *self.background, *self.constructs, UNASSIGNED}
        safe = _valid(name, taken)
        if safe != name:
            part["column"] = name
            self._renamed[name] = safe
        return safe

    def finish(self, kind: str, about: Mapping[str, str], title: str) -> CodebookImport:
        """Check the questionnaire and return it with all notes.

        Parameters
        ----------
        kind
            What kind of file it was.
        about
            title, version, language, instruction, model as far as the file says.
        title
            The file's name in messages.

        Raises
        ------
        DataError
            The file names no item, or what it says breaks a rule.

        """
        self._refuse_absent(title)
        unassigned = [name for name, item in self.items.items() if item["construct"] == UNASSIGNED]
        if unassigned:
            self.constructs[UNASSIGNED] = {"label": "Not yet assigned to a construct"}
            self.note("no construct is given for", unassigned)
        self._note_renamed()
        self._note_codes()
        data = {
            "missing": {"": "no answer"},
            "scales": self.scales,
            "constructs": self.constructs,
            "items": self.items,
            "background": self.background,
            **{key: value for key, value in about.items() if value},
        }
        return CodebookImport(instrument=questionnaire(data, title), kind=kind, notes=tuple(self.notes))

    def _refuse_absent(self, title: str) -> None:
        known = {*self.items, *self.background, *self._renamed}
        for name in self.asked_for:
            if name not in known:
                raise DataError(f"{title}: no question {quote(name)}{suggestion(name, known)}")
        if not self.items:
            hint = (
                f"; these have whole-number answers: {', '.join(self.candidates)}" if self.candidates else ""
            )
            raise DataError(
                f"{title}: the file does not say which questions are scale items; name them (items=, --items){hint}"
            )

    def _note_renamed(self) -> None:
        if self._renamed:
            self.note(
                "renamed, the old name stays the column", [f"{a} -> {b}" for a, b in self._renamed.items()]
            )

    def _note_codes(self) -> None:
        """Point at answers that look like reasons for no answer; what they mean is not decided here."""
        for name, scale in self.scales.items():
            codes = sorted(int(code) for code in scale.get("codes", {}))
            odd = [c for c in codes if c < 0 or (c >= 8 and c - 1 not in codes and len(codes) > 2)]
            if odd:
                said = ", ".join(f"{code} {quote(scale['codes'][str(code)])}" for code in odd)
                self.note(
                    f"scale {name}: {said} stands among the answers; is it a reason for no answer ([missing])?"
                )
        if self.candidates:
            self.note("kept as background questions, though their answers are numbers", self.candidates)


def _valid(name: str, taken: Mapping[str, Any] | set[str]) -> str:
    safe = re.sub(r"[^A-Za-z0-9_]", "_", name)
    safe = safe if NAME.fullmatch(safe) else f"q_{safe}"
    number = 2
    while (tried := safe if number == 2 and safe not in taken else f"{safe}_{number}") in taken:
        number += 1
    return tried


def plain_label(text: str) -> str:
    """Return a label without HTML tags and entities, runs of spaces as one.

    Examples
    --------
    >>> plain_label('<div class="rich"><p>Meet &amp; plan</p></div>')
    'Meet & plan'

    """
    return " ".join(unescape(TAG.sub(" ", text)).split())
