"""One test per file that is no survey: of another kind, too large, not local, or read with a wrong option."""

import os
import pickle
import zipfile

import numpy as np
import openpyxl
import pytest

from sopsem.errors import DataError, FileError, ResourceLimitError, UsageError


def put(table, row, column, value):
    table[row][table[0].index(column)] = value
    return table


def zipped(path, **entries):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name.replace("__", "/").replace("_xml", ".xml"), content)
    return path


def test_a_workbook_renamed_csv_is_named(refused, tmp_path, instrument):
    path = zipped(tmp_path / "a.csv", xl__workbook_xml="x")
    refused(FileError, path, instrument, "this is an Excel workbook (.xlsx); name it .xlsx")


@pytest.mark.parametrize(
    ("start", "kind"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "old Office file, but no workbook"),
        (b"\x1f\x8b\x08", "gzip"),
        (b"$FL2@(#)", "SPSS"),
        (b"PAR1", "Parquet"),
        (b"<stata_dta>", "Stata"),
        (b"<!DOCTYPE html><table>", "web page"),
        (b"\n <html>", "web page"),
        (b"\xef\xbb\xbf<html>", "web page"),
    ],
)
def test_other_files_renamed_csv_are_named(refused, start, kind, write, instrument):
    refused(FileError, write(start + b"\n1,2\n" * 40), instrument, kind)


@pytest.mark.parametrize(
    ("name", "said"), [("a.xls", "web page"), ("a.xlsx", "web page"), ("a.sav", "web page")]
)
def test_html_under_another_name_is_named(refused, name, said, write, instrument):
    """What many programs call an Excel export."""
    refused(FileError, write(b"<html><table><tr><td>1</td></tr></table></html>", name=name), instrument, said)


@pytest.mark.parametrize("name", ["a.xlsx", "a.xls", "a.ods", "a.sav", "a.dta", "a.parquet", "a.zip", "a.gz"])
def test_text_under_another_name_is_named(refused, name, write, clean, instrument):
    refused(FileError, write(clean, name=name), instrument, "this is delimited text; name it .csv")


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("name", ["a.csv", "a.pkl", "a.pickle", "a.joblib"])
def test_a_pickle_is_refused_unopened(refused, name, protocol, tmp_path, instrument):
    (tmp_path / name).write_bytes(pickle.dumps(np.ones(3), protocol))
    refused(FileError, tmp_path / name, instrument, "pickle can run code")


@pytest.mark.parametrize("name", ["a.doc", "a.json", "a.csv.bak", "a"])
def test_an_ending_without_a_reader_names_the_known_ones(refused, name, write, clean, instrument):
    refused(FileError, write(clean, name=name), instrument, "no reader", ".csv")


@pytest.mark.parametrize(
    "path", ["http://example.org/x.csv", "s3://b/x.csv", "FILE:///x.csv", r"\\host\x.csv"]
)
def test_an_address_is_never_fetched(refused, path, instrument):
    refused(UsageError, path, instrument, "only local files")


def test_a_missing_file_and_a_directory_are_said_to_be_that(refused, tmp_path, instrument):
    refused(FileError, tmp_path / "none.csv", instrument, "no such file")
    (tmp_path / "folder.csv").mkdir()
    refused(FileError, tmp_path / "folder.csv", instrument, "a directory")
    refused(FileError, "a\0b.csv", instrument, r"'a\x00b.csv'", "no such file")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_is_refused_instead_of_waited_for(refused, tmp_path, instrument):
    os.mkfifo(tmp_path / "pipe.csv")
    refused(FileError, tmp_path / "pipe.csv", instrument, "not a regular file")


def test_a_file_above_the_limit_is_refused_unread(refused, tmp_path, instrument):
    with (tmp_path / "sparse.csv").open("wb") as file:
        file.truncate(200_000_001)
    refused(ResourceLimitError, tmp_path / "sparse.csv", instrument, "200,000,000 bytes")


def test_an_enormous_cell_is_refused(refused, clean, write, instrument):
    clean[0].append("comment")
    for row in clean[1:]:
        row.append("x" * 200_000)
    refused(ResourceLimitError, write(clean), instrument, "line 2 has a cell of more than 131,072 characters")


@pytest.mark.parametrize("options", [{"encoding": "klingon"}, {"encoding": "base64"}, {"delimiter": ";;"}])
def test_an_unknown_option_is_a_usage_error(refused, options, clean, write, instrument):
    refused(UsageError, write(clean), instrument, **options)


def test_the_wrong_encoding_names_the_byte(refused, clean, write, instrument):
    clean[1][0] = "ä"
    refused(FileError, write(clean), instrument, "is not ascii", encoding="ascii")


def test_a_header_with_as_many_commas_as_semicolons_asks_for_the_delimiter(refused, write, instrument):
    path = write(b"a,b;c\n1,2;3\n")
    refused(FileError, path, instrument, "comma and semicolon", "delimiter=")


def test_answers_do_not_reach_the_message_beyond_the_cell_at_fault(refused, clean, write, instrument):
    clean[0].append("department_other")
    for row in clean[1:]:
        row.append("canary-4711")
    text = refused(DataError, write(put(clean, 2, "col1", "secret " * 100)), instrument, "line 3")
    assert "canary" not in text
    assert len(text.splitlines()[0]) < 300
    assert text.count("secret") < 10


@pytest.mark.parametrize("name", ["a.xlsx", "a.xls", "a.sav", "a.dta", "a.parquet", "a.zip"])
def test_bytes_that_are_nothing_are_damaged_not_text(refused, name, write, instrument):
    refused(FileError, write(bytes(range(1, 255)) * 4, name=name), instrument, "the file is damaged")


def test_a_workbook_with_a_password_is_told(refused, write, instrument):
    raw = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le")
    refused(FileError, write(raw, name="a.xlsx"), instrument, "protected with a password")


def test_an_spss_file_with_a_password_is_told(refused, write, instrument):
    raw = b"\x1c\0\0\0\0\0\0\0ENCRYPTEDSAV" + bytes(600)
    refused(FileError, write(raw, name="a.sav"), instrument, "SPSS file with a password")


CELLS = {
    8: "8 is not a code",
    99: 'declare "99" under [missing]',
    "agre": "did you mean 'agree'",
    True: "'TRUE' is a truth value",
    3.5: "3.5 is not a code",
    "inf": "is infinite",
    "1e400": "too large",
    "\u0663": "digits other than 0-9",
    "1_000": "underscore",
    "3,5": "decimal point",
    1e300: "too large",
    "9" * 400: "too large",
}


@pytest.mark.parametrize("cell", CELLS, ids=repr)
def test_a_bad_cell_of_a_sheet_is_told_by_sheet_row_and_item(refused, cell, clean, tmp_path, instrument):
    book = openpyxl.Workbook()
    for row in clean:
        book.active.append(row)
    book.active["B3"] = cell
    book.save(tmp_path / "a.xlsx")
    refused(
        DataError, tmp_path / "a.xlsx", instrument, "a.xlsx', sheet 'Sheet': item col2, row 3: ", CELLS[cell]
    )
