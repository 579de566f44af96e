"""Common latent factor (CLF), also called unmeasured latent method construct (ULMC).

    x_i = lambda_i xi + m_i M + e_i,    M uncorrelated with every xi, items standardized

with m_i equal on all items (one parameter, the variance of M) or free.  The method share of an item is m_i^2.

References
----------
Podsakoff, P. M., MacKenzie, S. B., Lee, J.-Y., & Podsakoff, N. P. (2003). Common method biases in behavioral research.
Journal of Applied Psychology, 88.
Richardson, H. A., Simmering, M. J., & Sturman, M. C. (2009). A tale of three perspectives: Examining post hoc
statistical techniques for detection and correction of common method variance. Organizational Research Methods, 12.
Chin, W. W., Thatcher, J. B., & Wright, R. T. (2012). Assessing common method bias: Problems with the ULMC technique.
MIS Quarterly, 36.

"""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sopsem.sem.constructs.method.method_models import (
    Attempt,
    attempt,
    item_signs,
    items_of_factors,
    standardized_moments,
    with_method_factor,
)
from sopsem.sem.estimation.estimates import all_standardized_rows
from sopsem.sem.estimation.fit import Fit
from sopsem.sem.fit_measures.fit_indices import fit_indices
from sopsem.sem.fit_measures.noncentrality import chisq_pvalue
from sopsem.sem.model.spec import ModelSpec
from sopsem.sem.sample.moments import Moments

__all__ = ["CommonMethodFactor", "common_method_factor"]

NAMES = ("without", "equal", "free")
STARTS = 3  # of the free model
SAME = 1e-3  # chi2 of minima this near are one


@dataclass(frozen=True, kw_only=True)
class CommonMethodFactor:
    """A model without a method factor, with equal and with free method loadings; frozen.

    Attributes
    ----------
    models : DataFrame
        One row per model (without, equal, free): chisq, df, cfi, rmsea, share (mean of m_i^2 over the items; NaN
        without a solution), share_min, share_max, se_share (equal loadings: of the share), verdict.
    tests : DataFrame
        test, chisq_diff, df_diff, pvalue: equal against without, free against equal, free against without; NaN where
        a model has no proper solution.
    loadings : DataFrame
        factor, item, and for every model the standardized loading on the factor (loading_without, ...), method_equal,
        method_free, and change_equal, change_free from the model without.
    paths : DataFrame
        lhs, op, rhs and the standardized value in every model, with changes; covariances of factors in a CFA.
    opposite : tuple of str
        Items on which the method was taken to act the other way.
    notes : tuple of str

    """

    models: pd.DataFrame
    tests: pd.DataFrame
    loadings: pd.DataFrame
    paths: pd.DataFrame
    opposite: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def sentences(self) -> tuple[str, ...]:
        """What the models say, and what they cannot say."""
        models = self.models.set_index("model")
        return (
            self._equal_sentence(models.loc["equal"]),
            self._free_sentence(models.loc["free"]),
            *self.notes,
            (
                "A common factor without a measure of the method finds method variance poorly and takes real common "
                "variance for it (Richardson et al., 2009; Chin et al., 2012): read it as sensitivity, not as proof."
            ),
        )

    def _equal_sentence(self, row: pd.Series) -> str:
        share, error = row["share"], row["se_share"]
        if np.isnan(share):
            return f"Equal method loadings: {row['verdict']}."
        test = self.tests.set_index("test").loc["equal - without"]
        numbers = (
            f"Equal method loadings: {share:.1%} of every item's variance (95% interval {share - 1.96 * error:.1%} to "
            f"{share + 1.96 * error:.1%}), chi2 difference {test['chisq_diff']:.2f} on 1 df, {_p(test['pvalue'])}"
        )
        if share < 0.0:
            return f"{numbers}. A negative share: the data show no factor that lifts all items alike."
        improper = "" if row["verdict"] == "proper" else f" The solution is {row['verdict']}."
        return f"{numbers}; {self._largest_change('equal')}.{improper}"

    def _free_sentence(self, row: pd.Series) -> str:
        if row["verdict"] != "proper":
            return f"Free method loadings cannot be read: {row['verdict']}."
        test = self.tests.set_index("test").loc["free - without"]
        return (
            f"Free method loadings: {row['share']:.1%} of the items' variance on average ({row['share_min']:.1%} to "
            f"{row['share_max']:.1%}), chi2 difference {test['chisq_diff']:.2f} on {test['df_diff']:.0f} df, "
            f"{_p(test['pvalue'])} (approximate: without method variance its loadings have no unique value); "
            f"{self._largest_change('free')}."
        )

    def _largest_change(self, model: str) -> str:
        change = self.paths[f"change_{model}"].abs()
        if change.isna().all():
            return "no path to compare"
        row = self.paths.loc[change.idxmax()]
        return (
            f"the standardized value that moves most is {row['lhs']} {row['op']} {row['rhs']}, from "
            f"{row['std_without']:.3f} to {row[f'std_{model}']:.3f}"
        )


