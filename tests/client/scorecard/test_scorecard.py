"""The file: same bytes after reading, refused after any change, no rows in it, synthetic stays synthetic."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sopsem.client.scorecard.making import make_scorecard
from sopsem.client.scorecard.scorecard import (
    canonical_hash,
    read_scorecard,
    schema_differences,
    write_scorecard,
)
from sopsem.errors import DataError, FileError, PrivacyError, ResourceLimitError
from sopsem.survey import Instrument, responses_from_frame


def test_write_read_write_gives_the_same_bytes(card, tmp_path):
    """Law L27."""
    write_scorecard(card, tmp_path / "a.json")
    read = read_scorecard(tmp_path / "a.json")
    write_scorecard(read, tmp_path / "b.json")
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()
    assert read == card


def test_a_card_of_an_earlier_version_without_a_new_field_is_read(card, tmp_path):
    """Later versions add fields with defaults; the hash is that of what stands in the file."""
    content = json.loads(card.to_bytes())
    for construct in content["instrument"]["constructs"].values():
        del construct["min_valid"]
    content["sha256"] = canonical_hash(content)
    (tmp_path / "old.json").write_text(json.dumps(content))
    read = read_scorecard(tmp_path / "old.json")
    assert schema_differences(read, card.instrument) == []
    write_scorecard(read, tmp_path / "new.json")
    assert read_scorecard(tmp_path / "new.json").constructs == card.constructs


def test_the_same_sample_makes_the_same_card(card, norm_sample):
    assert make_scorecard(norm_sample).to_bytes() == card.to_bytes()


def leaves(value, path=()):
    """Every place of a number, text or flag in JSON."""
    if isinstance(value, dict):
        return [leaf for key, each in value.items() for leaf in leaves(each, (*path, key))]
    if isinstance(value, list):
        return [leaf for at, each in enumerate(value) for leaf in leaves(each, (*path, at))]
    return [path]


def test_every_change_is_noticed(card, tmp_path):
    """One value in fifty, over the whole file."""
    file = tmp_path / "card.json"
    whole = json.loads(card.to_bytes())
    for path in leaves(whole)[::50]:
        changed = json.loads(card.to_bytes())
        place = changed
        for key in path[:-1]:
            place = place[key]
        old = place[path[-1]]
        place[path[-1]] = old + 1 if isinstance(old, int | float) and not isinstance(old, bool) else "changed"
        file.write_text(json.dumps(changed))
        with pytest.raises(FileError):
            read_scorecard(file)


@pytest.mark.parametrize(
    "content", [b"", b"[]", b'"x"', b"{}", b"{", b"\xff", b"[" * 100_000, b'{"rows": NaN}', b'{"format": 1}']
)
def test_what_is_no_scorecard_is_one_clear_error(tmp_path, content):
    (tmp_path / "card.json").write_bytes(content)
    with pytest.raises(FileError, match=r"card.json'.*not a scorecard"):
        read_scorecard(tmp_path / "card.json")


def test_a_huge_file_is_refused_unread(tmp_path):
    (tmp_path / "card.json").write_bytes(b" " * 5_000_001)
    with pytest.raises(ResourceLimitError):
        read_scorecard(tmp_path / "card.json")


def test_no_row_of_the_norm_sample_is_in_the_file(card, norm_sample):
    text = card.to_bytes().decode()
    assert not any(name in text for name in norm_sample.respondents["respondent"])
    scores = {norm.n: len(norm.quantiles) for norm in card.factors.values()}
    assert all(quantiles * 10 < n for n, quantiles in scores.items())


def test_synthetic_stays_synthetic(card, norm_sample):
    assert card.label == "synthetic data"
    assert "SYNTHETIC DATA" in repr(card)
    assert make_scorecard(norm_sample, label="").label == ""


def test_few_respondents_make_no_norm(norm_sample):
    frame = raw(norm_sample).iloc[:35]
    with pytest.raises(PrivacyError, match="needs 40"):
        make_scorecard(responses_from_frame(frame, norm_sample.instrument, constant_items="keep"))


def raw(responses):
    """The answers as they were given, with reversed items turned back."""
    items = responses.items.copy()
    for item in set(responses.instrument.reversed_ids) & set(items.columns):
        items[item] = 8 - items[item]
    return items


def test_missing_answers_use_everybody(norm_sample):
    frame = raw(norm_sample)
    frame.iloc[::10, 0] = np.nan
    made = make_scorecard(responses_from_frame(frame, norm_sample.instrument))
    assert made.model.n == len(frame)
    assert made.constructs["coordination"].n == len(frame)


def test_a_questionnaire_without_a_model_needs_one(norm_sample):
    data = {**norm_sample.instrument.model_dump(by_alias=True), "model": ""}
    responses = responses_from_frame(raw(norm_sample), Instrument.model_validate(data))
    with pytest.raises(DataError, match="no model text"):
        make_scorecard(responses)
    made = make_scorecard(responses, model="alignment =~ ali1 + ali2 + ali3 + ali4")
    assert made.model.latent == ("alignment",)


def test_every_difference_of_questionnaires_is_listed(card):
    data = card.instrument.model_dump(by_alias=True)
    del data["items"]["via3"]
    data["items"]["col1"]["text"] = "Something else."
    data["items"]["con3"]["reverse"] = False
    data["constructs"]["market"]["min_valid"] = 3
    data["scales"]["plan"]["codes"] = {1: "low", 5: "high"}
    found = schema_differences(card, Instrument.model_validate(data))
    text = "\n".join(found)
    for said in (
        "item via3: not in",
        "item col1: text is 'Something else.'",
        "item con3: reverse is False",
        "min_valid is 3",
    ):
        assert said in text
    assert "item int1: codes" in text
    assert len(found) == 7


def test_the_card_is_shown_in_a_few_lines(card):
    assert "norm sample: synthetic_twin_0.csv, 92 respondents" in repr(card)
    assert isinstance(card.factors, dict)
    assert set(card.factors) == set(card.model.latent)
    assert pd.Series(card.model.fit).notna().all()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_mutated_file_is_refused_or_the_same(card, tmp_path, data):
    raw = bytearray(card.to_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(raw) - 1))
        raw[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    (tmp_path / "card.json").write_bytes(raw)
    try:
        read = read_scorecard(tmp_path / "card.json")
    except FileError:
        return
    assert read == card
