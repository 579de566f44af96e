"""Which rows a draw uses: the same forever, without favour."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sopsem.errors import UsageError
from sopsem.sem.resampling import resampling
from sopsem.sem.resampling.resampling import check_seed, normal_rows, resample_indices

GOLDEN = json.loads((Path(__file__).parents[2] / "golden" / "resample_indices.json").read_text("utf-8"))


@pytest.mark.parametrize("case", GOLDEN["cases"], ids=lambda c: f"{c['seed']}-{c['draw']}-{c['n']}")
def test_rows_of_a_draw_never_change(case):
    """If this fails, the draws of every stored analysis have changed: mend the code, not the file."""
    assert resample_indices(case["seed"], case["draw"], case["n"]).tolist() == case["rows"]


@given(st.integers(0, 2**64 - 1), st.integers(0, 2**40), st.integers(1, 500))
def test_rows_are_positions_and_depend_on_nothing_else(seed, draw, n):
    rows = resample_indices(seed, draw, n)
    assert rows.shape == (n,)
    assert 0 <= rows.min() <= rows.max() < n
    np.testing.assert_array_equal(rows, resample_indices(seed, draw, n))


def test_draws_and_seeds_differ():
    drawn = {tuple(resample_indices(s, b, 30)) for s in range(4) for b in range(50)}
    assert len(drawn) == 200


def test_no_row_is_favoured():
    counts = np.bincount(np.concatenate([resample_indices(7, b, 23) for b in range(2000)]), minlength=23)
    expected = 2000.0
    chisq = ((counts - expected) ** 2 / expected).sum()
    assert chisq < 48.0  # 22 degrees of freedom, p = .001


def test_values_beyond_the_largest_multiple_of_n_are_drawn_again(monkeypatch):
    """2^64 - 1 lies beyond the largest multiple of 3, and would favour row 0."""

    class Bits:
        def __init__(self):
            self.stream = [2**64 - 1, 5, 2**64 - 1, 7, 8]

        def random_raw(self, count):
            taken, self.stream = self.stream[:count], self.stream[count:]
            return np.array(taken, dtype=np.uint64)

    monkeypatch.setattr(resampling, "_bits", lambda *_: Bits())
    assert resample_indices(0, 0, 3).tolist() == [2, 1, 2]


@pytest.mark.parametrize("seed", [-1, 2**64, 1.0, "1", None, True])
def test_a_seed_is_a_whole_number(seed):
    with pytest.raises(UsageError, match="seed is"):
        check_seed(seed)
    assert check_seed(np.int64(3)) == 3


def test_normal_rows_are_standard_normal_and_another_stream():
    rows = normal_rows(1, 2, 4000, 3)
    assert np.abs(rows.mean(axis=0)).max() < 0.06
    assert np.abs(np.cov(rows.T) - np.eye(3)).max() < 0.08
    np.testing.assert_array_equal(rows, normal_rows(1, 2, 4000, 3))
    assert not np.array_equal(rows, normal_rows(1, 3, 4000, 3))


WORD = 2**64 - 1


def philox(counter, key):
    """Philox4x64-10 (Salmon et al., 2011) in whole numbers."""
    c, k = list(counter), list(key)
    for turn in range(10):
        if turn:
            k = [(k[0] + 0x9E3779B97F4A7C15) & WORD, (k[1] + 0xBB67AE8584CAA73B) & WORD]
        a, b = 0xD2E7470EE14C6C93 * c[0], 0xCA5A826395121157 * c[2]
        c = [(b >> 64) ^ c[1] ^ k[0], b & WORD, (a >> 64) ^ c[3] ^ k[1], a & WORD]
    return c


@given(st.integers(0, WORD), st.integers(0, 10**6), st.integers(1, 60))
def test_rows_are_those_of_the_published_generator(seed, draw, n):
    """So that any language can draw them again."""
    words = [w for block in range(1, 2 + n // 4) for w in philox((block, 0, 0, 0), (seed, draw))]
    kept = [w % n for w in words if w < (2**64 // n) * n]
    assert resample_indices(seed, draw, n).tolist() == kept[:n]
