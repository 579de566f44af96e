"""The dashboard: all files or none, the same bytes again, its label everywhere, cards where tables are missing."""

from pathlib import Path

import pytest

from sopsem.errors import FileError, UsageError
from sopsem.executive.assessment import assess
from sopsem.executive.schema.tables import check_tables
from sopsem.report.operations.dashboard import dashboard_files, executive_dashboard

LABEL = "synthetic data"


@pytest.fixture(scope="module")
def made(found):
    return dashboard_files(found, label=LABEL)


def test_the_same_assessment_gives_the_same_bytes(found, made):
    assert dashboard_files(found, label=LABEL) == made


def test_slides_hold_four_panels_each_and_another_layout_is_refused(plant):
    few = assess(check_tables({"financials": plant.frames["financials"]}))
    made = dashboard_files(few, layout="slides", label=LABEL)
    assert [name for name in made if name.endswith(".png")] == [".png", "-2.png", "-3.png", "-4.png"]
    with pytest.raises(UsageError, match="choose 'A3' or 'slides'"):
        dashboard_files(few, layout="A4")


def test_files_are_what_their_names_say(made):
    assert made[".png"].startswith(b"\x89PNG")
    assert b"<svg" in made[".svg"][:500]
    assert made[".pdf"].startswith(b"%PDF")
    assert made[".html"].startswith(b"<!DOCTYPE html>")


def test_the_page_says_what_the_data_are_and_loads_nothing(made):
    page = made[".html"].decode()
    assert page.count(LABEL) >= 3
    assert "<script" not in page
    assert "http" not in page.replace("http-equiv", "").replace("http://www.w3.org", "")


def test_an_end_of_the_path_is_not_doubled_and_a_folder_is_no_place_for_a_file(found, tmp_path, monkeypatch):
    monkeypatch.setattr(
        "sopsem.report.operations.dashboard.dashboard_files", lambda *_, **__: {".png": b"a", ".html": b"b"}
    )
    written = executive_dashboard(found, path=tmp_path / "board.html")
    assert {Path(name).name: content for name, content in written.items()} == {
        "board.png": b"a",
        "board.html": b"b",
    }
    (tmp_path / "full.html").mkdir()
    with pytest.raises(FileError):
        executive_dashboard(found, path=tmp_path / "full")
    assert not (tmp_path / "full.png").exists()
