"""``sopsem export``."""

import numpy as np
import pandas as pd
import pytest


@pytest.fixture
def files(tmp_path):
    """A model and 100 rows of two groups."""
    rng = np.random.default_rng(1)
    data = pd.DataFrame(rng.normal(size=(100, 4)) + rng.normal(size=(100, 1)), columns=list("abcd"))
    data["where"] = ["here", "there"] * 50
    model, table = tmp_path / "model.txt", tmp_path / "data.csv"
    model.write_text("f =~ a + b + c + d\n", "utf-8")
    data.to_csv(table, index=False)
    return model, table


def test_an_r_script_is_shown(run, files) -> None:
    """With the file and the column that were named."""
    outcome = run("export", *files, "--group", "where", "--group-equal", "loadings")
    assert outcome.code == 0
    assert 'group = "where"' in outcome.out
    assert "data.csv" in outcome.out
    assert "library(lavaan)" in outcome.out


def test_mplus_files_are_written_side_by_side(run, files, tmp_path) -> None:
    """The input names its data file."""
    out = tmp_path / "made" / "model.inp"
    outcome = run("export", *files, "--to", "mplus", "--out", out, "--group", "where")
    assert outcome.code == 0
    assert outcome.out == ""
    assert "FILE IS model.dat;" in out.read_text("utf-8")
    assert len(out.with_suffix(".dat").read_text("utf-8").splitlines()) == 100


def test_another_program_is_a_usage_error(run, files) -> None:
    """Only lavaan and Mplus."""
    assert run("export", *files, "--to", "amos").code == 2
