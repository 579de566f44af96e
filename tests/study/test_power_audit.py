"""Power from print: z tests and the population behind a freed path."""

import numpy as np
import pytest
from study_editing import raw_study

from sopsem.sem.model.spec import model_spec
from sopsem.study.audit import audit
from sopsem.study.power_audit import population, power_of_z
from sopsem.study.published import PublishedStudy, load_study

PATHS = {
    ("conflict", "coordination"): -0.448,
    ("alignment", "coordination"): 0.504,
    ("performance", "conflict"): 0.106,
    ("performance", "alignment"): 0.6,
}


def test_power_grows_from_alpha_to_one():
    """Without an effect power is alpha; at (1.96 + .8416) SE it is .80; far out it is 1."""
    assert [power_of_z(x, 0.1) for x in (0.0, 0.28016, 1.0)] == pytest.approx([0.05, 0.8, 1.0], abs=1e-4)
    assert power_of_z(-0.2, 0.1) == power_of_z(0.2, 0.1)


def test_the_population_has_the_assumed_correlations():
    """Items of one factor correlate by the squared loading, items of two by the product along the routes."""
    r = population(model_spec(load_study().model.text), PATHS, 0.75)
    assert r.loc["col1", "col2"] == pytest.approx(0.75**2)
    assert r.loc["col1", "ali1"] == pytest.approx(0.75 * 0.504 * 0.75)
    total = 0.504 * 0.6 - 0.448 * 0.106
    assert r.loc["col1", "int1"] == pytest.approx(0.75 * total * 0.75 * 0.75)
    assert r.loc["int1", "mkt1"] == pytest.approx(0.75**4)
    np.testing.assert_allclose(np.diag(r), 1)
    assert np.linalg.eigvalsh(r)[0] > 0


def test_too_much_explained_variance_has_no_population():
    """With the printed path of .894 a direct effect of .30 would explain more than everything."""
    paths = PATHS | {("performance", "alignment"): 0.894, ("performance", "coordination"): 0.3}
    assert population(model_spec(load_study().model.text), paths, 0.75) is None


def test_other_covariances_have_no_population():
    """Error covariances in the model text are outside path tracing."""
    assert population(model_spec(load_study("political_democracy").model.text), {}, 0.75) is None


def test_impossible_sizes_are_left_out():
    """With the paths as printed only the sizes that leave room are answered."""
    data = raw_study("sales_operations_alignment")
    data["assumptions"]["paths"] = {}
    report = audit(PublishedStudy.model_validate({"name": "x"} | data))
    told = report.checks.set_index("check").loc["freed_power:performance~coordination", "computed"]
    assert told.startswith("0.10: ")
    assert "0.30" not in told


def test_power_grows_with_the_sample():
    """At N = 368 a direct effect of .30 is found more often than at 92."""
    data = raw_study("sales_operations_alignment")
    power = []
    for n in (92, 368):
        report = audit(PublishedStudy.model_validate({"name": "x"} | data | {"n": n}))
        power.append(report.value("freed_power:performance~coordination", "power at 0.30"))
    assert power[0] < 0.5
    assert power[1] > 0.9