def _p(value: float) -> str:
    return "p < .001" if value < 0.001 else f"p = {value:.3f}"


def common_method_factor(fitted: Fit, *, opposite: Collection[str] = ()) -> CommonMethodFactor:
    """Add a common method factor to a model and say what changes.

    Parameters
    ----------
    fitted : Fit
        A CFA or a structural model of one group, fitted by maximum likelihood to complete rows.
    opposite : collection of str
        Items on which the method acts the other way: with agreeing as the method, those whose answers were turned
        round; none for a mood that lifts everything.  It matters for equal loadings only.

    Raises
    ------
    UsageError
        See ``standardized_moments`` and ``item_signs``.

    Notes
    -----
    With equal loadings the parameter is the variance of M, which may be negative, so that its test is an ordinary chi2
    difference of 1 df.  All models are fitted to standardized items.

    Examples
    --------
    >>> from sopsem.sem.estimation.fit import fit
    >>> from sopsem.sem.simulation.simulate import simulate
    >>> text = "f =~ .8*a + .7*b + .6*c + .5*d; g =~ .5*h + .6*i + .7*j + .8*k; g ~ .4*f"
    >>> data = simulate(text, 300, seed=1)
    >>> result = common_method_factor(fit("f =~ a + b + c + d; g =~ h + i + j + k; g ~ f", data))
    >>> result.models["model"].tolist(), result.tests["df_diff"].tolist()
    (['without', 'equal', 'free'], [1, 7, 8])

    """
    moments, spec = standardized_moments(fitted), fitted.spec
    items = items_of_factors(spec)
    signs = item_signs(items, opposite)
    free, minima = _free(spec, items, moments, fitted)
    tried = (
        attempt("without", spec, moments, fitted),
        attempt(
            "equal", with_method_factor(spec, {v: repr(s) for v, s in signs.items()}, "NA"), moments, fitted
        ),
        free,
    )
    return CommonMethodFactor(
        models=pd.DataFrame([_model_row(a, items) for a in tried]),
        tests=_tests(tried),
        loadings=_with_changes(_loadings(tried, spec, items), "loading"),
        paths=_with_changes(_paths(tried, spec), "std"),
        opposite=tuple(opposite),
        notes=(*_notes(fitted, tried[0]), *minima),
    )


def _free(
    spec: ModelSpec, items: tuple[str, ...], moments: Moments, like: Fit
) -> tuple[Attempt, tuple[str, ...]]:
    """Return the lowest of several starts of the free model, and a note where they ended in different minima.

    The likelihood of this model often has several minima, proper and improper ones.
    """
    rng = np.random.Generator(np.random.Philox(key=STARTS))
    terms = [dict.fromkeys(items, "NA")]
    terms += [
        {
            item: f"NA*start({value!r})"
            for item, value in zip(items, rng.uniform(-0.5, 0.5, len(items)).tolist(), strict=True)
        }
        for _ in range(STARTS - 1)
    ]
    tried = [attempt("free", with_method_factor(spec, each, "1"), moments, like) for each in terms]
    ends = sorted((a for a in tried if a.fit is not None), key=_chisq)
    if not ends:
        return tried[0], ()
    minima = 1 + int((np.diff([_chisq(a) for a in ends]) > SAME).sum())
    if minima == 1:
        return ends[0], ()
    note = f"Free method loadings: {STARTS} starts ended in {minima} different minima; the lowest is shown."
    return ends[0], (note,)


def _chisq(tried: Attempt) -> float:
    return float("inf") if tried.fit is None else tried.fit.chisq


def _notes(fitted: Fit, plain: Attempt) -> tuple[str, ...]:
    if plain.fit is not None and abs(plain.fit.chisq - fitted.chisq) > 1e-5 * (1.0 + fitted.chisq):
        said = "The model ties parameters in the units of the items: on standardized items its chi2 is"
        return (f"{said} {plain.fit.chisq:.2f} instead of {fitted.chisq:.2f}.",)
    return ()


