"""Which reading of the rows goes with which settings."""

import numpy as np
import pytest

from sopsem.errors import UsageError
from sopsem.sem.estimation.reading import moments_of_group, ordered_answers
from sopsem.sem.estimation.settings import resolve_settings
from sopsem.sem.model.spec import model_spec

MODEL = "f =~ a + b + c\nf ~ x"


def read(rows, *, auxiliary=(), answers=None, **options):
    """Return the moments of rows for a model with a fixed exogenous variable."""
    return moments_of_group(
        rows,
        spec=model_spec(MODEL, meanstructure=True),
        settings=resolve_settings(**options),
        auxiliary=auxiliary,
        answers=answers or {},
    )


@pytest.fixture(scope="module")
def gaps(lattice_gaps):
    """Gaps in the items, and in x in row 0 and 1, where row 0 has values and row 1 has none."""
    data = lattice_gaps[[*"abcdeh", "x"]].copy()
    data.loc[[0, 1], "x"] = np.nan
    data.loc[1, list("abc")] = np.nan
    return data


def test_complete_rows_are_kept_by_default(gaps):
    """Every row with a gap in a variable of the model is left out."""
    found = read(gaps)
    whole = gaps[[*"abc", "x"]].dropna()
    assert found.n == len(whole) < 240
    assert found.patterns is None
    np.testing.assert_allclose(found.mean, whole.mean(), rtol=1e-12)


def test_full_information_keeps_rows_with_gaps_but_not_without_a_given_variable(gaps):
    """With ml_x a row that lacks x counts, too, where it has any value."""
    ml, ml_x = read(gaps, missing="ml"), read(gaps, missing="ml_x")
    assert ml.rows_excluded == (0, 1)
    assert ml_x.rows_excluded == (1,)
    assert ml.full_information
    assert ml_x.full_information
    assert (ml.n, ml_x.n) == (238, 239)


def test_two_stages_give_saturated_moments_with_their_covariance_matrix(gaps):
    """And may look at variables outside the model."""
    plain = read(gaps, missing="two_stage")
    helped = read(gaps, missing="robust_two_stage", auxiliary=["d"])
    assert not plain.full_information
    assert plain.gamma.shape == helped.gamma.shape == (14, 14)
    assert plain.sample is None
    assert helped.sample.shape[1] == 5
    assert np.abs(helped.covariance - plain.covariance).max() > 1e-4


def test_auxiliary_variables_need_a_method_for_missing_values(gaps):
    """Complete rows have nothing to recover."""
    with pytest.raises(UsageError, match="use missing='ml', 'two_stage'"):
        read(gaps, auxiliary=["d"])


def test_answers_make_the_data_ordered(lattice_answers):
    """The moments are then those of latent responses."""
    spec = model_spec("f =~ a + b + c", ordered={"a": 2, "b": 2, "c": 2})
    answers = ordered_answers(spec, lattice_answers, ["a", "b", "c"])
    found = moments_of_group(
        lattice_answers, spec=spec, settings=resolve_settings(ordered=True), answers=answers
    )
    assert found.ordinal.ordered == (True, True, True)
    np.testing.assert_allclose(np.diag(found.covariance), 1.0)


def test_true_stands_for_all_variables_that_are_not_exogenous(lattice_answers):
    """A list names some; those with thresholds in the text are ordered anyway; False asks for none."""
    spec, cut = model_spec(MODEL), model_spec(f"{MODEL}\nb | t1 + t2", ordered={"b": 2})
    assert ordered_answers(spec, lattice_answers, ordered=True) == dict.fromkeys("abc", (1.0, 2.0, 3.0))
    assert list(ordered_answers(spec, lattice_answers, ["c", "x"])) == ["c"]
    assert list(ordered_answers(cut, lattice_answers, ["c"])) == ["b", "c"]
    assert ordered_answers(spec, lattice_answers, ordered=False) == {}
    assert ordered_answers(spec, None, ordered=False) == {}
    with pytest.raises(UsageError, match="give data instead of sample_cov"):
        ordered_answers(spec, None, ["c"])
