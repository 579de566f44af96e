"""Texts and files of the map of drivers."""

import io

import pandas as pd

import sopsem
from sopsem.report.driver_text import driver_files, driver_table, drivers_text


def test_the_table_the_text_and_the_files_agree():
    responses = sopsem.read_responses(sopsem.find_survey(), sopsem.load_instrument())
    result = sopsem.drivers(responses, draws=30)
    table = driver_table(result, source_label="synthetic data")
    assert [row[0] for row in table.rows] == result.table["label"].tolist()
    text = drivers_text(result, source_label="synthetic data")
    assert "(synthetic data)" in text
    assert "Share of draws in which a driver takes each rank" in text
    files = driver_files(result)
    assert (
        pd.read_csv(io.BytesIO(files["drivers.csv"]))["importance"].tolist()
        == result.table["importance"].tolist()
    )
    assert files["driver_map.png"].startswith(b"\x89PNG")
    assert len(pd.read_csv(io.BytesIO(files["driver_ranks.csv"]))) == 9
