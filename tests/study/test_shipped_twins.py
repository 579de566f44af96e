"""The shipped twins, read from their files through the questionnaire, against the paper and lavaan."""

import csv
import tomllib
from pathlib import Path

import numpy as np
import pytest

from sopsem.sem.effects.effects import effects
from sopsem.sem.estimation.fit import fit
from sopsem.sem.fit_measures.fit_indices import fit_indices
from sopsem.sem.resampling.bootstrap import bootstrap
from sopsem.sem.resampling.policies import apply_policy
from sopsem.study.published import load_study
from sopsem.study.replication_cells import effect_numbers
from sopsem.study.twin_report import twin_report
from sopsem.survey import load_instrument, read_responses

SURVEYS = Path(__file__).parents[2] / "surveys"
TWINS = ("synthetic_twin_0", "synthetic_twin_1", "synthetic_twin_2")
LAVAAN = tomllib.loads((Path(__file__).parent / "lavaan_twins.toml").read_text("utf-8"))
STUDY = load_study()


@pytest.fixture(scope="module", params=TWINS)
def name(request):
    return request.param


@pytest.fixture(scope="module")
def items(name):
    return read_responses(SURVEYS / name / f"{name}.csv", load_instrument()).items


@pytest.fixture(scope="module")
def main(items):
    return fit(STUDY.model.text, items, mimic="amos")


def test_every_printed_number_is_returned(items):
    """Under AMOS's conventions every printed number that data determine rounds to the print."""
    report = twin_report(items, STUDY).set_index("id")
    assert report["within"].all(), report
    assert abs(report.loc["chisq", "reached"] - 169.04) < 0.005
    assert abs(report.loc["dchisq", "reached"] - 3.19) < 0.005
    printed = {k: f"{v:.3f}" for k, v in report["reached"].items()}
    assert [printed[k] for k in ("cfi", "tli", "rmsea", "srmr")] == ["0.942", "0.931", "0.058", "0.066"]
    assert [v for k, v in printed.items() if k.startswith("effect:")] == [
        "-0.448",
        "0.504",
        "0.404",
        "0.106",
        "0.894",
    ]


def test_n_instead_of_n_minus_one_misses_the_print(items):
    """With chi2 = N F the same data print .940, .929, .059: the third digit tells the multiplier."""
    indices = fit_indices(fit(STUDY.model.text, items))
    assert [f"{indices[k]:.3f}" for k in ("cfi", "tli", "rmsea")] == ["0.940", "0.929", "0.059"]


def test_lavaan_returns_the_same(name, items, main):
    """lavaan's stored numbers agree: chi2 to 1e-6 for both multipliers, standardized effects to 1e-5."""
    stored, indices = LAVAAN[name], fit_indices(main)
    for key in ("chisq", "baseline_chisq", "cfi", "tli", "rmsea", "srmr"):
        assert indices[key] == pytest.approx(stored[key], abs=1e-6), key
    wide = fit(f"{STUDY.model.text}\n{STUDY.nested.freed}", items, mimic="amos")
    assert main.chisq - wide.chisq == pytest.approx(stored["dchisq"], abs=1e-6)
    numbers = effect_numbers(STUDY, effects(main))
    found = [value for key, value in numbers.items() if key.startswith("effect:")]
    assert found == pytest.approx(stored["effects"], abs=1e-5)
    normal = fit_indices(fit(STUDY.model.text, items))
    for key in ("chisq", "cfi", "tli", "rmsea"):
        assert normal[key] == pytest.approx(stored[f"normal_{key}"], abs=1e-6), key


def test_improper_draws_make_the_upper_limit(items, main):
    """Improper draws push the limit of alignment -> performance above 1.1; without them it is below 1.05."""
    draws = bootstrap(main, items, draws=1000, seed=1)
    upper = {}
    for policy in ("keep", "drop"):
        numbers = effect_numbers(STUDY, effects(main, apply_policy(draws, policy), kind="percentile"))
        upper[policy] = numbers["ci_upper:performance~alignment"]
    assert upper["keep"] > 1.1
    assert upper["drop"] < 1.05


# Largest standard deviation of a percentile end point over runs of 200 draws.  The upper limit of conflict ->
# performance is left out: it is known to lie farther from the print, which needs a weaker performance factor.
ENDS = [f"{end}:{row.name}" for row in STUDY.effects.rows for end in ("ci_lower", "ci_upper")]
NOISE = dict.fromkeys(ENDS, 0.046)
NOISE["ci_upper:performance~alignment"] = 0.10
del NOISE["ci_upper:performance~conflict"]


def test_percentile_limits_are_within_noise_of_the_print(items, main):
    """Limits from many draws differ from the paper's by at most four standard deviations of its 200 draws."""
    draws = bootstrap(main, items, draws=2000, seed=1)
    numbers = effect_numbers(STUDY, effects(main, draws, kind="percentile"))
    printed = STUDY.cells().set_index("id")["value"]
    for cell, sd in NOISE.items():
        assert abs(numbers[cell] - printed[cell]) < 4 * sd, cell


def test_answers_are_raw_and_the_sample_is_described(name):
    """The file holds integers 1-7 as asked, the paper's departments and regions, and 21 without a region."""
    with (SURVEYS / name / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    order = list(load_instrument().item_ids)
    assert list(rows[0]) == ["respondent_id", "department", "region", *order]
    assert {row[item] for row in rows for item in order} <= set("1234567")
    departments = [row["department"] for row in rows]
    assert [departments.count(d) for d in ("sales", "operations", "other")] == [40, 31, 21]
    regions = [row["region"] for row in rows]
    counts = [regions.count(r) for r in ("europe", "usa_canada", "asia_pacific", "latin_america", "")]
    assert counts == [43, 5, 22, 1, 21]
    assert all((row["region"] == "") == (row["department"] == "other") for row in rows)
    answers = np.array([[int(row[item]) for item in order] for row in rows])
    conflict = np.corrcoef(answers[:, [order.index(f"con{i}") for i in (1, 2, 3, 4)]].T)
    assert (conflict[:2, 2:] < 0).all()  # the reversed items are not yet reversed


def test_everything_says_synthetic(name):
    """File name, README, label and respondent ids say that nobody gave these answers."""
    folder = SURVEYS / name
    assert [path.name for path in folder.glob("*.csv")] == [f"{name}.csv"]
    assert "synthetic" in name
    assert "twin" in name
    assert "SYNTHETIC" in (folder / "README.md").read_text("utf-8").splitlines()[0]
    assert "Test no hypothesis" in (folder / "README.md").read_text("utf-8")
    label = tomllib.loads((folder / "survey.toml").read_text("utf-8"))
    assert label["label"] == "SYNTHETIC"
    assert label["generator"]["seed"] == int(name[-1])
    assert {t["id"]: t["printed"] for t in label["targets"]}["chisq"] == "169.04"
    assert "synthetic-01," in (folder / f"{name}.csv").read_text("utf-8")


def test_what_is_not_printed_differs():
    """The direct effect is free: its sign is not the same in all three twins."""
    direct = []
    for twin in TWINS:
        items = read_responses(SURVEYS / twin / f"{twin}.csv", load_instrument()).items
        wide = fit(f"{STUDY.model.text}\n{STUDY.nested.freed}", items, mimic="amos")
        table = effects(wide)
        row = table[(table["kind"] == "direct") & (table["route"] == "coordination > performance")]
        direct.append(float(row["est_std"].iloc[0]))
    assert min(direct) < -0.2
    assert max(direct) > 0.2
