"""The quantity groups of one fit, each compared with its reference."""

from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd
from parity_cases import Entry
from parity_derived import DERIVED, named_rows, reference_signs
from parity_units import (
    Check,
    Unit,
    by_key,
    chisq_tolerance,
    each_row,
    guarded,
    matrix,
    relative,
    scale_of,
    scaled_tolerance,
    table,
)

from sopsem.sem.estimation.estimates import r_squared, standardized
from sopsem.sem.estimation.fit import Fit
from sopsem.sem.fit_measures.fit_indices import fit_indices
from sopsem.sem.fit_measures.scaled_tests import fit_tests

EST, SE, P, INDEX = 1e-4, 1e-3, 1e-4, 1e-4
COUNTS = ("npar", "df", "baseline_df", "ntotal", "df_scaled", "baseline_df_scaled")


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
    used, given = [m.n for m in fit.data_moments], [m.rows_given for m in fit.data_moments]
    check.equal("observations", used, list(np.ravel(entry.expected["nobs"])))
    if entry.data["kind"] == "raw":
        check.equal("rows given", given, list(np.ravel(entry.expected["norig"])))
    if fit.n_groups > 1 and entry.expected.get("group_labels"):
        check.equal("groups", list(fit.spec.groups), list(map(str, entry.expected["group_labels"])))


def _fit_measures(check: Check, entry: Entry, fit: Fit) -> None:
    mine, reference = fit_indices(fit), entry.expected["fit_measures"]
    for name, value in reference.items():
        python = name.replace(".", "_")
        if python not in mine:
            check.fail(f"no fit index named {python}")
        else:
            tolerance = _index_tolerance(python, value, reference.get("chisq"), fit.n)
            check.close(python, mine[python], value, entry.slack * tolerance)


def _index_tolerance(name: str, value: float | None, chisq: float | None, n: int) -> float:
    if "scaling_factor" in name or "chisq_scaled" in name:
        return scaled_tolerance(value)
    if name in COUNTS or name.endswith(("_level", "_h0")):
        # what a mean- and variance-adjusted test calls degrees of freedom is a statistic
        return 1e-12 if float(value or 0.0).is_integer() or "df" not in name else scaled_tolerance(value)
    if name in ("chisq", "baseline_chisq"):
        return chisq_tolerance(value)
    if name == "fmin":
        return chisq_tolerance(chisq) / (2.0 * n)
    if name.endswith("logl") or name in ("aic", "bic", "bic2"):
        return 1e-3
    share = 5e-4 if name.startswith("rmsea_ci") else INDEX * max(1.0, abs(value or 0.0))
    return P if "pvalue" in name else share


def _tests(check: Check, entry: Entry, fit: Fit) -> None:
    known = own_tests(fit)
    for name, reference in entry.expected["tests"].items():
        if name not in known:
            check.fail(f"feature not supported: test {name}")
            continue
        mine, scaled = known[name], reference.get("scaling.factor") is not None
        tolerance = (scaled_tolerance if scaled else chisq_tolerance)(reference["stat"])
        check.close(f"{name} statistic", mine["stat"], reference["stat"], entry.slack * tolerance)
        check.close(f"{name} df", mine["df"], reference["df"], 1e-12 if _whole(reference["df"]) else 1e-3)
        if fit.df > 0 and reference["pvalue"] is not None:
            check.close(f"{name} p", mine["pvalue"], reference["pvalue"], entry.slack * P)
        for theirs, ours in (("scaling.factor", "scaling_factor"), ("shift.parameter", "shift_parameter")):
            if reference.get(theirs) is not None:
                value = reference[theirs]
                check.close(f"{name} {ours}", mine[ours], value, entry.slack * scaled_tolerance(value))
        if name != "browne.residual.nt.model" or fit.n_groups == 1:
            _group_statistics(check, entry, fit, name, mine)


def _whole(value: float | None) -> bool:
    return value is not None and float(value).is_integer()


