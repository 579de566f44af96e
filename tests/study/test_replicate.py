"""Replication of the paper on the shipped twins: cells, verdicts, conventions, manifest."""

from hashlib import sha256

import numpy as np
import pytest

import sopsem
from sopsem.study.conventions import best_conventions, convention_table, determined_numbers
from sopsem.study.printed import printed
from sopsem.study.replicate import replicate
from sopsem.study.replication_cells import MC_LIMIT

TWINS = ("synthetic_twin_0", "synthetic_twin_1", "synthetic_twin_2")


def _items(name: str):
    return sopsem.read_responses(sopsem.find_survey(name), sopsem.load_instrument()).items.copy()


@pytest.fixture(scope="module", params=TWINS)
def result(request):
    """The replication on each shipped twin with the paper's 200 draws."""
    return replicate(_items(request.param), seed=1)


@pytest.fixture(scope="module")
def first():
    """The replication on the first twin."""
    return replicate(_items(TWINS[0]), seed=1)


def test_every_determined_number_is_reproduced_to_the_printed_digit(result) -> None:
    """chi2 169.04 on 129 df, 42 parameters, dchi2 3.19, CFI .942, TLI .931, RMSEA .058, SRMR .066, five effects."""
    cells = result.cells.set_index("id")
    determined = [i for i in cells.index if ":" not in i or i.startswith("effect:")]
    assert len(determined) == 15
    assert (cells.loc[determined, "verdict"] == "reproduced").all(), cells.loc[determined]
    assert cells.loc["chisq", "computed"] == pytest.approx(169.04, abs=0.005)
    assert cells.loc["dchisq", "computed"] == pytest.approx(3.19, abs=0.005)


def test_with_n_instead_of_n_minus_1_the_fit_block_fails(result) -> None:
    """The negative test: CFI .940, TLI .929, RMSEA .059 under the normal likelihood."""
    items = _items(result_name(result))
    normal = sopsem.fit(result.study.model.text, items)
    measures = sopsem.fit_indices(normal)
    assert [round(float(measures[i]), 3) for i in ("cfi", "tli", "rmsea")] == [0.940, 0.929, 0.059]
    table = result.conventions.groupby("multiplier")["fit_matched"].max()
    assert table["N - 1"] == 10
    assert table["N"] < 10


def result_name(result) -> str:
    """Find which twin a result was made from, by the hash of its matrix."""
    for name in TWINS:
        if replicate_hash(name) == result.manifest["data"]["sha256_matrix"]:
            return name
    raise AssertionError("no twin has this hash")


def replicate_hash(name: str) -> str:
    """The hash of a twin's items in model order, as the manifest makes it."""
    items = _items(name)
    order = sopsem.model_spec(sopsem.load_study().model.text).observed
    return sha256(np.ascontiguousarray(items[list(order)].to_numpy(dtype=float)).tobytes()).hexdigest()


def test_keeping_improper_draws_is_what_makes_the_printed_upper_limit_possible(result) -> None:
    """alignment -> performance: above 1.1 when improper draws are kept, below 1.05 when they are dropped."""
    limits = result.policies.query("effect == 'performance~alignment'").set_index("policy")["ci_upper"]
    assert limits["keep"] > 1.1
    assert limits["drop"] < 1.05


def test_the_classes_of_the_draws_add_up(result) -> None:
    """Every draw is accounted for, under every policy."""
    assert int(result.kept.counts()["count"].sum()) == 200


def test_bootstrap_verdicts_follow_the_distance(first) -> None:
    """A number is outside exactly when it is more than three standard errors from the rounding interval."""
    random = first.cells[first.cells["mc_se"].notna()]
    assert len(random) == 15
    outside = random["verdict"] == "outside Monte-Carlo error"
    assert (outside == (random["distance"] > MC_LIMIT)).all()
    inside = random["computed"].between(random["lower"], random["upper"])
    assert (inside == ~outside).all()


def test_a_changed_print_is_not_reproduced(first) -> None:
    """One digit off in the paper and the cell differs: the verdict can fail."""
    study = first.study.model_copy(
        update={
            "fit": first.study.fit.model_copy(update={"srmr": _printed(".061"), "chisq": _printed("169.14")})
        }
    )
    cells = replicate(_items(TWINS[0]), study, draws=20).cells.set_index("id")
    assert cells.loc["srmr", "verdict"] == "differs"
    assert cells.loc["chisq", "verdict"] == "differs"
    assert cells.loc["cfi", "verdict"] == "reproduced"


def _printed(text: str):
    return printed(text)


