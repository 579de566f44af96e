"""Laws that any correct engine obeys, whatever the data; numbers as in the list of laws of the project."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import gammaincc
from scipy.stats import chi2

from sopsem.kernel import matrices
from sopsem.sem.effects.effects import effect_values, effects, find_effects
from sopsem.sem.estimation.estimates import estimates, r_squared, standardized
from sopsem.sem.estimation.fit import Status, fit
from sopsem.sem.fit_measures.fit_formulas import chisq_pvalue, rmsea
from sopsem.sem.fit_measures.fit_indices import fit_indices
from sopsem.sem.resampling.bootstrap import bootstrap
from sopsem.sem.resampling.intervals import interval

seeds = st.integers(0, 10**6)
MODEL = "f =~ x1 + x2 + x3\ng =~ y1 + y2 + y3"
ITEMS = ["x1", "x2", "x3", "y1", "y2", "y3"]
some = settings(max_examples=12)


def values(result):
    """Estimates by parameter, whatever the order of the table."""
    return {(r.lhs, r.op, r.rhs): r.est for r in estimates(result).itertuples()}


def std(result):
    """Standardized estimates by parameter, covariances under sorted names."""
    table = standardized(result)
    return {
        (r.op, *(sorted((r.lhs, r.rhs)) if r.op == "~~" else (r.lhs, r.rhs))): r.est_std
        for r in table.itertuples()
    }


def close(one, other, tolerance=1e-7):
    assert one.keys() == other.keys()
    for key, value in one.items():
        assert other[key] == pytest.approx(value, abs=tolerance), key


@some
@given(seeds)
def test_l1_rows_may_stand_in_any_order(two_factors, seed):
    data = two_factors(seed)
    other = fit(MODEL, data.sample(frac=1.0, random_state=seed % 1000))
    assert other.chisq == pytest.approx(fit(MODEL, data).chisq, abs=1e-9)
    close(values(fit(MODEL, data)), values(other))


@some
@given(seeds, st.permutations(ITEMS))
def test_l2_columns_may_stand_in_any_order(two_factors, seed, order):
    data = two_factors(seed)
    np.testing.assert_array_equal(fit(MODEL, data[list(order)]).theta, fit(MODEL, data).theta)


@some
@given(seeds)
def test_l3_lines_and_terms_may_stand_in_any_order(two_factors, seed):
    data = two_factors(seed)
    one, other = fit(MODEL, data), fit("g =~ y1 + y3 + y2\nf =~ x1 + x3 + x2", data)
    assert other.chisq == pytest.approx(one.chisq, abs=1e-9)
    close(std(one), std(other))


@some
@given(seeds, st.sampled_from(ITEMS), st.floats(-6, 6), st.floats(-100, 100))
def test_l4_a_change_of_unit_and_origin_of_an_item_changes_its_row_only(
    two_factors, seed, item, power, shift
):
    data, unit = two_factors(seed), 10.0**power
    one = fit(MODEL, data)
    other = fit(MODEL, data.assign(**{item: unit * (data[item] + shift)}))
    assert other.chisq == pytest.approx(one.chisq, abs=1e-8)
    close(std(one), std(other), 1e-8)
    if item not in ("x1", "y1"):
        factor = "f" if item.startswith("x") else "g"
        key = (factor, "=~", item)
        assert values(other)[key] == pytest.approx(unit * values(one)[key], rel=1e-7)


@some
@given(seeds, st.floats(-6, 6), st.floats(-6, 6))
def test_l5_units_of_all_items_and_of_the_marker_do_not_matter(two_factors, seed, everything, marker):
    data = two_factors(seed)
    scaled = data * 10.0**everything
    scaled["x1"] *= 10.0**marker
    assert fit(MODEL, scaled).chisq == pytest.approx(fit(MODEL, data).chisq, abs=1e-8)
    close(std(fit(MODEL, data)), std(fit(MODEL, scaled)), 1e-8)


@some
@given(seeds)
def test_l6_reflecting_an_item_reflects_its_loading(two_factors, seed):
    data = two_factors(seed)
    one, other = fit(MODEL, data), fit(MODEL, data.assign(y2=-data.y2))
    assert other.chisq == pytest.approx(one.chisq, abs=1e-9)
    assert values(other)["g", "=~", "y2"] == pytest.approx(-values(one)["g", "=~", "y2"], rel=1e-7)


@some
@given(seeds, st.sampled_from(["f =~ NA*x1 + 1*x2 + x3\ng =~ NA*y1 + y2 + 1*y3", "std_lv"]))
def test_l7_marker_and_unit_variance_are_one_model(two_factors, seed, other):
    data = two_factors(seed)
    marker = fit(MODEL, data)
    second = fit(MODEL, data, std_lv=True) if other == "std_lv" else fit(other, data)
    assert second.chisq == pytest.approx(marker.chisq, abs=1e-9)
    np.testing.assert_allclose(second.sigma, marker.sigma, atol=1e-7)
    close(std(marker), std(second))


@some
@given(seeds, st.integers(2, 5))
def test_l8_every_row_k_times_multiplies_chi2(two_factors, seed, k):
    data = two_factors(seed, 80)
    one, many = fit(MODEL, data), fit(MODEL, pd.concat([data] * k))
    assert many.chisq == pytest.approx(k * one.chisq, rel=1e-9, abs=1e-9)
    close(values(one), values(many))
    keep = estimates(one).se > 0
    np.testing.assert_allclose(estimates(many).se[keep], estimates(one).se[keep] / np.sqrt(k), rtol=1e-6)


SERIAL = "f =~ x1+x2+x3\ng =~ y1+y2+y3\nz1 ~ f + x\nz2 ~ z1 + g + f\nz3 ~ z2 + x + z1\ng ~ f"


def chain_data(seed, n=120):
    rng = np.random.default_rng(seed)
    f, x = rng.normal(size=(2, n))
    g = 0.5 * f + rng.normal(size=n)
    data = {f"x{i}": f + 0.7 * rng.normal(size=n) for i in (1, 2, 3)}
    data |= {f"y{i}": g + 0.7 * rng.normal(size=n) for i in (1, 2, 3)} | {"x": x}
    data["z1"] = 0.4 * f + 0.3 * x + rng.normal(size=n)
    data["z2"] = 0.4 * data["z1"] + 0.3 * g + rng.normal(size=n)
    data["z3"] = 0.4 * data["z2"] + 0.3 * x + rng.normal(size=n)
    return pd.DataFrame(data)


@some
@given(seeds)
def test_l10_total_is_direct_plus_indirect_and_the_matrix_is_the_sum_of_routes(seed):
    result = fit(SERIAL, chain_data(seed))
    table = effects(result)
    for _, rows in table.groupby(["outcome", "predictor"]):
        for column in ("est", "est_std"):
            by = rows.groupby("kind")[column].sum()
            assert by["total"] == pytest.approx(by.get("direct", 0.0) + by.get("indirect", 0.0), abs=1e-12)
            if "indirect" in by:
                assert by["total_indirect"] == pytest.approx(by["indirect"], abs=1e-12)


@some
@given(seeds)
def test_l11_a_larger_model_fits_no_worse(two_factors, seed):
    data = two_factors(seed)
    models = ["f =~ x1+x2+x3+y1+y2+y3", MODEL, MODEL + "\nx1 ~~ y1", MODEL + "\nx1 ~~ y1\nx2 ~~ y2"]
    chain = [fit(m, data).chisq for m in models]
    assert all(0.0 <= b <= a + 1e-8 for a, b in pairwise(chain))
    assert chain[0] <= fit_indices(fit(MODEL, data))["baseline_chisq"] + 1e-8
    saturated = "\n".join(f"{a} ~~ {b}" for i, a in enumerate(ITEMS) for b in ITEMS[i:])
    assert fit(saturated, data).chisq == pytest.approx(0.0, abs=1e-9)


@some
@given(seeds)
def test_l12_the_weighted_residuals_have_trace_zero(two_factors, seed):
    """tr(S Sigma^-1) = p at the optimum of a scale-invariant model."""
    result = fit(MODEL, two_factors(seed))
    assert np.trace(result.sample_cov @ np.linalg.inv(result.sigma)) == pytest.approx(6.0, abs=1e-9)


@some
@given(seeds)
def test_l13_the_implied_matrix_is_a_fixed_point(two_factors, seed):
    one = fit(MODEL, two_factors(seed))
    frame = pd.DataFrame(one.sigma, index=one.spec.observed, columns=one.spec.observed)
    again = fit(MODEL, sample_cov=frame, n_obs=150, sample_cov_rescale=False)
    assert again.chisq == pytest.approx(0.0, abs=1e-9)
    np.testing.assert_allclose(again.theta, one.theta, atol=1e-7)


RENAMED = {"x1": "item 1", "x2": "größe", "x3": "数", "y1": "if", "y2": "c~d + e", "y3": "NA value"}


@some
@given(seeds)
def test_l14_names_are_labels_only(two_factors, seed):
    """Also names with blanks, operators and other alphabets, in quotes."""
    data = two_factors(seed)
    text = MODEL.replace("f =~", '"Der Faktor" =~').replace("g =~", "γ =~")
    for old, new in RENAMED.items():
        text = text.replace(old, f'"{new}"')
    one, other = fit(MODEL, data), fit(text, data.rename(columns=RENAMED))
    np.testing.assert_array_equal(one.theta, other.theta)
    assert "Der Faktor=~größe" in other.names


@some
@given(seeds)
def test_l15_a_reversed_arrow_gives_an_equivalent_model(two_factors, seed):
    data = two_factors(seed)
    forth, back, none = (fit(f"{MODEL}\n{line}", data) for line in ("g ~ f", "f ~ g", "f ~~ g"))
    assert forth.chisq == pytest.approx(back.chisq, abs=1e-8)
    assert forth.chisq == pytest.approx(none.chisq, abs=1e-8)
    np.testing.assert_allclose(forth.sigma, back.sigma, atol=1e-7)


@settings(max_examples=25)
@given(seeds)
def test_l16_bounds_cost_chi2_exactly_when_the_free_solution_is_improper(two_factors, seed):
    """Small samples with weak items, so that both kinds come up."""
    data = two_factors(seed, 30)
    data["x2"] += np.random.default_rng(seed).normal(size=30)
    free, bounded = fit(MODEL, data), fit(MODEL, data, bounds="pos.var")
    if not (free.status.converged and bounded.status.converged):
        return
    negative = any("negative variance" in i.reason for i in free.improper)
    assert bounded.chisq >= free.chisq - 1e-8
    assert (bounded.chisq > free.chisq + 1e-7) == negative


@some
@given(seeds)
def test_l17_the_resample_of_every_row_once_returns_the_estimates(two_factors, seed):
    data = two_factors(seed, 60)
    result = fit(MODEL, data)
    if not result.status.converged:
        return
    draws = bootstrap(result, data, indices=np.arange(60)[None])
    np.testing.assert_array_equal(draws.kernel_theta[0], result.kernel_theta)
    assert draws.chisq[0] == pytest.approx(result.chisq, abs=1e-9)


@settings(max_examples=4)
@given(seeds, st.integers(1, 29))
def test_l18_draws_do_not_depend_on_how_many_there_are(two_factors, seed, cut):
    data = two_factors(1, 60)
    result = fit(MODEL, data)
    few, many = (bootstrap(result, data, draws=n, seed=seed) for n in (cut, 30))
    np.testing.assert_array_equal(few.kernel_theta, many.kernel_theta[:cut])
    np.testing.assert_array_equal(few.status, many.status[:cut])


draws_of_a_statistic = st.lists(st.floats(-50, 50), min_size=40, max_size=200).map(np.array)


@given(
    draws_of_a_statistic,
    st.floats(-10, 10),
    st.sampled_from(["percentile", "bc"]),
    st.sampled_from([0.8, 0.9, 0.95]),
)
def test_l19_limits_commute_with_monotone_transforms(values_, estimate, kind, level):
    """With rules that return an order statistic, exactly."""

    def cube(v):
        return v**3 + v

    for rule in ("floor", "inverse_cdf"):
        plain = interval(values_, estimate, kind=kind, level=level, rule=rule)
        turned = interval(cube(values_), cube(np.float64(estimate)), kind=kind, level=level, rule=rule)
        assert turned == tuple(cube(np.array(plain)))


@given(draws_of_a_statistic, st.sampled_from(["percentile", "bc", "normal", "basic"]))
def test_l19_a_higher_level_contains_a_lower_one(values_, kind):
    limits = [interval(values_, float(np.median(values_)), kind=kind, level=p) for p in (0.9, 0.95, 0.99)]
    lower, upper = zip(*limits, strict=True)
    assert all(np.diff(lower) <= 1e-12)
    assert all(np.diff(upper) >= -1e-12)


@some
@given(seeds)
def test_l20_reverse_coding_twice_is_nothing_and_all_items_reversed_is_the_same_model(two_factors, seed):
    data = two_factors(seed).round(1)
    again = 8.0 - (8.0 - data)
    np.testing.assert_allclose(fit(MODEL, again).theta, fit(MODEL, data).theta, atol=1e-7)
    close(std(fit(MODEL, 8.0 - data)), std(fit(MODEL, data)))


@some
@given(seeds)
def test_l23_indices_follow_from_their_ingredients(two_factors, seed):
    result = fit(MODEL, two_factors(seed))
    m, n = fit_indices(result), result.n
    t, df, t0, df0 = m["chisq"], m["df"], m["baseline_chisq"], m["baseline_df"]
    assert m["rmsea"] == pytest.approx(np.sqrt(max(t - df, 0.0) / (df * n)), abs=1e-12)
    assert m["cfi"] == pytest.approx(1 - max(t - df, 0) / max(t0 - df0, t - df, 1e-300), abs=1e-12)
    assert m["tli"] == pytest.approx((t0 / df0 - t / df) / (t0 / df0 - 1), abs=1e-12)
    sd = np.sqrt(np.diag(result.sample_cov))
    residual = (result.sample_cov - result.sigma) / np.outer(sd, sd)
    assert m["srmr"] == pytest.approx(np.sqrt((residual[np.tril_indices(6)] ** 2).mean()), abs=1e-12)
    assert t0 == pytest.approx(-n * np.linalg.slogdet(result.sample_cov / np.outer(sd, sd))[1], rel=1e-10)


def test_l23_the_printed_rmsea_follows_from_the_printed_chi2():
    assert round(rmsea(169.04, 129, 91), 3) == 0.058


@given(st.floats(0.0, 500.0), st.integers(1, 300))
def test_l24_p_is_the_survival_function_of_chi2(t, df):
    """Against the incomplete gamma function, and against a finite sum where df is even."""
    assert chisq_pvalue(t, df) == pytest.approx(gammaincc(df / 2, t / 2), rel=1e-12, abs=1e-300)
    if df % 2 == 0:
        terms = np.cumprod(np.concatenate([[1.0], (t / 2) / np.arange(1, df // 2)]))
        exact = np.exp(-t / 2) * terms.sum()
        assert chisq_pvalue(t, df) == pytest.approx(exact, rel=1e-11, abs=1e-300)
    assert chisq_pvalue(t, df) == pytest.approx(chi2.sf(t, df), rel=1e-12, abs=1e-300)


@some
@given(seeds)
def test_l25_a_covariance_matrix_and_n_are_as_good_as_the_rows(two_factors, seed):
    data = two_factors(seed)
    raw, cov = fit(MODEL, data), fit(MODEL, sample_cov=data.cov(), n_obs=150)
    assert cov.chisq == pytest.approx(raw.chisq, abs=1e-9)
    close(values(raw), values(cov))
    np.testing.assert_allclose(fit_indices(raw), fit_indices(cov), rtol=1e-8, atol=1e-9)


@some
@given(seeds)
def test_l27_results_are_the_same_bytes_every_time(two_factors, seed):
    one, two = (estimates(fit(MODEL, two_factors(seed))).to_csv() for _ in range(2))
    assert one == two


@settings(max_examples=40)
@given(seeds)
def test_l28_residual_variances_lie_in_the_unit_interval_exactly_for_proper_solutions(two_factors, seed):
    """For a factor model; the factors' correlation is the other half of the condition."""
    data = two_factors(seed, 25)
    result = fit(MODEL, data)
    if not result.status.converged:
        return
    table = standardized(result)
    own = table[(table.op == "~~") & (table.lhs == table.rhs)].est_std
    crossed = table[(table.op == "~~") & (table.lhs != table.rhs)].est_std
    inside = bool(own.between(0.0, 1.0 + 1e-12).all() and crossed.abs().le(1.0).all())
    assert inside == (result.status is Status.CONVERGED)
    assert inside == (result.improper == ())
    unexplained = 1.0 - r_squared(result)
    items = own[table.lhs.isin(ITEMS)]
    np.testing.assert_allclose(unexplained, items, atol=1e-12)


