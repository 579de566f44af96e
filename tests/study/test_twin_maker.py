"""Population and random streams behind a twin."""

import numpy as np

from sopsem.sem.estimation.estimates import standardized
from sopsem.sem.estimation.fit import fit
from sopsem.study.published import load_study
from sopsem.study.twin_maker import STREAMS, TwinMaker
from sopsem.study.twin_targets import twin_targets

STUDY = load_study()
MAKER = TwinMaker.of(STUDY, twin_targets(STUDY), (0.8, 0.7), (0.5, 0.8), 0.3, 7)


def test_the_population_has_the_assumed_loadings():
    """One factor multiplies the item loadings, in turn over the items of each factor; higher ones stay."""
    table = standardized(fit(MAKER.spec, sample_cov=MAKER.population, n_obs=92))
    loading = table[table["op"] == "=~"].set_index("rhs")["est_std"]
    assert np.allclose(loading[["col1", "col3", "mkt1"]], 0.8 * MAKER.factor, atol=1e-6)
    assert np.allclose(loading[["col2", "ali4", "int2"]], 0.7 * MAKER.factor, atol=1e-6)
    assert np.allclose(loading[["internal", "market"]], [0.5, 0.8], atol=1e-6)
    assert abs(MAKER.factor - 1) > 1e-4


def test_streams_are_independent_and_repeatable():
    """A stream is the same each time it is asked for, and no two streams are the same."""
    first = {name: MAKER.rng(name).random() for name in STREAMS}
    assert len(set(first.values())) == len(STREAMS)
    assert {name: MAKER.rng(name).random() for name in STREAMS} == first
