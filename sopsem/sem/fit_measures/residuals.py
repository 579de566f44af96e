"""Residuals: what the model leaves of every covariance and mean, with standard errors.

Let s be the sample moments with asymptotic covariance Gamma / N (normal theory, at the sample covariances)
and sigma(theta) the implied ones with slopes D.  The fitted moments follow the sample moments by the
projection P = D (D'A D)^-1 D'A, A the information of one observation about the moments, so that

    Var(s - sigma(theta-hat)) = (I - P) Gamma (I - P)' / N.

With several groups all of them take part in theta-hat: D'A D is the mean over the groups, weighted by their
share of N, and so is the covariance of the scores.

Source: Maydeu-Olivares (2017); Ogasawara (2001).
"""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sopsem.errors import UsageError
from sopsem.sem.estimation.fit import Fit
from sopsem.sem.estimation.implied import MomentSlopes, moment_slopes
from sopsem.sem.fit_measures.release import informed_inverse

__all__ = ["residuals"]

Array = NDArray[np.float64]
Index = NDArray[np.intp]
Kind = Literal["raw", "cor", "cor_bollen", "cor_bentler", "normalized", "standardized"]
KINDS = ("raw", "cor", "cor_bollen", "cor_bentler", "normalized", "standardized")
EXACT = 1e-10  # a residual variance below this share of that of its statistic is rounding


def residuals(fit: Fit, kind: Kind = "raw") -> pd.DataFrame:
    """Return sample minus implied moments, one row for every variance, covariance and mean.

    Parameters
    ----------
    fit : Fit
    kind : str
        ``raw``; ``cor_bollen`` (or ``cor``): difference of the two correlation matrices, each scaled by its
        own variances; ``cor_bentler``: both scaled by the sample variances; ``normalized``: raw over the
        standard error of the statistic; ``standardized``: raw over the standard error of the residual.

    Returns
    -------
    DataFrame
        Columns lhs op rhs group residual se z; means have op ``~1``.  ``se`` and ``z`` are NaN for the last
        two kinds, which are z already; ``z`` is NaN where the model reproduces the moment exactly (se 0).

    Raises
    ------
    UsageError
        Another kind.

    Notes
    -----
    Fixed exogenous variables count as random here, as in lavaan and LISREL.  Of several groups with equal
    parameters, the sampling error that the other groups bring into the estimates counts too; lavaan leaves
    it out, so that its z are larger there.

    Examples
    --------
    >>> from sopsem.sem.estimation.fit import fit
    >>> s = [[1.0, .6, .3, .3], [.6, 1.0, .3, .3], [.3, .3, 1.0, .5], [.3, .3, .5, 1.0]]
    >>> cov = pd.DataFrame(s, columns=list("abcd"), index=list("abcd"))
    >>> table = residuals(fit("f =~ a + b + c + d", sample_cov=cov, n_obs=100), kind="cor")
    >>> table.query("lhs == 'c' and rhs == 'd'").residual.round(3).tolist()
    [0.286]

    """
    if kind not in KINDS:
        raise UsageError(f"kind is {kind!r}; choose one of {', '.join(map(repr, KINDS))}")
    frames = [
        _of_group(parts, kind, fit.spec.observed).assign(group=number)
        for number, parts in enumerate(_Parts.of_groups(fit), start=1)
    ]
    return pd.concat(frames, ignore_index=True)[["lhs", "op", "rhs", "group", "residual", "se", "z"]]


