"""How the minimum and the estimates of a model move when the covariance matrix moves.

At an optimum theta of F(S, theta), with W = Sigma^-1, D_k = W dSigma_k W and H the Hessian of F in theta,

    dF*/dS          =  W - S^-1                                   (envelope theorem)
    d theta_k/dS    =  sum_l (H^-1)_kl D_l
    d2F*(E, E)      =  tr(S^-1 E S^-1 E) - v'H^-1 v,   v_k = -tr(D_k E)

with the derivative for a symmetric change E read as <gradient, E> = sum_ij gradient_ij E_ij.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sopsem.errors import ConvergenceError, ModelError
from sopsem.kernel import BatchFit, evaluate, fit_batch, implied, jacobian, observed_hessian
from sopsem.sem.estimation.fit import fit_moments
from sopsem.sem.estimation.scaling import ScaledModel
from sopsem.sem.model.spec import ModelSpec
from sopsem.sem.sample.moments import Moments

__all__ = ["CovarianceResponse", "Optimum"]

Array = NDArray[np.float64]
POLISHED = 1e-26  # decrement at which a step can no longer change the estimates


@dataclass(frozen=True, kw_only=True)
class Optimum:
    """A model at its optimum for one covariance matrix.

    Attributes
    ----------
    theta : (q,) array
        Kernel parameters.
    minimum : float
        F at the optimum.
    sample_inverse, weight, sigma : (p, p) arrays
        S^-1, Sigma^-1 and Sigma.
    tangents : (q, p, p) array
        dSigma/dtheta_k.
    pressures : (q, p, p) array
        D_k = W dSigma_k W, minus the derivative of dF/dtheta_k by S.
    hessian_inverse : (q, q) array

    """

    theta: Array
    minimum: float
    sample: Array
    sample_inverse: Array
    sigma: Array
    weight: Array
    tangents: Array
    pressures: Array
    hessian_inverse: Array

    @property
    def gradient(self) -> Array:
        """Return dF*/dS, (p, p)."""
        return self.weight - self.sample_inverse

    def estimates_gradient(self, slopes: Array) -> Array:
        """Return d g/dS, (m, p, p), of functions g of theta with slopes (m, q)."""
        return np.tensordot(slopes @ self.hessian_inverse, self.pressures, axes=1)


@dataclass(frozen=True, kw_only=True)
class CovarianceResponse:
    """A model on the metric of one population, ready to be refitted to covariance matrices near it.

    Examples
    --------
    >>> from sopsem.sem.model.spec import model_spec
    >>> population = np.array([[1.0, 0.5, 0.4], [0.5, 1.0, 0.3], [0.4, 0.3, 1.0]])
    >>> response = CovarianceResponse.of(model_spec("f =~ a + b + c"), population)
    >>> response.refit(population[None]).minimum.round(12).tolist()
    [0.0]

    """

    spec: ModelSpec
    model: ScaledModel
    theta: Array

    @classmethod
    def of(cls, spec: ModelSpec, population: Array) -> "CovarianceResponse":
        """Fit the model to the population, (p, p) in the order of ``spec.observed``.

        Raises
        ------
        ModelError
            A mean structure, which covariances do not carry; or a model that is not identified.
        ConvergenceError
            No optimum was found.

        """
        if spec.meanstructure:
            raise ModelError(
                "the model has intercepts; the response to a covariance matrix is that of covariances"
            )
        n = 1000 * len(population)  # any: the estimates of a covariance structure do not depend on it
        fitted = fit_moments(spec, Moments(names=spec.observed, covariance=population, mean=None, n=n))
        if not fitted.status.converged:
            raise ConvergenceError(f"the model cannot be fitted to the population: {fitted.status.value}")
        scaled = fitted.model.scaled_moments(population[None], None)
        polished = fit_batch(fitted.model.layout, fitted.kernel_theta, scaled, tolerance=POLISHED)
        return cls(spec=spec, model=fitted.model, theta=polished.theta[0])

    def refit(self, covariances: Array, start: Array | None = None) -> BatchFit:
        """Fit to covariances (B, p, p) from ``start``, by default the population's estimates."""
        scaled = self.model.scaled_moments(covariances, None)
        return fit_batch(self.model.layout, self.theta if start is None else start, scaled)

    def implied(self, theta: Array) -> Array:
        """Return Sigma, (B, p, p), at kernel parameters (B, q)."""
        sigma, _ = self.model.implied_moments(implied(self.model.layout, theta))
        return sigma

    def at(self, covariance: Array, start: Array | None = None) -> Optimum:
        """Fit to one covariance matrix and return the optimum with its derivatives in the data's metric."""
        sd = self.model.sd
        scaled = self.model.scaled_moments(covariance[None], None)
        found = fit_batch(
            self.model.layout, self.theta if start is None else start, scaled, tolerance=POLISHED
        )
        point = evaluate(self.model.layout, found.theta, scaled, np.linalg.slogdet(scaled)[1])
        weight = point.weight[0] / np.outer(sd, sd)
        slopes = jacobian(self.model.layout, found.theta[0]) * np.outer(sd, sd)[:, :, None]
        tangents = np.ascontiguousarray(slopes.transpose(2, 0, 1))
        return Optimum(
            theta=found.theta[0],
            minimum=float(found.minimum[0]),
            sample=covariance,
            sample_inverse=np.asarray(np.linalg.inv(covariance), dtype=np.float64),
            sigma=implied(self.model.layout, found.theta)[0] * np.outer(sd, sd),
            weight=weight,
            tangents=tangents,
            pressures=weight @ tangents @ weight,
            hessian_inverse=np.linalg.inv(observed_hessian(self.model.layout, point)[0]),
        )
