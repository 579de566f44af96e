"""Validity, effects, fit, invariance, correlations and draws as printed."""

import numpy as np
import pytest

import sopsem
from sopsem.errors import DataError, UsageError
from sopsem.report.apa.collection import TABLE_FORMATS, apa_tables, table_files


def test_validity_diagonal_below_and_above(study, tables):
    """Root of AVE, factor correlation, HTMT, each from its own function; M and SD from the rows."""
    first, second = tables["validity"].rows
    ave = sopsem.reliability(study.single).set_index("factor")["ave_std"]
    r = sopsem.latent_correlations(study.single)["r"].iloc[0]
    assert float(first[3]) == pytest.approx(np.sqrt(ave["f"]), abs=0.0051)
    assert float(second[3].rstrip("*")) == pytest.approx(r, abs=0.0051)
    score = study.data[list("abc")].dropna().mean(axis=1)
    complete = study.data[list("abcdeh")].dropna()
    score = complete[list("abc")].mean(axis=1)
    assert [float(c) for c in first[1:3]] == pytest.approx([score.mean(), score.std()], abs=0.0051)
    from sopsem.sem.constructs.htmt import htmt

    ratio = (
        htmt(complete.cov(), {"f": list("abc"), "g": list("deh")}).set_index("coefficient").loc["htmt", "est"]
    )
    assert float(first[4]) == pytest.approx(ratio, abs=0.0051)


def test_validity_of_paths_warns(study):
    """Correlations of a structural model are forced by its paths."""
    table = sopsem.validity_table(study.paths)
    assert "judge validity by a CFA" in table.notes[0]
    assert [row[0] for row in table.rows] == ["1. f", "2. g", "3. k"]


def test_validity_needs_two_factors(study):
    """One factor has nothing to differ from; the ratio has two names."""
    with pytest.raises(UsageError, match="at least two"):
        sopsem.validity_table(study.heywood)
    with pytest.raises(UsageError, match="'htmt' or 'htmt2'"):
        sopsem.validity_table(study.single, ratio="other")


def test_ordered_answers_have_means_of_their_own(tables):
    """M and SD are those of the answers, correlations those of the latent responses."""
    first = tables["validity_ordinal"].rows[0]
    assert 0.0 < float(first[1]) < 3.0
    assert "polychoric" in tables["validity_ordinal"].notes[0]


def test_effects_print_what_effects_returns(study, tables):
    """Sections by kind; numbers of the frame; R² in the note."""
    table = tables["effects"]
    total = table.frame[table.frame["kind"] == "total"].iloc[0]
    place = [row[0] for row in table.rows].index("Total effects") + 1
    assert float(table.rows[place][1]) == pytest.approx(total["est"], abs=0.0051)
    assert float(table.rows[place][6].rstrip("*")) == pytest.approx(total["est_std"], abs=0.0051)
    r2 = sopsem.r_squared(study.paths)["y"]
    assert f"R²: y = {r2:.2f}".replace("0.", ".") in table.notes[0]


def test_effects_say_which_interval(tables):
    """Wald, or the bootstrap with every draw accounted for."""
    assert "(Wald, delta method)" in tables["effects"].notes[0]
    note = tables["effects_draws"].notes[0]
    assert "percentile bootstrap" in note
    assert "60 bootstrap draws, seed 1" in note
    assert "R² (Süd)" in tables["effects_groups"].notes[0]


def test_effects_need_paths(study):
    """A measurement model has none."""
    with pytest.raises(UsageError, match="no paths"):
        sopsem.effects_table(study.single)


def test_fit_of_models_side_by_side(study, tables):
    """chi2 and indices of every model, the test of ``compare``, and no difference for the first."""
    table = tables["fit"]
    made = sopsem.compare(study.paths, study.free)
    second = dict(zip(table.columns, table.rows[1], strict=True))
    assert float(second["Δχ²"]) == pytest.approx(made.dchisq, abs=0.0051)
    assert second["Δdf"] == str(made.ddf)
    assert table.rows[0][table.columns.index("Δχ²")] == ""
    assert float(second["CFI"]) == pytest.approx(sopsem.fit_indices(study.paths)["cfi"], abs=0.00051)


