"""Construct validation in one call."""

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from sopsem.errors import ConvergenceError, DataError, UsageError
from sopsem.report.validation_text import validation_text
from sopsem.sem.constructs import validation
from sopsem.sem.constructs.measurement import measurement_model
from sopsem.sem.constructs.validation import validate
from sopsem.sem.estimation.fit import Status, fit, fit_moments
from sopsem.sem.resampling.bootstrap import DrawStatus, bootstrap
from sopsem.sem.resampling.resampling import resample_indices

MODEL = """
col =~ col1 + col2 + col3 + col4
con =~ con1 + con2 + con3
int =~ int1 + int2 + int3
mkt =~ mkt1 + mkt2 + mkt3
perf =~ int + mkt
con ~ col
perf ~ col + con
"""
SIZES = {"col": 4, "con": 3, "int": 3, "mkt": 3}
DRAWS = 120


def answers(n=130, seed=5):
    """Return answers on a seven-point scale."""
    rng = np.random.default_rng(seed)
    col = rng.normal(size=n)
    con = -0.5 * col + np.sqrt(0.75) * rng.normal(size=n)
    perf = 0.6 * col - 0.2 * con + 0.7 * rng.normal(size=n)
    factors = {"col": col, "con": con}
    factors |= {f: 0.8 * perf + 0.6 * rng.normal(size=n) for f in ("int", "mkt")}
    scores = {
        f"{f}{i + 1}": np.clip(np.round(4 + 1.2 * factors[f] + 0.8 * rng.normal(size=n)), 1, 7)
        for f, k in SIZES.items()
        for i in range(k)
    }
    return pd.DataFrame(scores)


@pytest.fixture(scope="module")
def found():
    """One validation, used by many tests."""
    return validate(MODEL, answers(), draws=DRAWS, seed=7)


def test_every_table_accounts_for_every_draw(found):
    assert found.draws.sum().tolist() == [DRAWS, DRAWS]
    for table in (
        found.reliability,
        found.htmt,
        found.correlations,
        found.fornell_larcker_pairs,
        found.second_order,
    ):
        assert (table["draws_used"] + table["draws_failed"] == DRAWS).all()


def test_the_tables_cover_all_constructs_and_pairs(found):
    assert found.reliability["factor"].drop_duplicates().tolist() == list(SIZES)
    assert len(found.correlations) == len(found.fornell_larcker_pairs) == 6
    assert len(found.htmt) == 12
    assert len(found.cutoffs) == 18
    assert found.fornell_larcker.shape == (4, 5)
    assert set(found.second_order["factor"]) == {"perf"}


def test_dimensions_of_one_construct_are_marked(found):
    marked = found.correlations[found.correlations["within"] != ""]
    assert marked[["factor1", "factor2", "within"]].to_numpy().tolist() == [["int", "mkt", "perf"]]
    assert (found.htmt["within"] != "").sum() == 2


def test_a_dimension_beside_another_construct_is_not_marked():
    dimensions = "int =~ int1 + int2 + int3; mkt =~ mkt1 + mkt2 + mkt3; p =~ int + mkt"
    text = f"{dimensions}; con =~ con1 + con2 + con3; p ~ con"
    table = validate(text, answers(), draws=0).correlations
    assert table[["factor1", "factor2", "within"]].to_numpy().tolist() == [
        ["int", "mkt", "p"],
        ["int", "con", ""],
        ["mkt", "con", ""],
    ]


def test_a_missing_value_in_any_variable_of_the_model_leaves_its_row_out():
    data = answers().assign(growth=np.linspace(0.0, 1.0, 130))
    data.loc[[5, 9], "growth"] = np.nan
    found = validate(MODEL + "growth ~ perf", data, draws=20)
    assert found.cfa.n == 128
    assert "growth" not in found.cfa.spec.observed
    assert found.draws.sum().tolist() == [20, 20]


def test_sentences_on_pairs_leave_dimensions_of_one_construct_out(found):
    between = found.correlations[found.correlations["within"] == ""]
    listed = next(s for s in found.sentences if s.startswith("Factor correlations"))
    marginal = replace(found, correlations=found.correlations.assign(judgement="marginal"))
    assert listed.endswith("no problem in any of 5 pairs.") == between["judgement"].eq("no problem").all()
    text = next(s for s in marginal.sentences if s.startswith("Factor correlations"))
    assert text.count("(marginal)") == 5
    assert "int-mkt" not in text
    low = replace(found, htmt=found.htmt.assign(verdict="below .85"))
    assert any(s.startswith("HTMT") and "below .85 for all 5 pairs" in s for s in low.sentences)
    high = replace(found, htmt=found.htmt.assign(verdict="below 1"))
    assert next(s for s in high.sentences if s.startswith("HTMT")).count("(below 1)") == 5


