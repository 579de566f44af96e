"""Names of estimators and options, resolved as lavaan resolves them; refusals that name the choices."""

import pytest

from sopsem.errors import UsageError
from sopsem.sem.estimation import estimators
from sopsem.sem.estimation.settings import PRESETS, Settings, resolve_settings

# estimator: discrepancy, se, test, information, h1_information.  lavaan 0.6-14, lavOptions of
# cfa(model, data, estimator = ...); those of ULS and DWLS and of first_order are lavaan 0.7-2's
CONTINUOUS = {
    "ML": "ML standard standard expected structured",
    "GLS": "GLS standard standard expected structured",
    "WLS": "WLS standard standard expected unstructured",
    "ULS": "ULS robust_sem_nt browne_residual_nt expected unstructured",
    "DWLS": "DWLS robust_sem_nt browne_residual_nt expected unstructured",
    "MLM": "ML robust_sem satorra_bentler expected structured",
    "MLMV": "ML robust_sem scaled_shifted expected structured",
    "MLMVS": "ML robust_sem mean_var_adjusted expected structured",
    "MLR": "ML robust_huber_white yuan_bentler_mplus observed structured",
    "MLF": "ML first_order standard first_order structured",
    "WLSM": "DWLS robust_sem satorra_bentler expected unstructured",
    "WLSMV": "DWLS robust_sem scaled_shifted expected unstructured",
    "WLSMVS": "DWLS robust_sem mean_var_adjusted expected unstructured",
    "ULSM": "ULS robust_sem satorra_bentler expected unstructured",
    "ULSMV": "ULS robust_sem scaled_shifted expected unstructured",
    "ULSMVS": "ULS robust_sem mean_var_adjusted expected unstructured",
}
ORDERED = CONTINUOUS | {
    "ULS": "ULS robust_sem standard expected unstructured",
    "DWLS": "DWLS robust_sem standard expected unstructured",
}


def choices(**options):
    """Return what was resolved in one line."""
    s = resolve_settings(**options)
    return f"{s.estimator} {s.se} {s.test} {s.information} {s.h1_information}"


@pytest.mark.parametrize("name", CONTINUOUS)
def test_every_estimator_stands_for_the_choices_of_lavaan(name):
    """In capitals or not, and the name that was asked for is kept."""
    assert choices(estimator=name) == CONTINUOUS[name]
    assert resolve_settings(estimator=name.lower()).asked == name
    assert resolve_settings(estimator=name).missing == "listwise"


@pytest.mark.parametrize("name", [n for n in ORDERED if not n.startswith(("ML", "GLS"))])
def test_ordered_variables_have_choices_of_their_own(name):
    """Least squares of polychoric correlations have robust standard errors."""
    assert choices(estimator=name, ordered=True) == ORDERED[name]


def test_the_tables_above_hold_every_estimator():
    """A new preset must be added to them."""
    assert set(PRESETS) <= set(CONTINUOUS)
    assert {n.upper() for n in estimators.__all__} <= set(CONTINUOUS)


def test_defaults_follow_the_data():
    """Ordered answers, incomplete rows, clusters, two stages, Mplus."""
    assert resolve_settings(ordered=True).asked == "WLSMV"
    assert resolve_settings() == Settings()
    assert choices(missing="ml") == "ML standard standard observed structured"
    assert choices(missing="ml", information="expected").split()[3] == "expected"
    assert choices(clustered=True) == "ML robust_cluster yuan_bentler_mplus observed structured"
    for stage in ("two_stage", "robust_two_stage"):
        assert choices(missing=stage) == f"ML {stage} satorra_bentler expected unstructured"
    assert resolve_settings(mimic="mplus").missing == "ml"
    assert resolve_settings(mimic="mplus", estimator="MLM").missing == "listwise"
    assert resolve_settings(mimic="lavaan").mimic is None


def test_options_take_precedence_over_what_a_name_stands_for():
    """Standard errors and test by themselves."""
    wanted = "ML standard satorra_bentler observed unstructured"
    found = choices(estimator="MLM", se="standard", information="observed", h1_information="unstructured")
    assert found == wanted
    assert choices(estimator="MLR", test="none").split()[2] == "none"


