"""The levels of measurement invariance: which kinds of parameters each holds equal over groups.

References
----------
Meredith, W. (1993). Measurement invariance, factor analysis and factorial invariance. Psychometrika, 58.
Millsap, R. E., & Yun-Tein, J. (2004). Assessing factorial invariance in ordered-categorical measures. Multivariate
Behavioral Research, 39.
Wu, H., & Estabrook, R. (2016). Identification of confirmatory factor analysis models of different levels of
invariance for ordered categorical outcomes. Psychometrika, 81.

"""

from collections.abc import Sequence

from sopsem.errors import UsageError

__all__ = ["CONTINUOUS", "ORDERED", "SAYS", "equal_kinds", "new_kinds", "ordered_levels"]

CONTINUOUS = ("configural", "metric", "scalar", "strict", "structural")
ORDERED = ("configural", "thresholds", "metric", "scalar", "strict", "structural")
SAYS = {
    "configural": "the same items load on the same factors",
    "thresholds": "the same latent response gives the same answer",
    "metric": "a unit of the factor is the same in all groups: covariances and paths compare",
    "scalar": "the same factor score gives the same expected answers: factor means compare",
    "strict": "what the factor leaves unexplained is the same too: sums of items compare",
    "structural": "the factors themselves have the same variances, covariances, means and paths",
}
_NEW = {
    "configural": (),
    "thresholds": ("thresholds",),
    "metric": ("loadings", "composite.weights"),
    "scalar": ("intercepts",),
    "strict": ("residuals", "residual.covariances"),
    "structural": ("lv.variances", "lv.covariances", "means", "regressions"),
}


def new_kinds(level: str, *, ordered: bool = False) -> tuple[str, ...]:
    """Return the kinds of parameters that a level holds equal and the one below it does not.

    Examples
    --------
    >>> new_kinds("scalar")
    ('intercepts',)

    """
    chain = ORDERED if ordered else CONTINUOUS
    if level not in chain:
        kind = "ordered" if ordered else "continuous"
        raise UsageError(f"{level!r} is no level for {kind} variables; choose among {', '.join(chain)}")
    return _NEW[level]


def equal_kinds(level: str, *, ordered: bool = False) -> tuple[str, ...]:
    """Return all kinds of parameters that a level holds equal, in the words of ``group_equal``.

    Examples
    --------
    >>> equal_kinds("scalar", ordered=True)
    ('thresholds', 'loadings', 'composite.weights', 'intercepts')

    """
    new_kinds(level, ordered=ordered)
    chain = ORDERED if ordered else CONTINUOUS
    return tuple(kind for step in chain[: chain.index(level) + 1] for kind in _NEW[step])


def ordered_levels(levels: Sequence[str] | None, *, ordered: bool) -> tuple[str, ...]:
    """Return the levels that were asked for in the order of the ladder, all of them by default.

    Raises
    ------
    UsageError
        A level that does not exist, or that ordered (continuous) variables do not have, twice, or fewer than two.

    """
    chain = ORDERED if ordered else CONTINUOUS
    if levels is None:
        return chain
    asked = (levels,) if isinstance(levels, str) else tuple(levels)
    for level in asked:
        new_kinds(level, ordered=ordered)
    if len(asked) < 2 or len(set(asked)) < len(asked):
        raise UsageError(f"levels is {asked}; name at least two of {', '.join(chain)}, each once")
    return tuple(level for level in chain if level in asked)
