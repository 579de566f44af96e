"""HTMT and HTMT2: hand-computable ratios, invariances, stored values of semTools, signs, intervals."""

import numpy as np
import pandas as pd
import pytest

from sopsem.errors import DataError, UsageError
from sopsem.sem.constructs.htmt import heterotrait_monotrait, heterotrait_monotrait2, htmt, one_sign_pattern
from sopsem.sem.constructs.measurement import first_order_factors
from sopsem.sem.model.spec import model_spec

TWO = {"f": ["a", "b", "c"], "g": ["d", "e"]}

STORED = ("holzinger", "wenchuan", "customers", "personality")


def frame(matrix, names="abcde"):
    """Return a covariance matrix with names."""
    return pd.DataFrame(np.asarray(matrix, dtype=float), index=list(names), columns=list(names))


def blocks(within, between, sizes=(3, 2)):
    """Return a correlation matrix with one value within and one between two item sets."""
    owner = np.repeat([0, 1], sizes)
    matrix = np.where(owner[:, None] == owner, within, between)
    np.fill_diagonal(matrix, 1.0)
    return matrix


def estimates(table):
    """Return {coefficient: est} of a table of one pair."""
    return dict(zip(table["coefficient"], table["est"], strict=True))


def test_equal_correlations_give_between_over_within():
    found = estimates(htmt(frame(blocks(0.6, 0.3)), TWO))
    assert found == pytest.approx({"htmt": 0.5, "htmt2": 0.5})


def test_arithmetic_and_geometric_means_by_hand():
    matrix = blocks(0.5, 0.2, (2, 2))
    matrix[0, 2] = matrix[2, 0] = 0.4
    matrix[2, 3] = matrix[3, 2] = 0.8
    assert heterotrait_monotrait(matrix, [0, 1], [2, 3]) == pytest.approx(0.25 / np.sqrt(0.5 * 0.8))
    assert heterotrait_monotrait2(matrix, [0, 1], [2, 3]) == pytest.approx(
        (0.4 * 0.2**3) ** 0.25 / np.sqrt(0.5 * 0.8)
    )


def test_congeneric_items_give_the_factor_correlation_under_htmt2_only():
    loadings, phi = np.array([0.9, 0.6, 0.7, 0.5, 0.8, 0.95]), 0.6
    factor = np.repeat([0, 1], 3)
    matrix = np.outer(loadings, loadings) * np.where(factor[:, None] == factor, 1.0, phi)
    np.fill_diagonal(matrix, 1.0)
    assert heterotrait_monotrait2(matrix, [0, 1, 2], [3, 4, 5]) == pytest.approx(phi)
    assert abs(heterotrait_monotrait(matrix, [0, 1, 2], [3, 4, 5]) - phi) > 0.001


@pytest.mark.parametrize("name", STORED)
def test_every_pair_equals_semtools(name, construct_cases):
    constructs = first_order_factors(model_spec(construct_cases[name]["model"]))
    matrix = construct_cases.covariance(name)
    sd = np.sqrt(np.diag(matrix))
    place = {f: [list(matrix.columns).index(v) for v in items] for f, items in constructs.items()}
    table = htmt(matrix, constructs)
    stored = construct_cases.pairs(name, "htmt2")
    for (a, b), value in construct_cases.pairs(name, "htmt").items():
        row = table[(table["construct1"] == a) & (table["construct2"] == b)]
        assert estimates(row)["htmt"] == pytest.approx(value, abs=1e-6)
        geometric = heterotrait_monotrait2(matrix.to_numpy() / np.outer(sd, sd), place[a], place[b])
        assert geometric == pytest.approx(stored[a, b], abs=1e-6)


def test_no_scale_no_item_order_and_no_reflection_matters(construct_cases):
    matrix = construct_cases.covariance("customers")
    constructs = first_order_factors(model_spec(construct_cases["customers"]["model"]))
    expected = htmt(matrix, constructs)["est"]
    scale = np.where(np.arange(len(matrix)) % 3 == 0, -1.0, 1.0) * 10.0 ** (np.arange(len(matrix)) % 5)
    scaled = frame(matrix.to_numpy() * np.outer(scale, scale), matrix.columns)
    turned = scaled.iloc[::-1, ::-1]
    found = htmt(turned, {f: items[::-1] for f, items in constructs.items()})["est"]
    np.testing.assert_allclose(found, expected, rtol=1e-10)


def test_the_sign_pattern_is_found_up_to_reflection():
    matrix = blocks(0.5, 0.3)
    flip = np.diag([1.0, -1.0, 1.0, -1.0, -1.0])
    assert one_sign_pattern(matrix, [0, 1, 2], [3, 4])
    assert one_sign_pattern(flip @ matrix @ flip, [0, 1, 2], [3, 4])
    matrix[0, 3] = matrix[3, 0] = -0.1
    assert not one_sign_pattern(matrix, [0, 1, 2], [3, 4])


