"""Surveys made for the purpose: integer answers of given departments."""

import numpy as np
import pandas as pd
import pytest

from sopsem.survey import load_instrument, responses_from_frame


@pytest.fixture(scope="session")
def instrument():
    return load_instrument()


def random_answers(rng, n):
    levels = rng.normal(size=(n, 1)) + rng.normal(size=(n, 18))
    return np.clip(np.rint(4.3 + levels), 1, 7)


@pytest.fixture(scope="session")
def survey(instrument):
    """Return a function that makes Responses of departments with sizes, answers random or given."""

    def make(sizes, seed=1, answers=None, **background):
        rng = np.random.default_rng(seed)
        n = sum(sizes.values())
        values = (answers or random_answers)(rng, n)
        frame = pd.DataFrame(values, columns=list(instrument.item_ids))
        frame["department"] = np.repeat(list(sizes), list(sizes.values()))
        frame["respondent_id"] = [f"synthetic-{seed}-{i}" for i in range(n)]
        for name, labels in background.items():
            frame[name] = labels
        return responses_from_frame(frame, instrument, constant_items="keep")

    return make
