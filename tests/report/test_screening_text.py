"""A screening on a terminal and in files: long lists are cut, hostile names stay text."""

import re

import pandas as pd
import pytest

import sopsem
from sopsem.report.screening_text import LISTED, screening_files, screening_text


@pytest.fixture
def screening():
    answers = sopsem.read_responses(sopsem.find_survey(), sopsem.load_instrument())
    return sopsem.screen(answers, thresholds={"long_string": 2})


def test_a_long_list_is_cut_on_the_terminal_and_whole_in_the_file(screening):
    marked = len(screening.marked("long_string"))
    assert marked > LISTED
    text = screening_text(screening)
    assert f"Marked respondents ({marked})" in text
    assert f"{marked - LISTED} more respondents are marked" in text
    table = screening_files(screening)["screening.csv"].decode()
    assert len(table.splitlines()) == 93


def test_items_with_missing_answers_are_listed(screening):
    frame = screening.responses.items
    frame.loc[:10, "col2"] = float("nan")
    answers = sopsem.responses_from_frame(pd.DataFrame(frame), screening.responses.instrument)
    text = screening_text(sopsem.screen(answers))
    assert "col2       10  10.9%  yes" in text
    assert "17 of 18 items were answered by everybody" in text


def test_the_page_loads_nothing_and_names_its_data(screening):
    page = screening_files(screening, source_label="synthetic data")["screening.html"].decode()
    assert "default-src 'none'" in page
    assert "synthetic data" in page
    assert "<script" not in page


def test_a_screen_that_could_not_run_has_no_numbers(screening):
    text = screening_text(screening)
    assert re.search(r"^speeders +could not run *$", text, re.MULTILINE)
    assert "speeders: could not run: the file has no durations." in text
