"""The parts of a published study: analysis, structure, fit block, nested test, effects, sample, statements.

Each is frozen and refuses keys it does not know.  Printed numbers are read from text.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, InstanceOf

from sopsem.errors import DataError
from sopsem.study.printed import Printed, printed

__all__ = [
    "Analysis",
    "Assumptions",
    "Category",
    "Effect",
    "Effects",
    "FitBlock",
    "NestedTest",
    "ParameterCount",
    "Part",
    "SampleTable",
    "Statement",
    "Structure",
    "StudyModel",
]


def _read_printed(value: object) -> Printed:
    """Give pydantic the message of a number that cannot be read."""
    try:
        return value if isinstance(value, Printed) else printed(value)
    except DataError as error:
        raise ValueError(str(error)) from error


Number = Annotated[InstanceOf[Printed], BeforeValidator(_read_printed)]


class Part(BaseModel):
    """A part of a study: frozen, and a key it does not know is a fault."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Analysis(Part):
    """How the numbers were made, as far as the paper says."""

    program: str
    version: str = ""
    estimator: str = "ML"
    likelihood: Literal["normal", "wishart"] | None = None
    draws: int | None = Field(default=None, ge=1)
    level: float = Field(default=0.95, gt=0.5, lt=1)
    interval: Literal["normal", "percentile", "bias-corrected", "bca"] | None = None


class ParameterCount(Part):
    """One kind of free parameter: ``per_item * p + constant`` of them for p items."""

    what: str
    per_item: int = 0
    constant: int = 0


class Structure(Part):
    """What the paper says of the model's size; ``parameters`` lists the free parameters by kind."""

    n_items: int | None = Field(default=None, ge=1)
    n_factors: int | None = Field(default=None, ge=1)
    items: dict[str, int] = {}
    parameters: tuple[ParameterCount, ...] = ()
    residual_covariances: tuple[str, ...] = ()

    def free_parameters(self, n_items: int) -> int:
        """Count the free parameters that the stated structure has with ``n_items`` items."""
        return sum(count.per_item * n_items + count.constant for count in self.parameters)

    def item_counts(self, df: int) -> list[int]:
        """Return every number of items, up to 200, that gives ``df`` degrees of freedom in this structure."""
        if not self.parameters:
            return []
        return [p for p in range(1, 201) if p * (p + 1) // 2 - self.free_parameters(p) == df]


class StudyModel(Part):
    """The model in lavaan syntax, and what in it the paper does not say."""

    text: str
    note: str = ""


class FitBlock(Part):
    """The printed fit measures under lavaan's names."""

    chisq: Number | None = None
    df: Number | None = None
    npar: Number | None = None
    pvalue: Number | None = None
    baseline_chisq: Number | None = None
    baseline_df: Number | None = None
    cfi: Number | None = None
    tli: Number | None = None
    nfi: Number | None = None
    rfi: Number | None = None
    ifi: Number | None = None
    rmsea: Number | None = None
    rmsea_ci_lower: Number | None = None
    rmsea_ci_upper: Number | None = None
    rmsea_pvalue: Number | None = None
    srmr: Number | None = None
    gfi: Number | None = None
    agfi: Number | None = None
    logl: Number | None = None
    unrestricted_logl: Number | None = None
    aic: Number | None = None
    bic: Number | None = None
    sabic: Number | None = None


class NestedTest(Part):
    """A chi2 difference test; ``freed`` names the path that the printed model fixes to zero ("y ~ x")."""

    freed: str = Field(pattern=r"^\s*\w+\s*~\s*\w+\s*$")
    dchisq: Number
    ddf: Number
    dpvalue: Number | None = None

    @property
    def pair(self) -> tuple[str, str]:
        """The outcome and the predictor of the freed path."""
        outcome, predictor = self.freed.split("~")
        return outcome.strip(), predictor.strip()


class Effect(Part):
    """One row of a table of effects; ``std`` is a standardized value printed beside a raw ``est``."""

    outcome: str
    predictor: str
    kind: Literal["total", "direct", "indirect"] = "direct"
    est: Number
    se: Number | None = None
    z: Number | None = None
    std: Number | None = None
    ci_lower: Number | None = None
    ci_upper: Number | None = None
    pvalue: Number | None = None

    @property
    def pair(self) -> tuple[str, str]:
        """The outcome and the predictor."""
        return self.outcome, self.predictor

    @property
    def name(self) -> str:
        """The row in formula form, ``outcome~predictor``."""
        return f"{self.outcome}~{self.predictor}"


class Assumptions(Part):
    """What print does not say and power analysis needs; nothing else uses it.

    Every loading, of either order, is ``loading``; ``paths`` ("y~x") replace printed standardized paths.
    """

    loading: float = Field(default=0.75, gt=0, lt=1)
    paths: dict[str, float] = {}
    sizes: tuple[float, ...] = (0.10, 0.20, 0.30, 0.40)
    note: str = ""


class Effects(Part):
    """A table of effects."""

    source: str = ""
    standardized: bool = True
    rows: tuple[Effect, ...] = ()


class Category(Part):
    """One line of a sample description."""

    label: str
    count: Number | None = None
    percent: Number


class SampleTable(Part):
    """A percentage table of the sample; ``base`` is the number of cases it claims to describe."""

    name: str
    base: int | None = Field(default=None, ge=1)
    categories: tuple[Category, ...] = Field(min_length=1)


class Statement(Part):
    """A statement in words that rests on numbers which are not printed."""

    topic: Literal["eigenvalues", "loadings", "mediation", "fit"]
    text: str
