"""Which kernel fits which draw: a function of its number and the model's size alone."""

import numpy as np
import pytest

from sopsem.errors import UsageError
from sopsem.kernel import (
    BACKEND,
    NEVER,
    Likelihood,
    Outcome,
    backend,
    first_compiled,
    minimise,
    newton,
    seconds_per_fit,
)


def test_the_first_compiled_draw_is_where_the_reference_has_taken_as_long_as_compiling():
    """Eight seconds of draws; at once or never where that is asked for."""
    assert first_compiled("auto", 0.001) == 5000
    assert first_compiled("numba", 0.001) == 0
    assert first_compiled("numpy", 0.001) == NEVER


def test_larger_models_are_compiled_sooner(one_factor):
    """Groups and patterns count."""
    small, large = (one_factor(1, items=k).layout for k in (4, 20))
    assert seconds_per_fit((small,)) < seconds_per_fit((small, small)) < seconds_per_fit((large,))
    assert seconds_per_fit((small,), patterns=3) == pytest.approx(3 * seconds_per_fit((small,)))


def test_without_numba_there_is_one_kernel(monkeypatch):
    """Asking for the other says what to install."""
    monkeypatch.setattr(backend, "HAS_NUMBA", False)
    assert first_compiled("auto", 0.001) == NEVER
    with pytest.raises(UsageError, match=r"sopsem\[fast\]"):
        first_compiled("numba", 0.001)


def test_an_unknown_kernel_is_refused():
    """With the names there are."""
    with pytest.raises(UsageError, match="auto, numpy, numba"):
        first_compiled("gpu", 0.001)


def test_the_backend_names_its_version():
    """Manifests and --version print it."""
    assert BACKEND.split()[0] in {"numba", "numpy"}
    assert BACKEND.split()[1][0].isdigit()


def test_compiled_is_the_twin_and_not_the_reference(one_factor, monkeypatch):
    """And what the twin does not know goes to the reference."""
    layout, start, moments = one_factor(4)
    objective = Likelihood(layout, moments)
    wanted = newton.minimise(objective, start)
    monkeypatch.setattr(
        backend, "minimise_with_numpy", lambda *_, **__: pytest.fail("the reference was asked")
    )
    found = minimise(objective, start, compiled=True)
    assert (found.outcome == Outcome.CONVERGED).all()
    np.testing.assert_allclose(found.theta, wanted.theta, rtol=1e-10, atol=1e-10)


def test_a_numba_that_cannot_be_loaded_is_said(one_factor, monkeypatch):
    """With what to do, and no traceback on the command line."""

    def broken(_name):
        raise ImportError("Numba needs NumPy 9 or less")

    monkeypatch.setattr(backend, "import_module", broken)
    layout, start, moments = one_factor(4)
    with pytest.raises(UsageError, match=r"Numba needs NumPy 9.*kernel='numpy'"):
        minimise(Likelihood(layout, moments), start, compiled=True)
