"""Algorithm B in parts: cutting, approaching, searching."""

import numpy as np
import pytest

from sopsem.errors import ConvergenceError
from sopsem.study import likert_search
from sopsem.study.exact_covariance import data_with_covariance
from sopsem.study.likert_search import LikertSearch, approach, cut
from sopsem.study.published import load_study
from sopsem.study.twin import HIGHER_LOADINGS, LOADINGS
from sopsem.study.twin_maker import TwinMaker
from sopsem.study.twin_targets import twin_targets

STUDY = load_study()
TARGETS = twin_targets(STUDY)


def maker(seed=0):
    return TwinMaker.of(STUDY, TARGETS, LOADINGS, HIGHER_LOADINGS, 0.3, seed)


@pytest.fixture(scope="module")
def start():
    """Wanted correlations and answers cut from data that have them."""
    made = maker()
    wanted = made.population
    data = data_with_covariance(wanted, 92, np.random.default_rng(1))
    return wanted, cut(data, np.full(18, 4.3), np.full(18, 1.3), 7)


def distance(answers, wanted):
    return np.sqrt(((np.corrcoef(answers.T) - wanted) ** 2).sum() / (18 * 17))


def test_approach_restores_the_correlations(start):
    """Cutting costs several hundredths of correlation; exchanges win back all but half a hundredth."""
    wanted, answers = start
    nearer = approach(answers, wanted, np.random.default_rng(2))
    assert distance(answers, wanted) > 0.02
    assert distance(nearer, wanted) < 0.007
    assert (np.sort(nearer, axis=0) == np.sort(answers, axis=0)).all()


def test_the_best_exchange_does_what_it_promises(start):
    """The predicted fall of the squared distance is the one found after the exchange."""
    wanted, answers = start
    z = likert_search.standardized_answers(answers)
    first, second, gain = likert_search._best_exchange(z, wanted, 7)
    after = answers.copy()
    after[[first, second], 7] = after[[second, first], 7]
    fall = (distance(after, wanted) ** 2 - distance(answers, wanted) ** 2) * 18 * 17
    assert gain == pytest.approx(fall, rel=1e-9)
    assert gain < 0


def test_a_search_that_cannot_arrive_says_what_is_off(start, monkeypatch):
    """With one round nothing arrives; the message names the statistic and the distance."""
    monkeypatch.setattr(likert_search, "MAX_ROUNDS", 1)
    _, answers = start
    search = LikertSearch(statistics=maker().statistics, targets=TARGETS)
    with pytest.raises(ConvergenceError, match=r"after 1 rounds \w+ is still \d+\.\d half digits off"):
        search.run(answers, np.random.default_rng(1), lambda *_: None)