def own_tests(fit: Fit) -> dict[str, dict[str, float]]:
    """Return our tests by lavaan's names: stat, df, pvalue, scaling_factor, shift_parameter."""
    frame = fit_tests(fit)
    return {r["test"].replace("_", "."): r for r in frame.to_dict("records")}


def _group_statistics(check: Check, entry: Entry, fit: Fit, name: str, mine: dict[str, float]) -> None:
    """Compare what every group adds to a statistic: its own chi2, scaled and shifted by its share of N."""
    reference = entry.expected["tests"][name].get("stat.group")
    if reference is None:
        return
    scaled = mine.get("scaling_factor")
    shift = np.nan_to_num(mine.get("shift_parameter") or 0.0)
    for one, label, value in zip(fit.by_group, fit.spec.groups, reference, strict=True):
        share = one.chisq if scaled is None or np.isnan(scaled) else one.chisq / scaled
        tolerance = chisq_tolerance(value) if scaled is None or np.isnan(scaled) else scaled_tolerance(value)
        check.close(f"{name} of group {label}", share + shift * one.n / fit.n, value, entry.slack * tolerance)


def _estimates(check: Check, entry: Entry, fit: Fit) -> None:
    reference, mine = table(entry.expected["estimates"]), named_rows(fit)
    signs = reference_signs(entry, fit)
    floors = {c: scale_of(reference[c]) for c in ("est", "std_lv", "std_all")}
    for where, row, found in each_row(check, reference, mine):
        sign = signs.of_row(row, _ratio(found.est, row.est))
        if row.op != ":=":
            _free(check, where, row, found)
        for column, floor in floors.items():
            tolerance = entry.slack * relative(row[column], floor, EST)
            check.close(f"{where} {column}", sign * found[column], row[column], tolerance)
        if entry.compare != "estimates_not_se":
            slip = entry.slack * relative(row.est, floors["est"], EST)
            _wald(check, where, row, found, sign, entry.slack, slip, se_share(entry))


def _free(check: Check, where: str, row: pd.Series, found: pd.Series) -> None:
    """Compare whether a row is free; one tied to a fixed row by its label may be called either."""
    if (row.free > 0) not in (bool(found.free), bool(found.untied)):
        check.fail(f"{where} free is {found.free}, reference {row.free > 0}")


def _ratio(mine: float, reference: float | None) -> float:
    return -1.0 if reference is not None and mine * reference < 0.0 else 1.0


def se_share(entry: Entry) -> float:
    """Return the relative tolerance of standard errors."""
    return 2.0 * SE if entry.robust else SE


def _wald(
    check: Check,
    where: str,
    row: pd.Series,
    found: pd.Series,
    sign: float,
    slack: float,
    slip: float,
    share: float,
) -> None:
    """Compare se, z, p and limits; ``slip`` and ``share`` say how far estimate and se may be off."""
    if row.se is None or not np.isfinite(row.se):
        # where no standard errors are asked for, the reference has none of fixed rows either
        check.close(f"{where} se", found.se if found.free else None, None, 1.0)
        return
    step = slack * max(share * row.se, 1e-9 * max(1.0, abs(row.est)))
    check.close(f"{where} se", found.se, row.se, step)
    if row.z is not None and np.isfinite(row.z):
        check.close(f"{where} z", sign * found.z, row.z, slack * 2 * share * abs(row.z) + slip / row.se)
        check.close(f"{where} pvalue", found.pvalue, row.pvalue, slack * P)
    if "ci_lower" in row:
        ends = (found.ci_lower, found.ci_upper) if sign > 0 else (-found.ci_upper, -found.ci_lower)
        for name, end in zip(("ci_lower", "ci_upper"), ends, strict=True):
            check.close(f"{where} {name}", end, row[name], slip + 2.0 * step)


