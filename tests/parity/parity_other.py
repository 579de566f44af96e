"""Cases without estimates to compare: flags only, errors, and model text to parameter table."""

import inspect
import re
from collections.abc import Iterator

import pandas as pd
from parity_cases import Case, Entry, UnsupportedError, mapped_options
from parity_units import Check, Unit, guarded, table

from sopsem.errors import DataError, ModelError, ModelSyntaxError, SopsemError, UsageError
from sopsem.sem.model.spec import model_spec

ACCEPTED = tuple(inspect.signature(model_spec).parameters)
# which of our errors is the same kind of complaint, and a word its message must have
CATEGORIES: dict[str, tuple[type[SopsemError] | tuple[type[SopsemError], ...], str]] = {
    "syntax_error": (ModelSyntaxError, ""),
    "unknown_variable": ((ModelError, UsageError), "do(es)? not have|no column"),
    "empty_model": (ModelError, "formula|empty"),
    "zero_variance": (DataError, "constant|variance"),
    "sample_cov_not_pd": (DataError, "positive definite"),
    "sample_cov_singular": (DataError, "positive definite|constant"),
    "bad_option": (UsageError, ""),
    "bad_model": (ModelError, "itself"),
    "unknown_label": (ModelError, "label"),
    "se_needs_raw_data": ((UsageError, DataError), "data"),
    "not_identified": (ModelError, "not identified"),
    "not_identified_negative_df": (ModelError, "df = -"),
}


def flag_units(entry: Entry) -> Iterator[Unit]:
    """Yield the units of a fit of which only flags are compared: converged, admissible, warned."""
    yield guarded(f"{entry.name}/flags", lambda check: _flags(check, entry))


def _flags(check: Check, entry: Entry) -> None:
    attempt, expected = entry.attempt, entry.expected
    if attempt.unsupported or attempt.bug:
        check.fail(attempt.problem)
        return
    if attempt.fit is None:
        check.equal(f"converged ({attempt.problem})", False, expected["converged"])
        return
    fit = attempt.fit
    check.equal("converged", fit.status.converged, expected["converged"])
    if expected.get("admissible") is not None and fit.status.converged:
        check.equal("admissible", not fit.improper, expected["admissible"])
    if expected.get("warnings"):
        warned = bool(fit.notes) or not fit.status.converged or bool(fit.certificate.null_space)
        check.equal("a warning is given", warned, True)


def error_units(entry: Entry) -> Iterator[Unit]:
    """Yield the unit of a fit that must end in an error of the same category."""
    yield guarded(f"{entry.name}/error", lambda check: _error(check, entry))


def _error(check: Check, entry: Entry) -> None:
    attempt, category = entry.attempt, entry.expected["category"]
    if category not in CATEGORIES:
        check.fail(f"feature not supported: errors of category {category}")
        return
    wanted, words = CATEGORIES[category]
    if attempt.error is None:
        check.fail(attempt.problem or "no error is raised")
    elif not isinstance(attempt.error, wanted):
        check.fail(f"{category} is answered with {attempt.problem}")
    elif not re.search(words, str(attempt.error)):
        check.fail(f"{category}: the message does not say so: {attempt.problem}")


def parser_units(case: Case) -> Iterator[Unit]:
    """Yield one unit per model text: the parameter table as a set of rows, or an error."""
    for item in case.content.get("parser", ()):
        yield guarded(f"{case.id}/{item['name']}", lambda check, item=item: _parsed(check, item))


def _parsed(check: Check, item: dict) -> None:
    expected = item["expected"]
    try:
        options = dict(item["options"])
        groups = [str(g + 1) for g in range(options.pop("ngroups", 1))]
        arguments = mapped_options(options, item["function"], ACCEPTED)
        mine = model_spec(item["model"], groups=groups, **arguments).table()
    except UnsupportedError as feature:
        check.fail(f"feature not supported: {feature}")
        return
    except SopsemError as error:
        if "error" not in expected:
            check.fail(f"{type(error).__name__}: {str(error).splitlines()[0][:160]}")
        return
    if "error" in expected:
        check.fail("no error is raised")
        return
    _same_table(check, mine, table(expected["partable"]))
    free = int((mine["free"] > 0).sum())
    check.equal("free rows", free, expected["npar_free_in_table"])


def _same_table(check: Check, mine: pd.DataFrame, reference: pd.DataFrame) -> None:
    # labels that lavaan makes itself: .p2., or the name of the parameter that equal() points at
    generated = r"^\.p\d+\.$|~"
    if not mine["label"].str.contains(generated).any():
        # we keep equal() as a constraint; where we do make labels (group_equal) they must be lavaan's
        made = reference["label"].str.contains(generated)
        reference = reference.assign(label=reference["label"].mask(made, ""))
    names = {r.plabel: r.label or f"{r.lhs}{r.op}{r.rhs}" for r in reference.itertuples() if r.plabel}
    ours, theirs = _keyed(mine, {}), _keyed(reference, names)
    for key in theirs.keys() - ours.keys():
        check.fail(f"no row {' '.join(map(str, key))}")
    for key in ours.keys() - theirs.keys():
        check.fail(f"a row {' '.join(map(str, key))} too many")
    for key in ours.keys() & theirs.keys():
        a, b, where = ours[key], theirs[key], " ".join(map(str, key))
        if b["op"] in ("==", "<", ">"):
            continue
        check.equal(f"{where} user", a["user"], b["user"])
        check.equal(f"{where} free", a["free"] > 0, b["free"] > 0)
        check.equal(f"{where} exo", a["exo"], b["exo"])
        check.equal(f"{where} label", a["label"], b["label"])
        if b["op"] != ":=":
            check.close(f"{where} ustart", a["ustart"], b["ustart"], 1e-9)


def _keyed(frame: pd.DataFrame, names: dict[str, str]) -> dict[tuple, dict]:
    """Return the rows by lhs, op, rhs, group; a constraint between equal labels is the label itself."""
    keyed = {}
    for row in frame.to_dict("records"):
        lhs, rhs = names.get(row["lhs"], row["lhs"]), names.get(row["rhs"], row["rhs"])
        simple_bound = row["op"] in ("<", ">") and re.fullmatch(r"[-+.\deE ]+", rhs)
        if simple_bound or (row["op"] == "==" and lhs == rhs):
            continue  # lavaan keeps a bound with its parameter, and equal labels are rows already
        if row["op"] in ("==", "<", ">", ":="):
            lhs, rhs = lhs.replace(" ", ""), rhs.replace(" ", "")
        if row["op"] == "~~" and rhs < lhs:
            lhs, rhs = rhs, lhs
        keyed[lhs, row["op"], rhs, row["group"]] = row
    return keyed
