"""The result object: frozen, plain on demand, the same text for the same numbers."""

from dataclasses import FrozenInstanceError

import pandas as pd
import pytest

from sopsem.executive.notices import warning
from sopsem.executive.result import Provenance, Result


@pytest.fixture
def made():
    frame = pd.DataFrame({"product": ["a|b"], "x": [float("nan")], "n": [3]})
    origin = Provenance(formula="E00", source="none", policy="p", inputs="i")
    noticed = warning("T13", "have 1, need 2")
    return frame, Result(
        table=frame, summary={"total": 1234567.0}, provenance=origin, notices=[noticed, noticed]
    )


def test_a_result_cannot_be_changed_through_what_it_was_made_of(made):
    frame, result = made
    frame.loc[0, "n"] = 9
    assert result.table.loc[0, "n"] == 3
    with pytest.raises(FrozenInstanceError):
        result.table = frame
    with pytest.raises(TypeError):
        result.summary["total"] = 0
    assert result.codes() == ("T13",)
    assert len(result.notices) == 1


def test_markdown_and_plain_data(made):
    _, result = made
    text = result.to_markdown()
    assert text == result.to_markdown()
    assert "| a\\|b |  | 3 |" in text
    assert "- total: 1.23457e+06" in text
    assert "- T13 (W): have 1, need 2" in text
    assert result.to_dict()["provenance"]["formula"] == "E00"
    assert result.to_dict()["notices"][0]["code"] == "T13"