def test_l10_effects_through_an_item_count_as_indirect():
    """f -> x1 -> z: the loading is part of the route."""
    data = chain_data(3)
    result = fit("f =~ x1 + x2 + x3\nf ~ x\nz1 ~ x1 + x", data)
    table = effects(result).set_index("effect")
    assert "indirect:x>f>x1>z1" in table.index
    parts = table.est["direct:z1~x"] + table.est["total_indirect:z1~x"]
    assert table.est["total:z1~x"] == pytest.approx(parts, abs=1e-14)


def test_l10_routes_are_the_powers_of_the_path_matrix():
    result = fit(SERIAL, chain_data(5))
    wanted = find_effects(result.spec)
    totals = [e for e in wanted if e.kind == "total"]
    found = effect_values(result.spec, result.model, result.kernel_theta[None], totals, standardized=False)[0]
    paths = matrices(result.model.layout, result.kernel_theta[None])[0][0]
    units = np.outer(result.model.units, 1.0 / result.model.units)
    series, power = np.zeros_like(paths), np.eye(len(paths))
    for _ in range(len(paths)):
        power = power @ (paths * units)
        series += power
    place = result.model.variables.index
    np.testing.assert_allclose(
        found, [series[place(e.outcome), place(e.predictor)] for e in totals], atol=1e-12
    )
