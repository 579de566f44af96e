"""Mplus statements: every parameter spelt out."""

import pytest

from sopsem.sem.export.mplus_model import mplus_model, untranslated
from sopsem.sem.export.names import mplus_names
from sopsem.sem.model.spec import model_spec


def lines(text, **options):
    spec = model_spec(text, **options)
    return [line.strip() for line in mplus_model(spec, mplus_names([*spec.observed, *spec.latent]))]


@pytest.mark.parametrize(
    ("text", "options", "wanted"),
    [
        ("f =~ x1 + start(0.5)*x2 + a*x3", {}, ["f BY x1@1;", "f BY x2*0.5;", "f BY x3* (a);", "f*;"]),
        ("f =~ x1 + x2 + x3", {"meanstructure": True}, ["[x1*];", "[f@0];"]),
        ("f =~ x1 + x2 + x3; g =~ y1 + y2 + y3", {"orthogonal": True}, ["f WITH g@0;"]),
        ("m ~ a*x; y ~ b*m; ab := a*b^2", {}, ["m ON x* (a);", "NEW(ab);", "ab = a*b**2;"]),
        ("y ~ a*x + b*z; a == 2*b; b < 1", {}, ["0 = a - (2*b);", "b < 1;"]),
        ("f =~ x1 + lower(0.1)*x2 + x3", {}, ["f BY x2* (par2);", "par2 > 0.1;"]),
        ("f =~ x1 + x2 + x3", {"ordered": {"x1": 2}}, ["[x1$1*];", "[x1$2*];"]),
    ],
)
def test_statements(text, options, wanted):
    """What each kind of row becomes."""
    made = lines(text, **options)
    for line in wanted:
        assert line in made


def test_defaults_of_mplus_are_shut_off():
    """Outcomes that the table leaves uncorrelated are fixed so."""
    assert "y WITH z@0;" in lines("y ~ x; z ~ x; y ~~ 0*z")
    assert "f WITH g@0;" in lines(
        "group: 1; f =~ a + b + c; g =~ d + e + h; f ~~ 0*g".removeprefix("group: 1; ")
    )


def test_groups_have_sections_with_their_labels():
    """The structure without labels, then every group with its own."""
    made = lines("f =~ a + b + c", groups=["x", "y"], group_equal="loadings", meanstructure=True)
    first, second, third = (made.index(s) for s in ("MODEL:", "MODEL g1:", "MODEL g2:"))
    assert "f BY b*;" in made[first:second]
    assert "f BY b* (eq2);" in made[second:third]
    assert "f BY b* (eq2);" in made[third:]


def test_long_statements_are_broken():
    """No line is longer than Mplus reads."""
    terms = "; ".join(f"y{i} ~ coefficient{i}*x" for i in range(30))
    total = " + ".join(f"coefficient{i}*coefficient{i}" for i in range(30))
    spec = model_spec(f"{terms}; total := {total}")
    assert max(map(len, mplus_model(spec, mplus_names(spec.observed)))) <= 90


def test_what_mplus_lacks_is_said():
    """Intercepts of latent responses and composites."""
    spec = model_spec("f =~ a + b + c", ordered={"a": 2}, groups=["1", "2"], group_equal="thresholds")
    assert "a~1.g2" in untranslated(spec)[0]
    assert untranslated(model_spec("f =~ a + b + c")) == []
