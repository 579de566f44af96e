"""surveyframe's files: the fields mean what ours mean, and the rest is noted."""

import json

import pytest

from sopsem.errors import DataError, FileError, ResourceLimitError
from sopsem.survey.codebooks.imports import import_codebook

AGREE = {"id": "agree5", "values": [1, 2, 3, 4, 5], "labels": ["SD", "D", "N", "A", "SA"]}


def item(name, scale=None, kind="likert", **more):
    base = {"id": name, "label": f"Text of {name}", "type": kind, "required": True, "choice_set": "agree5"}
    return base | ({"scale_id": scale} if scale else {}) | {"reverse": False} | more


def frame():
    return {
        "hash": {"algo": "sha256", "value": "0"},
        "meta": {"title": "Teams", "version": "0.3.0", "languages": "en", "description": "d", "authors": "a"},
        "items": [
            item("hello", kind="section_break", choice_set=None),
            item("a1", "trust"),
            item("a2", "trust", reverse=True),
            item("b1", "ease"),
            item("b2", "ease"),
            item("visit", kind="single_choice", choice_set="visit"),
            item("chk", kind="single_choice"),
            item("stars", kind="rating", choice_set=None, rating_max=3),
            item("order", kind="ranking"),
            item("why", kind="textarea", choice_set=None),
        ],
        "choices": [
            AGREE,
            {"id": "visit", "values": ["first", "repeat"], "labels": ["First", "Again"]},
        ],
        "scales": [
            {"id": "trust", "label": "Trust", "items": ["a1", "a2"], "method": "mean", "min_valid": None},
            {"id": "ease", "label": "Ease", "items": ["b1", "b2"], "method": "sum", "min_valid": 1,
             "reverse_items": "b2"},
        ],
        "checks": [{"id": "c1", "item_id": "chk", "type": "attention", "pass_values": 4, "fail_action": "flag"}],
        "analysis_plan": [{"id": "rq"}],
        "models": [
            {"id": "p", "type": "pls_sem"},
            {"id": "m", "type": "cb_sem",
             "measurement": {"constructs": [
                 {"id": "trust", "mode": "reflective", "items": ["a1", "a2"]},
                 {"id": "ease", "items": ["b1", "b2"]}]},
             "structural": {"paths": [{"from": "trust", "to": "ease", "label": "b"}], "covariances": [],
                            "indirect": []}},
        ],
    }  # fmt: skip


@pytest.fixture
def write(tmp_path):
    def writer(data):
        path = tmp_path / "teams.sframe"
        path.write_bytes(data if isinstance(data, bytes) else json.dumps(data).encode())
        return path

    return writer


def test_its_fields_become_ours_one_to_one(write):
    found = import_codebook(write(frame()))
    instrument = found.instrument
    assert found.kind == "surveyframe .sframe"
    assert (instrument.title, instrument.version, instrument.language) == ("Teams", "0.3.0", "en")
    assert instrument.item_ids == ("a1", "a2", "b1", "b2")
    assert instrument.reversed_ids == ("a2", "b2")
    assert instrument.items["a1"].factor == "trust"
    assert instrument.scales["agree5"].codes[5] == "SA"
    # null there means that every item must be answered; here None would mean half of them
    assert instrument.constructs["trust"].min_valid == 2
    assert instrument.constructs["ease"].min_valid == 1
    assert (instrument.items["chk"].expected, instrument.items["chk"].optional) == (4, True)
    assert instrument.model == "trust =~ a1 + a2\nease =~ b1 + b2\nease ~ b*trust\n"
    assert list(instrument.background) == ["visit", "stars", "why"]


def test_what_is_not_carried_over_is_noted(write):
    notes = "\n".join(import_codebook(write(frame())).notes)
    for words in (
        "section_break is shown only and left out: hello",
        "items of type ranking are left out: order",
        "scale ease is a sum there; scores here are means",
        "models that are not carried over: p",
        "analysis_plan is not carried over",
        "description is not carried over",
        "does not say codes for no answer",
        "kept as background questions, though their answers are numbers: stars",
    ):
        assert words in notes


@pytest.mark.parametrize(
    ("check", "words"),
    [
        ({"type": "trap", "pass_values": 4}, "check c1 is not carried over"),
        ({"type": "attention", "pass_values": [4, 5]}, "check c1 is not carried over"),
        ({"type": "attention", "item_id": "nobody", "pass_values": 4}, "check c1 is not carried over"),
    ],
)
def test_checks_without_one_right_answer_are_noted(write, check, words):
    data = frame()
    data["checks"] = [{"id": "c1", "item_id": "chk"} | check]
    assert any(words in note for note in import_codebook(write(data)).notes)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"mode": "composite"}, "construct ease is composite"),
        ({"items": ["a1"]}, "construct ease is not a scale with these items"),
        ({"id": "other"}, "construct other is not a scale with these items"),
    ],
)
def test_a_model_that_does_not_fit_the_scales_is_left_out_with_the_reason(write, change, why):
    data = frame()
    data["models"][1]["measurement"]["constructs"][1] |= change
    found = import_codebook(write(data))
    assert found.instrument.model == ""
    assert any(why in note for note in found.notes)


@pytest.mark.parametrize("wrong", [3, [3], {"paths": [3]}, {"paths": [{"from": "trust"}]}, {"paths": [[1]]}])
def test_a_model_written_otherwise_is_left_out(write, wrong):
    data = frame()
    data["models"][1]["structural"] = wrong
    found = import_codebook(write(data))
    assert found.instrument.model == ""
    assert any("not written as surveyframe writes models" in note for note in found.notes)


def test_an_endless_rating_is_refused(write):
    data = frame()
    data["items"][7]["rating_max"] = 10**12
    with pytest.raises(DataError, match="rating_max '1000000000000' is no number from 1 to 100"):
        import_codebook(write(data))


def test_an_item_of_no_scale_is_unassigned(write):
    data = frame()
    data["items"].append(item("lone"))
    found = import_codebook(write(data))
    assert found.instrument.items["lone"].factor == "unassigned"
    assert "no construct is given for: lone" in found.notes


@pytest.mark.parametrize(
    ("content", "error", "words"),
    [
        (b"{", DataError, "not valid JSON"),
        (b"[]", DataError, "a JSON object with a list of items"),
        (b'{"items": [], "items": []}', DataError, "key 'items' stands twice"),
        (b'{"items": [{"label": "x"}]}', DataError, r"items[1]: an object with an id"),
        (b'{"items": [{"id": "a", "type": "likert", "choice_set": "s"}]}', DataError, "no choice set 's'"),
        (b"\xff\xfe", FileError, "not UTF-8"),
        (b'{"items": ' + b"[" * 100_000, ResourceLimitError, "nested too deeply"),
        (
            b'{"items": [{"id": "a", "type": "text"}]}',
            DataError,
            "does not say which questions are scale items",
        ),
    ],
)
def test_damaged_files_are_refused(write, content, error, words):
    with pytest.raises(error) as caught:
        import_codebook(write(content))
    assert words in str(caught.value)
