"""semopy descriptions in lavaan syntax: what is written out, what is refused, and that both fit alike."""

import numpy as np
import pandas as pd
import pytest

from sopsem.errors import ModelSyntaxError
from sopsem.sem.estimation.fit import fit
from sopsem.sem.model.semopy_syntax import semopy_to_lavaan

TRANSLATED = {
    "y ~ x  # slope": "y ~ x",
    "f =~ x1 + x2 + x3": "f =~ x1 + x2 + x3",
    "f =~ a*x1 + x2 + x3": "f =~ NA*x1 + 1*x2 + x3\nf =~ a*x1",
    "f =~ x1 + 0.5*x2 + x3": "f =~ NA*x1 + 0.5*x2 + x3",
    "f =~ 1*x1 + x2": "f =~ 1*x1 + x2",
    "y1, y2 ~ x": "y1 ~ x\ny2 ~ x\ny1 ~~ 0*y2",
    "y1 ~ x\ny2 ~ x\ny1 ~~ y2": "y1 ~ x\ny2 ~ x\ny1 ~~ y2",
    "f =~ x1": "f =~ x1\nx1 ~~ x1",
    "DEFINE(latent) p\ny ~ p": "y ~ p\np =~ 0",
    "latent: p\ny ~ p": "y ~ p\np =~ 0",
    "y ~ a*x\nSTART(0.5) a": "y ~ a*x\ny ~ start(0.5)*x",
    "y ~ a*x\nBOUND(0, 2) a": "y ~ a*x\na > 0\na < 2",
    "y ~ a*x\nBOUND(0, inf) a": "y ~ a*x\na > 0",
    "y ~ a*x + b*z\nCONSTRAINT(a = b)": "y ~ a*x + b*z\na == b",
    "y ~ a*x\nCONSTRAINT(a**2 <= 4)": "y ~ a*x\na^2 < 4",
}


@pytest.mark.parametrize("text", TRANSLATED)
def test_what_semopy_does_otherwise_is_written_out(text):
    """Scale, covariances of outcomes, single indicators, commands."""
    assert semopy_to_lavaan(text) == TRANSLATED[text]


REFUSED = {
    "y ~ NA*x": "NA is a label in semopy",
    "y ~ START*x": "START is a sample value",
    "DEFINE(ordinal) u": "DEFINE\\(ordinal' has no counterpart",
    "RF(g) y": "no counterpart",
    "FORCE(endo) y": "no counterpart",
    "y ~ x\nSTART(1) q": "model line 2, column 10: 'q' is no label",
    "y ~ a*x\nBOUND(1) a": "BOUND takes two numbers",
    "y ~ a*x\nCONSTRAINT(a)": "needs one of",
    "y ~ x +": "'' is not a term",
    "y ~ a*b*x": "not a term",
    "y ~ 2a*x": "neither number nor label",
    "1y ~ x": "not a variable name",
    "???": "no operator and no command",
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_means_something_else_is_refused_by_name(text):
    """The message names the construct and the line."""
    with pytest.raises(ModelSyntaxError, match=REFUSED[text]):
        semopy_to_lavaan(text)


@pytest.mark.parametrize(
    "text",
    [
        "f =~ a*x1 + x2 + x3\nx4 ~ f\nx5 ~ f",
        "f =~ x1 + 0.7*x2 + x3\nx4, x5 ~ f\nx4 ~~ x5",
        "x4 ~ x1 + a*x2\nx5 ~ a*x2 + x4",
    ],
)
def test_both_programs_reach_one_discrepancy(text):
    """semopy on its own text and we on the translation: the same chi2."""
    semopy = pytest.importorskip("semopy")
    rng = np.random.default_rng(7)
    factor = rng.normal(size=(200, 1))
    data = pd.DataFrame(factor + rng.normal(size=(200, 5)), columns=[f"x{i}" for i in range(1, 6)])
    data -= data.mean()
    theirs = semopy.Model(text)
    solution = theirs.fit(data)
    assert fit(semopy_to_lavaan(text), data).chisq == pytest.approx(200 * solution.fun, abs=2e-3)