@pytest.mark.parametrize(
    ("option", "given", "meant"),
    [
        ("se", "robust.sem", "robust_sem"),
        ("se", "robust", "robust_sem"),
        ("se", "Sandwich", "robust_huber_white"),
        ("se", "cluster.robust", "robust_cluster"),
        ("test", "Satorra.Bentler", "satorra_bentler"),
        ("test", "browne.residual.adf", "browne_residual_adf"),
        ("information", "first.order", "first_order"),
        ("missing", "fiml", "ml"),
        ("missing", "fiml.x", "ml_x"),
        ("missing", "direct", "ml"),
        ("missing", "two.stage", "two_stage"),
        ("bounds", "pos.var", "pos_var"),
        ("bounds", True, "wide"),
        ("bounds", "default", "wide"),
        ("bounds", False, "none"),
        ("mimic", "Mplus", "mplus"),
    ],
)
def test_names_of_lavaan_are_understood(option, given, meant):
    """Dots, capitals and other names of one thing."""
    assert getattr(resolve_settings(**{option: given}), option) == meant


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"estimator": "WLSVM"}, "did you mean 'WLSM'.*choose one of.*'ULSMVS'"),
        ({"se": "bootstrap"}, "se is 'bootstrap'; choose one of 'standard', 'robust_sem'"),
        ({"test": "swain"}, "test is 'swain'; choose one of 'standard', 'satorra_bentler'"),
        ({"information": "fisher"}, "choose one of 'expected', 'observed', 'first_order'"),
        ({"h1_information": "sample"}, "choose one of 'structured', 'unstructured'"),
        ({"likelihood": "reml"}, "choose one of 'normal', 'wishart'"),
        ({"mimic": "eqs"}, "choose one of 'amos', 'mplus'"),
        ({"missing": "drop"}, "choose one of 'listwise', 'ml'"),
        ({"bounds": "tight"}, "choose one of 'none'"),
        ({"max_iterations": 0}, "max_iterations is 0; give a whole number"),
        ({"max_iterations": True}, "max_iterations is True"),
        ({"max_iterations": 2.5}, "max_iterations is 2.5"),
        ({"estimator": "MLR", "ordered": True}, "'MLR' is for continuous variables.*use 'WLSMV'"),
        ({"estimator": "GLS", "ordered": True}, "for continuous variables"),
        ({"estimator": "ULS", "missing": "ml"}, "missing='ml' needs maximum likelihood; estimator is 'ULS'"),
        ({"estimator": "GLS", "likelihood": "wishart"}, "go with maximum likelihood only"),
        ({"estimator": "GLS", "mimic": "amos"}, "go with maximum likelihood only"),
        ({"estimator": "ULSMV", "se": "first_order"}, "se='first_order' is made of the likelihood"),
        ({"estimator": "WLS", "test": "yuan_bentler"}, "test='yuan_bentler' is made of the likelihood"),
        ({"estimator": "GLS", "information": "first.order"}, "information='first_order' is made of"),
        ({"missing": "pairwise"}, "missing='pairwise' is for ordered variables; use 'ml'"),
    ],
)
def test_what_does_not_exist_or_go_together_is_refused(options, message):
    """With the choices, or with what to use instead."""
    with pytest.raises(UsageError, match=message):
        resolve_settings(**options)


def test_settings_say_what_they_are():
    """Incomplete, two stages, robust."""
    assert [resolve_settings(missing=m).incomplete for m in ("ml", "ml_x", "two_stage")] == [
        True,
        True,
        False,
    ]
    assert [resolve_settings(missing=m).two_stage for m in ("ml", "two_stage")] == [False, True]
    assert [resolve_settings(estimator=e).robust for e in ("ML", "MLF", "MLM", "MLR")] == [
        False,
        False,
        True,
        True,
    ]
    assert not resolve_settings(se="none", test="none").robust


@pytest.mark.parametrize("missing", ["two_stage", "robust_two_stage"])
def test_the_information_of_two_stages_is_settled(missing):
    """The option would be without effect."""
    with pytest.raises(UsageError, match="leave it out"):
        resolve_settings(missing=missing, information="observed")
