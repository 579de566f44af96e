"""Bytes to text: marks, UTF-8, named guesses, and refusals."""

import pytest

from sopsem.errors import FileError
from sopsem.survey.encoding import decode


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_unicode_is_read_without_a_guess(encoding):
    decoded = decode("naïve ☃ 𝄞".encode(encoding), "t")
    assert (decoded.text, decoded.encoding, decoded.note) == ("naïve ☃ 𝄞", encoding, "")


def test_a_damaged_file_with_a_mark_is_not_guessed_at():
    with pytest.raises(FileError, match="damaged"):
        decode(b"\xff\xfea\x00b", "t")


def test_the_typographic_apostrophe_of_windows_is_not_a_control_character():
    assert decode("a\ndon’t\n".encode("cp1252"), "t").text == "a\ndon’t\n"


def test_russian_text_under_a_plain_header_is_recognised_and_the_doubt_is_told():
    cells = "Москва\nСанкт-Петербург и другие города России\nЕкатеринбург\n" * 20
    decoded = decode(("region\n" + cells).encode("cp1251"), "t")
    assert decoded.text == "region\n" + cells
    assert "cp1252 would read some cells differently" in decoded.note


@pytest.mark.parametrize("start", ["", "\n\n", "sep=;\n"])
def test_a_header_that_two_guesses_read_differently_is_refused(start):
    content = start + "регион;город\n" + "Москва;Россия и другие\n" * 20
    with pytest.raises(FileError, match="the first line differently"):
        decode(content.encode("cp1251"), "t")


def test_an_encoding_asked_for_is_used_and_takes_off_the_mark():
    assert decode("регион".encode("cp1251"), "t", "windows-1251").text == "регион"
    assert decode("a".encode("utf-8-sig"), "t", "UTF8").text == "a"


def test_a_nul_is_refused_in_wide_text_too():
    with pytest.raises(FileError, match="NUL at character 2"):
        decode("ab\0c".encode("utf-16"), "t")
