"""Texts and files of measurement quality and of a factor analysis."""

import io
from dataclasses import replace

import pandas as pd
import pytest

import sopsem
from sopsem.client.measurement_quality import measurement_quality
from sopsem.report.quality_text import efa_files, efa_text, quality_files, quality_text


@pytest.fixture(scope="module")
def answers():
    return sopsem.read_responses(sopsem.find_survey(), sopsem.load_instrument())


def test_small_loadings_are_blank_and_files_hold_all_digits(answers):
    result = sopsem.efa(answers.items, 3, draws=5)
    text = efa_text(result, source_label="synthetic data")
    assert "(synthetic data)" in text
    assert ".05" not in text.split("Factors: variance")[0]
    back = pd.read_csv(io.BytesIO(efa_files(result)["loadings.csv"]))
    assert back["F1"].tolist() == result.loadings["F1"].tolist()


def test_item_drops_are_in_the_text_when_they_were_made(answers):
    plain = measurement_quality(answers, draws=5, drops=False)
    assert "Without the item" not in quality_text(plain)
    model = "f =~ col1 + col2 + col3; g =~ ali1 + ali2 + ali3; g ~ f"
    result = replace(plain, drops=sopsem.item_drop(model, answers.items))
    assert "Without the item" in quality_text(result)
    files = quality_files(result)
    assert len(pd.read_csv(io.BytesIO(files["item_drop_paths.csv"]))) == 6
