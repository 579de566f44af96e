"""Composites (``<~``) that cannot be estimated, and settings under which composites are not."""

import numpy as np

from sopsem.errors import ModelError, UsageError
from sopsem.sem.estimation.composites import Components, components_of, is_derived
from sopsem.sem.estimation.settings import Settings
from sopsem.sem.model.spec import ModelSpec, Parameter

__all__ = ["check_composites"]

INSTEAD = "write the composite as a column of the data, or as a factor (=~)"


def check_composites(spec: ModelSpec, settings: Settings) -> None:
    """Refuse composites that cannot be estimated, and settings under which they are not.

    Raises
    ------
    ModelError
        A component that is not observed or has another part in the model; a moment of components, or the
        variance or mean of a composite, in the model text; ordered variables.
    UsageError
        Another estimator than maximum likelihood for complete rows, robust standard errors or tests, bounds.

    """
    composites = components_of(spec)
    if not composites:
        return
    names = ", ".join(composites)
    if spec.ordered:
        raise ModelError(f"composite(s) {names} (<~) in a model with ordered variables: {INSTEAD}")
    for p in spec:
        _check_row(p, composites, spec)
    _check_settings(names, settings)


def _check_row(row: Parameter, composites: Components, spec: ModelSpec) -> None:
    """Refuse a row that gives a component another part, or sets a moment that follows."""
    inside = {v for items in composites.values() for v in items}
    if row.op == "<~":
        if row.rhs not in spec.observed:
            raise ModelError(f"{row.path()}: {row.rhs} is not observed; give a composite observed components")
        if sum(row.rhs in items for items in composites.values()) > 1:
            raise ModelError(f"{row.rhs} is a component of two composites; give every component to one")
        return
    if is_derived(row, composites):
        if row.free or not np.isnan(row.value):
            raise ModelError(
                f"{row.path()} follows from the components of a composite and cannot be set; remove it (and "
                "std_lv=True: a composite has its scale from its first weight)"
            )
        return
    if row.op == "~1":
        return
    if other := {row.lhs, row.rhs} & inside:
        raise ModelError(
            f"{row.path()}: {other.pop()} is a component of a composite and related to other variables through "
            "it alone; remove this row, or put the composite in its place"
        )


def _check_settings(names: str, settings: Settings) -> None:
    """Refuse settings under which composites are not estimated."""
    what = ""
    if settings.estimator != "ML":
        what = f"estimator={settings.asked!r}"
    elif settings.missing != "listwise":
        what = f"missing={settings.missing!r}"
    elif settings.robust or settings.se == "first_order":
        what = (
            f"robust standard errors or tests ({settings.asked}, se={settings.se!r}, test={settings.test!r})"
        )
    elif settings.bounds not in ("none", "pos_var"):
        what = f"bounds={settings.bounds!r}"
    if what:
        raise UsageError(
            f"composite(s) {names} (<~) with {what}: composites are estimated by estimator='ML' from complete "
            f"rows with standard errors of normal theory and without bounds; choose these, or {INSTEAD}"
        )
