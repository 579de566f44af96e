"""Words of the mediation verdict, one sentence at a time."""

from types import SimpleNamespace

import pandas as pd
import pytest

from sopsem.sem.effects.equivalence import equivalence_test
from sopsem.sem.effects.mediation_verdict import (
    Pattern,
    classify,
    criteria_sentence,
    difference_sentence,
    direct_sentence,
    pattern_sentence,
    power_sentence,
    total_sentence,
)


@pytest.mark.parametrize("direct", [-0.2, 0.2])
@pytest.mark.parametrize("indirect", [-0.3, 0.3])
def test_the_sign_of_the_product_separates_complementary_from_competitive(direct, indirect):
    found = classify(indirect=indirect, indirect_found=True, direct=direct, direct_found=True)
    assert found is (Pattern.COMPLEMENTARY if direct * indirect > 0 else Pattern.COMPETITIVE)


@pytest.mark.parametrize(
    ("indirect_found", "direct_found", "pattern"),
    [
        (True, False, Pattern.INDIRECT_ONLY),
        (False, True, Pattern.DIRECT_ONLY),
        (False, False, Pattern.NO_EFFECT),
    ],
)
def test_an_effect_that_was_not_found_has_no_say_by_its_sign(indirect_found, direct_found, pattern):
    for direct in (-0.2, 0.2):
        found = classify(
            indirect=0.3, indirect_found=indirect_found, direct=direct, direct_found=direct_found
        )
        assert found is pattern


@pytest.mark.parametrize(
    ("bf01", "words"),
    [
        (1.95, "bare mention"),
        (1 / 1.95, "bare mention"),
        (9.0, "positive"),
        (1 / 50.0, "is strong"),
        (200.0, "very strong"),
    ],
)
def test_a_bayes_factor_is_as_strong_in_either_direction(bf01, words):
    dbic = 1.0 if bf01 > 1 else -1.0
    text = criteria_sentence(SimpleNamespace(bf01=bf01, daic=-1.19, dbic=dbic))
    assert words in text
    assert "AIC prefers the model with the direct effect (by 1.19)" in text
    assert f"BIC the one {'without' if bf01 > 1 else 'with'} the direct effect" in text


def test_the_direct_sentence_says_shown_not_shown_or_not_negligible():
    wide, narrow = (equivalence_test(0.02, se, 0.20) for se in (0.3, 0.05))
    assert "practically zero" in direct_sentence((narrow,), found=False)
    assert "absence was not shown" in direct_sentence((wide,), found=False)
    assert "depends on the test, and its absence was not shown" in direct_sentence((wide,), found=None)
    assert "not practically zero" in direct_sentence((wide,), found=True)
    assert "disagree" in direct_sentence((narrow, wide), found=False)
    assert "disagree" not in direct_sentence((wide, wide), found=False)


def effects_table():
    """Direct, total indirect and total effect of x on y."""
    kinds = ["direct", "total_indirect", "total"]
    return pd.DataFrame({"kind": kinds, "found": [False, True, True], "est_std": [-0.3, 0.5, 0.2]}).assign(
        predictor="x", outcome="y", route="", ci_lower_std=-0.6, ci_upper_std=0.9
    )


@pytest.mark.parametrize(
    ("pattern", "alternative", "words"),
    [
        (Pattern.INDIRECT_ONLY, Pattern.COMPLEMENTARY, "indirect-only and complementary mediation"),
        (Pattern.COMPETITIVE, Pattern.INDIRECT_ONLY, "competitive and indirect-only mediation"),
        (Pattern.NO_EFFECT, Pattern.DIRECT_ONLY, "no-effect and direct-only non-mediation"),
    ],
)
def test_an_undecided_headline_names_both_patterns_and_the_test_of_each(pattern, alternative, words):
    routes = effects_table()
    test = SimpleNamespace(pvalue=0.074, dchisq=3.19, ddf=1)
    text = pattern_sentence(
        pattern, routes, routes.iloc[1], test, 0.95, alternative=alternative, bootstrap_pvalue=0.042
    )
    assert text.startswith(f"undecided between {words} (Zhao")
    assert "(p = 0.074) and its bootstrap (p = 0.042) disagree at the 5% level" in text
    assert f"by the former it is {pattern.value}, by the latter {alternative.value}" in text
    decided = pattern_sentence(pattern, routes, routes.iloc[1], test, 0.95, bootstrap_pvalue=0.08)
    assert decided.startswith(f"{pattern.value} (Zhao")


def test_a_total_that_one_of_both_patterns_cannot_split_is_said():
    routes = effects_table()
    said = total_sentence(Pattern.DIRECT_ONLY, routes, 0.95, alternative=Pattern.NO_EFFECT)
    assert "cannot say how much" in said
    assert total_sentence(Pattern.DIRECT_ONLY, routes, 0.95) == ""


def test_power_that_is_never_reached_is_said():
    power = pd.DataFrame({"size": [0.2], "power": [0.1]})
    assert "at least 0.45" in power_sentence(power, 0.45, 92, 0.80)
    assert "no direct effect below .98" in power_sentence(power, float("nan"), 92, 0.80)


@pytest.mark.parametrize(("p", "word"), [(0.04, "disagrees"), (0.06, "agrees")])
def test_the_bootstrap_sentence_counts_unusable_draws_and_compares_decisions(p, word):
    class Draws(SimpleNamespace):
        def __len__(self):
            return 100

    text = difference_sentence(
        Draws(
            pvalue=p,
            comparison=SimpleNamespace(pvalue=0.07),
            pvalue_range=(0.03, 0.08),
            n_used=95,
            mc_pvalue=0.02,
            restricted=SimpleNamespace(kind="bollen_stine"),
        ),
        0.05,
    )
    assert f"which {word} with" in text
    assert "95 of 100 draws used, 0.030 to 0.080 whatever the 5 unusable draws" in text
