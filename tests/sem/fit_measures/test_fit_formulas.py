"""The scalar fit formulas against stored values of lavaan 0.7 and of published power tables."""

import math

import pytest

from sopsem.errors import UsageError
from sopsem.sem.fit_measures import fit_formulas as formulas

# lavaan 0.7: chisq df baseline.chisq baseline.df N npar logl groups -> fit measures.
HOLZINGER = {
    "args": (85.30552177, 24, 918.8515893, 36, 301, 21, -3737.744927, 1),
    "cfi": 0.9305596518,
    "tli": 0.8958394777,
    "nfi": 0.907160718,
    "rfi": 0.8607410771,
    "ifi": 0.93149085,
    "rni": 0.9305596518,
    "pnfi": 0.604773812,
    "rmsea": 0.09212148451,
    "lower": 0.07141849044,
    "upper": 0.1136780168,
    "close": 0.0006612367781,
    "notclose": 0.8395528968,
    "mfi": 0.9031772859,
    "ecvi": 0.4229419328,
    "cn_05": 129.4902003,
    "cn_01": 152.6540265,
    "aic": 7517.489853,
    "bic": 7595.339169,
    "sabic": 7528.739112,
}
DEMOCRACY = {
    "args": (38.12521823, 35, 730.6540854, 55, 75, 31, -1547.790943, 1),
    "cfi": 0.9953745292,
    "tli": 0.9927314031,
    "nfi": 0.9478204269,
    "rfi": 0.9180035281,
    "ifi": 0.9955075111,
    "rni": 0.9953745292,
    "pnfi": 0.6031584535,
    "rmsea": 0.03450448268,
    "lower": 0.0,
    "upper": 0.09223267569,
    "close": 0.6111038216,
    "notclose": 0.1135833151,
    "mfi": 0.9793807565,
    "ecvi": 1.33500291,
    "cn_05": 98.97029083,
    "cn_01": 113.8034332,
    "aic": 3157.581887,
    "bic": 3229.424018,
    "sabic": 3131.720186,
}


def measures(args):
    """Every index of one fit under the names of the stored values."""
    chisq, df, chisq0, df0, n, npar, logl, groups = args
    lower, upper = formulas.rmsea_interval(chisq, df, n, n_groups=groups)
    return {
        "cfi": formulas.cfi(chisq, df, chisq0, df0),
        "tli": formulas.tli(chisq, df, chisq0, df0),
        "nfi": formulas.nfi(chisq, df, chisq0, df0),
        "rfi": formulas.rfi(chisq, df, chisq0, df0),
        "ifi": formulas.ifi(chisq, df, chisq0),
        "rni": formulas.rni(chisq, df, chisq0, df0),
        "pnfi": formulas.pnfi(chisq, df, chisq0, df0),
        "rmsea": formulas.rmsea(chisq, df, n, n_groups=groups),
        "lower": lower,
        "upper": upper,
        "close": formulas.rmsea_pvalue_close(chisq, df, n, n_groups=groups),
        "notclose": formulas.rmsea_pvalue_notclose(chisq, df, n, n_groups=groups),
        "mfi": formulas.mfi(chisq, df, n),
        "ecvi": formulas.ecvi(chisq, npar, n),
        "cn_05": formulas.hoelter_n(chisq, df, n),
        "cn_01": formulas.hoelter_n(chisq, df, n, alpha=0.01),
        "aic": formulas.aic(logl, npar),
        "bic": formulas.bic(logl, npar, n),
        "sabic": formulas.sabic(logl, npar, n),
    }


@pytest.mark.parametrize("stored", [HOLZINGER, DEMOCRACY], ids=["three-factor", "democracy"])
def test_indices_equal_lavaan(stored):
    """Every index of two ordinary fits agrees with lavaan to nine significant digits."""
    expected = {name: value for name, value in stored.items() if name != "args"}
    assert measures(stored["args"]) == pytest.approx(expected, rel=2e-8, abs=1e-9)


def test_two_groups_scale_rmsea():
    """Two groups multiply RMSEA by the square root of 2 (Steiger, 1998)."""
    chisq, df, n = 115.8513439, 48, 301
    assert formulas.rmsea(chisq, df, n, n_groups=2) == pytest.approx(0.09691485675)
    assert formulas.rmsea_interval(chisq, df, n, n_groups=2) == pytest.approx((0.07450528676, 0.1195828259))
    assert formulas.rmsea_pvalue_close(chisq, df, n, n_groups=2) == pytest.approx(0.0005925387891)
    assert formulas.rmsea_pvalue_notclose(chisq, df, n, n_groups=2) == pytest.approx(0.8965992541)


