"""Each criterion says its own."""

import numpy as np
import pandas as pd
import pytest

from sopsem.sem.invariance.criteria import judge, sentence


def said(level="metric", n=500, **changes):
    row = {"level": level, "pvalue_diff": 0.5, "delta_cfi": 0.0, "delta_rmsea": 0.0, "delta_srmr": 0.0}
    return judge(pd.DataFrame([row | changes]), n)


@pytest.mark.parametrize(
    ("level", "n", "change", "outside"),
    [
        ("metric", 500, ("pvalue_diff", 0.049), {"chi2 difference"}),
        ("metric", 500, ("delta_cfi", -0.011), {"Cheung & Rensvold", "Chen"}),
        ("metric", 500, ("delta_rmsea", 0.016), {"Chen"}),
        ("metric", 500, ("delta_srmr", 0.020), set()),
        ("scalar", 500, ("delta_srmr", 0.020), {"Chen"}),
        ("metric", 200, ("delta_cfi", -0.006), {"Chen, small N"}),
        ("structural", 200, ("delta_rmsea", 0.5), set()),
    ],
)
def test_a_cut_off_holds_for_its_level_and_sample_size(level, n, change, outside):
    """Chen's bounds on SRMR differ between loadings and intercepts, and are tighter in small samples."""
    made = said(level, n, **dict([change]))
    assert {r["criterion"] for r in made.to_dict("records") if r["tenable"] is False} == outside


def test_a_missing_value_is_no_verdict():
    """A test that does not exist says neither yes nor no."""
    made = said(pvalue_diff=np.nan)
    assert made.loc[made["statistic"] == "pvalue_diff", "tenable"].tolist() == [None]


def test_the_sentence_names_who_says_what():
    """Disagreement is shown, not settled."""
    text = sentence(said(pvalue_diff=0.0001))
    assert "tenable by Cheung & Rensvold (dCFI = 0.0000, cut-off -0.01)" in text
    assert "not tenable by chi2 difference (p < .001, cut-off 0.05)" in text