def _method_rows(tried: Attempt, items: tuple[str, ...]) -> dict[str, float]:
    """Return the standardized method loading of every item; NaN without a solution."""
    if tried.fit is None or tried.name == "without":
        return dict.fromkeys(items, np.nan)
    spec, values = tried.fit.spec, all_standardized_rows(tried.fit)
    own = spec.latent[-1]
    return {p.rhs: float(v) for p, v in zip(spec, values, strict=True) if p.op == "=~" and p.lhs == own}


def _model_row(tried: Attempt, items: tuple[str, ...]) -> dict[str, object]:
    row: dict[str, object] = {"model": tried.name, "verdict": tried.verdict}
    names = ("chisq", "df", "cfi", "rmsea", "share", "share_min", "share_max", "se_share")
    numbers = dict.fromkeys(names, float("nan"))
    if tried.fit is not None:
        numbers |= {k: float(fit_indices(tried.fit)[k]) for k in ("chisq", "df", "cfi", "rmsea")}
        numbers |= _shares(tried, items)
    return {"model": row["model"]} | numbers | {"verdict": row["verdict"]}


def _shares(tried: Attempt, items: tuple[str, ...]) -> dict[str, float]:
    fitted = tried.fit
    if fitted is None or tried.name == "without":
        return {}
    if tried.name == "equal":  # the variance of M is the share of an item of variance 1
        place = next(
            i for i, p in enumerate(fitted.spec) if p.op == "~~" and p.lhs == p.rhs == fitted.spec.latent[-1]
        )
        share = float(fitted.rows[place])
        error = float(np.sqrt(fitted.vcov_rows[place, place]))
        return {"share": share, "share_min": share, "share_max": share, "se_share": error}
    square = np.array(list(_method_rows(tried, items).values())) ** 2
    return {"share": float(square.mean()), "share_min": float(square.min()), "share_max": float(square.max())}


def _tests(tried: tuple[Attempt, ...]) -> pd.DataFrame:
    models = {a.name: a for a in tried}
    rows = []
    for more, less in (("equal", "without"), ("free", "equal"), ("free", "without")):
        full, restricted = models[more].fit, models[less].fit
        difference, df, pvalue = float("nan"), _df_diff(full, restricted), float("nan")
        # a negative variance of M is outside the model with free loadings, so that the two are not nested
        inside = less != "equal" or "negative" not in models["equal"].verdict
        if full is not None and restricted is not None and inside:
            difference = restricted.chisq - full.chisq
            pvalue = chisq_pvalue(max(difference, 0.0), df)
        rows.append((f"{more} - {less}", difference, df, pvalue))
    return pd.DataFrame(rows, columns=["test", "chisq_diff", "df_diff", "pvalue"])


def _df_diff(full: Fit | None, restricted: Fit | None) -> float:
    return float("nan") if full is None or restricted is None else restricted.df - full.df


def _value(tried: Attempt, lhs: str, op: str, rhs: str) -> float:
    if tried.fit is None:
        return float("nan")
    values = all_standardized_rows(tried.fit)
    for p, value in zip(tried.fit.spec, values, strict=True):
        if (p.lhs, p.op, p.rhs) == (lhs, op, rhs):
            return float(value)
    return float("nan")


def _loadings(tried: tuple[Attempt, ...], spec: ModelSpec, items: tuple[str, ...]) -> pd.DataFrame:
    own = [(p.lhs, p.rhs) for p in spec if p.op == "=~" and p.rhs in spec.observed]
    table = pd.DataFrame(own, columns=["factor", "item"])
    for each in tried:
        table[f"loading_{each.name}"] = [_value(each, f, "=~", v) for f, v in own]
    for each in tried[1:]:
        table[f"method_{each.name}"] = table["item"].map(_method_rows(each, items))
    return table


def _paths(tried: tuple[Attempt, ...], spec: ModelSpec) -> pd.DataFrame:
    own = [(p.lhs, p.op, p.rhs) for p in spec if p.op == "~" and p.free]
    own = own or [
        (p.lhs, p.op, p.rhs)
        for p in spec
        if p.op == "~~" and p.free and p.lhs != p.rhs and p.lhs in spec.latent
    ]
    table = pd.DataFrame(own, columns=["lhs", "op", "rhs"])
    for each in tried:
        table[f"std_{each.name}"] = [_value(each, *row) for row in own]
    return table


def _with_changes(table: pd.DataFrame, prefix: str) -> pd.DataFrame:
    for name in NAMES[1:]:
        table[f"change_{name}"] = table[f"{prefix}_{name}"] - table[f"{prefix}_without"]
    return table
