"""A clean survey to break, one fault at a time."""

import csv
import io

import pytest

from sopsem.survey import load_instrument, read_responses


@pytest.fixture(scope="session")
def instrument():
    return load_instrument()


@pytest.fixture
def clean(instrument):
    """Header and eight rows of answers as text; every item varies."""
    header = list(instrument.item_ids)
    rows = [[str((3 * i + 5 * j) % 7 + 1) for j in range(18)] for i in range(8)]
    return [header, *rows]


@pytest.fixture
def write(tmp_path):
    """Write a table, or bytes, to a file and return its path."""

    def writer(content, name="survey.csv", delimiter=",", encoding="utf-8"):
        path = tmp_path / name
        if not isinstance(content, bytes):
            text = io.StringIO()
            csv.writer(text, delimiter=delimiter).writerows(content)
            content = text.getvalue().encode(encoding)
        path.write_bytes(content)
        return path

    return writer


@pytest.fixture
def refused():
    """Read a file, expect this very error with these fragments, and return its message."""

    def reader(error, path, instrument, *fragments, **options):
        with pytest.raises(error) as caught:
            read_responses(path, instrument, **options)
        text = str(caught.value)
        assert type(caught.value) is error
        for fragment in fragments:
            assert fragment in text, text
        return text

    return reader
