"""A world in which the paths to a reported and to a measured outcome are known."""

import numpy as np
import pandas as pd

from sopsem.survey import load_instrument, responses_from_frame
from sopsem.survey.questionnaire import with_question

MODEL = """
alignment =~ a0 + a1 + a2 + a3
performance =~ p0 + p1 + p2 + p3
performance ~ alignment
"""


def world(units, each, *, own=0.4, mood=0.3, apart=0.2, reliability=0.8, seed=0):
    """Return survey, outcomes and the standardized paths (reported, measured).

    Alignment differs between units (variance .5) and between people (``own``); the outcome follows the units only.
    ``mood`` is what colours all answers of a person, ``apart`` what colours those about performance.
    """
    rng = np.random.default_rng(seed)
    level, rest = rng.normal(0, 0.5**0.5, units), rng.normal(0, 0.2**0.5, units)
    unit, n = np.repeat(np.arange(units), each), units * each
    person, humour, view = (rng.normal(0, size**0.5, n) for size in (own, mood, apart))
    outcome = 0.6 * level + rest
    alignment = level[unit] + person + humour
    performance = outcome[unit] + 0.3 * person + view + humour
    items = {f"a{i}": alignment + rng.normal(0, 0.6, n) for i in range(4)}
    items |= {f"p{i}": performance + rng.normal(0, 0.6, n) for i in range(4)}
    spread = 0.36 * 0.5 + 0.2
    noise = rng.normal(0, (spread * (1 - reliability) / reliability) ** 0.5, units)
    names = np.array([f"U{i:03d}" for i in range(units)])
    survey = pd.DataFrame(items | {"unit": names[unit]})
    outcomes = pd.DataFrame({"unit": names, "outcome": outcome + noise})
    sd = (0.5 + own + mood) ** 0.5
    reported = (0.3 + 0.3 * own + mood) / sd / (spread + 0.09 * own + apart + mood) ** 0.5
    return survey, outcomes, (reported, 0.3 / sd / spread**0.5)


def unit_survey(sizes, *, seed=1, differ=0.8, turned="", **columns):
    """Return answers to the shipped questionnaire of units that differ, by size; ``turned``: one that answers 8 - x."""
    questionnaire = with_question(load_instrument(), "unit", "Business unit")
    rng = np.random.default_rng(seed)
    unit = np.repeat(np.arange(len(sizes)), list(sizes.values()))
    n = len(unit)
    shared = rng.permutation(np.linspace(-1.5, 1.5, len(sizes)))[unit] * differ + rng.normal(0, 0.4, n)
    levels = {name: shared + rng.normal(0, 0.6, n) for name in questionnaire.constructs}
    frame = pd.DataFrame(
        {
            item: np.clip(np.rint(4 + levels[questionnaire.items[item].factor] + rng.normal(0, 0.8, n)), 1, 7)
            for item in questionnaire.item_ids
        }
    )
    frame["unit"] = np.array(list(sizes))[unit]
    items = list(questionnaire.item_ids)
    frame[items] = frame[items].where(frame["unit"] != turned, 8 - frame[items])
    frame["department"] = rng.choice(["sales", "operations"], n)
    for name, values in columns.items():
        frame[name] = values
    return responses_from_frame(frame, questionnaire, constant_items="keep")
