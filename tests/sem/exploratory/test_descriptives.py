"""Descriptives of items and of constructs against plain formulas."""

import numpy as np
import pandas as pd
import pytest

from sopsem.errors import DataError, UsageError
from sopsem.sem.exploratory.descriptives import item_descriptives, kurtosis, scale_descriptives, skewness

CONSTRUCTS = {"f": ["a", "b", "c"], "g": ["d"]}
RANGES = dict.fromkeys("abcd", (1.0, 5.0))


@pytest.fixture
def frame():
    rng = np.random.default_rng(2)
    made = pd.DataFrame(rng.integers(1, 6, size=(60, 4)).astype(float), columns=list("abcd"))
    made.loc[[3, 7], "a"] = np.nan
    return made


def test_moments_by_their_formulas(frame):
    table = item_descriptives(frame, constructs=CONSTRUCTS, ranges=RANGES).set_index("item")
    a = frame.a.dropna().to_numpy()
    n, d = len(a), a - a.mean()
    m2, m3, m4 = ((d**k).mean() for k in (2, 3, 4))
    g1, g2 = m3 / m2**1.5, m4 / m2**2 - 3
    assert table.n["a"] == 58
    assert table.missing["a"] == 2
    assert table.missing_share["a"] == pytest.approx(2 / 60)
    assert table["mean"]["a"] == pytest.approx(a.mean())
    assert table.sd["a"] == pytest.approx(np.sqrt((d**2).sum() / (n - 1)))
    assert table["skew"]["a"] == pytest.approx(np.sqrt(n * (n - 1)) / (n - 2) * g1)
    assert table["kurtosis"]["a"] == pytest.approx((n - 1) / ((n - 2) * (n - 3)) * ((n + 1) * g2 + 6))
    assert table.floor_share["a"] == pytest.approx((a == 1).mean())
    assert table.ceiling_share["a"] == pytest.approx((a == 5).mean())
    assert table.construct.tolist() == ["f", "f", "f", "g"]


def test_item_total_leaves_the_item_out(frame):
    table = item_descriptives(frame, constructs=CONSTRUCTS).set_index("item")
    rows = frame.dropna()
    assert table.item_total["b"] == pytest.approx(np.corrcoef(rows.b, rows.a + rows.c)[0, 1])
    assert np.isnan(table.item_total["d"])
    assert table.floor_share.isna().all()  # no scale given, no floor


def test_standard_errors_as_spss_prints_them():
    """n = 92: .251 and .498."""
    values = np.random.default_rng(0).normal(size=92)
    assert skewness(values)[1] == pytest.approx(0.2513, abs=5e-5)
    assert kurtosis(values)[1] == pytest.approx(0.4977, abs=5e-5)


def test_floor_and_ceiling_are_called_above_the_threshold(frame):
    high = frame.assign(b=5.0, c=[1.0] * 10 + [3.0] * 50)
    effects = item_descriptives(high, ranges=RANGES).set_index("item").effect
    assert effects["b"] == "ceiling"
    assert effects["c"] == "floor"
    assert item_descriptives(high, ranges=RANGES, threshold=0.5).set_index("item").effect["c"] == ""
    both = frame.assign(a=[1.0, 5.0] * 30)
    assert item_descriptives(both, ranges=RANGES).effect[0] == "floor and ceiling"


def test_order_sign_and_scale(frame):
    first = item_descriptives(frame, constructs=CONSTRUCTS, ranges=RANGES).set_index("item")
    shuffled = item_descriptives(
        frame[list("dbca")].sample(frac=1, random_state=1), constructs=CONSTRUCTS, ranges=RANGES
    )
    pd.testing.assert_frame_equal(shuffled.set_index("item").loc[list("abcd")], first)
    turned = item_descriptives(6 - frame, constructs=CONSTRUCTS, ranges=RANGES).set_index("item")
    np.testing.assert_allclose(turned["skew"], -first["skew"])
    np.testing.assert_allclose(turned["kurtosis"], first["kurtosis"])
    np.testing.assert_allclose(turned.floor_share, first.ceiling_share)
    np.testing.assert_allclose(turned.item_total, first.item_total)


def test_constructs_are_means_of_complete_answers(frame):
    table = scale_descriptives(frame, CONSTRUCTS, ranges=RANGES).set_index("construct")
    own = frame[["a", "b", "c"]].dropna().mean(axis=1)
    assert table.n["f"] == 58
    assert table["mean"]["f"] == pytest.approx(own.mean())
    assert table.n_items.tolist() == [3, 1]
    assert table.floor_share["f"] == pytest.approx((own == 1).mean())


def test_thin_columns_give_nan_and_wrong_ones_an_error(frame):
    thin = pd.DataFrame({"a": [1.0, 2.0, np.nan], "b": [3.0, 3.0, 3.0]})
    table = item_descriptives(thin)
    assert table[["skew", "kurtosis"]].isna().all().all()
    with pytest.raises(UsageError, match=r"no columns: z \(f\)"):
        item_descriptives(frame, constructs={"f": ["a", "z"]})
    with pytest.raises(UsageError, match="threshold"):
        item_descriptives(frame, threshold=1.5)
    with pytest.raises(DataError):
        item_descriptives(frame.assign(a="text"))
