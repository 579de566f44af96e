"""Number of factors: parallel analysis in four versions and the minimum average partial, by other routes."""

import numpy as np
import pandas as pd
import pytest

from sopsem.errors import UsageError
from sopsem.sem.constructs.method_variance import eigenvalues, parallel_analysis
from sopsem.sem.exploratory.retention import chance_eigenvalues, minimum_average_partial, number_of_factors


def test_normal_components_are_those_of_the_single_source_checks(answers):
    limit = np.percentile(chance_eigenvalues(answers.to_numpy(), draws=50, seed=3), 95, axis=0)
    np.testing.assert_allclose(limit, parallel_analysis(92, 18, draws=50, seed=3), rtol=1e-10)


def test_shuffled_columns_keep_their_values_and_lose_their_correlations(answers):
    data = answers.to_numpy()
    found = chance_eigenvalues(data, kind="permutation", draws=60)
    assert found[:, 0].mean() < 2.2 < np.linalg.eigvalsh(np.corrcoef(data.T))[-1]
    skewed = np.exp(3 * np.random.default_rng(0).normal(size=(60, 6)))
    heavy, plain = (chance_eigenvalues(skewed, kind=k, draws=200)[:, 0] for k in ("permutation", "normal"))
    assert heavy.std() > 1.1 * plain.std()  # the distribution of the columns matters to permutations only


def test_common_factors_have_squared_multiple_correlations_on_the_diagonal():
    rows = np.random.default_rng(0).normal(size=(40, 4))
    whole, reduced = (
        chance_eigenvalues(rows, kind="permutation", reduced=r, draws=1)[0] for r in (False, True)
    )
    assert whole.sum() == pytest.approx(4.0)
    assert reduced.sum() < 1.0
    # data of which the correlations are known: each multiple correlation by regression
    x = np.random.default_rng(1).normal(size=(50, 3)) + 1.0
    r = np.corrcoef(x.T)
    smc = [
        1 - (x[:, i] - d @ np.linalg.lstsq(d, x[:, i], rcond=None)[0]).var() / x[:, i].var()
        for i in range(3)
        for d in [np.column_stack([np.ones(50), np.delete(x, i, axis=1)])]
    ]
    np.testing.assert_allclose(eigenvalues(r, reduced=True).sum(), sum(smc), rtol=1e-10)


def test_average_partials_by_regression_on_component_scores(answers):
    x = answers.iloc[:, :6].to_numpy()
    z = (x - x.mean(0)) / x.std(0)
    _, vectors = np.linalg.eigh(np.corrcoef(z.T))
    scores = z @ vectors[:, ::-1]
    off = ~np.eye(6, dtype=bool)
    for power in (2, 4):
        found = minimum_average_partial(np.corrcoef(x.T), power=power)
        for m in range(1, 5):
            fit = np.linalg.lstsq(scores[:, :m], z, rcond=None)[0]
            partial = np.corrcoef((z - scores[:, :m] @ fit).T)
            assert found[m] == pytest.approx((partial[off] ** power).mean(), rel=1e-8)
        assert found[0] == pytest.approx((np.corrcoef(x.T)[off] ** power).mean())


def test_a_clear_structure_is_found_by_all_but_the_one_that_overcounts():
    rng = np.random.default_rng(11)
    factors = np.repeat(rng.normal(size=(300, 3)), 4, axis=1)
    data = pd.DataFrame(factors + 0.8 * rng.normal(size=(300, 12)))
    suggested, details = number_of_factors(data, draws=60)
    assert suggested.n_factors.tolist()[:6] == [3] * 6
    assert details.index.tolist() == list(range(1, 13))
    shuffled, _ = number_of_factors(data.sample(frac=1, axis=1, random_state=2) * -2, draws=60)
    assert shuffled.n_factors.tolist() == suggested.n_factors.tolist()


def test_refusals(answers):
    with pytest.raises(UsageError, match="percentile"):
        number_of_factors(answers, percentile=101)
    with pytest.raises(UsageError, match="permutation"):
        chance_eigenvalues(answers.to_numpy(), kind="uniform")
