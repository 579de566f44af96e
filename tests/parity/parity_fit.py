"""The quantity groups of one fit, each compared with its reference."""

from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd
from parity_cases import Entry
from parity_derived import DERIVED, named_rows, reference_signs
from parity_units import (
    Check,
    Unit,
    chisq_tolerance,
    each_row,
    guarded,
    matrix,
    relative,
    row_key,
    scale_of,
    table,
)
from scipy.stats import chi2

from sopsem.sem.estimation.estimates import r_squared, standardized
from sopsem.sem.estimation.fit import Fit
from sopsem.sem.fit_measures.discrepancies import browne_residual_test
from sopsem.sem.fit_measures.fit_indices import fit_indices

EST, SE, P, INDEX = 1e-4, 1e-3, 1e-4, 1e-4


def fit_units(entry: Entry) -> Iterator[Unit]:
    """Yield one unit per quantity group that the reference has, whether or not there is a fit."""
    for name, compare in _groups(entry):
        unit = f"{entry.name}/{name}"
        if entry.attempt.fit is None:
            yield Unit(id=unit, passed=False, detail=entry.attempt.problem)
        else:
            yield guarded(unit, lambda check, compare=compare: compare(check, entry, entry.attempt.fit))


def _groups(entry: Entry) -> list[tuple[str, Callable[[Check, Entry, Fit], None]]]:
    held = [(n, c) for n, c in COMPARISONS.items() if entry.expected.get(REFERENCE.get(n, n)) is not None]
    if "std_nox" not in {
        c.replace(".", "_") for c in (entry.expected.get("estimates") or {}).get("columns", ())
    }:
        held = [(n, c) for n, c in held if n != "std_nox"]
    if not (entry.expected.get("reliability") or {}).get("htmt"):
        held = [(n, c) for n, c in held if n != "htmt"]
    if "second_reference" in entry.content:
        held.append(("second_reference", _second_reference))
    known = {REFERENCE.get(n, n) for n in COMPARISONS} | PART_OF_OTHERS
    held += [(n, _no_comparison) for n in entry.expected if n not in known]
    return held


def _no_comparison(check: Check, _entry: Entry, _fit: Fit) -> None:
    check.fail("feature not supported: no public function computes this")


def _flags(check: Check, entry: Entry, fit: Fit) -> None:
    check.equal("converged", fit.status.converged, entry.expected["converged"])
    if entry.expected.get("admissible") is not None:
        check.equal("admissible", not fit.improper, entry.expected["admissible"])


def _counts(check: Check, entry: Entry, fit: Fit) -> None:
    check.equal("npar", fit.npar, entry.expected["npar"])
    check.equal("df", fit.df, entry.expected["df"])
    check.equal("observations", [fit.n], list(np.ravel(entry.expected["nobs"])))
    if fit.moments.data is not None:
        check.equal("rows given", [fit.moments.rows_given], list(np.ravel(entry.expected["norig"])))


def _fit_measures(check: Check, entry: Entry, fit: Fit) -> None:
    mine, reference = fit_indices(fit), entry.expected["fit_measures"]
    for name, value in reference.items():
        python = name.replace(".", "_")
        if python not in mine:
            check.fail(f"no fit index named {python}")
        else:
            check.close(python, mine[python], value, entry.slack * _index_tolerance(python, value, reference))


def _index_tolerance(name: str, value: float | None, reference: dict) -> float:
    if name in ("npar", "df", "baseline_df", "ntotal") or name.endswith(("_level", "_h0")):
        return 1e-12
    if name in ("chisq", "baseline_chisq"):
        return chisq_tolerance(value)
    if name == "fmin":
        return chisq_tolerance(reference["chisq"]) / (2.0 * reference["ntotal"])
    if name.endswith("logl") or name in ("aic", "bic", "bic2"):
        return 1e-3
    if name.startswith("rmsea_ci"):
        return 5e-4
    return P if "pvalue" in name else INDEX * max(1.0, abs(value or 0.0))


