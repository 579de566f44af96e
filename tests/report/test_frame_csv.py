"""Frames as CSV."""

import io

import pandas as pd

from sopsem.report.frame_csv import frame_csv


def test_numbers_come_back_and_formulas_do_not():
    frame = pd.DataFrame({"=x": ["@SUM(A1)", "plain"], "v": [1 / 3, float("nan")], "n": [1, 2]})
    text = frame_csv(frame).decode()
    assert text.startswith("'=x,v,n\n'@SUM(A1),")
    back = pd.read_csv(io.StringIO(text))
    assert back["v"][0] == 1 / 3
    assert pd.isna(back["v"][1])
