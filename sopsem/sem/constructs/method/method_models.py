"""A model with a method factor on its items, fitted to standardized items; every failure is a verdict.

Items are divided by their standard deviations first, so that "equal method loadings" means an equal share of every
item's variance and does not depend on the units in which the items happen to be coded.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sopsem.errors import ConvergenceError, ModelError, UsageError
from sopsem.sem.constructs.solution import correlations
from sopsem.sem.effects.respecify import model_text
from sopsem.sem.estimation.fit import Fit, Status, fit_moments
from sopsem.sem.model.spec import ModelSpec, model_spec
from sopsem.sem.sample.moments import Moments

__all__ = [
    "Attempt",
    "attempt",
    "item_signs",
    "items_of_factors",
    "standardized_moments",
    "variance_line",
    "with_method_factor",
]

Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """A model that was tried: its fit, or None, and a verdict that is "proper" or says what is wrong."""

    name: str
    fit: Fit | None
    verdict: str

    @property
    def proper(self) -> bool:
        """Whether the solution can be read."""
        return self.verdict == "proper"


def attempt(name: str, spec: ModelSpec | str, moments: Moments, like: Fit) -> Attempt:
    """Fit a model with the settings of another fit; what fails is told in the verdict, not raised."""
    try:
        fitted = fit_moments(model_spec(spec), moments, settings=like.settings)
    except ModelError as error:
        return Attempt(name=name, fit=None, verdict=f"not identified or not possible: {error}")
    except ConvergenceError as error:
        return Attempt(name=name, fit=None, verdict=f"not converged: {error}")
    if fitted.status is Status.NOT_CONVERGED:
        return Attempt(name=name, fit=None, verdict="not converged from any of the starts")
    if fitted.status is Status.EMPIRICALLY_UNIDENTIFIED:
        lost = ", ".join(fitted.certificate.null_space[:5])
        return Attempt(
            name=name, fit=None, verdict=f"not identified by these data: no unique value of {lost}"
        )
    if fitted.improper:
        return Attempt(name=name, fit=fitted, verdict="improper: " + "; ".join(map(str, fitted.improper[:3])))
    return Attempt(name=name, fit=fitted, verdict="proper")


def standardized_moments(fitted: Fit) -> Moments:
    """Return the moments of a fit with every observed variable divided by its standard deviation.

    Raises
    ------
    UsageError
        Several groups, ordered variables, missing values that were modelled, or an estimator other than maximum
        likelihood: method factors are fitted to the covariance matrix of complete rows here.

    """
    if fitted.n_groups > 1:
        raise UsageError("method models are of one group; fit the rows of one group and pass that fit")
    moments = fitted.moments
    plain = moments.ordinal is None and moments.patterns is None and moments.gamma is None
    if not plain or fitted.settings.estimator != "ML":
        raise UsageError(
            "method models need a maximum likelihood fit to complete rows of numbers; fit the model without ordered= "
            "and missing= first"
        )
    sd = np.sqrt(np.diag(moments.covariance))
    return replace(
        moments,
        covariance=_frozen(correlations(moments.covariance)),
        mean=None if moments.mean is None else _frozen(moments.mean / sd),
        data=None if moments.data is None else _frozen(moments.data / sd),
    )


def _frozen(array: Array) -> Array:
    array = np.array(array)
    array.setflags(write=False)
    return array


def items_of_factors(spec: ModelSpec) -> tuple[str, ...]:
    """Return the observed variables that measure factors, in table order.

    >>> items_of_factors(model_spec("f =~ a + b + c; f ~ x"))
    ('a', 'b', 'c')
    """
    return tuple(dict.fromkeys(p.rhs for p in spec if p.op == "=~" and p.rhs in spec.observed))


def item_signs(items: Sequence[str], opposite: Collection[str]) -> dict[str, float]:
    """Return +1 for every item, -1 for those on which the method acts the other way.

    Raises
    ------
    UsageError
        An opposite item that is no item of the model.

    """
    unknown = [v for v in opposite if v not in items]
    if unknown:
        raise UsageError(f"opposite items that measure nothing in the model: {', '.join(unknown)}")
    return {item: -1.0 if item in opposite else 1.0 for item in items}


def with_method_factor(spec: ModelSpec, terms: dict[str, str], variance: str) -> str:
    """Return model text with one more factor, uncorrelated with all others.

    Parameters
    ----------
    spec : ModelSpec
    terms : mapping of item to modifier
        Such as "0.5" (fixed), "NA" (free) or "label(m)".
    variance : str
        Modifier of the factor's variance.

    Examples
    --------
    >>> text = with_method_factor(model_spec("f =~ a + b + c"), {"a": "1.0", "b": "1.0", "c": "1.0"}, "NA")
    >>> print(text.splitlines()[-3])
    method =~ 1.0*a + 1.0*b + 1.0*c

    """
    name = _new_name(spec)
    loadings = " + ".join(f"{modifier}*{_quoted(item)}" for item, modifier in terms.items())
    lines = [f"{name} =~ {loadings}", variance_line(name, variance)]
    lines += [f"{name} ~~ 0*{_quoted(factor)}" for factor in spec.latent]
    return model_text(spec) + "\n".join(lines) + "\n"


def _new_name(spec: ModelSpec) -> str:
    name = "method"
    while name in (*spec.latent, *spec.observed):
        name += "_"
    return name


def variance_line(name: str, modifier: str) -> str:
    """Return the line of text for the variance of a factor.

    >>> variance_line("f", "1")
    'f ~~ 1*f'
    """
    return f"{_quoted(name)} ~~ {modifier}*{_quoted(name)}"


def _quoted(name: str) -> str:
    return name if name.replace(".", "_").isidentifier() else f'"{name}"'