def test_the_best_conventions_are_those_of_amos(first) -> None:
    """N - 1 explains the fit block; what print cannot tell apart is listed together."""
    best = best_conventions(first.conventions)
    assert best["multiplier"] == ["N - 1"]
    assert "keep" in best["policy"]
    assert "redraw" not in best["policy"]
    assert len(first.conventions) == 64


def test_bias_corrected_limits_of_dropped_draws_are_refused_in_the_table(first) -> None:
    """A refused combination has a note and counts nothing."""
    rows = first.conventions.query("interval == 'bc' and policy == 'drop'")
    assert (rows["note"].str.contains("refused")).all()
    assert (rows["bootstrap_cells"] == 0).all()


def test_conventions_without_a_nested_test(first) -> None:
    """A paper that prints no difference test is compared on what it prints."""
    numbers = determined_numbers(first.fit, None)
    assert "dchisq" not in numbers
    study = first.study.model_copy(update={"nested": None})
    table = convention_table(study, first.fit, None, {"keep": first.kept}, MC_LIMIT)
    assert set(table["fit_cells"]) == {8}


def test_the_manifest_says_how_to_repeat_it(first) -> None:
    """Hashes, seed, settings, versions; another cell changes the hash."""
    made = first.manifest
    assert made["settings"]["seed"] == 1
    assert made["settings"]["mimic"] == "amos"
    assert {"python", "numpy", "scipy", "pandas", "sopsem"} <= set(made["versions"])
    items = _items(TWINS[0])
    items.iloc[3, 3] = 8.0 - items.iloc[3, 3] if items.iloc[3, 3] != 4 else 5.0
    other = replicate(items, draws=10).manifest
    assert other["data"]["sha256_matrix"] != made["data"]["sha256_matrix"]
    assert other["model"]["sha256"] == made["model"]["sha256"]


def test_the_sentences_say_what_a_reader_must_know(first) -> None:
    """Improper draws with their cause, the small-sample warning, how many draws would be enough."""
    text = " ".join(first.sentences)
    assert "improper" in text
    assert "two indicators" in text
    assert "one time in five" in text
    assert "two decimals stable" in text
    assert "unbounded" in text


def test_a_study_without_a_model_is_refused() -> None:
    """Nothing can be refitted from print alone."""
    study = sopsem.load_study().model_copy(update={"model": None})
    with pytest.raises(sopsem.ModelError, match="prints no model"):
        replicate(_items(TWINS[0]), study)


def test_a_missing_row_is_left_out_and_listed() -> None:
    """Listwise exclusion is counted in the manifest."""
    items = _items(TWINS[0])
    items.iloc[10, 2] = np.nan
    data = replicate(items, draws=10).manifest["data"]
    assert data["rows_used"] == 91
    assert data["rows_excluded"] == [11]


def test_a_paper_that_did_not_bootstrap_is_judged_by_rounding() -> None:
    """Without draws in the paper the intervals are Wald's, and no number carries Monte-Carlo error."""
    analysis = sopsem.load_study().analysis.model_copy(update={"draws": None})
    study = sopsem.load_study().model_copy(update={"analysis": analysis})
    found = replicate(_items(TWINS[0]), study).cells
    assert found["mc_se"].isna().all()
    assert set(found["verdict"]) == {"reproduced", "differs"}


def test_a_draw_without_a_standardized_effect_is_counted(first) -> None:
    """Kept, but with a negative implied variance of the outcome: no standardized value, and the reader is told."""
    frame = first.effects.set_index("effect").loc["total:performance~alignment"]
    finite = int(np.isfinite(first.effect_draws["performance~alignment"]).sum())
    assert frame["n_draws_std"] == finite < frame["n_draws"] == int(first.draws.used.sum())
    assert any("no standardized effect" in sentence for sentence in first.sentences)
    rows = first.policies.query("policy == 'keep' and effect == 'performance~alignment'")
    assert rows["n_draws"].item() == finite


def test_a_limit_that_is_the_outermost_draw_is_not_judged() -> None:
    """With 20 draws a 95 % limit is the smallest or largest of them."""
    few = replicate(_items(TWINS[0]), draws=20)
    limits = few.cells[few.cells["id"].str.startswith("ci_")]
    assert (limits["verdict"] == "too few draws to tell").all()
    assert any("too few" in sentence for sentence in few.sentences)


def test_the_level_of_the_claim_comes_second() -> None:
    """Synthetic data prove software; other respondents are another level."""
    twin = replicate(_items(TWINS[0]), draws=40, source={"label": "synthetic data"}).sentences
    other = replicate(_items(TWINS[0]), draws=40).sentences
    assert "printed numbers agree" in twin[0]
    assert twin[1].startswith("Level B")
    assert other[1].startswith("Level C")
