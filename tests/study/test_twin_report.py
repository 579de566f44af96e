"""The report of a twin: a fit from scratch beside the print."""

import numpy as np
import pytest

from sopsem.study.published import load_study
from sopsem.study.twin import twin
from sopsem.study.twin_report import twin_report

STUDY = load_study()


@pytest.fixture(scope="module")
def items():
    return twin(algorithm="exact", seed=0).items


def test_only_determined_numbers_are_listed(items):
    """No bootstrap limits, no p of effects: data do not determine them."""
    ids = set(twin_report(items, STUDY)["id"])
    assert {
        "chisq",
        "df",
        "npar",
        "pvalue",
        "dchisq",
        "dpvalue",
        "cfi",
        "effect:conflict~coordination",
    } <= ids
    assert not [name for name in ids if name.startswith(("ci_", "p:"))]


def test_units_of_the_items_do_not_matter(items):
    """Every reported number is free of scale."""
    scaled = items * np.geomspace(0.01, 100, 18)
    one, two = twin_report(items, STUDY), twin_report(scaled, STUDY)
    assert one["reached"].to_numpy() == pytest.approx(two["reached"].to_numpy(), abs=1e-6)


def test_other_data_are_seen_to_miss(items):
    """A report can say no: with noise added, chi2 and its kin do not print right."""
    noisy = items + np.random.default_rng(1).normal(0, 0.3, items.shape)
    report = twin_report(noisy, STUDY).set_index("id")
    assert not report.loc[["chisq", "cfi", "effect:alignment~coordination"], "within"].any()
    assert report.loc[["df", "npar"], "within"].all()
