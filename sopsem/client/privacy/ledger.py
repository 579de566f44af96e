"""What was published before: two reports that differ by a few people tell of these people, so the second is refused.

A ledger is a small JSON file kept with the survey.  It holds no answers: respondents stand in it as keyed hashes of
their answers, so that a person who joins, leaves or changes an answer is another member.
"""

import hmac
import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from sopsem.client.privacy.atoms import atoms_of, smallest_determined
from sopsem.client.privacy.grouping import Grouping
from sopsem.client.privacy.rules import PrivacyRules
from sopsem.errors import FileError, PrivacyError, ResourceLimitError
from sopsem.runs.atomic import json_bytes, write_atomic
from sopsem.survey.messages import quote, quote_path
from sopsem.survey.responses import Responses

__all__ = ["Ledger"]

Bools = npt.NDArray[np.bool_]
FORMAT = "sopsem publication ledger 1"
LARGEST = 200_000_000  # bytes


@dataclass(frozen=True, kw_only=True)
class Ledger:
    """The groups of which numbers were published, in one file.

    Parameters
    ----------
    path : Path
        Made by the first report.
    report : str
        What the report at hand is called in the ledger.

    """

    path: Path
    report: str

    def add(self, responses: Responses, groups: Grouping, shown: Bools, rules: PrivacyRules) -> None:
        """Refuse groups that with earlier ones tell of too few people; else write them down.

        Raises
        ------
        PrivacyError
            A combination of the groups of this report and of earlier ones has 1 to ``least_mean`` - 1 people.
        FileError, ResourceLimitError
            The ledger cannot be read or written, or is not a ledger.

        """
        known = self._read()
        people = _fingerprints(responses, str(known["key"]))
        names = [f"{by}: {label}" if by else label for by, label in groups.names]
        own = {names[g]: {people[i] for i in np.flatnonzero(groups.masks[g])} for g in np.flatnonzero(shown)}
        earlier = {
            (report["report"], name): set(members)
            for report in known["reports"]
            for name, members in report["groups"].items()
        }
        new = {name: members for name, members in own.items() if members not in earlier.values()}
        if not new:
            return
        self._require(new, earlier, rules)
        entry = {"report": self.report, "groups": {name: sorted(members) for name, members in new.items()}}
        write_atomic(self.path, json_bytes({**known, "reports": [*known["reports"], entry]}))

    def _require(
        self, own: Mapping[str, set[str]], earlier: Mapping[tuple[str, str], set[str]], rules: PrivacyRules
    ) -> None:
        sets = [*own.values(), *earlier.values()]
        everybody = sorted(set().union(*sets))
        masks = np.array([[person in members for person in everybody] for members in sets])
        incidence, place = atoms_of(masks)
        sizes = np.bincount(place, minlength=incidence.shape[1]).astype(np.int64)
        found = smallest_determined(incidence, sizes, rules.least_mean)
        if found.size:
            used = np.flatnonzero(np.abs(found.weights) > 1e-9)
            before = [list(earlier)[g - len(own)] for g in used if g >= len(own)]
            here = [list(own)[g] for g in used if g < len(own)]
            said = "; ".join(f"{quote(name)} in report {quote(report)}" for report, name in before)
            raise PrivacyError(
                f"{quote_path(self.path)}: this report tells of {', '.join(map(quote, here))} and an earlier one of "
                f"{said}; they differ by {found.size} person(s), fewer than {rules.least_mean}, whose answers "
                "could be worked out. Nothing was published. Report the same people as before, or wait until "
                f"{rules.least_mean} or more have changed"
            )

    def _read(self) -> dict[str, Any]:
        if not self.path.exists():
            return {"format": FORMAT, "key": secrets.token_hex(16), "reports": []}
        try:
            if self.path.stat().st_size > LARGEST:
                raise ResourceLimitError(f"{quote_path(self.path)}: larger than {LARGEST:,} bytes")
            found = json.loads(self.path.read_bytes())
        except OSError as error:
            raise FileError(f"{quote_path(self.path)}: cannot read the ledger: {error.strerror}") from error
        except (ValueError, RecursionError) as error:
            raise FileError(f"{quote_path(self.path)}: not a ledger of publications: no JSON") from error
        if not _is_ledger(found):
            raise FileError(
                f"{quote_path(self.path)}: not a ledger of publications (expected {FORMAT!r}); give another path, or "
                "restore the file: without it nobody knows what was told before"
            )
        return dict(found)


def _is_ledger(found: object) -> bool:
    if not isinstance(found, dict) or found.get("format") != FORMAT or not isinstance(found.get("key"), str):
        return False
    reports = found.get("reports")
    return isinstance(reports, list) and all(
        isinstance(each, dict)
        and isinstance(each.get("report"), str)
        and isinstance(each.get("groups"), dict)
        and all(_is_texts(members) for members in each["groups"].values())
        for each in reports
    )


def _is_texts(members: object) -> bool:
    return isinstance(members, list) and all(isinstance(member, str) for member in members)


def _fingerprints(responses: Responses, key: str) -> list[str]:
    """Return one keyed hash per respondent; equal rows are told apart by their order."""
    seen: dict[str, int] = {}
    found = []
    for text in _rows(responses):
        number = seen[text] = seen.get(text, 0) + 1
        found.append(hmac.digest(bytes.fromhex(key), f"{text}|{number}".encode(), "sha256").hex()[:20])
    return found


def _rows(responses: Responses) -> Iterator[str]:
    answers: Sequence[bytes] = [row.tobytes() for row in responses.items.to_numpy().astype("<f8") + 0.0]
    unique = [n for n, q in responses.instrument.background.items() if q.unique]
    ids = responses.respondents[[n for n in unique if n in responses.respondents.columns]]
    for answer, identity in zip(answers, ids.itertuples(index=False, name=None), strict=True):
        yield f"{answer.hex()}{identity!r}"
