"""What a model loses or gains without one of its items: reliability, HTMT and every path, by refits.

References
----------
Raykov, T. (2007). Reliability if deleted, not 'alpha if deleted': Evaluation of scale reliability following component
deletion. British Journal of Mathematical and Statistical Psychology, 60.
Kopalle, P. K., & Lehmann, D. R. (1997). Alpha inflation? The impact of eliminating scale items on Cronbach's alpha.
Organizational Behavior and Human Decision Processes, 70.  (dropping items by their results)

"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from sopsem.errors import ConvergenceError, ModelError
from sopsem.runs.blas import one_blas_thread
from sopsem.sem.constructs.htmt import htmt
from sopsem.sem.constructs.measurement import first_order_factors, measurement_model
from sopsem.sem.constructs.reliability import reliability
from sopsem.sem.effects.respecify import model_text
from sopsem.sem.estimation.estimates import standardized
from sopsem.sem.estimation.fit import Fit, fit
from sopsem.sem.model.expressions import names_in
from sopsem.sem.model.spec import ModelSpec, Parameter, model_spec

__all__ = ["ItemDrop", "item_drop", "without_item"]

COEFFICIENTS = ("alpha", "omega", "cr_std", "ave_std")
WORTH = 0.01  # a gain in reliability that is mentioned


@dataclass(frozen=True, kw_only=True)
class ItemDrop:
    """The effects of dropping each item; frozen.

    Attributes
    ----------
    reliability : DataFrame
        item, factor, coefficient (alpha, omega, cr_std, ave_std), est, without, change.
    htmt : DataFrame
        item, construct1, construct2, est, without, change: pairs with the item's factor.
    paths : DataFrame
        item, lhs, op, rhs, est, without, change (standardized), improper (of the model without the item).
    refused : DataFrame
        item, reason: items without which there is no model to fit.
    n, rows_excluded : int
        All refits use the rows that are complete in all items.

    """

    reliability: pd.DataFrame
    htmt: pd.DataFrame
    paths: pd.DataFrame
    refused: pd.DataFrame
    n: int
    rows_excluded: int

    @property
    def sentences(self) -> tuple[str, ...]:
        """What dropping would do, in words."""
        found = [f"{r.item} cannot be dropped: {r.reason}." for r in self.refused.itertuples()]
        omega = self.reliability[self.reliability["coefficient"] == "omega"]
        gains = omega[omega["change"] > WORTH].sort_values("change", ascending=False)
        found += [
            f"Without {r.item} the omega of {r.factor} rises from {r.est:.3f} to {r.without:.3f}."
            for r in gains.itertuples()
        ]
        if gains.empty and len(omega):
            found.append(f"No item, dropped, raises the omega of its factor by more than {WORTH:.2f}.")
        moved = self.paths.dropna(subset=["change"])
        if len(moved):
            row = moved.loc[moved["change"].abs().idxmax()]
            found.append(
                f"The path that depends most on one item: {row['lhs']} {row['op']} {row['rhs']} goes from "
                f"{row['est']:.3f} to {row['without']:.3f} without {row['item']}."
            )
        improper = list(dict.fromkeys(self.paths.loc[self.paths["improper"] != "", "item"]))
        if improper:
            found.append(f"Without {', '.join(improper)} the model is improper.")
        found.append("Items dropped for their results look better in this sample than in the next one.")
        return tuple(found)


def without_item(spec: ModelSpec, item: str) -> str:
    """Return the text of a model without one item; another loading takes over the scale of its factor.

    Raises
    ------
    ModelError
        The item is part of a path, its factor would be left with one item, or a label or constraint needs it.

    Examples
    --------
    >>> text = without_item(model_spec("f =~ a + b + c"), "a")
    >>> [p.name for p in model_spec(text) if p.free]
    ['f=~c', 'b~~b', 'c~~c', 'f~~f']

    """
    gone = [p for p in spec if item in (p.lhs, p.rhs)]
    paths = [p.name for p in gone if p.op == "~"]
    if paths:
        raise ModelError(f"it is part of the path {paths[0]}")
    rows = [p for p in spec if p not in gone]
    for p in gone:
        if p.op == "=~":
            rows = _without_loading(rows, p, item)
    known = {p.name for p in rows} | {p.path() for p in rows}
    lost = [c for c in spec.constraints if not {*names_in(c.left), *names_in(c.right)} <= known]
    if lost:
        raise ModelError(f"the constraint {lost[0].lhs} {lost[0].op} {lost[0].rhs} needs it")
    kept = tuple(d for d in spec.definitions if set(names_in(d.right)) <= known)
    return model_text(replace(spec, parameters=tuple(rows), definitions=kept))


def _without_loading(rows: list[Parameter], gone: Parameter, item: str) -> list[Parameter]:
    """Return the rows of a factor that lost an item, with a scale."""
    own = [p for p in rows if p.op == "=~" and p.lhs == gone.lhs and p.rhs != gone.lhs]
    if len(own) < 2:
        raise ModelError(
            f"{gone.lhs} would be left with {len(own)} item and could not be told from its error"
        )
    if gone.free or gone.value == 0.0 or any(not p.free and p.value != 0.0 for p in own):
        return rows
    heir = next((p for p in own if p.free and not p.label), None)
    if heir is None:
        raise ModelError(f"{item} scales {gone.lhs}, and every other loading has a label")
    return [replace(p, free=False, freed=False, value=1.0) if p is heir else p for p in rows]


def item_drop(model: str | ModelSpec, data: pd.DataFrame, *, mimic: str | None = None) -> ItemDrop:
    """Refit a model without each of its items in turn.

    Parameters
    ----------
    model : str or ModelSpec
        A structural model or a CFA.
    data : DataFrame
        Items, reversed ones turned round; rows with a missing value in any of them are left out of all fits.
    mimic : {"amos"}, optional
        As in ``fit``.

    Raises
    ------
    DataError, ModelError
        As in ``fit``, for the model with all items.
    ConvergenceError
        The model with all items did not converge.

    Examples
    --------
    >>> from sopsem.sem.simulation.simulate import simulate
    >>> data = simulate("f =~ .8*a + .7*b + .6*c + .1*d; g =~ .8*x + .7*y; g ~ .5*f", 300, seed=1)
    >>> result = item_drop("f =~ a + b + c + d; g =~ x + y; g ~ f", data)
    >>> result.refused["item"].tolist()
    ['x', 'y']
    >>> table = result.reliability.query("coefficient == 'omega' and change > 0")
    >>> table["item"].tolist()
    ['d']

    """
    with one_blas_thread():  # small matrices
        return _dropped(model, data, mimic)


def _dropped(model: str | ModelSpec, data: pd.DataFrame, mimic: str | None) -> ItemDrop:
    whole = fit(model, data, mimic=mimic)
    if not whole.status.converged:
        raise ConvergenceError(f"the model did not converge on {whole.n} rows: {whole.status.value}")
    spec = whole.spec
    rows = pd.DataFrame(np.asarray(whole.moments.data), columns=list(whole.moments.names))
    cfa = fit(measurement_model(spec), rows, mimic=mimic)
    parts: dict[str, list[pd.DataFrame]] = {"reliability": [], "htmt": [], "paths": []}
    refused = []
    for factor, items in first_order_factors(spec).items():
        for item in items:
            try:
                text = without_item(spec, item)
                less = fit(text, rows, mimic=mimic)
                less_cfa = fit(measurement_model(model_spec(text)), rows, mimic=mimic)
            except (ModelError, ConvergenceError) as error:
                refused.append((item, str(error).rstrip(".")))
                continue
            if not (less.status.converged and less_cfa.status.converged):
                refused.append((item, "the model without it does not converge"))
                continue
            parts["reliability"].append(_reliability(cfa, less_cfa, item, factor))
            parts["htmt"].append(_htmt(cfa, less_cfa, item, factor))
            parts["paths"].append(_paths(whole, less, item))
    return ItemDrop(
        **{name: _joined(frames, name) for name, frames in parts.items()},
        refused=pd.DataFrame(refused, columns=["item", "reason"]),
        n=whole.n,
        rows_excluded=len(whole.moments.rows_excluded),
    )


_EMPTY = {
    "reliability": ["item", "factor", "coefficient", "est", "without", "change"],
    "htmt": ["item", "construct1", "construct2", "est", "without", "change"],
    "paths": ["item", "lhs", "op", "rhs", "est", "without", "change", "improper"],
}


def _joined(frames: list[pd.DataFrame], name: str) -> pd.DataFrame:
    frames = [f for f in frames if len(f)]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=_EMPTY[name])


def _reliability(cfa: Fit, less: Fit, item: str, factor: str) -> pd.DataFrame:
    before, after = (reliability(f).set_index("factor").loc[factor] for f in (cfa, less))
    rows = [(item, factor, c, before[c], after[c], after[c] - before[c]) for c in COEFFICIENTS]
    return pd.DataFrame(rows, columns=_EMPTY["reliability"])


def _htmt(cfa: Fit, less: Fit, item: str, factor: str) -> pd.DataFrame:
    before, after = (_ratios(f) for f in (cfa, less))
    rows = [
        (item, *pair, est, after.get(pair, np.nan), after.get(pair, np.nan) - est)
        for pair, est in before.items()
        if factor in pair
    ]
    return pd.DataFrame(rows, columns=_EMPTY["htmt"])


def _ratios(cfa: Fit) -> dict[tuple[str, str], float]:
    names = list(cfa.spec.observed)
    covariance = pd.DataFrame(cfa.sample_cov, index=names, columns=names)
    factors = first_order_factors(cfa.spec)
    every = [v for own in factors.values() for v in own]
    alone = {f: tuple(v for v in own if every.count(v) == 1) for f, own in factors.items()}
    if len(alone) < 2:
        return {}
    table = htmt(covariance, alone)
    table = table[table["coefficient"] == "htmt"]
    return {(r.construct1, r.construct2): float(r.est) for r in table.itertuples()}


def _paths(whole: Fit, less: Fit, item: str) -> pd.DataFrame:
    before, after = (_standardized(f) for f in (whole, less))
    improper = "; ".join(map(str, less.improper))
    rows = [
        (item, *key, est, after.get(key, np.nan), after.get(key, np.nan) - est, improper)
        for key, est in before.items()
    ]
    return pd.DataFrame(rows, columns=_EMPTY["paths"])


def _standardized(fitted: Fit) -> dict[tuple[str, str, str], float]:
    """Return the standardized paths, or the correlations of factors of a CFA."""
    table = standardized(fitted)
    own = table[table["op"] == "~"]
    if own.empty:
        latent = table["lhs"].isin(fitted.spec.latent) & (table["lhs"] != table["rhs"])
        own = table[(table["op"] == "~~") & latent]
    return {(r.lhs, r.op, r.rhs): float(r.est_std) for r in own.itertuples()}
