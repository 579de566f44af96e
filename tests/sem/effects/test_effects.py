"""Effects: names, routes, loops, standardization, and where they are refused."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from sopsem.errors import UsageError
from sopsem.kernel import matrices
from sopsem.sem.effects.effects import effects
from sopsem.sem.estimation.estimates import estimates
from sopsem.sem.estimation.fit import fit
from sopsem.sem.resampling.bootstrap import bootstrap
from sopsem.sem.resampling.intervals import bootstrap_pvalue, interval

LOOP = "y1 ~ y2 + x1\ny2 ~ y1 + x2"


@pytest.fixture(scope="module")
def loop_data():
    rng = np.random.default_rng(1)
    x = rng.normal(size=(300, 2))
    paths = np.array([[0.0, 0.3], [0.4, 0.0]])
    y = (0.7 * x + rng.normal(size=(300, 2)) * 0.6) @ np.linalg.inv(np.eye(2) - paths).T
    return pd.DataFrame(np.column_stack([y, x]), columns=["y1", "y2", "x1", "x2"])


def test_a_loop_has_direct_and_total_effects_only(loop_data):
    result = fit(LOOP, loop_data)
    table = effects(result).set_index("effect")
    assert set(table.kind) == {"direct", "total"}
    b = matrices(result.model.layout, result.kernel_theta[None])[0][0]
    u = result.model.units
    total = (np.linalg.inv(np.eye(4) - b) - np.eye(4)) * np.outer(u, 1 / u)
    place = result.model.variables.index
    for name in ("y1~x1", "y1~x2", "y2~y1", "y1~y2"):
        y, x = name.split("~")
        assert table.est[f"total:{name}"] == pytest.approx(total[place(y), place(x)], rel=1e-12)
    assert abs(table.est["total:y1~x1"]) > abs(table.est["direct:y1~x1"])
    note = next(n for n in result.notes if "feedback loop" in n)
    assert "y1, y2" in note
    index = np.sqrt(table.est["direct:y1~y2"] * table.est["direct:y2~y1"])
    assert f"stability index is {index:.3f}" in note


def test_a_model_of_observed_variables(mediation):
    data = mediation(3)
    result = fit("m1 ~ a1\ny1 ~ m1 + a1", data)
    table = effects(result).set_index("effect")
    slope = np.polyfit(data.a1, data.m1, 1)[0]
    design = np.column_stack([np.ones(len(data)), data.m1, data.a1])
    b = np.linalg.lstsq(design, data.y1, rcond=None)[0]
    assert table.est["indirect:a1>m1>y1"] == pytest.approx(slope * b[1], rel=1e-9)
    assert table.est["total:y1~a1"] == pytest.approx(np.polyfit(data.a1, data.y1, 1)[0], rel=1e-9)
    beta = table.est["total:y1~a1"] * data.a1.std() / data.y1.std()
    assert table.est_std["total:y1~a1"] == pytest.approx(beta, rel=1e-9)


def test_delta_errors_are_those_of_labels(mediation, mediation_model):
    """The same indirect effect written by hand with labels."""
    data = mediation(4)
    text = mediation_model.replace("M ~ A", "M ~ a*A").replace(
        "Y ~ M + A", "Y ~ b*M + c*A\nab := a*b\nt := a*b + c"
    )
    result = fit(text, data)
    by_hand = estimates(result).set_index("label")
    table = effects(result).set_index("effect")
    for name, label in (("indirect:A>M>Y", "ab"), ("total:Y~A", "t"), ("direct:M~A", "a")):
        assert table.est[name] == pytest.approx(by_hand.est[label], rel=1e-10)
        assert table.se[name] == pytest.approx(by_hand.se[label], rel=1e-6)
        assert table.pvalue[name] == pytest.approx(by_hand.pvalue[label], rel=1e-5)
        assert table.est_std[name] == pytest.approx(by_hand.std_all[label], rel=1e-10)


def test_bootstrapped_effects_are_summaries_of_the_draws(mediation, mediation_model):
    data = mediation(5)
    result = fit(mediation_model, data)
    found = bootstrap(result, data, draws=99, seed=2)
    table = effects(result, found, kind="bc", level=0.9).set_index("effect")
    rows, spec = found.rows, [p.name for p in result.spec]
    products = rows[:, spec.index("M~A")] * rows[:, spec.index("Y~M")]
    estimate = float(result.rows[spec.index("M~A")] * result.rows[spec.index("Y~M")])
    row = table.loc["indirect:A>M>Y"]
    assert (row.ci_lower, row.ci_upper) == pytest.approx(interval(products, estimate, kind="bc", level=0.9))
    assert row.pvalue == pytest.approx(bootstrap_pvalue(products, estimate, kind="bc"))
    assert row.se == pytest.approx(products.std(ddof=1))
    assert row.n_draws == 99


@pytest.mark.parametrize("kind", ["percentile", "bc", "bca", "normal", "basic", "studentized"])
def test_every_interval_brackets_the_estimate(mediation, mediation_model, kind):
    data = mediation(6, 120)
    result = fit(mediation_model, data)
    table = effects(result, bootstrap(result, data, draws=60, seed=2), kind=kind)
    assert (table.ci_lower < table.ci_upper).all()
    assert ((table.ci_lower_std < table.est_std) & (table.est_std < table.ci_upper_std)).mean() > 0.8
    assert table.pvalue.between(0, 1).all()
    assert table.mc_lower.ge(0).all()


def test_the_amos_default_is_bias_corrected(mediation, mediation_model):
    data = mediation(6, 120)
    result = fit(mediation_model, data, mimic="amos")
    found = bootstrap(result, data, draws=60, seed=2)
    pd.testing.assert_frame_equal(effects(result, found), effects(result, found, kind="bc"))


def test_draws_of_another_fit_are_refused(mediation, mediation_model):
    data = mediation(6, 120)
    one, other = fit(mediation_model, data), fit(mediation_model, data)
    with pytest.raises(UsageError, match="another fit"):
        effects(other, bootstrap(one, data, draws=3))


def test_a_model_without_paths_has_no_effects(two_factors, two_factor_model):
    assert effects(fit(two_factor_model, two_factors())).empty


def test_wald_intervals_have_the_stated_level(mediation, mediation_model):
    table = effects(fit(mediation_model, mediation(7)), level=0.8)
    half = (table.ci_upper - table.ci_lower) / 2
    np.testing.assert_allclose(half, norm.ppf(0.9) * table.se, rtol=1e-12)


def test_effects_of_what_has_information_keep_their_errors_when_another_parameter_has_none():
    """Empirical underidentification of one factor leaves the others alone."""
    names_ = ["x", "y", "a", "b", "c", "d"]
    cov = np.eye(6)
    for i, j in ((0, 1), (2, 3), (4, 5)):
        cov[i, j] = cov[j, i] = 0.5
    frame = pd.DataFrame(cov, index=names_, columns=names_)
    result = fit("y ~ x\nf =~ a + b\ng =~ c + d\ng ~ f", sample_cov=frame, n_obs=200)
    assert "no unique value" in result.status.value
    table = effects(result).set_index("effect")
    assert table.se["direct:y~x"] == pytest.approx(np.sqrt(0.75 / 200), rel=1e-4)