def test_correlations_come_from_the_cfa_and_not_from_the_structural_model(found):
    cfa = fit(measurement_model(MODEL), answers())
    assert found.cfa.chisq == pytest.approx(cfa.chisq)
    assert found.cfa.df == cfa.df
    assert found.cfa.spec.find("int", "~~", "mkt").free


def test_all_intervals_use_the_same_resamples(found):
    """Alpha from the rows of every draw by hand has the interval of the table."""
    items = answers()[["col1", "col2", "col3", "col4"]].to_numpy()
    alphas = []
    for b in range(DRAWS):
        rows = items[resample_indices(7, b, len(items))]
        alphas.append(4 / 3 * (1 - rows.var(axis=0).sum() / rows.sum(axis=1).var()))
    row = found.reliability[
        (found.reliability["factor"] == "col") & (found.reliability["coefficient"] == "alpha")
    ]
    ordered = np.sort(alphas)
    rank = (DRAWS + 1) * 0.025
    expected = ordered[2] + (rank - 3) * (ordered[3] - ordered[2])
    assert row["ci_lower"].item() == pytest.approx(expected)


def test_the_model_and_the_cfa_see_the_same_draws(found):
    data = answers()
    counts = bootstrap(fit(MODEL, data), data, draws=DRAWS, seed=7).counts().set_index("draw_class")["count"]
    assert found.draws["model"].to_dict() == counts.to_dict()


def test_seed_and_row_order_law():
    """The same seed gives the same numbers, another seed other limits."""
    first, again, other = (validate(MODEL, answers(), draws=30, seed=s).reliability for s in (1, 1, 2))
    pd.testing.assert_frame_equal(first, again)
    assert (first["est"] == other["est"]).all()
    assert (first["ci_lower"] != other["ci_lower"]).all()


def test_without_draws_there_are_estimates_and_wald_limits():
    found = validate(MODEL, answers(), draws=0)
    assert found.n_draws == 0
    assert found.draws.empty
    assert found.reliability["ci_lower"].isna().all()
    assert found.correlations["ci_lower"].notna().all()
    assert "0 draws" in repr(found)


def test_rows_with_a_missing_value_are_left_out_of_everything_and_counted():
    data = answers()
    holed = data.copy()
    holed.loc[3, "mkt2"] = np.nan
    found = validate(MODEL, holed, draws=0)
    assert found.cfa.n == len(data) - 1
    assert found.rows_excluded == 1
    assert "129 rows are used, 1 left out for a missing value." in found.sentences
    assert found.cfa.chisq == pytest.approx(validate(MODEL, data.drop(index=3), draws=0).cfa.chisq)


def test_a_second_order_part_that_is_not_identified_is_explained():
    text = "int =~ int1 + int2 + int3; mkt =~ mkt1 + mkt2 + mkt3; perf =~ int + mkt"
    found = validate(text, answers(), draws=20)
    assert found.second_order.empty
    assert "not identified" in found.second_order_reason
    assert list(found.draws.columns) == ["cfa"]
    assert any(s.startswith("Second-order reliability is not given") for s in found.sentences)


def test_an_item_of_two_factors_is_left_out_of_htmt_only():
    text = "col =~ col1 + col2 + col3 + col4; con =~ con1 + con2 + con3 + col4"
    found = validate(text, answers(), draws=0)
    expected = validate("col =~ col1 + col2 + col3; con =~ con1 + con2 + con3", answers(), draws=0)
    assert found.htmt["est"].tolist() == pytest.approx(expected.htmt["est"].tolist())
    assert any("col4 also load on another factor" in s for s in found.sentences)
    at_one = found.cutoffs[found.cutoffs["cutoff"] == 1.0]
    assert "not tested: the model is not identified" in at_one["note"].item()
    assert not at_one["below"].item()


def test_one_factor_has_reliability_and_no_pairs():
    found = validate("col =~ col1 + col2 + col3 + col4", answers(), draws=20)
    assert found.correlations.empty
    assert found.htmt.empty
    assert "With one factor there is nothing to tell apart." in found.sentences
    assert "one factor: no pairs" in repr(found)