def test_robust_fit_is_named(study, tables):
    """chi2 is scaled and CFI robust where the estimator makes them so."""
    measures = sopsem.fit_indices(study.groups)
    table = tables["fit_robust"]
    assert table.frame["chisq"].iloc[0] == measures["chisq_scaled"]
    assert table.frame["cfi"].iloc[0] == measures["cfi_robust"]
    assert "χ² is scaled" in table.notes[0]
    assert "are robust" in table.notes[0]


def test_models_that_cannot_be_compared_say_why(study):
    """Dashes and a reason, no crash."""
    table = sopsem.fit_table({"A": study.single, "B": study.heywood})
    assert "B against A has no test" in table.notes[1]
    with pytest.raises(UsageError, match="'previous', 'first' or 'none'"):
        sopsem.fit_table(study.single, against="last")
    with pytest.raises(UsageError, match="no model"):
        sopsem.fit_table({})


def test_invariance_is_the_ladder(study, tables):
    """One row per level; the first has no difference; the criteria are in the notes."""
    table = tables["invariance"]
    assert [row[0] for row in table.rows] == ["Configural", "Metric", "Scalar"]
    assert table.rows[0][7:] == ("",) * 6
    assert float(table.rows[1][7]) == pytest.approx(study.ladder.frame["chisq_diff"].iloc[1], abs=0.0051)
    assert "Metric" in table.notes[1]


def test_correlations_count_their_rows(study, tables):
    """The lower triangle, a dash on the diagonal, rows left out counted."""
    table = tables["correlations"]
    complete = study.data[list("abcdeh")].dropna()
    assert float(table.rows[1][4].rstrip("*")) == pytest.approx(complete.corr().loc["a", "b"], abs=0.0051)
    assert [row[4 + n] for n, row in enumerate(table.rows)] == ["—"] * 6
    assert table.rows[0][5:] == ("",) * 5
    assert table.notes[0] == "N = 390; 10 of 400 rows with a missing value left out."
    pairwise = sopsem.correlation_table(study.data, ["a", "b"], missing="pairwise")
    assert [row[1] for row in pairwise.rows] == ["390", "400"]
    with pytest.raises(DataError, match="no column 'zz'"):
        sopsem.correlation_table(study.data, ["zz"])
    with pytest.raises(DataError, match="'school' holds text"):
        sopsem.correlation_table(study.data, ["a", "school"])


def test_bootstrap_has_every_free_parameter(tables):
    """Sections by kind of parameter."""
    table = tables["bootstrap"]
    assert sum(any(row[1:]) for row in table.rows) == len(table.frame)
    assert table.rows[0][0] == "Loadings"


def test_mediation_prints_its_verdict():
    """Routes of the full model and the verdict in the note."""
    data = sopsem.simulate("m ~ 0.5*x; y ~ 0.5*m", 100, seed=1)
    result = sopsem.mediation(sopsem.fit("m ~ x; y ~ m", data), predictor="x", outcome="y", draws=0)
    table = sopsem.mediation_table(result, labels={"x": "Ξ"})
    assert table.notes[1] == result.verdict
    assert [row[0] for row in table.rows][:2] == ["Direct effect", "Ξ → y"]


def test_the_collection_has_what_the_model_has(study):
    """A CFA has no effects; draws bring the bootstrap; numbers run on."""
    assert list(apa_tables(study.single)) == ["measurement", "validity", "fit"]
    made = apa_tables(study.draws.fit, study.draws)
    assert list(made) == ["measurement", "validity", "effects", "fit", "bootstrap"]
    assert [table.number for table in made.values()] == [f"Table {n}" for n in range(1, 6)]


def test_files_are_written_all_or_none(study, tmp_path):
    """One file per format, one CSV per table; an unknown format is refused before anything is written."""
    made = apa_tables(study.single)
    paths = sopsem.write_tables(made, tmp_path / "new")
    assert sorted(p.name for p in paths) == [
        "fit.csv", "measurement.csv", "tables.docx", "tables.html", "tables.md", "tables.tex", "validity.csv",
    ]  # fmt: skip
    assert all(p.stat().st_size > 100 for p in paths)
    assert table_files(made) == table_files(made)
    with pytest.raises(UsageError, match="docx, tex, html, md, csv"):
        sopsem.write_tables(made, tmp_path / "other", to=("pdf",))
    assert not (tmp_path / "other").exists()
    assert len(TABLE_FORMATS) == 5
