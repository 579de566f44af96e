"""The registry of readers and the door every file passes."""

import pytest

from sopsem.errors import FileError
from sopsem.survey.formats import SIGNATURES, read_bytes
from sopsem.survey.plain import read_numbers


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