def test_a_factor_of_one_item_is_carried_through_with_its_reason():
    found = validate("col =~ col1 + col2 + col3; con =~ con1", answers(), draws=20)
    own = found.reliability[found.reliability["factor"] == "con"]
    assert own["est"].isna().all()
    assert (own["draws_failed"] == 20).all()
    assert any("con has the one item con1" in s for s in found.sentences)
    assert not found.htmt["headline"].any()


def test_what_is_undefined_neither_passes_nor_fails():
    text = "a =~ col1 + col2 + col3 + col4; b =~ con1; c =~ int1 + int2 + int3"
    found = validate(text, answers(), draws=20)
    said = " ".join(found.sentences)
    assert "(omega) reaches 0.70 for 2 of 3 constructs; not defined for b (1 of 3 constructs)." in said
    assert "extracted reaches 0.50 for 2 of 3 constructs; not defined for b (1 of 3" in said
    assert "below .85 for 1 of 3 pairs; not defined for a-b, b-c (2 of 3 pairs)." in said
    assert "Fornell-Larcker: holds for 1 of 3 pairs; not defined for a-b, b-c (2 of 3 pairs);" in said
    assert "fails" not in repr(found)
    printed = validation_text(found)
    block = printed[printed.index("Fornell-Larcker: root") : printed.index("Heterotrait")]
    last = [line.split()[-1] for line in block.splitlines() if line[:1] in ("a", "b", "c")]
    assert last == ["yes", "\N{EM DASH}", "yes"]
    assert "None" not in printed


def test_failures_and_undefined_are_named_side_by_side():
    text = "a =~ col1 + col2 + col3 + col4; b =~ con1; c =~ int1 + int2 + int3"
    found = validate(text, answers(), draws=0)
    low = replace(
        found,
        reliability=found.reliability.assign(est=found.reliability["est"] * 0.1),
        fornell_larcker_pairs=found.fornell_larcker_pairs.assign(holds=[None, False, True]),
        correlations=found.correlations.assign(judgement=["undefined", "severe", "no problem"]),
    )
    said = " ".join(low.sentences)
    assert re.search(r"does not reach 0.70 for a \(0.\d\d\), c \(0.\d\d\); not defined for b \(1 of 3", said)
    assert "Fornell-Larcker: fails for a-c; not defined for a-b (1 of 3 pairs);" in said
    assert "look at a-c (severe); not defined for a-b (1 of 3 pairs)." in said


def test_nothing_but_undefined_is_said_to_be_undefined():
    found = validate("a =~ col1 + col2 + col3 + col4; b =~ con1", answers(), draws=0)
    said = " ".join(replace(found, reliability=found.reliability.assign(est=np.nan)).sentences)
    assert "(omega) is not defined for a, b (2 of 2 constructs)." in said
    assert "HTMT (estimate): not defined for a-b (1 of 1 pair)." in said
    assert "Fornell-Larcker: not defined for a-b" in said


def test_an_undefined_correlation_of_two_dimensions_is_no_pass(found):
    unknown = replace(found, correlations=found.correlations.assign(judgement="undefined"))
    said = next(s for s in unknown.sentences if s.startswith("int and mkt are dimensions"))
    assert said.endswith("(here: it is not defined).")
    assert "Rönkkö and Cho): not defined for col-con" in " ".join(unknown.sentences)


def test_pairs_where_htmt_stands_in_are_counted_by_where_the_signs_are_mixed(found):
    table = found.htmt.assign(
        headline=found.htmt["coefficient"] == "htmt", sample_mixed=[True] * 4 + [False] * 8
    )
    said = " ".join(replace(found, htmt=table).sentences)
    assert "are mixed: in 2 pairs in the sample, in 3 pairs only in more than 5% of the draws." in said
    none = found.htmt.assign(headline=found.htmt["coefficient"] == "htmt2")
    assert "stands in" not in " ".join(replace(found, htmt=none).sentences)


def test_an_estimate_outside_its_interval_is_named_with_the_reason(found):
    notes = [""] * 12
    notes[2] = notes[5] = "the draws lie above"
    rows = found.htmt.assign(interval_note=notes, est=0.05, ci_lower=0.08, ci_upper=0.29)
    said = next(s for s in replace(found, htmt=rows).sentences if s.startswith("The estimate lies outside"))
    assert said == (
        "The estimate lies outside its own percentile interval for col-int (HTMT 0.05 [0.08, 0.29]), "
        "col-mkt (HTMT2 0.05 [0.08, 0.29]): the draws lie above."
    )