def test_saturated_model_fits_perfectly():
    """With df 0 the incremental indices are 1, RMSEA and its limits 0, every test NaN."""
    chisq, df, chisq0, df0, n = 7.2e-13, 0, 400.6085749, 5, 815
    assert formulas.cfi(chisq, df, chisq0, df0) == pytest.approx(1.0, abs=1e-14)
    assert formulas.tli(chisq, df, chisq0, df0) == 1.0
    assert formulas.nfi(chisq, df, chisq0, df0) == formulas.rfi(chisq, df, chisq0, df0) == 1.0
    assert formulas.pnfi(chisq, df, chisq0, df0) == 0.0
    assert formulas.rmsea(chisq, df, n) == 0.0
    assert formulas.rmsea_interval(chisq, df, n) == (0.0, 0.0)
    tests = [formulas.chisq_pvalue, lambda c, d: formulas.rmsea_pvalue_close(c, d, n)]
    tests += [lambda c, d: formulas.rmsea_pvalue_notclose(c, d, n), lambda c, d: formulas.hoelter_n(c, d, n)]
    assert all(math.isnan(test(chisq, df)) for test in tests)


def test_a_baseline_without_room_is_not_a_number():
    """An index relative to a baseline that leaves nothing to explain is NaN or 1, never an exception."""
    assert math.isnan(formulas.nfi(3.0, 2, 0.0, 0))
    assert math.isnan(formulas.rni(3.0, 2, 6.0, 6))
    assert math.isnan(formulas.tli(3.0, 2, 6.0, 6))
    assert formulas.cfi(1.0, 2, 3.0, 6) == 1.0
    assert formulas.ifi(1.0, 6, 3.0) == 1.0


@pytest.mark.parametrize(("chisq", "df"), [(169.04, 129), (85.3, 24), (38.1, 35)])
def test_interval_inverts_the_noncentral_distribution(chisq, df):
    """The limits put the observed chi2 at the 95th and the 5th percentile, or are 0."""
    lower, upper = formulas.ncp_interval(chisq, df)
    assert lower == 0.0 or formulas.noncentral_cdf(chisq, df, lower) == pytest.approx(0.95, abs=1e-9)
    assert formulas.noncentral_cdf(chisq, df, upper) == pytest.approx(0.05, abs=1e-9)


def test_interval_of_a_perfect_chisq_is_zero():
    """A chi2 below its 5th percentile has both limits at 0."""
    assert formulas.rmsea_interval(10.0, 35, 75) == (0.0, 0.0)


def test_baseline_is_recovered_from_cfi_and_tli():
    """The two inversions return the baseline chi2 that made the index."""
    chisq, df, chisq0, df0 = 169.04, 129, 842.0, 153
    from_cfi = formulas.baseline_from_cfi(formulas.cfi(chisq, df, chisq0, df0), chisq, df, df0)
    from_tli = formulas.baseline_from_tli(formulas.tli(chisq, df, chisq0, df0), chisq, df, df0)
    assert from_cfi == pytest.approx(chisq0)
    assert from_tli == pytest.approx(chisq0)
    assert math.isnan(formulas.baseline_from_cfi(1.0, 30, 35, 55))


@pytest.mark.parametrize(
    ("df", "null", "alternative", "n", "power"),
    # MacCallum, Browne & Sugawara (1996), Table 2; their noncentrality uses N - 1.
    [(5, 0.05, 0.08, 100, 0.127), (100, 0.05, 0.01, 200, 0.870)],
)
def test_rmsea_power_equals_the_published_table(df, null, alternative, n, power):
    """Power of close and not-close fit agrees with the table of 1996 to three decimals."""
    computed = formulas.rmsea_power(df, n - 1, null=null, alternative=alternative)
    assert computed == pytest.approx(power, abs=6e-4)


@pytest.mark.parametrize(("df", "n"), [(10, 782), (50, 214), (100, 132)])
def test_sample_size_equals_the_published_table(df, n):
    """The smallest N for power .80 of close fit is that of Table 4 of the same paper."""
    assert formulas.rmsea_sample_size(df, power=0.80) + 1 == n


def test_sample_size_is_the_first_that_suffices():
    """The planned n reaches the power and n - 1 does not."""
    n = formulas.rmsea_sample_size(129, power=0.8)
    assert formulas.rmsea_power(129, n) >= 0.8 > formulas.rmsea_power(129, n - 1)


def test_impossible_plans_are_refused():
    """Equal RMSEA values and a power below alpha have no answer and say so."""
    with pytest.raises(UsageError, match="no sample size"):
        formulas.rmsea_sample_size(10, null=0.05, alternative=0.05)
    with pytest.raises(UsageError, match="power must lie"):
        formulas.ncp_for_power(1, power=0.04)


def test_small_sample_factors():
    """The corrections of the 18-item model at N = 92 reproduce chi2 155.73, 154.0, 152.0 and 148.9."""
    corrected = [
        169.04 * formulas.swain_factor(129, 91, 18),
        169.04 * formulas.yuan_factor(42, 91, 18),
        169.04 * formulas.yuan_2005_factor(91, 18, 6),
        169.04 * formulas.bartlett_factor(91, 18, 6),
    ]
    assert corrected == pytest.approx([155.73, 153.97, 152.01, 148.92], abs=0.01)
    assert math.isnan(formulas.swain_factor(0, 91, 3))
