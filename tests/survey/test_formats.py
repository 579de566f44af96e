"""The registry of readers and the door every file passes."""

from pathlib import Path

import pandas as pd
import pyreadstat
import pytest

from sopsem.errors import FileError
from sopsem.survey.formats import SIGNATURES, read_bytes
from sopsem.survey.plain import read_numbers
from sopsem.survey.shipped import find_survey


@pytest.mark.parametrize(("signature", "kind"), SIGNATURES)
def test_every_signature_is_recognised(signature, kind, tmp_path):
    (tmp_path / "a.csv").write_bytes(signature + b"1,2\n")
    with pytest.raises(FileError) as caught:
        read_bytes(tmp_path / "a.csv")
    assert kind in str(caught.value)


@pytest.mark.parametrize("name", ["a:b.csv", "c.csv", "http.csv"])
def test_a_local_name_with_a_colon_is_not_an_address(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / name).write_bytes(b"a\n1\n")
    assert read_bytes(name) == b"a\n1\n"


def test_a_file_name_cannot_send_escape_sequences(tmp_path):
    with pytest.raises(FileError) as caught:
        read_bytes(tmp_path / "a\x1b[31m.csv")
    assert "\x1b" not in str(caught.value)


def test_na_is_a_missing_number_and_stays_in_text(tmp_path):
    """As R writes it; in a column of text it may be a word."""
    file = tmp_path / "r.csv"
    file.write_text("a,b\n1,NA\nNA,x\n", encoding="utf-8")
    read = read_numbers(file)
    assert read.a.isna().tolist() == [False, True]
    assert read.b.tolist() == ["NA", "x"]


def test_plain_numbers_of_an_spss_file_leave_out_what_it_declares_missing(tmp_path):
    frame = pd.DataFrame({"a": [1.0, 9.0, 3.0], "b": ["x", "y", "z"]})
    pyreadstat.write_sav(frame, tmp_path / "a.sav", missing_ranges={"a": [{"lo": 8, "hi": 9}]})
    read = read_numbers(tmp_path / "a.sav")
    assert read.a.isna().tolist() == [False, True, False]
    assert read.b.tolist() == ["x", "y", "z"]


def test_a_survey_folder_may_hold_one_file_of_any_kind(tmp_path, samples_folder):
    (tmp_path / "README.md").write_text("x", encoding="utf-8")
    (tmp_path / "answers.sav").write_bytes((samples_folder / "qualtrics.sav").read_bytes())
    assert find_survey(tmp_path).name == "answers.sav"
    (tmp_path / "other.xlsx").write_bytes(b"x")
    with pytest.raises(FileError, match="holds 2 survey files"):
        find_survey(tmp_path)


def test_a_link_in_a_survey_folder_leads_nowhere(tmp_path, samples_folder):
    (tmp_path / "answers.csv").symlink_to(samples_folder / "plain.csv")
    with pytest.raises(FileError, match="stay in that folder"):
        find_survey(tmp_path)


@pytest.fixture
def samples_folder():
    return Path(__file__).parent.parent / "data" / "formats"
