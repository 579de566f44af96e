"""Quantities of a whole case: difference tests, eigenvalues, second-order reliability, bootstrap."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pandas as pd
from parity_bootstrap import bootstrap_units
from parity_cases import Case, Entry
from parity_units import Check, Unit, chisq_tolerance, guarded, scaled_tolerance, table

from sopsem.sem.constructs.method_variance import eigenvalues
from sopsem.sem.constructs.reliability import reliability
from sopsem.sem.estimation.estimates import r_squared
from sopsem.sem.estimation.fit import Fit
from sopsem.sem.fit_measures.compare import compare


def case_units(case: Case, selected: set[str] | None) -> Iterator[Unit]:
    """Yield the units that belong to no single fit; those of fits not in ``selected`` are left out."""
    for number, content in enumerate(case.content.get("comparisons", ())):
        if selected is None or set(content["fits"]) <= selected:
            method = (content.get("options") or {}).get("method")
            unit = f"{case.id}/lrt/{number + 1}:{'~'.join(content['fits'])}{f'@{method}' if method else ''}"
            yield guarded(unit, lambda check, content=content: _difference(check, case, content))
    first = next(iter(case.entries.values()), None)
    if first is None or (selected is not None and first.content["name"] not in selected):
        return
    for name, content in (case.content.get("extra") or {}).items():
        if name == "eigenvalues":
            yield guarded(
                f"{case.id}/extra/eigenvalues", lambda check, c=content: _eigenvalues(check, first, c)
            )
        elif name == "bootstrap":
            yield from bootstrap_units(first, content)
        elif name.startswith("semTools_compRelSEM_higher_"):
            higher = name.removeprefix("semTools_compRelSEM_higher_").removesuffix("_obs_var_false")
            yield guarded(
                f"{case.id}/extra/second_order_reliability",
                lambda check, c=content, higher=higher: _higher(check, case, higher, c),
            )
        elif name != "semTools":
            yield Unit(id=f"{case.id}/extra/{name}", passed=False, detail=f"feature not supported: {name}")


def _fit_of(check: Check, entry: Entry) -> Fit | None:
    if entry.attempt.fit is None:
        check.fail(f"{entry.name}: {entry.attempt.problem}")
    return entry.attempt.fit


def _difference(check: Check, case: Case, content: dict) -> None:
    rows = table(content["table"]).to_dict("records")
    options, scaled = dict(content.get("options") or {}), "Scaled" in str(content["heading"])
    method = options.pop("method", None)
    if options:
        check.fail(f"feature not supported: difference test with {options}")
        return
    asked = {"method": method.replace(".", "_")} if method else {}
    fits = {r["model"]: _fit_of(check, case.entries[r["model"]]) for r in rows}
    if None in fits.values():
        return
    for fuller, row in pairwise(rows):
        test = compare(fits[row["model"]], fits[fuller["model"]], **asked)
        where = f"{row['model']} against {fuller['model']}"
        tolerance = (scaled_tolerance if scaled else chisq_tolerance)(row["Chisq diff"])
        check.close(f"{where} chisq diff", test.dchisq, row["Chisq diff"], tolerance)
        check.equal(f"{where} df diff", int(test.ddf), row["Df diff"])
        check.close(f"{where} p", test.pvalue, row["Pr(>Chisq)"], 1e-4)
        check.close(f"{where} RMSEA", test.rmsea, row["RMSEA"], 1e-4)
        mine = test.frame().iloc[-1]
        for column, name in (("aic", "AIC"), ("bic", "BIC"), ("chisq", "Chisq")):
            if row[name] is not None and np.isfinite(row[name]):
                check.close(f"{row['model']} {name}", mine[column], row[name], max(1e-3, 1e-5 * row[name]))


def _eigenvalues(check: Check, entry: Entry, content: dict) -> None:
    frame = pd.read_csv(entry.case.file(entry.data["file"]))[content["variables"]].dropna()
    check.equal("rows", len(frame), content["n"])
    matrix = np.cov(frame.to_numpy(dtype=float), rowvar=False)
    for name, reduced in (("eigenvalues_pc", False), ("eigenvalues_smc", True)):
        for i, (mine, value) in enumerate(
            zip(eigenvalues(matrix, reduced=reduced), content[name], strict=True)
        ):
            check.close(f"{name} {i + 1}", mine, value, 1e-4)


def _higher(check: Check, case: Case, higher: str, content: dict) -> None:
    """Compare what the second-order factor gives a subscale: omega times R2 of its factor."""
    entry = next(
        e for e in case.entries.values() if f"{higher} =~" in e.content["model"] and "std.lv" not in e.options
    )
    fit = _fit_of(check, entry)
    if fit is not None:
        omega, explained = reliability(fit).set_index("factor")["omega"], r_squared(fit)
        for factor, value in content.items():
            check.close(factor, omega[factor] * explained[factor], value, 1e-4)
