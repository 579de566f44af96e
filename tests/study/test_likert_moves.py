"""Exchange moves: exact changes of R, and a predictor that is right to second order."""

import numpy as np
import pytest

from sopsem.study.likert_moves import Prediction, all_moves, exchanged, standardized_answers
from sopsem.study.published import load_study
from sopsem.study.twin import HIGHER_LOADINGS, LOADINGS
from sopsem.study.twin_maker import TwinMaker
from sopsem.study.twin_targets import twin_targets

STUDY = load_study()
TARGETS = twin_targets(STUDY)


def maker(seed=0):
    return TwinMaker.of(STUDY, TARGETS, LOADINGS, HIGHER_LOADINGS, 0.3, seed)


@pytest.fixture(scope="module")
def answers():
    rng = np.random.default_rng(4)
    latent = rng.multivariate_normal(np.zeros(18), maker().population, size=92)
    return np.clip(np.rint(4.4 + 1.3 * latent), 1, 7).astype(np.int64)


def correlations(answers):
    return np.corrcoef(answers.T)


def test_an_exchange_keeps_every_distribution(answers):
    """Sorted answers of each item stay what they are; exactly two cells change."""
    moves = all_moves(answers)
    after = exchanged(answers, moves.take(np.array([77])))
    assert (np.sort(after, axis=0) == np.sort(answers, axis=0)).all()
    assert (after != answers).sum() == 2


def test_changes_of_correlations_are_exact(answers):
    """R after a pair of exchanges among four people is R plus both changes."""
    moves = all_moves(answers)
    pick = np.array([5, len(moves) - 5])
    one, two = moves.take(pick[:1]), moves.take(pick[1:])
    assert not {int(one.first[0]), int(one.second[0])} & {int(two.first[0]), int(two.second[0])}
    after = exchanged(exchanged(answers, one), two)
    predicted = correlations(answers) + one.matrices()[0] + two.matrices()[0]
    assert np.abs(correlations(after) - predicted).max() < 1e-12


def test_prediction_is_second_order(answers):
    """A pair of moves 10 times smaller has a 1,000 times smaller error in chi2 and its kin, 100 in others."""
    statistics = maker().statistics
    z = standardized_answers(answers)
    here = statistics.expand(z.T @ z / 92)
    predictor = Prediction(statistics=statistics, expansion=here)
    rng = np.random.default_rng(5)
    moves = all_moves(answers)
    one, two = (moves.take(rng.choice(len(moves), 40, replace=False)) for _ in range(2))
    errors = []
    for size in (0.3, 0.03):
        small = [
            type(m)(item=m.item, first=m.first, second=m.second, change=size * m.change) for m in (one, two)
        ]
        predicted = predictor.of(small[0]) + predictor.of(small[1]) + predictor.together(*small)
        changed = here.main.sample + small[0].matrices() + small[1].matrices()
        errors.append(np.abs(statistics.values(changed, here) - here.values - predicted).max(axis=0))
    ratio = errors[0] / np.maximum(errors[1], 1e-9)
    family = [statistics.names.index(n) for n in ("chisq", "dchisq", "baseline_chisq")]
    assert (ratio[family] > 300).all(), ratio
    assert (ratio > 50).all(), ratio


def test_barred_moves_are_left_out(answers):
    """A move just made is not offered again; no other move is missing."""
    moves = all_moves(answers)
    barred = set(moves.take(np.array([3, 4])).keys())
    assert set(moves.keys()) - set(all_moves(answers, barred).keys()) == barred
