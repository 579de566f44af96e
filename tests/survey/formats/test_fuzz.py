"""Mutated files end in answers or in one of our errors; the long campaign is analysis/benchmarks/fuzz_readers.py."""

import contextlib
import csv
import importlib.util
import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sopsem.errors import SopsemError
from sopsem.survey import read_responses
from sopsem.survey.formats import read_table

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def fuzz():
    file = ROOT / "analysis" / "benchmarks" / "fuzz_readers.py"
    spec = importlib.util.spec_from_file_location("fuzz_readers", file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_short_campaign_ends_without_another_exception(fuzz, tmp_path):
    out = tmp_path / "fuzz.csv"
    fuzz.main(["--text", "12", "--binary", "1", "--seed", "7", "--out", str(out), "--folder", str(tmp_path)])
    lines = out.read_text(encoding="utf-8").splitlines()
    assert len(lines) == 1 + len(list(fuzz.SAMPLES.iterdir()))


def test_a_mutated_file_can_be_made_again(fuzz, samples):
    files = {path.name: path.read_bytes() for path in samples.iterdir()}
    assert fuzz.mutated(1, "plain.csv", 3, files) == fuzz.mutated(1, "plain.csv", 3, files)
    assert fuzz.mutated(1, "plain.csv", 3, files) != fuzz.mutated(1, "plain.csv", 4, files)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_a_table_or_one_of_our_errors(raw):
    with contextlib.suppress(SopsemError):
        read_table("a.csv", raw)


TOP = ["id", "submitdate", "lastpage", "startlanguage", "", "Respondent ID", "V1", "a"]
MIDDLE = ["", "Response", "id", "submitdate", "x"]
BELOW = ["", '{"ImportId":"x"}', "R_1", "11111111111", "2020/10/30 3:08:44 PM GMT+1"]


@settings(max_examples=100, deadline=None)
@given(
    rows=st.tuples(*(st.lists(st.sampled_from(cells), max_size=6) for cells in (TOP, MIDDLE, BELOW, BELOW))),
    mark=st.sampled_from([",", ";", "\t"]),
)
def test_headers_of_several_tools_mixed_are_a_table_or_one_of_our_errors(rows, mark):
    text = io.StringIO()
    csv.writer(text, delimiter=mark).writerows(rows)
    with contextlib.suppress(SopsemError):
        read_table("a.csv", text.getvalue().encode())


def test_an_error_never_shows_a_traceback_or_control_characters(fuzz, samples, tmp_path, instrument):
    files = {path.name: path.read_bytes() for path in samples.iterdir()}
    for k in range(40):
        path = tmp_path / "qualtrics.csv"
        path.write_bytes(fuzz.mutated(5, "qualtrics.csv", k, files))
        try:
            read_responses(path, instrument)
        except SopsemError as error:
            text = str(error)
            assert "Traceback" not in text
            assert all(c.isprintable() or c == "\n" for c in text)


def test_the_recorded_campaign_covers_every_sample_and_every_file_ended_well(samples):
    with (ROOT / "analysis" / "benchmarks" / "fuzz_readers_results.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {row["sample"] for row in rows} == {path.name for path in samples.iterdir()}
    for row in rows:
        ends = [int(n) for name, n in row.items() if name not in ("sample", "files", "slowest_seconds")]
        assert sum(ends) == int(row["files"])
        assert float(row["slowest_seconds"]) < 60
