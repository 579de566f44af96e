"""The options of the parameter table, checked once and handed on as one value."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sopsem.errors import ModelError, UsageError

__all__ = ["GROUP_EQUAL", "TableOptions", "table_options"]

GROUP_EQUAL = (
    "loadings",
    "composite.weights",
    "intercepts",
    "means",
    "thresholds",
    "regressions",
    "residuals",
    "residual.covariances",
    "lv.variances",
    "lv.covariances",
)
_CODINGS = ("loadings", "intercepts")


@dataclass(frozen=True, kw_only=True)
class TableOptions:
    """What decides the automatic rows, with lavaan's names; ``coding`` is effect coding."""

    std_lv: bool = False
    orthogonal: bool = False
    meanstructure: bool = False
    fixed_x: bool = True
    coding: tuple[str, ...] = ()
    groups: tuple[str, ...] = ("",)
    group_equal: tuple[str, ...] = ()
    group_partial: tuple[str, ...] = ()
    ordered: Mapping[str, int] = field(default_factory=dict)
    parameterization: str = "delta"
    conditional_x: bool = False
    auto_fix_first: bool = True
    int_ov_free: bool = True
    int_lv_free: bool = False

    def equal(self, kind: str) -> bool:
        """Say whether parameters of a kind are held equal over groups."""
        return kind in self.group_equal

    @property
    def fix_first(self) -> bool:
        """Whether the first loading of a factor is fixed to 1."""
        return self.auto_fix_first and not self.std_lv and "loadings" not in self.coding


def table_options(
    *,
    effect_coding: bool | str | Sequence[str],
    growth: bool,
    groups: Sequence[str],
    group_equal: str | Sequence[str],
    group_partial: str | Sequence[str],
    ordered: Mapping[str, int],
    int_ov_free: bool | None,
    int_lv_free: bool | None,
    **plain: bool | str,
) -> TableOptions:
    """Check the options of ``model_spec`` and return them in one form.

    Raises
    ------
    ModelError, UsageError
        An option outside its values, or options that exclude each other.

    Examples
    --------
    >>> defaults = dict(effect_coding=False, growth=False, ordered={}, int_ov_free=None, int_lv_free=None)
    >>> chosen = table_options(groups=["a", "b"], group_equal="lv_variances", group_partial=(), **defaults)
    >>> chosen.group_equal
    ('lv.variances',)

    """
    labels = tuple(map(str, groups))
    if not labels or len(set(labels)) < len(labels):
        raise UsageError(f"groups is {labels}; give the label of every group once, or leave it out")
    equal = _group_equal(group_equal)
    partial = (group_partial,) if isinstance(group_partial, str) else tuple(group_partial)
    partial = tuple("".join(name.split()) for name in partial if name)
    if (equal or partial) and len(labels) == 1:
        raise UsageError(
            "group_equal and group_partial compare groups, but there is one group; name the groups"
        )
    if partial and not equal:
        raise UsageError("group_partial lists exceptions from group_equal; give group_equal too")
    if plain.get("parameterization", "delta") not in ("delta", "theta"):
        raise UsageError(f"parameterization is {plain['parameterization']!r}; give 'delta' or 'theta'")
    if plain.get("conditional_x") and not plain.get("fixed_x", True):
        raise UsageError("conditional_x analyses moments given x, so x is fixed; leave fixed_x at True")
    means = bool(plain.pop("meanstructure", False)) or growth
    coding = _coding(effect_coding, meanstructure=means or "intercepts" in equal)
    if "loadings" in coding and plain.get("std_lv"):
        raise UsageError(
            "effect_coding of the loadings and std_lv both give a factor its scale; leave one of them out"
        )
    means = means or "intercepts" in coding or bool({"intercepts", "means", "thresholds"} & set(equal))
    return TableOptions(
        coding=coding,
        groups=labels,
        group_equal=equal,
        group_partial=partial,
        ordered=_threshold_counts(ordered),
        int_ov_free=not growth if int_ov_free is None else int_ov_free,
        int_lv_free=growth if int_lv_free is None else int_lv_free,
        meanstructure=means,
        **plain,  # type: ignore[arg-type]
    )


def _group_equal(given: str | Sequence[str]) -> tuple[str, ...]:
    listed = (given,) if isinstance(given, str) else tuple(given)
    names = tuple(dict.fromkeys(name.strip().replace("_", ".") for name in listed))
    names = tuple(name for name in names if name not in ("", "none"))
    wrong = [name for name in names if name not in GROUP_EQUAL]
    if wrong:
        raise UsageError(
            f"group_equal has {', '.join(map(repr, wrong))}; choose among {', '.join(GROUP_EQUAL)}"
        )
    return names


def _threshold_counts(ordered: Mapping[str, int]) -> dict[str, int]:
    wrong = [f"{v}: {k}" for v, k in ordered.items() if int(k) != k or k < 0]
    if wrong:
        raise UsageError(f"ordered gives the number of thresholds of each variable, not {', '.join(wrong)}")
    return {v: int(k) for v, k in ordered.items()}


def _coding(effect_coding: bool | str | Sequence[str], *, meanstructure: bool) -> tuple[str, ...]:
    if effect_coding is True:
        return _CODINGS if meanstructure else ("loadings",)
    if not effect_coding:
        return ()
    listed = (effect_coding,) if isinstance(effect_coding, str) else tuple(effect_coding)
    if any(name not in _CODINGS for name in listed):
        raise ModelError(f"effect_coding is {effect_coding!r}; give True, False, 'loadings' or 'intercepts'")
    return listed
