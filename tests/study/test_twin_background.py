"""Background answers: printed counts, at random, with the questionnaire's codes."""

import numpy as np
import pytest

from sopsem.errors import DataError
from sopsem.study.published import load_study
from sopsem.study.study_parts import SampleTable
from sopsem.study.twin_background import background_columns, category_counts
from sopsem.survey import load_instrument

STUDY = load_study()


def test_counts_and_routing():
    """40/31/21 departments; 43/5/22/1 regions among sales and operations, none for the other 21."""
    frame = background_columns(STUDY, load_instrument(), np.random.default_rng(1))
    assert frame["department"].value_counts().to_dict() == {"sales": 40, "operations": 31, "other": 21}
    known = frame["region"].value_counts().to_dict()
    assert known == {"europe": 43, "usa_canada": 5, "asia_pacific": 22, "latin_america": 1, "": 21}
    assert (frame["region"].eq("") == frame["department"].eq("other")).all()


def test_without_a_questionnaire_the_study_s_labels_stay():
    """The words of the page, where no code book says otherwise."""
    frame = background_columns(STUDY, None, np.random.default_rng(1))
    assert set(frame["region"]) == {"Europe, Turkey or Russia", "USA", "Asia", "Latin America", ""}


def test_handed_out_at_random():
    """Another generator, other people; the counts stay."""
    one, two = (background_columns(STUDY, None, np.random.default_rng(s)) for s in (1, 2))
    assert not one.equals(two)


def test_ambiguous_percentages_are_refused():
    """50 % of an unknown base may be 1 of 2 or 2 of 4."""
    table = SampleTable.model_validate(
        {"name": "sex", "categories": [{"label": "f", "percent": "50"}, {"label": "m", "percent": "50"}]}
    )
    with pytest.raises(DataError, match="several sets of counts"):
        category_counts(STUDY, table)
