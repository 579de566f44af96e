"""A twin's folder: names and labels that say synthetic, data that come back, no half-written files."""

import tomllib

import numpy as np
import pytest

from sopsem.errors import FileError
from sopsem.study.twin import twin
from sopsem.study.twin_folder import twin_files, write_twin


@pytest.fixture(scope="module")
def made():
    return twin(algorithm="exact", seed=2)


def test_round_trip(made, tmp_path):
    """Values come back from the CSV bit for bit; nothing else is left in the folder."""
    folder = tmp_path / "new" / "synthetic_twin_exact"
    written = write_twin(made, folder)
    assert sorted(folder.iterdir()) == sorted(written)
    header, *rows = written[0].read_text("utf-8").splitlines()
    assert header.split(",") == list(made.data.columns)
    back = [[float(cell) for cell in row.split(",")] for row in rows]
    np.testing.assert_array_equal(np.array(back), made.data.to_numpy())


@pytest.mark.parametrize(
    ("folder", "file"), [("synthetic_twin_9", "synthetic_twin_9.csv"), ("mine", "synthetic_twin_2.csv")]
)
def test_the_name_says_synthetic_and_twin(made, folder, file):
    """Whatever the folder is called."""
    assert list(twin_files(made, folder)) == [file, "survey.toml", "README.md"]


def test_the_label_can_be_read_by_a_program(made):
    """Generator, version, seed, assumptions and every target are in survey.toml."""
    label = tomllib.loads(twin_files(made, "mine")["survey.toml"])
    assert label["label"] == "SYNTHETIC"
    assert label["responses"] == "synthetic_twin_2.csv"
    assert label["generator"]["algorithm"] == "exact"
    assert label["generator"]["seed"] == 2
    assert label["generator"]["version"]
    assert label["assumptions"]["higher_loadings"] == [0.6, 0.75]
    assert "performance  =~ internal + market" in label["assumptions"]["model"]
    assert {t["id"]: t["reached"] for t in label["targets"]}["chisq"] == pytest.approx(169.04)


def test_the_readme_says_what_it_proves_and_what_not(made):
    """Both headings, and that nobody answered."""
    text = twin_files(made, "mine")["README.md"]
    for words in (
        "SYNTHETIC",
        "No person gave these answers",
        "## What it proves",
        "## What it does not prove",
    ):
        assert words in text
    assert "| chisq | 169.04 | 169.04 |" in text


def test_an_unwritable_place_is_named(made, tmp_path):
    """A file where the folder should be."""
    place = tmp_path / "taken"
    place.write_text("x")
    with pytest.raises(FileError, match="taken: the twin cannot be written"):
        write_twin(made, place)
