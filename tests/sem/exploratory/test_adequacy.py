"""KMO by regression, Bartlett's test by its formula, and what must not matter."""

import numpy as np
import pandas as pd
import pytest

from sopsem.sem.exploratory.adequacy import kmo


def partial_correlation(rows, i, j):
    """Of the residuals after regressing both on all others."""
    rest = [k for k in range(rows.shape[1]) if k not in (i, j)]
    design = np.column_stack([np.ones(len(rows)), rows[:, rest]])
    residual = rows[:, [i, j]] - design @ np.linalg.lstsq(design, rows[:, [i, j]], rcond=None)[0]
    return np.corrcoef(residual.T)[0, 1]


def test_against_partial_correlations_by_regression(answers):
    rows = answers.iloc[:, :7]
    r = np.corrcoef(rows.to_numpy().T)
    q = np.array(
        [[0.0 if i == j else partial_correlation(rows.to_numpy(), i, j) for i in range(7)] for j in range(7)]
    )
    r2, q2 = (r - np.eye(7)) ** 2, q**2
    found = kmo(rows)
    assert found.overall == pytest.approx(r2.sum() / (r2.sum() + q2.sum()), rel=1e-10)
    np.testing.assert_allclose(found.items.kmo, r2.sum(0) / (r2.sum(0) + q2.sum(0)), rtol=1e-10)
    assert found.bartlett_df == 21
    assert found.bartlett_chisq == pytest.approx(-(92 - 1 - 19 / 6) * np.log(np.linalg.det(r)), rel=1e-10)


def test_scale_sign_and_order_do_not_matter(answers):
    first = kmo(answers)
    changed = kmo((answers * -3 + 1).iloc[::-1, ::-1])
    assert changed.overall == pytest.approx(first.overall, rel=1e-10)
    assert changed.bartlett_chisq == pytest.approx(first.bartlett_chisq, rel=1e-10)
    np.testing.assert_allclose(changed.items.kmo[::-1], first.items.kmo, rtol=1e-10)


def test_unrelated_items_are_not_worth_factoring():
    noise = pd.DataFrame(np.random.default_rng(5).normal(size=(60, 5)), columns=list("abcde"))
    found = kmo(noise)
    assert found.bartlett_pvalue > 0.05
    assert found.overall < 0.6
    assert "Under .50" in found.sentence