def test_mixed_signs_take_htmt_and_say_why():
    matrix = blocks(0.5, 0.1)
    matrix[0, 3] = matrix[3, 0] = -0.1
    table = htmt(frame(matrix), TWO).set_index("coefficient")
    assert table["headline"].to_dict() == {"htmt": True, "htmt2": False}
    assert np.isnan(table.loc["htmt2", "est"])
    assert table.loc["htmt2", "verdict"] == "undefined"
    assert "mixed signs" in table.loc["htmt", "note"]
    assert table.loc["htmt", "est"] == pytest.approx(0.1 / 0.5)


def drawn(matrix, draws=200, n=60):
    """Return covariance matrices of normal samples."""
    rng = np.random.default_rng(8)
    root = np.linalg.cholesky(matrix)
    return np.stack([np.cov((rng.normal(size=(n, len(matrix))) @ root.T).T) for _ in range(draws)])


def test_intervals_and_the_one_sided_limit_are_percentiles_of_the_draws():
    matrix = blocks(0.6, 0.4)
    draws = drawn(matrix, draws=199)
    row = htmt(frame(matrix), TWO, draws=draws).iloc[0]
    sd = np.sqrt(np.diagonal(draws, axis1=1, axis2=2))
    ordered = np.sort(heterotrait_monotrait(draws / (sd[:, :, None] * sd[:, None, :]), [0, 1, 2], [3, 4]))
    assert row["ci_lower"] == pytest.approx(ordered[4])
    assert row["ci_upper"] == pytest.approx(ordered[194])
    assert row["limit"] == pytest.approx(ordered[189])
    assert row["draws_used"] == 199


def test_signs_that_mix_in_many_draws_take_htmt_too():
    table = htmt(frame(blocks(0.5, 0.1)), TWO, draws=drawn(blocks(0.5, 0.1))).set_index("coefficient")
    assert table.loc["htmt", "headline"]
    assert "of 200 draws" in table.loc["htmt", "note"]
    assert table.loc["htmt2", "draws_used"] == 200
    assert table.loc["htmt2", "draws_mixed"] > 10


def test_a_draw_with_a_constant_item_fails_and_is_counted():
    draws = drawn(blocks(0.6, 0.4), draws=50)
    draws[7, 0, :] = draws[7, :, 0] = 0.0
    table = htmt(frame(blocks(0.6, 0.4)), TWO, draws=draws)
    assert table["draws_failed"].tolist() == [1, 1]
    assert table["draws_used"].tolist() == [49, 49]


@pytest.mark.parametrize(
    ("between", "verdict"),
    [(0.3, "below .85"), (0.52, "below .90"), (0.57, "below 1"), (0.61, "not below 1")],
)
def test_without_draws_the_estimate_is_judged(between, verdict):
    assert set(htmt(frame(blocks(0.6, between)), TWO)["verdict"]) == {verdict}


def test_one_item_has_no_ratio_and_the_note_says_so():
    table = htmt(frame(blocks(0.6, 0.3)), {"f": ["a", "b"], "g": ["d"]})
    assert table["est"].isna().all()
    assert not table["headline"].any()
    assert table["note"].iloc[0].startswith("g: one item")


def test_a_construct_is_never_set_against_its_own_dimensions():
    with pytest.raises(UsageError, match=r"f and whole share item\(s\) a, b, c"):
        htmt(frame(blocks(0.6, 0.3)), TWO | {"whole": list("abcde")})


def test_an_unknown_item_is_named():
    with pytest.raises(DataError, match=r"item\(s\) zz"):
        htmt(frame(blocks(0.6, 0.3)), {"f": ["a", "zz"], "g": ["d", "e"]})


def test_one_construct_has_no_pairs():
    assert htmt(frame(blocks(0.6, 0.3)), {"f": ["a", "b"]}).empty


def test_an_estimate_outside_its_interval_has_a_note_that_says_why():
    """Correlations of 0 between the sets: every sample has larger |r|."""
    matrix = blocks(0.6, 0.0)
    row = htmt(frame(matrix), TWO, draws=drawn(matrix)).iloc[0]
    assert row["est"] < row["ci_lower"]
    assert "the draws lie above the estimate" in row["interval_note"]
    assert set(htmt(frame(blocks(0.6, 0.4)), TWO, draws=drawn(blocks(0.6, 0.4)))["interval_note"]) == {""}
    above = htmt(frame(blocks(0.6, 0.59)), TWO, draws=drawn(blocks(0.6, 0.3)))
    assert above["interval_note"].str.contains("the draws lie below the estimate").all()
    assert set(htmt(frame(matrix), TWO)["interval_note"]) == {""}


def test_mixed_signs_of_the_sample_and_of_the_draws_are_told_apart():
    clean, mixed = blocks(0.5, 0.1), blocks(0.5, 0.1)
    mixed[0, 3] = mixed[3, 0] = -0.1
    draws = drawn(clean)
    assert not htmt(frame(clean), TWO, draws=draws)["sample_mixed"].any()
    assert htmt(frame(mixed), TWO, draws=draws)["sample_mixed"].all()
