"""How a model is estimated: an estimator's name resolved to discrepancy, standard errors, test and data.

Names like MLR are shorthands for a discrepancy with the standard errors and the test that go with it.  Option
values are lavaan's, with underscores; dots are understood too.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from types import MappingProxyType

from sopsem.errors import UsageError
from sopsem.sem.estimation.bounds import BOUNDS
from sopsem.sem.estimation.estimators.estimator import ESTIMATORS

__all__ = ["EFFICIENT", "INFORMATION", "MISSING", "PRESETS", "SE", "TESTS", "Settings", "resolve_settings"]

SE = (
    "standard",
    "robust_sem",
    "robust_sem_nt",
    "robust_huber_white",
    "robust_cluster",
    "first_order",
    "two_stage",
    "robust_two_stage",
    "none",
)
TESTS = (
    "standard",
    "satorra_bentler",
    "yuan_bentler",
    "yuan_bentler_mplus",
    "mean_var_adjusted",
    "scaled_shifted",
    "browne_residual_nt",
    "browne_residual_nt_model",
    "browne_residual_adf",
    "none",
)
MISSING = ("listwise", "ml", "ml_x", "two_stage", "robust_two_stage", "pairwise")
INFORMATION = ("expected", "observed", "first_order")
ALIASES = {
    "fiml": "ml",
    "direct": "ml",
    "fiml_x": "ml_x",
    "robust": "robust_sem",
    "robust_mlr": "robust_huber_white",
    "huber_white": "robust_huber_white",
    "sandwich": "robust_huber_white",
    "robust_mlm": "robust_sem",
    "cluster_robust": "robust_cluster",
    "satorra_bentler_mplus": "satorra_bentler",
}
BOUND_ALIASES = {"default": "wide", "True": "wide", "False": "none"}
# shorthand -> (discrepancy, standard errors, test)
PRESETS: Mapping[str, tuple[str, str, str]] = MappingProxyType(
    {
        "MLM": ("ML", "robust_sem", "satorra_bentler"),
        "MLMV": ("ML", "robust_sem", "scaled_shifted"),
        "MLMVS": ("ML", "robust_sem", "mean_var_adjusted"),
        "MLR": ("ML", "robust_huber_white", "yuan_bentler_mplus"),
        "MLF": ("ML", "first_order", "standard"),
        "WLSM": ("DWLS", "robust_sem", "satorra_bentler"),
        "WLSMV": ("DWLS", "robust_sem", "scaled_shifted"),
        "WLSMVS": ("DWLS", "robust_sem", "mean_var_adjusted"),
        "ULSM": ("ULS", "robust_sem", "satorra_bentler"),
        "ULSMV": ("ULS", "robust_sem", "scaled_shifted"),
        "ULSMVS": ("ULS", "robust_sem", "mean_var_adjusted"),
    }
)
# what goes with a discrepancy of its own, for continuous and for ordered variables
OWN = {"ML": ("standard", "standard"), "GLS": ("standard", "standard"), "WLS": ("standard", "standard")}
EFFICIENT = tuple(OWN)  # their F is distributed as chi2 when what they assume holds
LEAST_SQUARES = ("robust_sem_nt", "browne_residual_nt")
ORDERED = ("robust_sem", "standard")
LIKELIHOOD_ONLY = (
    "robust_huber_white",
    "robust_cluster",
    "first_order",
    "yuan_bentler",
    "yuan_bentler_mplus",
)

COMPLETE_ONLY = (
    "robust_sem",
    "robust_sem_nt",
    "satorra_bentler",
    "mean_var_adjusted",
    "scaled_shifted",
    "browne_residual_nt",
    "browne_residual_nt_model",
    "browne_residual_adf",
)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Every choice that shapes an estimation, resolved.

    Attributes
    ----------
    estimator : str
        The discrepancy: a name of the registry of estimators.
    asked : str
        The name that was asked for, e.g. "MLR".
    se, test : str
        How standard errors are computed, and which test stands beside the standard one.
    information, h1_information : str
        Which information of the parameters, and at which moments that of the saturated model is taken
        ("structured": implied, "unstructured": sample).
    likelihood : str
        "normal" or "wishart".
    mimic : str or None
    missing : str
    bounds : str
    max_iterations : int
        Of every start.

    """

    estimator: str = "ML"
    asked: str = "ML"
    se: str = "standard"
    test: str = "standard"
    information: str = "expected"
    h1_information: str = "structured"
    likelihood: str = "normal"
    mimic: str | None = None
    missing: str = "listwise"
    bounds: str = "none"
    max_iterations: int = 200

    @property
    def incomplete(self) -> bool:
        """Whether rows with missing values enter the likelihood."""
        return self.missing in ("ml", "ml_x")

    @property
    def two_stage(self) -> bool:
        """Whether the saturated moments of incomplete rows are estimated first."""
        return self.missing in ("two_stage", "robust_two_stage")

    @property
    def robust(self) -> bool:
        """Whether standard errors or test allow for data that are not normal."""
        return self.se not in ("standard", "none", "first_order") or self.test not in ("standard", "none")


