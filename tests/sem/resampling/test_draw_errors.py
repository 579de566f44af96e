"""Standard errors inside draws are those of the fit to the draw's rows."""

import numpy as np

from sopsem.sem.estimation.fit import fit
from sopsem.sem.resampling.bootstrap import bootstrap
from sopsem.sem.resampling.draw_errors import draw_standard_errors


def test_errors_of_a_draw_are_those_of_its_own_fit(two_factors, two_factor_model):
    data = two_factors(1, 120)
    result = fit(two_factor_model, data)
    draws = bootstrap(result, data, draws=4, seed=1)
    inside, own = draw_standard_errors(draws, result.model.rows)
    np.testing.assert_allclose(own[result.free], np.sqrt(np.diag(result.vcov)), rtol=1e-6)
    alone = fit(two_factor_model, data.iloc[draws.resampler.rows_of(2)])
    np.testing.assert_allclose(inside[2][result.free], np.sqrt(np.diag(alone.vcov)), rtol=1e-4)
    assert np.isnan(inside[2][0])  # a fixed loading has none
