"""A small questionnaire and hand-made evidence for the screens."""

import numpy as np
import pandas as pd
import pytest

from sopsem.survey.screening.evidence import Contrast, Evidence

NAN = np.nan


@pytest.fixture
def evidence():
    """Make evidence of six items on 1-5: two grids of three; in the first, item 2 is the reversal of 0 and 1."""

    def make(rows, expected=None, ids=None, **metadata):
        ticked = np.array(rows, dtype=float)
        columns = ("duration_seconds", "is_preview", "is_finished", "respondent_id", "address")
        frame = pd.DataFrame({c: metadata.get(c, [NAN] * len(rows)) for c in columns})
        return Evidence(
            ticked=ticked,
            items=tuple("abcdef"),
            middles=np.full(6, 3.0),
            grids=((0, 1, 2), (3, 4, 5)),
            contrasts=(Contrast(construct="f", plain=(0, 1), turned=(2,)),),
            expected=expected or {},
            metadata=frame,
            ids=None if ids is None else pd.Series(ids, dtype=object),
        )

    return make