def resolve_settings(
    *,
    estimator: str | None = None,
    se: str | None = None,
    test: str | None = None,
    information: str | None = None,
    h1_information: str | None = None,
    likelihood: str = "normal",
    mimic: str | None = None,
    missing: str | None = None,
    bounds: str = "none",
    max_iterations: int = 200,
    ordered: bool = False,
    clustered: bool = False,
) -> Settings:
    """Return the settings that the options ask for, with lavaan's defaults for those left open.

    Raises
    ------
    UsageError
        An option with a value that does not exist, or choices that exclude each other.

    """
    mimic = None if mimic in (None, "lavaan") else _choice("mimic", mimic, ("amos", "mplus"))
    asked = _name(estimator or ("WLSMV" if ordered else "ML"))
    discrepancy, own_se, own_test = PRESETS.get(asked, (asked, *_own(asked, ordered=ordered)))
    if missing is None:
        missing = "ml" if mimic == "mplus" and asked in ("ML", "MLR") else "listwise"
    chosen_missing = _choice("missing", missing, MISSING)
    if chosen_missing.endswith("two_stage"):
        own_se, own_test = chosen_missing, "satorra_bentler"
    if clustered:
        own_se, own_test = "robust_cluster", "yuan_bentler_mplus"
    if chosen_missing in ("ml", "ml_x") and str(se).lower() == "robust":
        se = "robust_huber_white"  # the robust errors of this likelihood, as in lavaan
    se = _choice("se", se or own_se, SE)
    settings = Settings(
        estimator=discrepancy,
        asked=asked,
        se=se,
        test=_choice("test", test or own_test, TESTS),
        information=_information(information, se, chosen_missing),
        h1_information=_choice(
            "h1_information",
            h1_information or _h1(discrepancy, chosen_missing),
            ("structured", "unstructured"),
        ),
        likelihood=_choice("likelihood", likelihood, ("normal", "wishart")),
        mimic=mimic,
        missing=chosen_missing,
        max_iterations=_whole(max_iterations),
        bounds=_choice("bounds", BOUND_ALIASES.get(str(bounds), bounds), tuple(BOUNDS)),
    )
    _refuse_contradictions(settings, ordered=ordered)
    return settings


def _h1(discrepancy: str, missing: str) -> str:
    """Return at which moments the saturated model is taken by default."""
    structured = discrepancy in ("ML", "GLS") and not missing.endswith("two_stage")
    return "structured" if structured else "unstructured"


def _whole(max_iterations: int) -> int:
    if isinstance(max_iterations, bool) or not isinstance(max_iterations, int) or max_iterations < 1:
        raise UsageError(f"max_iterations is {max_iterations!r}; give a whole number of at least 1")
    return max_iterations


def _name(estimator: str) -> str:
    """Return the estimator in capitals, or refuse it with what there is."""
    known = [*(e.name for e in ESTIMATORS), *PRESETS]
    name = str(estimator).upper()
    if name not in known:
        near = get_close_matches(name, known, 1)
        hint = f" (did you mean {near[0]!r}?)" if near else ""
        raise UsageError(f"estimator is {estimator!r}{hint}; choose one of {', '.join(map(repr, known))}")
    return name


def _own(estimator: str, *, ordered: bool) -> tuple[str, str]:
    if estimator in EFFICIENT:
        return OWN[estimator]
    return ORDERED if ordered else LEAST_SQUARES


def _choice(name: str, value: str, allowed: tuple[str, ...]) -> str:
    """Return a value with underscores and without aliases, or refuse it."""
    plain = str(value).lower().replace(".", "_")
    plain = ALIASES.get(plain, plain)
    if plain not in allowed:
        raise UsageError(f"{name} is {value!r}; choose one of {', '.join(map(repr, allowed))}")
    return plain


def _information(information: str | None, se: str, missing: str) -> str:
    if information is not None:
        if missing.endswith("two_stage"):
            raise UsageError(
                f"information={information!r} is no choice of two stages: the first takes the observed "
                "information of the saturated moments, the second the expected; leave it out"
            )
        return _choice("information", information, INFORMATION)
    if se == "first_order":
        return "first_order"
    observed = se in ("robust_huber_white", "robust_cluster") or missing in ("ml", "ml_x")
    return "observed" if observed else "expected"


def _refuse_contradictions(settings: Settings, *, ordered: bool) -> None:
    if ordered and settings.estimator in ("ML", "GLS"):
        raise UsageError(
            f"estimator={settings.asked!r} is for continuous variables; with ordered variables use 'WLSMV', "
            "'DWLS', 'ULSMV' or 'WLS', or leave ordered out to treat the answers as numbers"
        )
    if settings.estimator != "ML":
        if settings.missing not in ("listwise", "pairwise"):
            raise UsageError(
                f"missing={settings.missing!r} needs maximum likelihood; estimator is {settings.asked!r}"
            )
        if settings.likelihood == "wishart" or settings.mimic == "amos":
            raise UsageError("likelihood='wishart' and mimic='amos' go with maximum likelihood only")
        _refuse_likelihood_only(settings)
    if settings.incomplete:
        _refuse_complete_only(settings)
    if settings.missing == "pairwise" and not ordered:
        raise UsageError("missing='pairwise' is for ordered variables; use 'ml' for continuous ones")


def _refuse_complete_only(settings: Settings) -> None:
    """Refuse what is made of the covariances of sample moments where rows are incomplete."""
    for name, value in (("se", settings.se), ("test", settings.test)):
        if value in COMPLETE_ONLY:
            raise UsageError(
                f"{name}={value!r} (estimator {settings.asked!r}) needs complete rows, and missing is "
                f"{settings.missing!r}; use estimator='MLR', or missing='robust_two_stage'"
            )


def _refuse_likelihood_only(settings: Settings) -> None:
    """Refuse what is made of casewise likelihoods where there is no likelihood."""
    for name, value in (("se", settings.se), ("test", settings.test), ("information", settings.information)):
        if value in LIKELIHOOD_ONLY:
            raise UsageError(
                f"{name}={value!r} is made of the likelihood of every row, and estimator is "
                f"{settings.asked!r}; use estimator='MLR', or se='robust_sem' and test='satorra_bentler'"
            )
