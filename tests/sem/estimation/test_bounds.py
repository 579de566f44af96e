"""Bounds of lavaan's policies."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sopsem.sem.estimation.bounds import bounded_spec
from sopsem.sem.estimation.fit import fit

DATA = Path(__file__).parents[2] / "parity" / "small" / "data" / "attitude.csv"
MODEL = "f =~ rating + complaints + privileges\ng =~ learning + raises\nh =~ critical + advance\nh ~ f\ng ~ f"
# lavaan 0.6-14, parTable(cfa(MODEL, attitude, bounds = ..., std.lv = ...)): lower and upper of the free rows
LAVAAN = {
    ("standard", False): {
        "f=~complaints": (-3.459, 3.459),
        "f=~privileges": (-3.179, 3.179),
        "g=~raises": (-2.801, 2.801),
        "h=~advance": (-3.288, 3.288),
        "h~f": (-np.inf, np.inf),
        "g~f": (-np.inf, np.inf),
        "rating~~rating": (0.0, 128.909),
        "complaints~~complaints": (0.0, 171.373),
        "privileges~~privileges": (0.0, 144.716),
        "learning~~learning": (0.0, 119.849),
        "raises~~raises": (0.0, 104.499),
        "critical~~critical": (0.0, 85.181),
        "advance~~advance": (0.0, 102.329),
        "f~~f": (14.323, 143.232),
        "g~~g": (0.005, 133.166),
        "h~~h": (0.005, 94.646),
        "g~~h": (-112.041, 112.041),
    },
    ("standard", True): {
        "f=~rating": (-11.968, 11.968),
        "f=~complaints": (-13.091, 13.091),
        "f=~privileges": (-12.03, 12.03),
        "g=~learning": (-11.54, 11.54),
        "g=~raises": (-10.222, 10.222),
        "h=~critical": (-9.729, 9.729),
        "h=~advance": (-10.116, 10.116),
        "h~f": (-np.inf, np.inf),
        "g~f": (-np.inf, np.inf),
        "rating~~rating": (0.0, 143.232),
        "complaints~~complaints": (0.0, 171.373),
        "privileges~~privileges": (0.0, 144.716),
        "learning~~learning": (0.0, 133.166),
        "raises~~raises": (0.0, 104.499),
        "critical~~critical": (0.0, 94.646),
        "advance~~advance": (0.0, 102.329),
        "g~~h": (-0.998, 0.998),
    },
    ("wide", False): {
        "f=~complaints": (-4.151, 4.151),
        "f=~privileges": (-3.814, 3.814),
        "g=~raises": (-3.362, 3.362),
        "h=~advance": (-3.946, 3.946),
        "h~f": (-np.inf, np.inf),
        "g~f": (-np.inf, np.inf),
        "rating~~rating": (-6.445, 154.691),
        "complaints~~complaints": (-8.569, 205.648),
        "privileges~~privileges": (-7.236, 173.659),
        "learning~~learning": (-5.992, 143.819),
        "raises~~raises": (-5.225, 125.399),
        "critical~~critical": (-4.259, 102.217),
        "advance~~advance": (-5.116, 122.795),
        "f~~f": (14.323, 181.905),
        "g~~g": (0.005, 173.114),
        "h~~h": (0.005, 123.038),
        "g~~h": (-145.944, 145.944),
    },
    ("wide", True): {
        "f=~rating": (-14.362, 14.362),
        "f=~complaints": (-15.709, 15.709),
        "f=~privileges": (-14.436, 14.436),
        "g=~learning": (-13.848, 13.848),
        "g=~raises": (-12.267, 12.267),
        "h=~critical": (-11.674, 11.674),
        "h=~advance": (-12.139, 12.139),
        "h~f": (-np.inf, np.inf),
        "g~f": (-np.inf, np.inf),
        "rating~~rating": (-7.162, 171.879),
        "complaints~~complaints": (-8.569, 205.648),
        "privileges~~privileges": (-7.236, 173.659),
        "learning~~learning": (-6.658, 159.799),
        "raises~~raises": (-5.225, 125.399),
        "critical~~critical": (-4.732, 113.575),
        "advance~~advance": (-5.116, 122.795),
        "g~~h": (-1.299, 1.299),
    },
}


@pytest.fixture(scope="module")
def attitude():
    return pd.read_csv(DATA)


def ends(fitted):
    """Return the bounds of the free rows by name."""
    spec = bounded_spec(fitted.spec, [g.moments for g in fitted.groups], fitted.settings.bounds)
    return {p.name: (p.lower, p.upper) for p in spec if p.free}


@pytest.mark.parametrize("policy", ["standard", "wide"])
@pytest.mark.parametrize("std_lv", [False, True])
def test_bounds_are_those_of_lavaan(attitude, policy, std_lv):
    """All free parameters, to the three digits that lavaan prints."""
    mine = ends(fit(MODEL, attitude, bounds=policy, std_lv=std_lv))
    for name, expected in LAVAAN[policy, std_lv].items():
        assert mine[name] == pytest.approx(expected, abs=5.1e-4)


def test_positive_variances_are_asked_for_by_kind(attitude):
    """Observed variables, factors, or both."""
    for policy, kinds in (
        ("pos.ov.var", (0.0, -np.inf)),
        ("pos.lv.var", (-np.inf, 0.0)),
        ("pos.var", (0.0, 0.0)),
    ):
        found = ends(fit(MODEL, attitude, bounds=policy))
        assert (found["rating~~rating"][0], found["f~~f"][0]) == kinds
        assert found["f=~complaints"] == (-np.inf, np.inf)


def test_bounds_of_the_text_take_precedence(attitude):
    """An end that the user gave stays."""
    text = MODEL + "\nrating ~~ lower(-3)*rating"
    assert ends(fit(text, attitude, bounds="standard"))["rating~~rating"][0] == -3.0


def test_a_heywood_case_stops_at_its_bound():
    """A loading that a correlation matrix drives beyond 1: the residual variance ends at 0, and wide lets it below.

    lavaan 0.6-14: cfa("f =~ a + b + c", bounds = "standard" or "wide", sample.cov = S, sample.nobs = 200).
    """
    s = pd.DataFrame([[1.0, 0.9, 0.8], [0.9, 1.0, 0.5], [0.8, 0.5, 1.0]], *[list("abc")] * 2)
    standard = fit("f =~ b + a + c", sample_cov=s, n_obs=200, bounds="standard")
    wide = fit("f =~ b + a + c", sample_cov=s, n_obs=200, bounds="wide")
    assert standard.chisq == pytest.approx(245.92811, abs=1e-3)
    assert standard.spec.find("a", "~~", "a") is not None
    value = dict(zip([p.name for p in standard.spec], standard.rows, strict=True))
    assert [value[n] for n in ("f=~a", "f=~c", "b~~b", "a~~a")] == pytest.approx(
        [1.111, 0.889, 0.189, 0.0], abs=1e-3
    )
    assert any("on a bound" in note and "a~~a" in note for note in standard.notes)
    assert wide.chisq == pytest.approx(191.300837, abs=1e-3)
    value = dict(zip([p.name for p in wide.spec], wide.rows, strict=True))
    assert value["a~~a"] == pytest.approx(-0.05 * 0.995, abs=1e-6)


def test_the_fit_says_how_it_was_bounded(attitude):
    """In the line of chi2, and True stands for wide as in lavaan."""
    fitted = fit(MODEL, attitude, bounds=True)
    assert fitted.variance_policy == "bounded (wide)"


def test_ordered_variables_are_bounded_by_their_variance_of_1(lattice_answers):
    """Loadings of a standardized factor on latent responses stay within -1 and 1."""
    fitted = fit("f =~ a + b + c + d", lattice_answers, ordered=list("abcd"), std_lv=True, bounds="standard")
    assert ends(fitted)["f=~a"] == pytest.approx((-1.0, 1.0))
