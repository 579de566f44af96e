"""Archives are measured before anything in them is parsed."""

import gzip
import io
import zipfile

import pytest

from sopsem.errors import FileError, ResourceLimitError
from sopsem.survey.formats import archive, read_table
from sopsem.survey.formats.archive import check_archive, gunzip


def zipped(**entries):
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in entries.items():
            made.writestr(name.replace("__", "/").replace("_dot_", "."), content)
    return raw.getvalue()


def test_a_bomb_is_refused_by_size(monkeypatch):
    monkeypatch.setattr(archive, "MOST_UNPACKED", 2_000_000)
    raw = zipped(**{f"part{k}": bytes(510_000) for k in range(4)})
    with pytest.raises(ResourceLimitError, match="unpacks to 2,040,000 bytes"):
        check_archive(raw, "a")


def test_a_bomb_is_refused_by_ratio():
    with pytest.raises(ResourceLimitError, match="more than the limit of 100 to 1"):
        check_archive(zipped(part=bytes(20_000_000)), "a")


def test_a_small_file_may_be_packed_well():
    check_archive(zipped(part=bytes(1_900_000)), "a")


def test_a_directory_that_lies_about_sizes_is_damaged():
    raw = zipped(part=bytes(20_000_000))
    size = (20_000_000).to_bytes(4, "little")
    assert raw.count(size) == 2
    with pytest.raises(FileError, match="damaged"):
        check_archive(raw.replace(size, (1000).to_bytes(4, "little")), "a")


def test_too_many_entries_are_a_limit():
    with pytest.raises(ResourceLimitError, match="2,001 files"):
        check_archive(zipped(**{f"part{k}": b"" for k in range(2001)}), "a")


@pytest.mark.parametrize("name", ["../x.csv", "/etc/x.csv", "a/../../x.csv", "..\\x.csv", "C:/x.csv"])
def test_a_path_that_leaves_the_archive_is_refused(name):
    with pytest.raises(FileError, match="unsafe path"):
        check_archive(zipped(**{name: b"x"}), "a")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16"])
@pytest.mark.parametrize(
    "declared", ['<!DOCTYPE x [<!ENTITY a "b">]>', '<!ENTITY a SYSTEM "file:///etc/passwd">']
)
def test_a_document_type_is_refused_wherever_it_stands(declared, encoding):
    """Entities can be repeated a billion times, or read another file."""
    with pytest.raises(FileError, match="declares a document type"):
        check_archive(zipped(sheet_dot_xml=f"<?xml version='1.0'?>{declared}<x/>".encode(encoding)), "a")
    text = (" " * (archive.BLOCK - 4) + declared).encode(encoding)
    with pytest.raises(FileError, match="declares a document type"):
        check_archive(zipped(sheet_dot_xml=text), "a")


def test_a_password_is_told():
    raw = bytearray(zipped(a_dot_csv=b"a\n1\n"))
    raw[6] |= 1
    raw[raw.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(FileError, match="password"):
        check_archive(bytes(raw), "a")


def test_one_file_in_an_archive_is_read_and_several_are_refused():
    table = read_table("a.zip", zipped(survey_dot_csv=b"a,b\n1,2\n"))
    assert table.columns == ("a", "b")
    with pytest.raises(FileError, match="holds 2 files"):
        read_table("a.zip", zipped(a_dot_csv=b"a\n1\n", b_dot_csv=b"a\n1\n"))
    with pytest.raises(FileError, match="holds another archive"):
        read_table("a.zip", zipped(b_dot_zip=zipped(c_dot_csv=b"a\n1\n")))


def test_a_pickle_in_an_archive_is_no_survey():
    with pytest.raises(FileError, match="pickle"):
        read_table("a.zip", zipped(a_dot_csv=b"\x80\x04K\x01."))


def test_gzip_is_unpacked_within_the_same_limits():
    assert read_table("a.csv.gz", gzip.compress(b"a,b\n1,2\n")).columns == ("a", "b")
    with pytest.raises(ResourceLimitError, match="more than the limit of 100 to 1"):
        gunzip(gzip.compress(bytes(30_000_000)), "a")
    whole = gzip.compress(b"a,b\n" * 100)
    with pytest.raises(FileError, match="cut short"):
        gunzip(whole[:-9], "a")
    with pytest.raises(FileError, match="damaged"):
        gunzip(whole[:12] + b"\xff" * 10 + whole[22:], "a")
