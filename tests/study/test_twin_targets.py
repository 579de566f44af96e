"""Targets of a twin: intervals of print, aims inside them, and paths that fit all printed effects."""

import pytest

from sopsem.errors import DataError, UsageError
from sopsem.study.printed import printed
from sopsem.study.published import load_study
from sopsem.study.study_parts import FitBlock
from sopsem.study.twin_targets import multiplier, twin_targets

STUDY = load_study()


def changed(**updates):
    """The study with other printed fit measures."""
    fit = STUDY.fit.model_copy(update={k: printed(v) for k, v in updates.items()})
    return STUDY.model_copy(update={"fit": fit})


def test_baseline_is_where_cfi_and_tli_meet():
    """CFI .942 and TLI .931 leave a baseline chi2 between 837.44 and 846.27."""
    aim = twin_targets(STUDY).aims["baseline_chisq"]
    assert (round(aim.lower, 2), round(aim.upper, 2)) == (837.44, 846.27)
    assert aim.lower < aim.value < aim.upper


def test_printed_paths_alone_would_miss_the_printed_total():
    """.504 x .894 - .448 x .106 = .40309 prints .403; the aims print .404, each still inside its interval."""
    targets = twin_targets(STUDY)
    assert f"{0.504 * 0.894 - 0.448 * 0.106:.3f}" == "0.403"
    effects = {k: a for k, a in targets.aims.items() if k.startswith("effect:")}
    assert f"{effects['effect:performance~coordination'].value:.3f}" == "0.404"
    slack = [min(a.value - a.lower, a.upper - a.value) / a.half_width for a in effects.values()]
    assert min(slack) == pytest.approx(max(slack), abs=1e-3)
    assert min(slack) > 0.3


def test_unstandardized_studies_aim_at_their_std_column():
    """Raw estimates depend on units that a correlation matrix does not have."""
    aims = twin_targets(load_study("political_democracy")).aims
    assert aims["std:dem65~dem60"].value == pytest.approx(0.885)
    assert not [name for name in aims if name.startswith("effect:")]


def test_a_printed_baseline_is_taken_as_printed():
    """Without CFI and TLI arithmetic when the baseline chi2 itself is printed."""
    aim = twin_targets(load_study("three_factor_abilities")).aims["baseline_chisq"]
    assert aim.value == 918.852


ABILITIES = load_study("three_factor_abilities")


def nine_items(**fit):
    """The aim at the baseline of a study of nine items (36 df) that prints nothing else; None without one."""
    block = FitBlock(**{"chisq": "20.58", "df": "25"} | fit)
    return twin_targets(ABILITIES.model_copy(update={"fit": block})).aims.get("baseline_chisq")


@pytest.mark.parametrize("fit", [{"cfi": "1.000", "tli": "1.006"}, {"tli": "1.006"}])
def test_with_chi2_below_df_tli_alone_sets_the_baseline(fit):
    """TLI 1.006: 36(1 + .1768/.0065) = 1015.2 to 36(1 + .1768/.0055) = 1193.2, whatever CFI."""
    aim = nine_items(**fit)
    assert (round(aim.lower, 1), round(aim.upper, 1)) == (1015.2, 1193.2)


@pytest.mark.parametrize("fit", [{}, {"cfi": "1.000"}, {"cfi": "1.000", "tli": "1.0", "chisq": "25.00"}])
def test_no_index_that_tells_is_no_baseline_target(fit):
    """A CFI cut at 1, a TLI of exactly 1 and no index at all leave the baseline free."""
    assert nine_items(**fit) is None


@pytest.mark.parametrize(
    ("fit", "lower"),
    [
        ({"cfi": "1.000", "tli": "1.000"}, 36 * (1 + 0.1768 / 0.0005)),
        ({"tli": "1.00", "chisq": "25.25"}, 36 * (1 + 0.01 / 0.005)),
        ({"cfi": "1.000", "chisq": "25.25"}, 36 + 0.25 / 0.0005),
    ],
)
def test_an_index_that_rounds_to_1_asks_for_a_large_baseline(fit, lower):
    """Both sides of chi2 = df: the baseline has a lower end only."""
    aim = nine_items(**fit)
    assert aim.lower == pytest.approx(lower)
    assert aim.upper == float("inf")
    assert aim.lower < aim.value


@pytest.mark.parametrize(
    ("fit", "message"),
    [
        (
            {"cfi": "1.000", "tli": ".996"},
            "TLI is printed as .996, but with chi2 20.58 and 25 df it is above 1",
        ),
        ({"cfi": ".990", "tli": "1.006"}, "CFI is printed as .990, but .* it is 1"),
        ({"cfi": "1.001"}, "CFI is printed as 1.001, but .* it is 1"),
        ({"tli": "1.006", "chisq": "30.00"}, "TLI is printed as 1.006, but .* it is below 1"),
    ],
)
def test_an_index_on_the_wrong_side_of_1_is_refused_alone(fit, message):
    """The message names the index that contradicts chi2, not the other one."""
    with pytest.raises(DataError, match=message):
        nine_items(**fit)


def test_multiplier_follows_the_likelihood_then_the_program():
    """A stated likelihood goes before what the program usually does."""
    assert multiplier(STUDY) == 91
    normal = STUDY.analysis.model_copy(update={"likelihood": "normal"})
    assert multiplier(STUDY.model_copy(update={"analysis": normal})) == 92


@pytest.mark.parametrize(
    ("study", "error", "message"),
    [
        (STUDY.model_copy(update={"model": None}), UsageError, "model text"),
        (STUDY.model_copy(update={"fit": FitBlock()}), UsageError, "chi2"),
        (STUDY.model_copy(update={"n": 19}), DataError, "19 respondents"),
        (changed(cfi=".900"), DataError, "both the printed CFI and the printed TLI"),
        (changed(srmr="< .08"), DataError, "bound"),
    ],
)
def test_impossible_targets_are_refused(study, error, message):
    """Too little print, too few people, contradicting or censored numbers."""
    with pytest.raises(error, match=message):
        twin_targets(study)


def test_contradicting_effects_are_refused():
    """No paths near .504, .894, -.448 and .106 give a total effect of .500."""
    rows = [
        row.model_copy(update={"est": printed("0.500")}) if row.name == "performance~coordination" else row
        for row in STUDY.effects.rows
    ]
    effects = STUDY.effects.model_copy(update={"rows": tuple(rows)})
    with pytest.raises(DataError, match="no paths give every printed effect"):
        twin_targets(STUDY.model_copy(update={"effects": effects}))