def _tests(check: Check, entry: Entry, fit: Fit) -> None:
    known = {"standard": lambda: fit.chisq, "browne.residual.nt.model": lambda: browne_residual_test(fit)}
    for name, reference in entry.expected["tests"].items():
        if name not in known:
            check.fail(f"feature not supported: test {name}")
            continue
        stat, tolerance = known[name](), entry.slack * chisq_tolerance(reference["stat"])
        check.close(f"{name} statistic", stat, reference["stat"], tolerance)
        check.equal(f"{name} df", fit.df, reference["df"])
        if fit.df > 0:
            check.close(f"{name} p", chi2.sf(stat, fit.df), reference["pvalue"], entry.slack * P)


def _estimates(check: Check, entry: Entry, fit: Fit) -> None:
    reference, mine = table(entry.expected["estimates"]), named_rows(fit)
    signs = reference_signs(entry, fit)
    floors = {c: scale_of(reference[c]) for c in ("est", "std_lv", "std_all")}
    for where, row, found in each_row(check, reference, mine):
        sign = signs.of_row(row.lhs, row.op, row.rhs, _ratio(found.est, row.est))
        if row.op != ":=":
            _free(check, where, row, found)
        for column, floor in floors.items():
            tolerance = entry.slack * relative(row[column], floor, EST)
            check.close(f"{where} {column}", sign * found[column], row[column], tolerance)
        if entry.compare != "estimates_not_se":
            _wald(
                check,
                where,
                row,
                found,
                sign,
                entry.slack,
                entry.slack * relative(row.est, floors["est"], EST),
            )


def _free(check: Check, where: str, row: pd.Series, found: pd.Series) -> None:
    """Compare whether a row is free; one tied to a fixed row by its label may be called either."""
    if (row.free > 0) not in (bool(found.free), bool(found.untied)):
        check.fail(f"{where} free is {found.free}, reference {row.free > 0}")


def _ratio(mine: float, reference: float | None) -> float:
    return -1.0 if reference is not None and mine * reference < 0.0 else 1.0


def _wald(
    check: Check, where: str, row: pd.Series, found: pd.Series, sign: float, slack: float, slip: float
) -> None:
    """Compare se, z, p and limits; ``slip`` is how far the estimate itself may be off."""
    if row.se is None or not np.isfinite(row.se):
        check.close(f"{where} se", found.se, None, 1.0)
        return
    step = slack * max(SE * row.se, 1e-9 * max(1.0, abs(row.est)))
    check.close(f"{where} se", found.se, row.se, step)
    if row.z is not None and np.isfinite(row.z):
        check.close(f"{where} z", sign * found.z, row.z, slack * 2 * SE * abs(row.z) + slip / row.se)
        check.close(f"{where} pvalue", found.pvalue, row.pvalue, slack * P)
    if "ci_lower" in row:
        ends = (found.ci_lower, found.ci_upper) if sign > 0 else (-found.ci_upper, -found.ci_lower)
        for name, end in zip(("ci_lower", "ci_upper"), ends, strict=True):
            check.close(f"{where} {name}", end, row[name], slip + 2.0 * step)


def _std_nox(check: Check, entry: Entry, fit: Fit) -> None:
    reference, mine = table(entry.expected["estimates"]), named_rows(fit)
    signs, floor = reference_signs(entry, fit), scale_of(reference["std_nox"])
    for where, row, found in each_row(check, reference, mine):
        sign = signs.of_row(row.lhs, row.op, row.rhs, _ratio(found.est, row.est))
        check.close(where, sign * found.std_nox, row.std_nox, entry.slack * relative(row.std_nox, floor, EST))


def _standardized(check: Check, entry: Entry, fit: Fit) -> None:
    reference, mine = table(entry.expected["standardized_all"]), standardized(fit)
    mine = mine.assign(key=[row_key(r.lhs, r.op, r.rhs) for r in mine.itertuples()]).set_index("key")
    signs = reference_signs(entry, fit)
    floor = scale_of(reference["est_std"])
    for where, row, found in each_row(check, reference, mine):
        sign = signs.of_row(row.lhs, row.op, row.rhs, _ratio(found.est_std, row.est_std))
        slip = entry.slack * relative(row.est_std, floor, EST)
        check.close(f"{where} est_std", sign * found.est_std, row.est_std, slip)
        if entry.compare == "estimates_not_se":
            continue
        check.close(f"{where} se", found.se, row.se, entry.slack * max(1e-6, relative(row.se, 0.0, SE)))
        if row.se is not None and row.se > 1e-6:
            check.close(
                f"{where} z", sign * found.z, row.z, entry.slack * 2 * SE * abs(row.z) + slip / row.se
            )
            check.close(f"{where} pvalue", found.pvalue, row.pvalue, entry.slack * P)


