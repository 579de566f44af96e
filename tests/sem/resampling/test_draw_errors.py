"""Standard errors inside draws are those of the fit to the draw's rows."""

import numpy as np

from sopsem.sem.estimation.fit import fit
from sopsem.sem.resampling.bootstrap import bootstrap
from sopsem.sem.resampling.draw_errors import draw_standard_errors


def test_errors_of_a_draw_are_those_of_its_own_fit(two_factors, two_factor_model):
    data = two_factors(1, 120)
    result = fit(two_factor_model, data)
    draws = bootstrap(result, data, draws=4, seed=1)
    basis = result.model.row_basis
    inside, own = draw_standard_errors(
        draws, lambda theta: np.broadcast_to(basis, (len(theta), *basis.shape))
    )
    np.testing.assert_allclose(own[result.free], np.sqrt(np.diag(result.vcov)), rtol=1e-6)
    alone = fit(two_factor_model, data.iloc[draws.resampler.rows_of(2)])
    np.testing.assert_allclose(inside[2][result.free], np.sqrt(np.diag(alone.vcov)), rtol=1e-4)
    assert np.isnan(inside[2][0])  # a fixed loading has none


def test_a_statistic_without_a_value_leaves_the_others_their_errors(two_factors, two_factor_model):
    """In a draw with one undefined effect the errors of the other effects are what they were."""
    data = two_factors(1, 120)
    draws = bootstrap(fit(two_factor_model, data), data, draws=3, seed=1)
    basis = draws.fit.model.row_basis[1:3]

    def slopes(theta):
        return np.repeat(basis[None], len(theta), axis=0)

    def broken(theta):
        found = slopes(theta)
        found[-1, 0, 0] = np.nan
        return found

    whole, lost = draw_standard_errors(draws, slopes)[0], draw_standard_errors(draws, broken)[0]
    assert np.isnan(lost[2, 0])
    np.testing.assert_array_equal(np.delete(lost, 4), np.delete(whole, 4))
