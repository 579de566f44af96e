"""Texts and files of method variance."""

import io

import pandas as pd

import sopsem
from sopsem.report.method_text import method_files, method_text

MODEL = "f =~ a + b + c + d; g =~ h + i + j + k; g ~ f"
TRUTH = "f =~ .8*a + .7*b + .6*c + .5*d; g =~ .5*h + .6*i + .7*j + .8*k; m =~ .8*u + .7*v + .6*w; g ~ .5*f"


def test_with_a_marker_every_table_is_there_and_every_number_in_the_files():
    data = sopsem.simulate(TRUTH, 300, seed=2)
    result = sopsem.method_check(MODEL, data, marker=["u", "v", "w"])
    assert result.cfa_marker is not None
    assert result.marker_correlation.markers["a_priori"].any()
    text = method_text(result, source_label="synthetic data")
    for title in ("Tipping points", "Common method factor", "CFA marker: tests", "adjusted for a marker"):
        assert title in text
    files = method_files(result)
    assert (
        pd.read_csv(io.BytesIO(files["tipping_points.csv"]))["est"].tolist()
        == result.paths.table["est"].tolist()
    )
    assert "cfa_marker_tests.csv" in files
