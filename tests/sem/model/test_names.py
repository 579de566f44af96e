"""The role of every variable, by lavaan's rules."""

from sopsem.sem.model.names import classify
from sopsem.sem.model.parameter_table import Parameter


def roles(*rows):
    return classify({row: Parameter(lhs=row[0], op=row[1], rhs=row[2]) for row in rows})


def test_a_structural_model_is_sorted_into_roles():
    loadings = [("f", "=~", "x1"), ("f", "=~", "x2"), ("g", "=~", "y1"), ("g", "=~", "y2")]
    found = roles(*loadings, ("g", "~", "f"), ("g", "~", "z"))
    assert found.latent == ("f", "g")
    assert found.observed == ("x1", "x2", "y1", "y2", "z")
    assert found.indicators == {"f": ("x1", "x2"), "g": ("y1", "y2")}
    assert found.exogenous_x == ("z",)
    assert found.latent_exogenous == ("f",)
    assert found.dependent == ("g",)


def test_a_described_predictor_is_random():
    """A variance or intercept in the model text makes an exogenous variable a random one."""
    for row in (("x", "~~", "x"), ("x", "~1", "")):
        found = roles(("y", "~", "x"), row)
        assert (found.exogenous_x, found.free_x) == ((), ("x",))


def test_mediators_are_not_dependent_and_outcomes_are():
    found = roles(("m", "~", "x"), ("y", "~", "m"), ("z", "~", "m"))
    assert found.dependent == ("y", "z")
    assert found.observed == ("m", "y", "z", "x")


def test_a_second_order_factor_has_factors_as_indicators():
    found = roles(("f", "=~", "a"), ("g", "=~", "b"), ("h", "=~", "f"), ("h", "=~", "g"))
    assert found.indicators["h"] == ("f", "g")
    assert found.latent_exogenous == ("h",)
    assert found.observed == ("a", "b")


def test_a_factor_measured_by_a_higher_one_is_not_dependent():
    """Its residual covariances come from the higher factor, so none is added."""
    rows = [
        ("f", "=~", "a"),
        ("g", "=~", "b"),
        ("h", "=~", "f"),
        ("h", "=~", "g"),
        ("f", "~", "x"),
        ("k", "=~", "c"),
    ]
    assert roles(*rows, ("k", "~", "x")).dependent == ("k",)


def test_variables_of_covariances_alone_are_observed():
    assert roles(("a", "~~", "b")).observed == ("a", "b")