def _std_nox(check: Check, entry: Entry, fit: Fit) -> None:
    reference, mine = table(entry.expected["estimates"]), named_rows(fit)
    signs, floor = reference_signs(entry, fit), scale_of(reference["std_nox"])
    for where, row, found in each_row(check, reference, mine):
        sign = signs.of_row(row, _ratio(found.est, row.est))
        check.close(where, sign * found.std_nox, row.std_nox, entry.slack * relative(row.std_nox, floor, EST))


def _standardized(check: Check, entry: Entry, fit: Fit) -> None:
    reference, mine = table(entry.expected["standardized_all"]), by_key(standardized(fit))
    share = se_share(entry)
    signs = reference_signs(entry, fit)
    floor = scale_of(reference["est_std"])
    for where, row, found in each_row(check, reference, mine):
        sign = signs.of_row(row, _ratio(found.est_std, row.est_std))
        slip = entry.slack * relative(row.est_std, floor, EST)
        check.close(f"{where} est_std", sign * found.est_std, row.est_std, slip)
        if entry.compare == "estimates_not_se" or "se" not in reference:
            continue
        check.close(f"{where} se", found.se, row.se, entry.slack * max(1e-6, relative(row.se, 0.0, share)))
        if row.se is not None and row.se > 1e-6:
            check.close(
                f"{where} z", sign * found.z, row.z, entry.slack * 2 * share * abs(row.z) + slip / row.se
            )
            check.close(f"{where} pvalue", found.pvalue, row.pvalue, entry.slack * P)


def _r2(check: Check, entry: Entry, fit: Fit) -> None:
    found, groups = r_squared(fit), entry.expected["r2"]
    own = [found] if fit.n_groups == 1 else [found[label] for label in fit.spec.groups]
    for mine, reference in zip(own, groups, strict=True):
        _explained(check, mine, dict(reference or {}), entry.slack)


def _explained(check: Check, mine: pd.Series, reference: dict, slack: float) -> None:
    for name, value in reference.items():
        if name not in mine:
            check.fail(f"no R2 of {name}")
        elif value is None:  # where lavaan says NA, we show a value outside 0..1
            if 0.0 <= mine[name] <= 1.0:
                check.fail(f"{name} is {mine[name]:.6g}, reference has none")
        else:
            tolerance = slack * relative(value, scale_of(reference.values()), EST)
            check.close(name, mine[name], value, tolerance)


def _vcov(check: Check, entry: Entry, fit: Fit) -> None:
    reference = matrix(entry.expected["vcov"])
    named: dict[str, int] = {}
    for i, p in enumerate(q for q in fit.spec if q.free):
        later = f".g{p.group}" if p.group > 1 else ""
        named.setdefault(p.label or f"{p.lhs}{p.op}{p.rhs}{later}", i)
        if p.op == "~~" and not p.label:
            named.setdefault(f"{p.rhs}~~{p.lhs}{later}", i)
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
        check.close(where, mine[i, j], value, entry.slack * relative(value, floor, se_share(entry)))


def _second_reference(check: Check, entry: Entry, fit: Fit) -> None:
    """Compare with what Mplus prints, to its third decimal."""
    names = {"baseline_chisq": "baseline_chisq", "logl_h0": "logl", "logl_h1": "unrestricted_logl"}
    measures, reference = fit_indices(fit), entry.content["second_reference"]
    lavaan = {k.replace(".", "_"): v for k, v in entry.expected["fit_measures"].items()}
    tested = ("chisq", "df", "pvalue", "baseline_chisq", "baseline_df", "cfi", "tli", "rmsea")
    scaled = "_scaled" if lavaan.get("chisq_scaled") is not None else ""
    names |= {n: n + scaled for n in tested}
    names |= {"srmr": "srmr_mplus", "scaling_correction": "chisq_scaling_factor"}
    for name, value in reference.items():
        theirs = lavaan.get(names.get(name, ""))
        # where lavaan itself differs from Mplus, the two define the number differently
        if theirs is not None and abs(theirs - value) <= 1.001e-3:
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
