"""Checks of power: which effects the printed standard errors could have found."""

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from sopsem.sem.distributions import norm_cdf, norm_ppf, norm_sf
from sopsem.sem.estimation.fit import fit
from sopsem.sem.fit_measures.fit_formulas import lr_power
from sopsem.sem.model.spec import ModelSpec, model_spec
from sopsem.study.bootstrap_audit import standard_errors
from sopsem.study.effect_graph import causal_order
from sopsem.study.effects_audit import traceable
from sopsem.study.findings import CHECKS, Finding, Verdict, number
from sopsem.study.published import PublishedStudy

__all__ = ["population", "power_of_z"]


def power_of_z(effect: float, se: float, *, alpha: float = 0.05) -> float:
    """Return the power of the two-sided z test of an effect with this standard error.

    >>> round(power_of_z(2.8016, 1.0), 2)
    0.8
    """
    z, shift = norm_ppf(1 - alpha / 2), abs(effect) / se
    return float(norm_sf(z - shift) + norm_cdf(-z - shift))


@CHECKS.register(
    "detectable", label="smallest effect with power .80", digits=2, source="z test, (1.96 + .84) SE"
)
def minimum_detectable(study: PublishedStudy) -> Iterator[Finding]:
    """Compute the smallest detectable effect of each row, and the power at its printed estimate."""
    factor = norm_ppf(0.975) + norm_ppf(0.80)
    for row, _, _, se in standard_errors(study):
        if row.est.censored:
            continue
        smallest, power = float(factor * se), power_of_z(row.est.value, se)
        yield Finding(
            part=row.name,
            computed=f"{number(smallest, 2)}; power at the estimate {number(power)}",
            printed=str(row.est),
            verdict=Verdict.CONSISTENT if abs(row.est.value) >= smallest else Verdict.UNDECIDABLE,
            explanation=f"SE {number(se)}, {'printed' if row.se else 'from the width of the interval'}."
            + ("" if power >= 0.80 else " A true effect of the printed size would often be missed."),
            values={"smallest": smallest, "power": power, "se": se},
        )


def population(
    spec: ModelSpec, paths: Mapping[tuple[str, str], float], loading: float
) -> pd.DataFrame | None:
    """Return the correlations of the items when every variable has variance 1, by path tracing.

    ``paths`` holds standardized paths by (outcome, predictor); every ``=~`` is an arrow of size ``loading``.
    None when the arrows explain more than all of a variable, or with other covariances or feedback.

    >>> spec = model_spec("f =~ a + b; g =~ c + d; g ~ f")
    >>> float(population(spec, {("g", "f"): 0.5}, 0.8).loc["a", "c"].round(2))
    0.32
    """
    arrows = {(row.rhs, row.lhs): loading for row in spec if row.op == "=~"} | dict(paths)
    order = causal_order(list(arrows))
    if order is None or any(row.op == "~~" and row.lhs != row.rhs for row in spec):
        return None
    r = np.eye(len(order))
    for i, name in enumerate(order):
        causes = [
            (order.index(cause), value) for (outcome, cause), value in arrows.items() if outcome == name
        ]
        r[i, :i] = r[:i, i] = sum((value * r[j, :i] for j, value in causes), np.zeros(i))
        if sum(value * r[i, j] for j, value in causes) >= 1:
            return None
    return pd.DataFrame(r, index=order, columns=order).loc[list(spec.observed), list(spec.observed)]


@CHECKS.register(
    "freed_power", label="power of the difference test", digits=2, source="Satorra & Saris (1985)"
)
def power_of_freed_path(study: PublishedStudy) -> Iterator[Finding]:
    """Compute the power for sizes of the freed path, in a population of print and assumptions."""
    graph = traceable(study)
    if study.nested is None or study.model is None or graph is None:
        return
    given, spec = study.assumptions, model_spec(study.model.text)
    paths = {pair: given.paths.get("~".join(pair), value.value) for pair, value in graph.standardized.items()}
    power = {}
    for size in given.sizes:
        ncp = _noncentrality(study, population(spec, paths | {study.nested.pair: size}, given.loading))
        if ncp is not None:
            power[size] = lr_power(ncp, round(study.nested.ddf.value))
    changed = ", ".join(f"{path} {value:g}" for path, value in given.paths.items()) or "paths as printed"
    yield Finding(
        part=study.nested.freed.replace(" ", ""),
        computed=", ".join(f"{size:.2f}: {number(p, 2)}" for size, p in power.items())
        or "no such population",
        printed=f"p {study.nested.dpvalue}" if study.nested.dpvalue else "",
        verdict=Verdict.UNDECIDABLE,
        explanation=f"Assumed: loadings {given.loading:g}; {changed}. {given.note}".strip(),
        values={f"power at {size:.2f}": p for size, p in power.items()},
    )


def _noncentrality(study: PublishedStudy, correlations: pd.DataFrame | None) -> float | None:
    """Return chi2 of the printed model in that population; None where there is none."""
    if correlations is None or study.model is None:
        return None
    return fit(study.model.text, sample_cov=correlations, n_obs=study.n, likelihood="wishart").chisq
