"""Tipping point: how strong a method factor must be before a path vanishes.

Two answers, on two scales that must not be mixed up:

* of correlations of constructs, as Lindell & Whitney adjust them: r_true = (r - m)/(1 - m) is 0 at m = r, where m is
  the share of the constructs' own (reliable) variance;
* in the model: a method factor with the same share m of the variance of every item is fixed in the model, the rest is
  estimated again, and m is raised until the standardized path, or the end of its interval that is nearer to 0, is 0.
  In a CFA of two factors this is m = phi times the loading squared, where all loadings are alike.

A factor that lifts all answers adds to every covariance.  So it can create a positive path; from a negative one it
takes away, which means that it masks: no share of it makes such a path vanish.

Shares at which the solution is improper, or chi2 is more than 3.84 above that of the best share, do not go with the
data; ``tolerated`` is the largest that does.  In a structural model the search ends at the first improper solution; in
a CFA, where each correlation has its own meaning, it goes on, and says so.

Items in ``opposite`` have method loadings of the other sign.  After reversed items were turned round, a habit of
agreeing acts on them the other way (opposite = the reversed items); a mood that lifts every judgement acts alike
(opposite = none).

References
----------
Lindell, M. K., & Whitney, D. J. (2001). Accounting for common method variance in cross-sectional research designs.
Journal of Applied Psychology, 86.

"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from itertools import takewhile

import numpy as np
import pandas as pd
from scipy.optimize import brentq

from sopsem.errors import UsageError
from sopsem.sem.constructs.method.method_models import (
    Attempt,
    attempt,
    item_signs,
    items_of_factors,
    standardized_moments,
    with_method_factor,
)
from sopsem.sem.estimation.estimates import standardized
from sopsem.sem.estimation.fit import Fit
from sopsem.sem.model.spec import ModelSpec

__all__ = ["TippingPoint", "correlation_tipping_point", "tipping_point"]

STEP = 0.04  # of the grid of shares
LARGEST = 0.81
EXACT = 1e-4  # of a tipping point
NEAR = 0.003  # of the share where solutions turn improper
RISE = 3.84  # of chi2 with 1 df, 95 %


@dataclass(frozen=True, kw_only=True)
class TippingPoint:
    """Shares of method variance at which paths vanish; frozen.

    Attributes
    ----------
    table : DataFrame
        One row per path: lhs, op, rhs; est, ci_lower, ci_upper (standardized, Wald); direction ("creates" where a
        method factor brings the path nearer to 0, else "masks"); tip, tip_limit (shares of every item's variance at
        which the estimate, and the limit nearer to 0, reach 0; NaN where none does; tip_limit is 0 where the interval
        holds 0 already); tip_verdict ("proper", or what is wrong with the solution at ``tip``); chisq_tip (by how much
        chi2 rises to the share ``tip``); correlation_tip, correlation_tip_limit (on the scale of constructs, for paths
        of an outcome with one predictor, which are correlations; NaN otherwise).
    curve : DataFrame
        share, lhs, op, rhs, est, ci_lower, ci_upper, chisq, verdict of every share that was tried and converged.
    tolerated : float
        The largest share that goes with the data: proper, and chi2 within 3.84 of its lowest.
    ended : str
        What is wrong with larger ones.
    opposite : tuple of str
    level : float

    """

    table: pd.DataFrame
    curve: pd.DataFrame
    tolerated: float
    ended: str
    opposite: tuple[str, ...]
    level: float

    @property
    def sentences(self) -> tuple[str, ...]:
        """What each path stands, in plain words."""
        rule = (
            f"acts the other way on {', '.join(self.opposite)}" if self.opposite else "lifts all items alike"
        )
        found = [f"Asked is a method factor that {rule} and is the same share of every item's variance."]
        found += [self._sentence(row) for _, row in self.table.iterrows()]
        if self.ended:
            found.append(f"These data go with at most {self.tolerated:.1%} of such a factor: {self.ended}.")
        return tuple(found)

    def _sentence(self, row: pd.Series) -> str:
        name = f"{row['lhs']} {row['op']} {row['rhs']} ({row['est']:.3f})"
        if row["direction"] == "masks":
            kind = "negative" if row["est"] < 0.0 else "positive"
            return f"{name}: such a factor masks this {kind} path, it does not create it."
        parts = [self._tip(row), self._limit(row)]
        if np.isfinite(row["correlation_tip"]):
            share = f"{row['correlation_tip']:.0%}"
            parts.append(
                f"as a correlation of constructs it vanishes when {share} of their own variance is method"
            )
        return f"{name}: {'; '.join(parts)}."

    def _tip(self, row: pd.Series) -> str:
        if np.isnan(row["tip"]):
            return "no share that can be tried brings it to 0"
        said = f"a method factor with {row['tip']:.0%} of the variance of every item would explain it away"
        return said if row["tip"] <= self.tolerated else f"{said}, which is more than these data go with"

    def _limit(self, row: pd.Series) -> str:
        if row["tip_limit"] == 0.0:
            return f"its {self.level:.0%} interval holds 0 as it is"
        if np.isnan(row["tip_limit"]):
            return f"the nearer limit of its {self.level:.0%} interval stays away from 0"
        return f"{row['tip_limit']:.0%} would bring the nearer limit of its {self.level:.0%} interval to 0"


def correlation_tipping_point(r: float) -> float:
    """Return the share m at which (r - m)/(1 - m) is 0: r itself; NaN for r <= 0, which no share explains away.

    >>> correlation_tipping_point(0.504), correlation_tipping_point(-0.448)
    (0.504, nan)
    """
    if not -1.0 <= r <= 1.0:
        raise UsageError(f"r is {r}; give a correlation from -1 to 1")
    return r if r > 0.0 else float("nan")


def tipping_point(fitted: Fit, *, opposite: Collection[str] = (), level: float = 0.95) -> TippingPoint:
    """Return the share of method variance at which each path of a model vanishes.

    Parameters
    ----------
    fitted : Fit
        A structural model, or a CFA (then its factor correlations), of one group, by maximum likelihood on complete
        rows.
    opposite : collection of str
        Items on which the method acts the other way; see above.
    level : float
        Of the Wald intervals of standardized paths, made again at every share.

    Raises
    ------
    UsageError
        No free path and no factor correlation; see also ``standardized_moments`` and ``item_signs``.

    Examples
    --------
    >>> from sopsem.sem.estimation.fit import fit
    >>> r = 0.3 * np.ones((6, 6))
    >>> r[:3, :3] = r[3:, 3:] = 0.5
    >>> np.fill_diagonal(r, 1.0)
    >>> frame = pd.DataFrame(r, *[list("abcxyz")] * 2)
    >>> result = tipping_point(fit("f =~ a + b + c; g =~ x + y + z", sample_cov=frame, n_obs=200))
    >>> round(float(result.table["tip"].iloc[0]), 4)
    0.3

    """
    if not 0.5 < level < 1.0:
        raise UsageError(f"level is {level}; give a number between 0.5 and 1, e.g. 0.95")
    rows = _rows(fitted.spec)
    curve = _Curve.of(fitted, rows, opposite, level)
    steps = curve.grid()
    tolerated, ended = _tolerated(curve, steps)
    table = pd.DataFrame([_row(curve, steps, i) for i in range(len(rows))])
    return TippingPoint(
        table=table.assign(**_correlations(fitted.spec, table)),
        curve=pd.concat([curve.frame(m) for m in steps], ignore_index=True),
        tolerated=tolerated,
        ended=ended,
        opposite=tuple(opposite),
        level=level,
    )


def _tolerated(curve: "_Curve", steps: list[float]) -> tuple[float, str]:
    """Return the largest share that goes with the data, and what is wrong with larger ones."""
    proper = [m for m, _ in takewhile(lambda pair: pair[1].proper, ((m, curve.at(m)[0]) for m in steps))]
    best = min(proper, key=curve.chisq, default=0.0)
    limit = curve.chisq(best) + RISE
    above = next((m for m in proper if m > best and curve.chisq(m) > limit), None)
    if above is not None:
        below = max(m for m in proper if m < above)
        found = brentq(lambda m: curve.chisq(float(m)) - limit, below, above, xtol=EXACT)
        return float(
            found
        ), f"beyond it chi2 is more than {RISE:.2f} above that of the best share, {best:.0%}"
    low, high = max(proper, default=0.0), curve.after(proper or [0.0])
    if high is None:
        return low, ""
    while high - low > NEAR:
        middle = (low + high) / 2.0
        low, high = (middle, high) if curve.at(middle)[0].proper else (low, middle)
    return low, f"at {high:.1%} the solution is {curve.at(high)[0].verdict}"


def _rows(spec: ModelSpec) -> list[tuple[str, str, str]]:
    paths = [(p.lhs, p.op, p.rhs) for p in spec if p.op == "~" and p.free]
    pairs = [
        (p.lhs, p.op, p.rhs)
        for p in spec
        if p.op == "~~" and p.free and p.lhs != p.rhs and p.lhs in spec.latent
    ]
    if not paths and not pairs:
        raise UsageError(
            "the model has no path and no correlation of factors that a method factor could explain away"
        )
    return paths or pairs


@dataclass(frozen=True, kw_only=True)
class _Curve:
    """Standardized paths as functions of the share; every share is fitted once."""

    rows: list[tuple[str, str, str]]
    level: float
    fit_at: Callable[[float], Attempt]
    known: dict[float, tuple[Attempt, pd.DataFrame]]

    @classmethod
    def of(
        cls, fitted: Fit, rows: list[tuple[str, str, str]], opposite: Collection[str], level: float
    ) -> "_Curve":
        moments, spec = standardized_moments(fitted), fitted.spec
        signs = item_signs(items_of_factors(spec), opposite)

        def fit_at(share: float) -> Attempt:
            if share == 0.0:
                return attempt("0", spec, moments, fitted)
            terms = {item: repr(sign * float(np.sqrt(share))) for item, sign in signs.items()}
            return attempt(repr(share), with_method_factor(spec, terms, "1"), moments, fitted)

        return cls(rows=rows, level=level, fit_at=fit_at, known={})

    def at(self, share: float) -> tuple[Attempt, pd.DataFrame]:
        """Return the model at a share and its paths; without a solution an empty frame."""
        if share not in self.known:
            tried = self.fit_at(share)
            self.known[share] = tried, self._paths(tried)
        return self.known[share]

    def _paths(self, tried: Attempt) -> pd.DataFrame:
        if tried.fit is None:
            return pd.DataFrame(columns=["est_std", "ci_lower", "ci_upper"])
        table = standardized(tried.fit, level=self.level).set_index(["lhs", "op", "rhs"])
        return table.loc[self.rows, ["est_std", "ci_lower", "ci_upper"]].reset_index()

    def grid(self) -> list[float]:
        """Return the shares from 0 up to the last one whose paths can be read."""
        steps = [0.0]
        while (share := self.after(steps)) is not None:
            tried = self.at(share)[0]
            if tried.fit is None or (self.rows[0][1] == "~" and not tried.proper):
                break
            steps.append(share)
        return steps

    def after(self, steps: list[float]) -> float | None:
        """Return the next share of the grid."""
        share = round(steps[-1] + STEP, 6)
        return share if share < LARGEST else None

    def chisq(self, share: float) -> float:
        """Return chi2 at a share; infinite without a solution."""
        fitted = self.at(share)[0].fit
        return float("inf") if fitted is None else fitted.chisq

    def value(self, share: float, i: int, column: str) -> float:
        paths = self.at(share)[1]
        return float(paths[column].iloc[i]) if len(paths) else float("nan")

    def frame(self, share: float) -> pd.DataFrame:
        tried, paths = self.at(share)
        head = paths.rename(columns={"est_std": "est"})
        head.insert(0, "share", share)
        return head.assign(chisq=np.nan if tried.fit is None else tried.fit.chisq, verdict=tried.verdict)


def _row(curve: _Curve, steps: list[float], i: int) -> dict[str, object]:
    est, lower, upper = (curve.value(0.0, i, c) for c in ("est_std", "ci_lower", "ci_upper"))
    nearer = "ci_lower" if est > 0.0 else "ci_upper"
    first = curve.value(steps[1], i, "est_std") if len(steps) > 1 else float("nan")
    toward = np.sign(est) * (first - est) < 0.0
    tip = _root(curve, steps, i, "est_std") if toward else float("nan")
    holds = lower <= 0.0 <= upper
    tip_limit = 0.0 if holds and toward else _root(curve, steps, i, nearer) if toward else float("nan")
    rise = float("nan") if np.isnan(tip) else curve.chisq(tip) - curve.chisq(0.0)
    lhs, op, rhs = curve.rows[i]
    return {
        "lhs": lhs,
        "op": op,
        "rhs": rhs,
        "est": est,
        "ci_lower": lower,
        "ci_upper": upper,
        "direction": "creates" if toward else "masks",
        "tip": tip,
        "tip_limit": tip_limit,
        "tip_verdict": "" if np.isnan(tip) else curve.at(tip)[0].verdict,
        "chisq_tip": rise,
    }


def _root(curve: _Curve, steps: list[float], i: int, column: str) -> float:
    """Return the first share where a value crosses 0; NaN where it does not on the grid."""
    values = [curve.value(m, i, column) for m in steps]
    for low, high, a, b in zip(steps, steps[1:], values, values[1:], strict=False):
        if np.sign(a) != np.sign(b) and np.isfinite(a) and np.isfinite(b):
            found = brentq(lambda m: curve.value(float(m), i, column), low, high, xtol=EXACT)
            return float(found)
    return float("nan")


def _correlations(spec: ModelSpec, table: pd.DataFrame) -> dict[str, list[float]]:
    """Return tipping points on the scale of constructs where the path is a correlation of two constructs."""
    outcomes = [p.lhs for p in spec if p.op == "~"]
    own = [row.op == "~~" or outcomes.count(row.lhs) == 1 for row in table.itertuples()]
    found = {}
    for name, column in (("correlation_tip", "est"), ("correlation_tip_limit", "ci_lower")):
        values = [min(max(float(v), -1.0), 1.0) for v in table[column]]
        found[name] = [
            correlation_tipping_point(v) if k else float("nan") for k, v in zip(own, values, strict=True)
        ]
    return found
