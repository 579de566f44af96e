"""Moments with names, and how the implied moments move with the parameters."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sopsem.kernel import Layout, implied, jacobian
from sopsem.sem.estimation.fit import Fit

__all__ = ["MomentSlopes", "NamedMoments", "implied_moments", "moment_slopes", "sample_moments"]

Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class NamedMoments:
    """A covariance matrix and, in a model with intercepts, means, both with the names of the variables."""

    cov: pd.DataFrame
    mean: pd.Series | None


def _named(names: tuple[str, ...], covariance: Array, mean: Array | None) -> NamedMoments:
    labels = list(names)
    return NamedMoments(
        cov=pd.DataFrame(np.array(covariance), index=labels, columns=labels),
        mean=None if mean is None else pd.Series(np.array(mean), index=labels, name="mean"),
    )


def implied_moments(fit: Fit) -> NamedMoments | dict[str, NamedMoments]:
    """Return the covariance matrix and the means that the fitted model implies, in the metric of the data.

    Returns
    -------
    NamedMoments
        Of several groups a dictionary with those of every group by its label.

    Examples
    --------
    >>> from sopsem.sem.estimation.fit import fit
    >>> s = [[1.0, 0.5, 0.4], [0.5, 1.0, 0.3], [0.4, 0.3, 1.0]]
    >>> cov = pd.DataFrame(s, columns=list("abc"), index=list("abc"))
    >>> implied_moments(fit("f =~ a + b + c", sample_cov=cov, n_obs=100)).cov.loc["a"].round(4).tolist()
    [0.99, 0.495, 0.396]

    """
    return _by_group(fit, [_named(fit.spec.observed, m.sigma, m.mu) for m in fit.implied])


def sample_moments(fit: Fit) -> NamedMoments | dict[str, NamedMoments]:
    """Return the sample moments that the model was fitted to.

    The divisor is N for the normal likelihood, N - 1 for Wishart and for least squares.

    Returns
    -------
    NamedMoments
        Of several groups a dictionary with those of every group by its label.

    """
    means = fit.spec.meanstructure
    own = [g.moments for g in fit.groups]
    return _by_group(fit, [_named(fit.spec.observed, m.covariance, m.mean if means else None) for m in own])


def _by_group(fit: Fit, found: list[NamedMoments]) -> NamedMoments | dict[str, NamedMoments]:
    return found[0] if fit.n_groups == 1 else dict(zip(fit.spec.groups, found, strict=True))


@dataclass(frozen=True, kw_only=True)
class MomentSlopes:
    """Derivatives of the implied moments with respect to kernel parameters, on the kernel's metric.

    Attributes
    ----------
    sigma, inverse : (p, p) arrays
        The implied covariance matrix and its inverse.
    cov : (p, p, q) array
    mean : (p, q) array
        Zero for a model without intercepts.

    """

    sigma: Array
    inverse: Array
    cov: Array
    mean: Array

    def information(self) -> Array:
        """Return the expected information of one observation, (q, q).

        I_kl = tr(W dSigma_k W dSigma_l) / 2 + dmu_k' W dmu_l with W = Sigma^-1 (multivariate normal; Magnus &
        Neudecker, 1988).
        """
        p, q = self.mean.shape
        left = np.einsum("ij,jkq->ikq", self.inverse, self.cov, optimize=True)
        flat, turned = left.reshape(p * p, q), left.transpose(1, 0, 2).reshape(p * p, q)
        return np.asarray(0.5 * flat.T @ turned + self.mean.T @ self.inverse @ self.mean)

    def in_units(self, unit: Array) -> "MomentSlopes":
        """Return the same in the units (p,) of every variable."""
        outer = np.outer(unit, unit)
        return MomentSlopes(
            sigma=self.sigma / outer,
            inverse=self.inverse * outer,
            cov=self.cov / outer[:, :, None],
            mean=self.mean / unit[:, None],
        )

    def without(self, exogenous: NDArray[np.bool_]) -> "MomentSlopes":
        """Return the slopes given the variables ``exogenous`` (p,): their own moments count as fixed."""
        cov, mean = self.cov.copy(), self.mean.copy()
        cov[np.ix_(exogenous, exogenous)] = 0.0
        mean[exogenous] = 0.0
        return MomentSlopes(sigma=self.sigma, inverse=self.inverse, cov=cov, mean=mean)


def moment_slopes(layout: Layout, theta: Array, *, meanstructure: bool) -> MomentSlopes:
    """Return the slopes of the implied moments at kernel parameters ``theta`` (q,)."""
    second, slopes = implied(layout, theta[None])[0], jacobian(layout, theta)
    if not meanstructure:
        mean_slopes = np.zeros(slopes.shape[1:])
        return MomentSlopes(sigma=second, inverse=np.linalg.inv(second), cov=slopes, mean=mean_slopes)
    p = len(second) - 1
    mean, mean_slopes = second[:p, p], slopes[:p, p]
    outer = mean_slopes[:, None, :] * mean[None, :, None]
    sigma = second[:p, :p] - np.outer(mean, mean)
    return MomentSlopes(
        sigma=sigma,
        inverse=np.linalg.inv(sigma),
        cov=slopes[:p, :p] - outer - outer.transpose(1, 0, 2),
        mean=mean_slopes,
    )