def _of_group(parts: "_Parts", kind: Kind, names: tuple[str, ...]) -> pd.DataFrame:
    """Return the residuals of one group."""
    rows = parts.rows(names)
    values, variances = parts.raw if kind in ("raw", "normalized", "standardized") else parts.scaled(kind)
    if kind == "normalized":
        variances = parts.statistic_variances
    se = np.sqrt(
        np.where(variances > EXACT * parts.statistic_variances * parts.unit(kind) ** 2, variances, 0.0)
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.where(se > 0.0, values / se, np.nan)
    if kind in ("normalized", "standardized"):
        # as is the custom, an exactly reproduced moment has the value 0 here
        values, se, z = np.where(np.isnan(z), 0.0, z), np.full(len(se), np.nan), np.full(len(se), np.nan)
    return rows.assign(residual=values, se=se, z=z)


@dataclass(frozen=True, kw_only=True)
class _Parts:
    """What residuals and their variances need, on the metric where the sample variances are 1.

    ``weight_cov`` (p, p, q) and ``weight_mean`` (p, q) hold W dSigma_k W and W dmu_k, so that the score of
    parameter k is their inner product with the residual moments (half of it for the covariances).
    """

    slopes: MomentSlopes
    inverse: Array
    weight_cov: Array
    weight_mean: Array
    sample: Array
    residual_cov: Array
    residual_mean: Array
    sd: Array
    n: int
    meanstructure: bool
    score_covariance: Array

    @classmethod
    def of_groups(cls, fit: Fit) -> "tuple[_Parts, ...]":
        """Collect every group, with what the parameters owe to all of them.

        Per observation of a group with share w, the parameters follow its moments with w I^-1, and the scores
        of all groups together have the covariance M: then w D I^-1 M I^-1 D' is what the estimates add.
        """
        own = [cls._alone(one) for one in fit.by_group]
        shares = fit.problem.weights
        pairs = list(zip(shares, own, strict=True))
        information = sum(w * p.slopes.information() for w, p in pairs)
        scores = sum(w * p.score_covariance for w, p in pairs)
        inverse = informed_inverse(np.asarray(information))
        return tuple(replace(p, inverse=w * inverse, score_covariance=scores / w) for w, p in pairs)

    @classmethod
    def _alone(cls, fit: Fit) -> "_Parts":
        layout, theta = fit.model.layout, fit.kernel_theta
        sd = np.sqrt(np.diag(fit.sample_cov))
        slopes = moment_slopes(layout, theta, meanstructure=fit.spec.meanstructure)
        slopes = slopes.in_units(sd / fit.model.sd)
        sample = fit.sample_cov / np.outer(sd, sd)
        mean = (
            (fit.moments.mean - fit.mu) / sd
            if fit.mu is not None and fit.moments.mean is not None
            else 0.0 * sd
        )
        left = np.einsum("ij,jkq->ikq", slopes.inverse, slopes.cov)
        weight_cov = np.einsum("ikq,kj->ijq", left, slopes.inverse)
        weight_mean = slopes.inverse @ slopes.mean
        return cls(
            slopes=slopes,
            inverse=np.empty(0),
            weight_cov=weight_cov,
            weight_mean=weight_mean,
            sample=sample,
            residual_cov=sample - slopes.sigma,
            residual_mean=mean,
            sd=sd,
            n=fit.n,
            meanstructure=fit.spec.meanstructure,
            score_covariance=_score_covariance(sample, weight_cov, weight_mean),
        )

    @property
    def pairs(self) -> tuple[Index, Index]:
        """Rows and columns of the variances and covariances, column by column."""
        j, i = np.triu_indices(len(self.sd))
        return i, j

    def rows(self, names: tuple[str, ...]) -> pd.DataFrame:
        """Return the columns that say which moment a row is."""
        i, j = self.pairs
        listed = [(names[a], "~~", names[b]) for a, b in zip(j, i, strict=True)]
        listed += [(v, "~1", "") for v in names] if self.meanstructure else []
        return pd.DataFrame(listed, columns=["lhs", "op", "rhs"])

    def _metric(self) -> Array:
        i, j = self.pairs
        return np.concatenate([self.sd[i] * self.sd[j], self.sd if self.meanstructure else []])

    def unit(self, kind: str) -> Array:
        """Return what one unit of the statistic is in the metric of ``kind``, relative to the data."""
        metric = self._metric()
        return np.ones(len(metric)) if kind in ("raw", "normalized", "standardized") else 1.0 / metric

    @property
    def statistic_variances(self) -> Array:
        """Sampling variances of the sample moments themselves, in the metric of the data."""
        i, j = self.pairs
        s = self.sample
        cov = (s[i, i] * s[j, j] + s[i, j] ** 2) / self.n
        means = np.diag(s)[: len(s) * self.meanstructure] / self.n
        return np.asarray(np.concatenate([cov, means]) * self._metric() ** 2)

    @property
    def raw(self) -> tuple[Array, Array]:
        """Raw residuals and their variances in the metric of the data."""
        values, variances = self.scaled("cor_bentler")
        return values * self._metric(), variances * self._metric() ** 2

    def scaled(self, kind: str) -> tuple[Array, Array]:
        """Return residuals and variances with the sample variances 1, or as a difference of correlations."""
        i, j = self.pairs
        if kind == "cor_bentler":
            values, variances = self.residual_cov[i, j], self._covariance((i, j), (i, j))
        else:
            spread = np.sqrt(np.diag(self.slopes.sigma))
            values = (self.sample - self.slopes.sigma / np.outer(spread, spread))[i, j]
            variances = self._correlation_variance(i, j)
        if not self.meanstructure:
            return values, variances / self.n
        return np.concatenate([values, self.residual_mean]), np.concatenate(
            [variances, self._mean_variance()]
        ) / self.n

    def _correlation_variance(self, i: Index, j: Index) -> Array:
        """Return N times the variance of s_ij - r_ij (s_ii + s_jj)/2, the linear part of a correlation."""
        pair, first, second = (i, j), (i, i), (j, j)
        half = 0.5 * self.sample[i, j]
        own = self._covariance(pair, pair)
        crossed = self._covariance(pair, first) + self._covariance(pair, second)
        ends = self._covariance(first, first) + self._covariance(second, second)
        ends += 2.0 * self._covariance(first, second)
        return np.asarray(own - 2.0 * half * crossed + half**2 * ends)

    def _covariance(self, one: tuple[Index, Index], two: tuple[Index, Index]) -> Array:
        """Return N times Cov(residual of one, residual of two), element by element."""
        s, (a, b), (c, d) = self.sample, one, two
        gamma = s[a, c] * s[b, d] + s[a, d] * s[b, c]
        follow_one, follow_two = self.slopes.cov[one] @ self.inverse, self.slopes.cov[two] @ self.inverse
        carried = np.einsum("ij,jkq,kl->ilq", s, self.weight_cov, s, optimize=True)
        gamma -= np.einsum("eq,eq->e", follow_one, carried[two]) + np.einsum(
            "eq,eq->e", follow_two, carried[one]
        )
        return np.asarray(
            gamma + np.einsum("eq,qr,er->e", follow_one, self.score_covariance, follow_two, optimize=True)
        )

    def _mean_variance(self) -> Array:
        s, follow = self.sample, self.slopes.mean @ self.inverse
        crossed = np.einsum("eq,eq->e", follow, s @ self.weight_mean)
        return np.asarray(
            np.diag(s) - 2.0 * crossed + np.einsum("eq,qr,er->e", follow, self.score_covariance, follow)
        )


def _score_covariance(sample: Array, weight_cov: Array, weight_mean: Array) -> Array:
    """Return the covariance of the scores of one observation when the population is the sample."""
    p, q = weight_mean.shape
    left = np.einsum("ij,jkq->ikq", sample, weight_cov)
    flat, turned = left.reshape(p * p, q), left.transpose(1, 0, 2).reshape(p * p, q)
    return np.asarray(0.5 * flat.T @ turned + weight_mean.T @ sample @ weight_mean)
