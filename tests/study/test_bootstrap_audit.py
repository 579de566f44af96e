"""Bootstrap p-values and limits: the lattice, the ceiling of admissible paths."""

import numpy as np
import pytest
from scipy.stats import norm
from study_editing import misprinted

from sopsem.study.audit import audit
from sopsem.study.bootstrap_audit import admissible_ceiling, bc_pairs
from sopsem.study.effects_audit import traceable
from sopsem.study.printed import printed
from sopsem.study.published import load_study

PAPER = "sales_operations_alignment"


@pytest.mark.parametrize("pair", [(27, 86), (50, 103), (60, 109), (71, 115)])
def test_known_pairs_reach_the_printed_p(pair):
    """The four pairs of counts known to give .453 at 200 draws are found."""
    assert pair in bc_pairs(printed("0.453"), 200)


def test_bc_p_inverts_the_bias_corrected_interval():
    """The interval of level 1 - p of draws with these counts ends at 0, within one draw."""
    draws, (below_zero, below_estimate) = 200, bc_pairs(printed("0.453"), 200)[0]
    z0 = norm.ppf(below_estimate / draws)
    ends = norm.cdf(2 * z0 + norm.ppf([0.453 / 2, 1 - 0.453 / 2])) * draws
    assert np.abs(ends - below_zero).min() == pytest.approx(0, abs=1)


def test_counts_respect_the_sign_of_the_estimate():
    """Draws below 0 are fewer than draws below a positive estimate, more for a negative one."""
    assert all(k <= m for k, m in bc_pairs(printed("0.453"), 200))
    assert all(k >= m for k, m in bc_pairs(printed("0.453"), 200, positive=False))


@pytest.mark.parametrize(
    ("p", "rule"),
    [("0.45", "percentile 2k/B"), ("0.448", "percentile 2k/(B+1)"), ("0.453", "percentile between ranks")],
)
def test_each_percentile_rule_has_its_own_lattice(p, rule):
    """The printed p tells which rules can have given it."""
    report = audit(misprinted(PAPER, "effects.rows.3.pvalue", p))
    assert report.value("p_lattice:performance~conflict", f"n {rule}") >= 1


def test_a_p_between_all_lattices_is_refused():
    """With 10 draws no rule gives .453."""
    checks = audit(misprinted(PAPER, "analysis.draws", 10)).checks.set_index("check")
    assert checks.loc["p_lattice:performance~conflict", "verdict"] == "inconsistent"


def test_the_ceiling_leaves_no_variance():
    """At the ceiling, with the largest correlation of the causes, the smallest explained variance is 1."""
    study = load_study()
    ceiling = admissible_ceiling(study, traceable(study), ("performance", "alignment"))
    r = 0.655 * 0.690
    assert ceiling**2 * (1 - r**2) == pytest.approx(1.0)


def test_a_path_alone_cannot_exceed_one():
    """The only cause of an outcome has the ceiling 1."""
    study = load_study()
    assert admissible_ceiling(study, traceable(study), ("alignment", "coordination")) == 1.0


def test_a_limit_below_the_ceiling_is_not_listed():
    """An upper limit of 1.035 needs no improper solution: the ceiling is 1.121."""
    checks = audit(misprinted(PAPER, "effects.rows.4.ci_upper", "1.035")).checks["check"]
    assert not checks.str.startswith("improper").any()


def test_beyond_the_ceiling_without_draws_nothing_is_said_about_draws():
    """A study without a bootstrap has no improper draws to speak of, and no certainty either."""
    checks = audit(misprinted(PAPER, "analysis.draws", None)).checks.set_index("check")
    told = checks.loc["improper:performance~alignment"]
    assert told["verdict"] == "undecidable"
    assert told["explanation"].startswith("Practically no admissible solution")


def test_a_symmetric_bootstrap_interval_is_undecidable():
    """Equal arms are possible for a normal and for a bootstrap interval."""
    checks = audit(misprinted(PAPER, "effects.rows.1.ci_upper", "0.747")).checks.set_index("check")
    assert checks.loc["asymmetry:alignment~coordination", "verdict"] == "undecidable"


def test_wald_z_reaches_every_ratio_within_rounding():
    """The range of z covers the ratio at the printed values."""
    report = audit(load_study("political_democracy"))
    low, high = (report.value("wald_z:dem60~ind60", end) for end in ("lower", "upper"))
    assert low < 1.483 / 0.399 < high
    assert np.isclose(low, 1.4825 / 0.3995)