def _r2(check: Check, entry: Entry, fit: Fit) -> None:
    if len(entry.expected["r2"]) != 1:
        check.fail("feature not supported: several groups")
        return
    mine, reference = r_squared(fit), dict(entry.expected["r2"][0])
    for name, value in reference.items():
        if name not in mine:
            check.fail(f"no R2 of {name}")
        elif value is None:  # where lavaan says NA, we show a value outside 0..1
            if 0.0 <= mine[name] <= 1.0:
                check.fail(f"{name} is {mine[name]:.6g}, reference has none")
        else:
            check.close(
                name, mine[name], value, entry.slack * relative(value, scale_of(reference.values()), EST)
            )


def _vcov(check: Check, entry: Entry, fit: Fit) -> None:
    reference = matrix(entry.expected["vcov"])
    place: dict[tuple[str, str, str] | str, int] = {}
    for i, p in enumerate(q for q in fit.spec if q.free):
        place.setdefault(p.label or row_key(p.lhs, p.op, p.rhs), i)
    named = {f"{k[0]}{k[1]}{k[2]}" if isinstance(k, tuple) else k: i for k, i in place.items()}
    named |= {f"{k[2]}~~{k[0]}": i for k, i in place.items() if isinstance(k, tuple) and k[1] == "~~"}
    absent = [n for n in reference.index if n not in named]
    if absent:
        check.fail(f"no parameter {', '.join(absent)}")
        return
    at = [named[n] for n in reference.index]
    signs = reference_signs(entry, fit).of_free(fit)[at]
    mine, sd = fit.vcov[np.ix_(at, at)] * np.outer(signs, signs), np.sqrt(np.diag(reference))
    for i, j in zip(*np.triu_indices(len(at)), strict=True):
        value = float(reference.to_numpy()[i, j])
        floor = 0.1 * sd[i] * sd[j]
        where = f"{reference.index[i]}, {reference.index[j]}"
        check.close(where, mine[i, j], value, entry.slack * relative(value, floor, SE))


def _second_reference(check: Check, entry: Entry, fit: Fit) -> None:
    """Compare with what Mplus prints, to its third decimal."""
    names = {"baseline_chisq": "baseline_chisq", "logl_h0": "logl", "logl_h1": "unrestricted_logl"}
    measures, reference = fit_indices(fit), entry.content["second_reference"]
    if "scaling_correction" in reference:
        check.fail("feature not supported: scaled test")
    lavaan = {k.replace(".", "_"): v for k, v in entry.expected["fit_measures"].items()}
    names |= {n: n for n in ("chisq", "df", "pvalue", "baseline_df", "cfi", "tli", "rmsea")} | {
        "srmr": "srmr_mplus"
    }
    for name, value in reference.items():
        # where lavaan itself differs from Mplus, the two define the number differently
        if name in names and abs(lavaan[names[name]] - value) <= 1.001e-3:
            check.close(name, measures[names[name]], value, 1.001e-3)


COMPARISONS: dict[str, Callable[[Check, Entry, Fit], None]] = {
    "flags": _flags,
    "npar_df": _counts,
    "fit_measures": _fit_measures,
    "tests": _tests,
    "estimates": _estimates,
    "std_nox": _std_nox,
    "standardized_all": _standardized,
    "r2": _r2,
    "vcov": _vcov,
    **DERIVED,
}
REFERENCE = {"flags": "converged", "npar_df": "npar", "std_nox": "estimates", "htmt": "reliability"}
PART_OF_OTHERS = {
    "warnings", "optimizer_level", "ngroups", "nobs", "norig", "npar_free_in_table", "admissible", "df",
    "newton_step_relative", "default_vs_tight_max_abs_diff", "group_labels", "modindices_total_rows",
    "modindices_rows_lavaan_omits", "category", "error",
}  # fmt: skip
