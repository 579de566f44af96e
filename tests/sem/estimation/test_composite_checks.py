"""Composites that are refused, each with what to do."""

import numpy as np
import pandas as pd
import pytest

from sopsem.errors import ModelError, UsageError
from sopsem.sem.estimation.composite_checks import check_composites
from sopsem.sem.estimation.fit import fit
from sopsem.sem.estimation.settings import Settings
from sopsem.sem.model.spec import model_spec

DATA = pd.DataFrame(
    np.random.default_rng(3).normal(size=(60, 6)), columns=["a1", "a2", "b1", "y1", "y2", "y3"]
)


@pytest.mark.parametrize(
    ("model", "said"),
    [
        ("c <~ a1 + a2\ny1 ~ c + a1", "component of a composite"),
        ("c <~ a1 + a2\na1 ~~ b1\ny1 ~ c", "component of a composite"),
        ("c <~ a1 + a2\na1 ~~ a2\ny1 ~ c", "follows from the components"),
        ("c <~ a1 + a2\nc ~~ 1*c\ny1 ~ c", "follows from the components"),
        ("c <~ a1 + a2\nd <~ a2 + b1\ny1 ~ c + d", "two composites"),
        ("c <~ f + a1\nf =~ y1 + y2 + y3\nb1 ~ c", "observed components"),
    ],
)
def test_models_are_refused_by_name(model, said):
    """A component with another part, a moment that follows, and a component that is not observed."""
    with pytest.raises(ModelError, match=said):
        fit(model, DATA)


def test_ordered_variables_are_refused():
    """Latent responses and composites are not estimated together."""
    spec = model_spec("c <~ a1 + a2\ny1 ~ c", ordered={"y1": 1})
    with pytest.raises(ModelError, match="ordered variables"):
        check_composites(spec, Settings())


@pytest.mark.parametrize(
    "options",
    [{"estimator": "GLS"}, {"estimator": "MLR"}, {"missing": "ml"}, {"bounds": "standard"}],
)
def test_settings_are_refused_by_name(options):
    """Composites are estimated by maximum likelihood from complete rows."""
    with pytest.raises(UsageError, match="composites are estimated by estimator='ML'"):
        fit("c <~ a1 + a2\ny1 ~ c\ny2 ~ c", DATA, **options)


def test_a_model_without_composites_passes():
    """Nothing is refused where there is no composite."""
    check_composites(model_spec("f =~ y1 + y2 + y3"), Settings(bounds="standard"))
    with pytest.raises(UsageError, match="bounds"):
        check_composites(model_spec("c <~ a1 + a2\ny1 ~ c"), Settings(bounds="standard"))