def test_low_reliability_and_high_correlations_are_named():
    rng = np.random.default_rng(1)
    data = answers()
    noise = (
        pd.DataFrame(rng.normal(size=(130, 3)), columns=["n1", "n2", "n3"]) + data[["col1"]].to_numpy() * 0.4
    )
    twins = pd.DataFrame(
        data[["con1", "con2", "con3"]].to_numpy() + 0.7 * rng.normal(size=(130, 3)),
        columns=["t1", "t2", "t3"],
    )
    text = "con =~ con1 + con2 + con3; noise =~ n1 + n2 + n3; twin =~ t1 + t2 + t3"
    found = validate(text, data.join(noise).join(twins), draws=40)
    sentences = " ".join(found.sentences)
    assert "does not reach 0.70 for noise" in sentences
    judged = found.correlations.set_index(["factor1", "factor2"])["judgement"]
    assert judged["con", "twin"] in ("moderate", "severe")
    assert f"con-twin ({judged['con', 'twin']})" in next(
        s for s in found.sentences if s.startswith("Factor corr")
    )
    failing = next(s for s in found.sentences if s.startswith("Fornell-Larcker: fails for"))
    assert "con-twin" in failing


def test_improper_draws_are_kept_and_counted():
    """Three weak items give negative variances in many resamples."""
    rng = np.random.default_rng(12)
    data = pd.DataFrame(0.5 * rng.normal(size=(60, 1)) + rng.normal(size=(60, 3)), columns=list("abc"))
    found = validate("f =~ a + b + c", data, draws=100)
    improper = found.draws.loc[DrawStatus.IMPROPER.label, "cfa"]
    assert improper > 5
    assert any(f"converged, improper: {improper}" in s for s in found.sentences)
    omega = found.reliability.set_index("coefficient").loc["omega"]
    assert omega["draws_used"] == improper + found.draws.loc[DrawStatus.PROPER.label, "cfa"]


def test_one_screen_is_one_screen(found):
    text = repr(found)
    assert len(text.splitlines()) <= 25
    assert max(map(len, text.splitlines())) <= 140
    for word in ("col", "int - mkt (within perf)", "CR L2", "Harman", "weak evidence"):
        assert word in text
    assert found._repr_html_().startswith("<pre>Construct validation: 4 constructs")


def test_the_sentences_name_every_part(found):
    starts = (
        "130 rows",
        "Bootstrap of the CFA",
        "Bootstrap of the model",
        "Factor correlations",
        "int and mkt are dimensions",
    )
    starts += ("HTMT", "Fornell-Larcker", "perf:", "Harman", "Eigenvalues", "One-factor CFA")
    for start in starts:
        assert sum(s.startswith(start) for s in found.sentences) == 1, start


def test_amos_multiplies_chi2_by_n_minus_1(found):
    amos = validate(MODEL, answers(), draws=0, mimic="amos")
    assert amos.cfa.chisq == pytest.approx(found.cfa.chisq * 129 / 130)
    assert amos.method.one_factor.chisq_diff == pytest.approx(found.method.one_factor.chisq_diff * 129 / 130)


@pytest.mark.parametrize("wrong", [{"draws": -1}, {"level": 0.5}, {"level": 1.0}])
def test_impossible_settings_are_refused(wrong):
    with pytest.raises(UsageError, match="draws is"):
        validate(MODEL, answers(), **wrong)


def test_a_constant_item_is_named():
    with pytest.raises(DataError, match="'col2'"):
        validate(MODEL, answers().assign(col2=4.0), draws=0)


def not_converged(*, latent):
    """Return fit_moments whose fits of models with this factor end without convergence."""

    def fitted(spec, *args, **kwargs):
        found = fit_moments(spec, *args, **kwargs)
        return replace(found, status=Status.NOT_CONVERGED) if latent in spec.latent else found

    return fitted


def test_a_cfa_that_does_not_converge_stops_with_its_reason(monkeypatch):
    monkeypatch.setattr(validation, "fit_moments", not_converged(latent="col"))
    with pytest.raises(ConvergenceError, match="the CFA behind the model did not converge on 130 rows"):
        validate(MODEL, answers(), draws=0)


def test_a_second_order_model_that_does_not_converge_is_explained(monkeypatch):
    monkeypatch.setattr(validation, "fit_moments", not_converged(latent="perf"))
    found = validate(MODEL, answers(), draws=20)
    assert found.second_order.empty
    assert found.second_order_reason == Status.NOT_CONVERGED.value
    assert list(found.draws.columns) == ["cfa"]
