"""Compare sopsem with reference fits: `run.py DIR [--json OUT] [--only p01,p02] [--ml]`.

DIR is a folder with `cases/*.json` and `data/`, or the folder of the JSON files itself.  One unit is one
named quantity group of one fit, e.g. `p03_hs_three_factor/ml/fit_measures`.  An option that the API has
no word for makes its units fail with the name of the feature.  Deliberate disagreements are on file in
disagreements.toml; they pass only when what they claim is verified with numbers.  The last line is
`N passed, N failed`; the exit code is 0 only when none failed.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from parity_cases import Case, Entry, read_cases
from parity_disagreements import PAGE, Disagreement, as_markdown, read_disagreements, settle
from parity_extra import case_units
from parity_fit import fit_units
from parity_other import error_units, flag_units, parser_units
from parity_units import Unit

ML_RULE = (
    "only fits with estimator ML, plain standard errors (standard or none), complete or listwise data, one "
    "group, no ordered variables, lavaan's own conventions (mimic lavaan), no control= option, an expected "
    "result that is not an error, no composites (<~) and no nonlinear equality (name of the fit); "
    "comparisons and extras of a case when all their fits are selected; no parser items"
)


def entry_units(entry: Entry) -> Iterator[Unit]:
    """Yield the units of one fit, as its kind of comparison asks."""
    kinds = {"flags_only": flag_units, "error": error_units}
    yield from kinds.get(entry.compare, fit_units)(entry)


def case_results(case: Case, *, ml_only: bool) -> Iterator[Unit]:
    """Yield all units of a case."""
    selected = [e for e in case.entries.values() if e.is_ml or not ml_only]
    for entry in selected:
        yield from entry_units(entry)
    yield from case_units(case, {e.content["name"] for e in selected} if ml_only else None)
    if not ml_only:
        yield from parser_units(case)


def run(folder: Path, *, only: tuple[str, ...] = (), ml_only: bool = False) -> Iterator[Unit]:
    """Yield the units of a folder, disagreements settled."""
    known: list[Disagreement] = read_disagreements()
    for case in read_cases(folder, only):
        for unit in case_results(case, ml_only=ml_only):
            yield settle(unit, case, known)


def main(arguments: list[str] | None = None) -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, nargs="?", metavar="DIR")
    parser.add_argument("--page", action="store_true", help="write docs/disagreements.md and stop")
    parser.add_argument("--json", type=Path, metavar="OUT", help="write the units as JSON")
    parser.add_argument("--only", default="", help="cases, by the first part of their id: p01,p02")
    parser.add_argument("--ml", action="store_true", help=ML_RULE)
    given = parser.parse_args(arguments)
    if given.page:
        PAGE.write_text(as_markdown(read_disagreements()), encoding="utf-8")
        return 0
    if given.folder is None or not given.folder.is_dir():
        parser.error(f"{given.folder} is not a folder")
    units = []
    for unit in run(given.folder, only=tuple(filter(None, given.only.split(","))), ml_only=given.ml):
        units.append(unit)
        if not unit.passed or unit.detail:
            sys.stdout.write(unit.line() + "\n")
            sys.stdout.flush()
    failed = sum(not u.passed for u in units)
    if given.json:
        content = [{"id": u.id, "passed": u.passed, "detail": u.detail} for u in units]
        given.json.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    sys.stdout.write(f"{len(units) - failed} passed, {failed} failed\n")
    return 1 if failed or not units else 0


if __name__ == "__main__":
    sys.exit(main())
