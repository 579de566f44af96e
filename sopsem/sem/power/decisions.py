"""The tests whose power is asked for: what each decides in a replication, and what theory says of it.

A decision is 1 (rejected), 0 (not), or NaN where a replication gives no answer.

References
----------
MacCallum, R. C., Browne, M. W., & Sugawara, H. M. (1996). Power analysis and determination of sample size for
covariance structure modeling. Psychological Methods, 1.
Satorra, A., & Saris, W. E. (1985). Power of the likelihood ratio test in covariance structure analysis.
Psychometrika, 50.
Schuirmann, D. J. (1987). A comparison of the two one-sided tests procedure and the power approach. Journal of
Pharmacokinetics and Biopharmaceutics, 15.

"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from sopsem.sem.distributions import chi2_ppf, ncx2_ppf, norm_cdf, norm_ppf, norm_sf
from sopsem.sem.fit_measures.noncentrality import lr_power, noncentral_cdf
from sopsem.sem.power.design import Design
from sopsem.sem.power.quantities import Quantities
from sopsem.sem.power.replicates import Replicates

__all__ = ["CLOSE", "NOT_CLOSE", "Question", "equivalence_power", "questions", "unit_errors", "wald_power"]

Array = NDArray[np.float64]
CLOSE = NOT_CLOSE = 0.05  # RMSEA of both null hypotheses: at most, at least
ROUNDING = 1e-6  # a difference of chi2 may fall this far below 0


@dataclass(frozen=True, kw_only=True)
class Question:
    """One test.

    Attributes
    ----------
    test : str
        difference, exact, close, not_close, wald, interval, equivalence.
    quantity, scale : str
        What it is about; scale is raw or std, "" for tests of a model.
    true : float
        The value in the population: of the quantity (of a freed path the standardized one), or the RMSEA of the
        model.
    decide : callable
        (replicates, N) to decisions (R,).
    theory : callable
        N to power as theory has it; NaN where it says nothing.
    both : bool
        Whether a proper replication is one where both models are.

    """

    test: str
    quantity: str
    scale: str
    true: float
    decide: Callable[[Replicates, int], Array]
    theory: Callable[[int], float]
    model: str = "full"
    both: bool = False

    @property
    def name(self) -> str:
        """Name as in ``difference``, ``exact:full``, ``wald:std:total:y~x``."""
        return ":".join(filter(None, (self.test, self.scale, self.quantity)))

    def proper(self, found: Replicates) -> NDArray[np.bool_]:
        """Say which replications are proper in what the test looks at."""
        return found.proper(both=True) if self.both else found.proper()


def wald_power(effect: float, se: float, alpha: float) -> float:
    """Return the power of the two-sided z test of an effect with this standard error.

    >>> round(wald_power(2.8016, 1.0, 0.05), 2)
    0.8
    """
    z, shift = norm_ppf(1.0 - alpha / 2.0), abs(effect) / se
    return float(norm_sf(z - shift) + norm_cdf(-z - shift))


def equivalence_power(effect: float, se: float, bound: float, alpha: float) -> float:
    """Return the power of two one-sided z tests of -bound < effect < bound.

    >>> round(equivalence_power(0.0, 0.2 / 2.9264, 0.2, 0.05), 2)
    0.8
    """
    z = norm_ppf(1.0 - alpha)
    return max(float(norm_cdf((bound - effect) / se - z) - norm_cdf((-bound - effect) / se + z)), 0.0)


def unit_errors(quantities: Quantities) -> Array:
    """Return standard errors (s,) in the population for a multiplier of 1."""
    fit = quantities.fit
    vcov = fit.kernel_vcov * fit.multiplier
    return np.asarray(quantities.errors(fit.kernel_theta[None], vcov[None])[0])


def questions(
    design: Design, quantities: Quantities, *, alpha: float, bound: float | None, intervals: bool
) -> list[Question]:
    """Return every test of a design.

    Parameters
    ----------
    bound : float, optional
        Of the equivalence tests of the standardized effects.
    intervals : bool
        Whether the replications carry Monte Carlo intervals.

    """
    return [
        *_difference(design, quantities, alpha),
        *_fit_tests(design, alpha),
        *_of_quantities(design, quantities, alpha, bound, intervals=intervals),
    ]


def _difference(design: Design, quantities: Quantities, alpha: float) -> Iterator[Question]:
    if design.restricted is None:
        return
    minimum, ddf = design.restricted.minimum - design.full.minimum, design.restricted.df - design.full.df
    critical = float(chi2_ppf(1.0 - alpha, ddf))

    def decide(found: Replicates, _n: int) -> Array:
        return _above(_fallen(found.chisq_restricted - found.chisq), critical)

    def theory(n: int) -> float:
        return lr_power(design.multiplier(n) * minimum, ddf, alpha=alpha)

    yield Question(
        test="difference",
        quantity=design.freed,
        scale="",
        true=_true_value(design, quantities),
        decide=decide,
        theory=theory,
        both=True,
    )


def _true_value(design: Design, quantities: Quantities) -> float:
    """Return the value of the freed parameter in the population, standardized where it is a path."""
    path = (f"direct:{design.freed}", "std")
    if path in quantities.labels:
        values = quantities.values(design.full.kernel_theta[None])[0]
        return float(values[quantities.labels.index(path)])
    return float(design.full.rows[[p.path() for p in design.full.spec].index(design.freed)])


def _fallen(difference: Array) -> Array:
    """Return differences of chi2; NaN where the wider model ended above the narrower: one missed its minimum."""
    return np.where(difference < -ROUNDING, np.nan, difference)


def _above(values: Array, critical: float) -> Array:
    return np.where(np.isnan(values), np.nan, (values > critical).astype(float))


def _fit_tests(design: Design, alpha: float) -> Iterator[Question]:
    """Yield the exact test and the tests of close and not-close fit of every model."""
    for model, fit in design.fits.items():
        if fit.df < 1:
            continue
        df, minimum = fit.df, fit.minimum
        rmsea = float(np.sqrt(max(minimum, 0.0) / df))
        for test, null, upper in (
            ("exact", 0.0, True),
            ("close", CLOSE, True),
            ("not_close", NOT_CLOSE, False),
        ):
            beyond = partial(_beyond, design, df, null, alpha, upper=upper)
            yield Question(
                test=test,
                quantity=model,
                scale="",
                true=rmsea,
                decide=partial(_decide_fit, beyond, model, upper),
                theory=partial(_fit_theory, beyond, design, df, minimum, upper),
                model=model,
                both=model == "restricted",
            )


def _beyond(design: Design, df: int, null: float, alpha: float, n: int, *, upper: bool) -> float:
    """Return the critical chi2 of RMSEA = null: reject above it, or with ``upper`` false below it."""
    ncp = design.multiplier(n) * df * null**2
    at = 1.0 - alpha if upper else alpha
    return float(ncx2_ppf(at, df, ncp) if ncp > 0.0 else chi2_ppf(at, df))


def _decide_fit(beyond: Callable[[int], float], model: str, upper: bool, found: Replicates, n: int) -> Array:
    chisq = found.chisq_restricted if model == "restricted" else found.chisq
    return _above(chisq, beyond(n)) if upper else _above(-chisq, -beyond(n))


def _fit_theory(
    beyond: Callable[[int], float], design: Design, df: int, minimum: float, upper: bool, n: int
) -> float:
    below = noncentral_cdf(beyond(n), df, design.multiplier(n) * max(minimum, 0.0))
    return 1.0 - below if upper else below


def _of_quantities(
    design: Design, quantities: Quantities, alpha: float, bound: float | None, *, intervals: bool
) -> Iterator[Question]:
    values = quantities.values(quantities.fit.kernel_theta[None])[0]
    unit, e = unit_errors(quantities), len(quantities.effects)
    z = float(norm_ppf(1.0 - alpha / 2.0))
    for at, (name, scale) in enumerate(quantities.labels):
        asks = partial(Question, quantity=name, scale=scale, true=float(values[at]))
        error = partial(_error, design, float(unit[at]))
        wald = partial(_of_error, wald_power, error, values[at], alpha)
        yield asks(test="wald", decide=partial(_significant, at, z), theory=wald)
        if intervals and at < 2 * e:
            yield asks(test="interval", decide=partial(_outside, at), theory=_unknown)
        if bound is not None and e <= at < 2 * e:
            inside = partial(_inside, at, bound, float(norm_ppf(1.0 - alpha)))
            tost = partial(equivalence_power, bound=bound)
            yield asks(
                test="equivalence", decide=inside, theory=partial(_of_error, tost, error, values[at], alpha)
            )


def _error(design: Design, unit: float, n: int) -> float:
    return float(unit / np.sqrt(design.multiplier(n)))


def _significant(at: int, z: float, found: Replicates, _n: int) -> Array:
    return _above(np.abs(found.est[:, at] / found.se[:, at]), z)


def _of_error(
    power: Callable[..., float], se: Callable[[int], float], effect: float, alpha: float, n: int
) -> float:
    return power(effect, se(n), alpha=alpha)


def _unknown(_n: int) -> float:
    return float("nan")


def _outside(at: int, found: Replicates, _n: int) -> Array:
    """Say where the Monte Carlo interval leaves 0 out."""
    lower, upper = found.lower[:, at], found.upper[:, at]
    return np.where(np.isnan(lower), np.nan, ((lower > 0.0) | (upper < 0.0)).astype(float))


def _inside(at: int, bound: float, z: float, found: Replicates, _n: int) -> Array:
    """Say where the interval est -+ z se lies inside -bound to bound."""
    return _above(bound - np.abs(found.est[:, at]) - z * found.se[:, at], 0.0)
