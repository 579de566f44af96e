"""Laws of reading that hold for any survey, and the promise that damage is refused, never a crash."""

import csv
import io
import random
import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sopsem.errors import SopsemError
from sopsem.survey import Responses, Scale, load_instrument, read_responses
from sopsem.survey.coding import reverse

INSTRUMENT = load_instrument()
ITEMS = list(INSTRUMENT.item_ids)
ROWS = st.lists(st.lists(st.integers(1, 7), min_size=18, max_size=18), min_size=2, max_size=12)


def text_of(table, delimiter=","):
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(table)
    return text.getvalue()


def read_bytes_of(content, folder, **options):
    path = folder.getbasetemp() / "law.csv"
    path.write_bytes(content)
    return read_responses(path, INSTRUMENT, constant_items="keep", **options)


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.floats(-1e6, 1e6), max_size=20),
    st.dictionaries(st.integers(-50, 50), st.just("x"), min_size=2),
)
def test_reversing_twice_is_the_identity(values, codes):
    scale = Scale(codes=codes)
    column = np.round(np.array(values))
    np.testing.assert_array_equal(reverse(reverse(column, scale), scale), column)


@settings(max_examples=30, deadline=None)
@given(ROWS, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing_but_the_order(tmp_path_factory, rows, rng):
    order = list(range(len(rows)))
    rng.shuffle(order)
    first = read_bytes_of(text_of([ITEMS, *rows]).encode(), tmp_path_factory)
    second = read_bytes_of(text_of([ITEMS, *(rows[k] for k in order)]).encode(), tmp_path_factory)
    np.testing.assert_array_equal(second.items.to_numpy(), first.items.to_numpy()[order])
    assert second.log["n_cells"].tolist() == first.log["n_cells"].tolist()


@settings(max_examples=30, deadline=None)
@given(ROWS, st.sampled_from(["Süd", "Île-de-France", "North", "NA", "a,b;c\t", 'say "x"', "two\nlines"]))
def test_encoding_and_delimiter_change_nothing(tmp_path_factory, rows, region):
    table = [[*ITEMS, "region"], *([*row, region] for row in rows)]
    plain = read_bytes_of(text_of(table).encode(), tmp_path_factory)
    for encoding in ("utf-8-sig", "utf-16", "utf-32", "cp1252"):
        for delimiter in ",;\t":
            other = read_bytes_of(text_of(table, delimiter).encode(encoding), tmp_path_factory)
            pd.testing.assert_frame_equal(other.items, plain.items)
            pd.testing.assert_frame_equal(other.respondents, plain.respondents)


@settings(max_examples=30, deadline=None)
@given(ROWS)
def test_labels_and_numbers_are_the_same_answers(tmp_path_factory, rows):
    labels = [
        [INSTRUMENT.scale_of(item).codes[x] for item, x in zip(ITEMS, row, strict=True)] for row in rows
    ]
    by_label = read_bytes_of(text_of([ITEMS, *labels]).encode(), tmp_path_factory)
    by_number = read_bytes_of(text_of([ITEMS, *rows]).encode(), tmp_path_factory)
    pd.testing.assert_frame_equal(by_label.items, by_number.items)


BASE = text_of([ITEMS, *([str((i * j) % 7 + 1) for j in range(1, 19)] for i in range(1, 9))]).encode()
PIECES = st.sampled_from(
    [b'"', b"\0", b"\xff", b",", b";", b"\n", b"\r", b"\xef\xbb\xbf", b"NA", b"1e9", b"\xe9"]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(BASE)), st.integers(0, 9), PIECES), min_size=1, max_size=4))
def test_a_damaged_file_is_read_or_refused_but_never_breaks(tmp_path_factory, edits):
    content = BASE
    for start, length, piece in edits:
        content = content[:start] + piece + content[start + length :]
    try:
        outcome = read_bytes_of(content, tmp_path_factory)
    except SopsemError as error:
        outcome = error
    assert isinstance(outcome, Responses) or "law.csv" in str(outcome)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_refused_with_a_message(tmp_path_factory, content):
    with pytest.raises(SopsemError, match=r"law\.csv"):
        read_bytes_of(content, tmp_path_factory)


def test_twenty_thousand_rows_are_read_within_seconds(write, instrument):
    rng = random.Random(1)
    rows = [[str(rng.randint(1, 7)) for _ in ITEMS] for _ in range(20_000)]
    path = write([ITEMS, *rows])
    begin = time.process_time()
    assert len(read_responses(path, instrument)) == 20_000
    assert time.process_time() - begin < 5
