"""Two reports that differ by a few people: the second is refused and nothing is written."""

import json

import pytest

from sopsem.client.privacy.ledger import Ledger
from sopsem.client.privacy.released import published_groups
from sopsem.errors import FileError, PrivacyError


@pytest.fixture
def ledger(tmp_path):
    return lambda report: Ledger(path=tmp_path / "published.json", report=report)


def answers(n):
    """The answers of the first n of 60 people: later surveys hold the earlier ones."""

    def make(rng, _):
        return rng.integers(1, 8, (60, 18))[:n].astype(float)

    return make


def test_three_more_people_are_refused_and_nothing_is_written(survey, ledger):
    published_groups(survey({"sales": 40}, answers=answers(40)), ledger=ledger("May"))
    before = ledger("May").path.read_bytes()
    with pytest.raises(PrivacyError, match=r"in report 'May'; they differ by 3 person\(s\)") as caught:
        published_groups(survey({"sales": 43}, answers=answers(43)), ledger=ledger("June"))
    assert caught.value.exit_code == 7
    assert ledger("May").path.read_bytes() == before


def test_five_more_people_may_be_told_of(survey, ledger):
    published_groups(survey({"sales": 40}, answers=answers(40)), ledger=ledger("May"))
    published_groups(survey({"sales": 45}, answers=answers(45)), ledger=ledger("June"))
    known = json.loads(ledger("").path.read_text())
    assert [each["report"] for each in known["reports"]] == ["May", "June"]


def test_the_same_report_twice_changes_nothing(survey, ledger):
    for _ in range(2):
        published_groups(survey({"sales": 20, "operations": 20}), "department", ledger=ledger("May"))
    assert len(json.loads(ledger("").path.read_text())["reports"]) == 1


def test_a_changed_answer_is_another_person(survey, ledger):
    def corrected(rng, n):
        values = answers(n)(rng, n)
        values[0, 0] = 8 - values[0, 0] if values[0, 0] != 4 else 5
        return values

    published_groups(survey({"sales": 30}, answers=answers(30)), ledger=ledger("May"))
    with pytest.raises(PrivacyError):
        published_groups(survey({"sales": 30}, answers=corrected), ledger=ledger("June"))


def test_groups_of_two_reports_are_solved_together(survey, ledger):
    """Sales and Europe, told of in two reports, differ by two people."""
    region = ["europe"] * 18 + ["asia"] * 22
    both = survey({"sales": 20, "operations": 20}, region=region)
    published_groups(both, "department", ledger=ledger("May"))
    with pytest.raises(PrivacyError, match="person"):
        published_groups(both, "region", ledger=ledger("June"))


def test_the_ledger_holds_no_answers(survey, ledger):
    published_groups(survey({"sales": 20}, seed=77), ledger=ledger("May"))
    text = ledger("").path.read_text()
    assert "synthetic-77" not in text


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"format": "other"}', b"[" * 100_000, b"\xff\xfe"])
def test_what_is_no_ledger_is_refused(survey, ledger, content):
    ledger("May").path.write_bytes(content)
    with pytest.raises(FileError, match="not a ledger"):
        published_groups(survey({"sales": 20}), ledger=ledger("May"))
    assert ledger("May").path.read_bytes() == content
