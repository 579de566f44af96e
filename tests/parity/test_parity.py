"""The parity runner itself, and the reference numbers it holds the engine to."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from parity_cases import Entry, UnsupportedError, mapped_options, read_cases
from parity_claims import CLAIMS
from parity_disagreements import PAGE, Disagreement, as_markdown, read_disagreements, settle
from parity_fit import fit_units
from parity_units import Check, Unit, guarded, relative, row_key
from run import case_results, main, run

HERE = Path(__file__).parent
SMALL = HERE / "small"
PUBLIC = HERE.parents[2] / "shared" / "parity"


@pytest.fixture(scope="module")
def pollack():
    return next(read_cases(SMALL, ("p20",)))


def _changed(case, change):
    """Return the case with its JSON changed."""
    content = json.loads(json.dumps(case.content))
    change(content["fits"][0])
    return replace(case, content=content)


def test_the_small_cases_agree_with_the_reference():
    """Every unit of fourteen published data sets, all estimators."""
    units = list(run(SMALL))
    assert [u.line() for u in units if not u.passed] == []
    assert len(units) > 500


@pytest.mark.skipif(
    not (PUBLIC / "cases").is_dir(), reason="the full set of reference cases is not beside the project"
)
def test_the_full_set_of_cases_agrees_with_the_reference():
    """Zero failures among all cases; those where we disagree are verified."""
    units = list(run(PUBLIC))
    assert [u.line() for u in units if not u.passed] == []
    assert len(units) > 1800


@pytest.mark.parametrize(
    ("unit", "change"),
    [
        ("estimates", lambda fit: fit["expected"]["estimates"]["rows"][0].__setitem__(7, 0.99)),
        ("fit_measures", lambda fit: fit["expected"]["fit_measures"].__setitem__("cfi", 0.5)),
        ("npar_df", lambda fit: fit["expected"].__setitem__("df", 12)),
        ("flags", lambda fit: fit["expected"].__setitem__("converged", False)),
        ("modindices", lambda fit: fit["expected"]["modindices"]["rows"][0].__setitem__(4, 99.0)),
        ("standardized_all", lambda fit: fit["expected"]["standardized_all"]["rows"][0].__setitem__(5, 0.9)),
        ("tests", lambda fit: fit["expected"]["tests"]["standard"].__setitem__("stat", 1.0)),
        ("r2", lambda fit: fit["expected"]["r2"][0].__setitem__("depression", 0.9)),
    ],
)
def test_a_changed_reference_fails_its_unit_and_no_other(pollack, unit, change):
    """A wrong number is found, and only where it stands."""
    case = _changed(pollack, change)
    failed = {u.id.split("/")[-1] for u in fit_units(next(iter(case.entries.values()))) if not u.passed}
    assert failed == {unit}


def test_an_option_without_an_argument_fails_by_name(pollack):
    """The line names the feature; nothing is skipped."""
    case = _changed(pollack, lambda fit: fit["options"].__setitem__("control", {"rel.tol": 2}))
    before = list(fit_units(next(iter(pollack.entries.values()))))
    units = list(fit_units(next(iter(case.entries.values()))))
    assert [u.id for u in units] == [u.id for u in before]
    assert all(not u.passed and u.detail == "feature not supported: control = {'rel.tol': 2}" for u in units)


def test_options_map_onto_arguments_under_their_python_names():
    """Dots become underscores, values stay as they are; the rest is refused by name."""
    accepted = ("std_lv", "fixed_x", "growth", "estimator")
    options = {"std.lv": True, "fixed.x": False, "estimator": "ML", "auto.fix.first": False}
    assert mapped_options(options, "growth", accepted) == {
        "growth": True,
        "std_lv": True,
        "fixed_x": False,
        "estimator": "ML",
    }
    with pytest.raises(UnsupportedError, match="group = school"):
        mapped_options({"group": "school"}, "cfa", accepted)
    with pytest.raises(UnsupportedError, match=r"auto\.fix\.first"):
        mapped_options({"auto.fix.first": False}, "cfa", accepted)


def test_a_bug_is_a_failing_unit_with_its_name():
    """The run goes on after any exception."""

    def broken(_check):
        raise ZeroDivisionError("boom")

    assert guarded("x", broken) == Unit(id="x", passed=False, detail="ZeroDivisionError: boom")


def test_numbers_agree_within_their_tolerance_and_missing_with_missing():
    """NaN, None and infinity all count as missing; one side missing is a difference."""
    check = Check()
    check.close("a", 1.00005, 1.0, relative(1.0, 0.0, 1e-4))
    check.close("b", float("nan"), None, 1e-4)
    assert check.unit("u").passed
    check.close("c", 1.0, None, 1e-4)
    check.close("d", 1.0003, 1.0, relative(1.0, 0.0, 1e-4))
    unit = check.unit("u")
    assert not unit.passed
    assert "c is 1, reference nan" in unit.detail
    assert "d is 1.0003" in unit.detail


def test_a_covariance_is_one_row_in_both_directions():
    """And a definition is known by its name alone."""
    assert row_key("b", "~~", "a") == row_key("a", "~~", "b")
    assert row_key("b", "~", "a") != row_key("a", "~", "b")
    assert row_key("ind", ":=", "a*b") == row_key("ind", ":=", "b*a")


def test_a_disagreement_counts_only_when_its_claim_is_verified(pollack):
    """An unfounded claim leaves the unit failed and says so."""
    unit = Unit(id=f"{pollack.id}/normal/flags", passed=False, detail="differs")
    for claim in ("lower_objective", "not_identified", "name_clash", "still_falling"):
        known = [Disagreement(units=["p20*"], claim=claim, argument="", witness="")]
        settled = settle(unit, pollack, known)
        assert not settled.passed
        assert f"{claim} NOT verified" in settled.detail
    assert settle(unit, pollack, []) == unit


def test_every_disagreement_on_file_has_a_claim_that_exists():
    """And an argument and a witness."""
    for entry in read_disagreements():
        assert entry.claim in CLAIMS
        assert entry.argument.strip()
        assert entry.witness.strip()


def test_the_page_of_disagreements_is_the_file():
    """A reader of the docs sees what the runner verifies."""
    assert PAGE.read_text(encoding="utf-8") == as_markdown(read_disagreements())


def test_a_factor_may_point_the_other_way_when_its_sign_is_free():
    """All loadings of a unit-variance factor reversed in the reference: still the same fit."""
    case = next(read_cases(SMALL, ("p07",)))
    content = json.loads(json.dumps(case.content))
    fit = next(f for f in content["fits"] if f["name"] == "three_oblique")
    factor = fit["expected"]["estimates"]["rows"][0][0]
    _reverse(fit["expected"]["estimates"], factor, ("est", "z", "std.lv", "std.all"))
    _reverse(fit["expected"]["standardized_all"], factor, ("est.std", "z"))
    entry = replace(case, content=content).entries["three_oblique"]
    units = {u.id.split("/")[-1]: u for u in fit_units(entry)}
    assert units["estimates"].passed, units["estimates"].detail
    assert units["standardized_all"].passed, units["standardized_all"].detail


def _reverse(table, factor, columns):
    names = table["columns"]
    for row in table["rows"]:
        if (row[0] == factor) != (row[2] == factor):
            for column in columns:
                i = names.index(column)
                row[i] = None if row[i] is None else -row[i]
            if "ci.lower" in names:
                low, high = names.index("ci.lower"), names.index("ci.upper")
                row[low], row[high] = -row[high], -row[low]


def test_the_command_line_prints_the_counts_last_and_writes_the_units(tmp_path, capsys):
    """Exit code 0 only when nothing failed; the folder of JSON files itself is accepted."""
    out = tmp_path / "units.json"
    assert main([str(SMALL / "cases"), "--only", "p20", "--json", str(out)]) == 0
    units = json.loads(out.read_text(encoding="utf-8"))
    assert capsys.readouterr().out.splitlines()[-1] == f"{len(units)} passed, 0 failed"


def test_one_wrong_number_of_the_reference_is_a_failure(tmp_path, capsys):
    """The exit code is 1 and the unit is named."""
    shutil.copytree(SMALL / "data", tmp_path / "data")
    (tmp_path / "cases").mkdir()
    content = json.loads((SMALL / "cases" / "p20_path_cor_pollack.json").read_text(encoding="utf-8"))
    content["fits"][0]["expected"]["df"] += 1
    (tmp_path / "cases" / "p20_path_cor_pollack.json").write_text(json.dumps(content), encoding="utf-8")
    assert main([str(tmp_path)]) == 1
    written = capsys.readouterr().out
    assert "FAIL  p20_path_cor_pollack" in written
    assert written.splitlines()[-1].endswith(" 1 failed")


def test_an_empty_folder_is_no_success(tmp_path, capsys):
    """Nothing compared is not the same as nothing wrong."""
    assert main([str(tmp_path)]) == 1
    assert capsys.readouterr().out == "0 passed, 0 failed\n"


def test_the_ml_rule_leaves_out_other_estimators():
    """Of the Wheaton case the GLS and ULS fits and the expected error are not selected."""
    case = next(read_cases(SMALL, ("p31",)))
    selected = {e.content["name"] for e in case.entries.values() if e.is_ml}
    assert selected == {
        "no_error_cov",
        "error_cov",
        "error_cov_wishart",
        "time_invariant",
        "sas_calis_fixed",
    }


def test_an_expected_error_must_be_of_the_same_kind(pollack):
    """A misspelt variable is answered as such; a good model is a failure."""

    def unknown(fit):
        fit.update(model="depression ~ nothing", compare="error", expected={"category": "unknown_variable"})

    def good(fit):
        fit.update(compare="error", expected={"category": "unknown_variable"})

    for change, passed in ((unknown, True), (good, False)):
        case = _changed(pollack, change)
        units = list(case_results(replace(case, content=case.content | {"comparisons": []}), ml_only=False))
        assert next(u for u in units if u.id.endswith("/error")).passed is passed


def test_parser_items_compare_parameter_tables(tmp_path):
    """A wrong row is found; the same table passes."""
    row = [1, "y", "~", "x", 1, 1, 1, None, 0, "a", ".p1."]
    rest = [
        [2, "y", "~~", "y", 0, 1, 2, None, 0, "", ".p2."],
        [3, "x", "~~", "x", 0, 1, 0, None, 1, "", ".p3."],
    ]
    columns = ["id", "lhs", "op", "rhs", "user", "group", "free", "ustart", "exo", "label", "plabel"]
    items = [
        {
            "name": name,
            "model": "y ~ a*x",
            "function": "sem",
            "options": {},
            "expected": {"npar_free_in_table": 2, "partable": {"columns": columns, "rows": [first, *rest]}},
        }
        for name, first in (("same", row), ("other", [*row[:9], "b", ".p1."]))
    ]
    folder = tmp_path / "cases"
    folder.mkdir()
    (folder / "p99.json").write_text(json.dumps({"id": "p99", "parser": items}), encoding="utf-8")
    assert {u.id: u.passed for u in run(tmp_path)} == {"p99/same": True, "p99/other": False}


def test_given_draws_are_compared_one_by_one(tmp_path):
    """A case with resampling indices: its draws and limits pass, and one changed draw fails."""
    rng = np.random.default_rng(3)
    data = pd.DataFrame({"x": rng.normal(size=40)})
    data["y"] = 0.5 * data["x"] + rng.normal(size=40)
    rows = rng.integers(40, size=(30, 40))
    slopes = [_slope(data.iloc[r]) for r in rows]
    variances = [_residual(data.iloc[r]) for r in rows]
    for folder in ("cases", "data"):
        (tmp_path / folder).mkdir()
    data.to_csv(tmp_path / "data" / "d.csv", index=False)
    pd.DataFrame(rows + 1).to_csv(tmp_path / "data" / "i.csv", index=False, header=False)
    content = {
        "id": "p98",
        "data": {"kind": "raw", "file": "data/d.csv", "nobs": 40},
        "fits": [
            {
                "name": "base",
                "model": "y ~ x",
                "function": "sem",
                "options": {},
                "compare": "full",
                "expected": {"converged": True},
            }
        ],
        "extra": {
            "bootstrap": {"index_file": "data/i.csv", "draws_file": "data/b.csv", "one_based": True, "ci": {}}
        },
    }
    (tmp_path / "cases" / "p98.json").write_text(json.dumps(content), encoding="utf-8")
    for change, passed in ((0.0, True), (0.01, False)):
        draws = pd.DataFrame({"y~x": slopes, "y~~y": variances})
        draws.loc[7, "y~x"] += change
        draws.to_csv(tmp_path / "data" / "b.csv", index=False)
        units = {u.id: u for u in run(tmp_path)}
        assert units["p98/extra/bootstrap/draws"].passed is passed
    assert "draw 8 y~x" in units["p98/extra/bootstrap/draws"].detail


def _slope(frame):
    return np.cov(frame["x"], frame["y"])[0, 1] / frame["x"].var()


def _residual(frame):
    return (frame["y"] - _slope(frame) * frame["x"]).var(ddof=0)


def test_flags_of_a_hard_case_ask_only_for_flags(pollack):
    """flags_only: estimates are not looked at."""

    def hard(fit):
        fit["compare"] = "flags_only"
        fit["expected"] = {"converged": True, "admissible": True, "warnings": []}

    case = _changed(pollack, hard)
    entry = next(iter(case.entries.values()))
    assert isinstance(entry, Entry)
    units = [
        u for u in case_results(case, ml_only=False) if u.id.startswith(f"{case.id}/{entry.content['name']}/")
    ]
    assert [(u.id.split("/")[-1], u.passed) for u in units] == [("flags", True)]
