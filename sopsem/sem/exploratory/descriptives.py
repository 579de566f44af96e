"""What each item looks like: missing answers, moments, ends of the scale, agreement with its construct.

References
----------
Joanes, D. N., & Gill, C. A. (1998). Comparing measures of sample skewness and kurtosis. The Statistician, 47.
(G1, G2: what SAS, SPSS and Excel print, and their standard errors)
Terwee, C. B., et al. (2007). Quality criteria were proposed for measurement properties of health status
questionnaires. Journal of Clinical Epidemiology, 60.  (more than 15 % at an end of a scale score)
Nunnally, J. C., & Bernstein, I. H. (1994). Psychometric theory (3rd ed.). McGraw-Hill.  (item-total correlation)

"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from sopsem.errors import UsageError
from sopsem.sem.sample.data_values import numeric_values

__all__ = ["THRESHOLD", "item_descriptives", "kurtosis", "scale_descriptives", "skewness"]

Array = NDArray[np.float64]
Ranges = Mapping[str, tuple[float, float]]
Constructs = Mapping[str, Sequence[str]]
THRESHOLD = 0.15


def skewness(values: Array) -> tuple[float, float]:
    """Return G1 = sqrt(n(n-1))/(n-2) m3/m2^1.5 and its standard error under normality; NaN below three values.

    >>> tuple(round(v, 4) for v in skewness(np.array([1.0, 2.0, 3.0, 10.0])))
    (1.7636, 1.0142)
    """
    n = len(values)
    if n < 3 or np.ptp(values) == 0.0:
        return float("nan"), float("nan")
    error = np.sqrt(6.0 * n * (n - 1) / ((n - 2) * (n + 1) * (n + 3)))
    return float(stats.skew(values, bias=False)), float(error)


def kurtosis(values: Array) -> tuple[float, float]:
    """Return G2, the excess kurtosis without bias under normality, and its standard error; NaN below four values.

    >>> tuple(round(v, 4) for v in kurtosis(np.array([1.0, 2.0, 3.0, 10.0])))
    (3.228, 2.6186)
    """
    n = len(values)
    if n < 4 or np.ptp(values) == 0.0:
        return float("nan"), float("nan")
    error = 2.0 * skewness(values)[1] * np.sqrt((n * n - 1.0) / ((n - 3) * (n + 5)))
    return float(stats.kurtosis(values, bias=False)), float(error)


def item_descriptives(
    items: pd.DataFrame,
    *,
    constructs: Constructs | None = None,
    ranges: Ranges | None = None,
    threshold: float = THRESHOLD,
) -> pd.DataFrame:
    """Return one row per item.

    Parameters
    ----------
    items : DataFrame
        Answers, reversed items already turned round; NaN is missing.
    constructs : mapping of construct to items, optional
        For the item-total correlation.
    ranges : mapping of item to (lowest, highest), optional
        The ends of the scale; without them there is no floor or ceiling, even where the sample ends.
    threshold : float
        A share above it at one end is called a floor or ceiling effect.

    Returns
    -------
    DataFrame
        item, construct, n, missing, missing_share, mean, sd (divisor n - 1), skew, skew_se, kurtosis (excess),
        kurtosis_se, min, max, floor_share, ceiling_share (of the answers given), effect ("floor", "ceiling",
        "floor and ceiling" or ""), item_total: the correlation with the sum of the construct's other items, over
        the respondents who answered all of them; NaN for a construct of one item.

    Raises
    ------
    UsageError
        A construct names an item that is no column, or a threshold outside (0, 1).
    DataError
        A column that is not numeric.

    Examples
    --------
    >>> frame = pd.DataFrame({"a": [1.0, 2, 3, 3], "b": [1.0, 2, 2, None]})
    >>> table = item_descriptives(frame, constructs={"f": ["a", "b"]}, ranges={"a": (1, 3)})
    >>> table[["item", "n", "missing", "ceiling_share", "item_total"]].round(3).values.tolist()
    [['a', 4, 0, 0.5, 0.866], ['b', 3, 1, nan, 0.866]]

    """
    _check(items, constructs, threshold)
    values = dict(zip(items.columns, numeric_values(items, list(items.columns)).T, strict=True))
    home = {item: name for name, own in (constructs or {}).items() for item in own}
    rows = []
    for item, column in values.items():
        own = (constructs or {}).get(home.get(item, ""), ())
        rows.append(
            {"item": item, "construct": home.get(item, "")}
            | _moments(column)
            | _ends(column, (ranges or {}).get(item), threshold)
            | {"item_total": _item_total(column, [values[v] for v in own if v != item])}
        )
    return pd.DataFrame(rows)


def scale_descriptives(
    items: pd.DataFrame, constructs: Constructs, *, ranges: Ranges | None = None, threshold: float = THRESHOLD
) -> pd.DataFrame:
    """Return one row per construct: the mean of its items, over the respondents who answered all of them.

    Parameters
    ----------
    items, constructs, ranges, threshold
        As in ``item_descriptives``.

    Returns
    -------
    DataFrame
        construct, n_items, n, missing, ..., effect as for items: the ends are those of a respondent who chose the
        lowest, or the highest, answer of every item.

    Raises
    ------
    UsageError, DataError
        As ``item_descriptives``.

    Examples
    --------
    >>> frame = pd.DataFrame({"a": [1.0, 1, 3], "b": [1.0, 2, 3]})
    >>> scale_descriptives(frame, {"f": ["a", "b"]}, ranges={"a": (1, 3), "b": (1, 3)})["floor_share"].tolist()
    [0.3333333333333333]

    """
    _check(items, constructs, threshold)
    rows = []
    for name, own in constructs.items():
        mean = numeric_values(items, list(own)).mean(axis=1)
        known = [(ranges or {}).get(item) for item in own]
        ends = [r for r in known if r is not None]
        whole = (
            (float(np.mean([r[0] for r in ends])), float(np.mean([r[1] for r in ends])))
            if len(ends) == len(known)
            else None
        )
        rows.append({"construct": name, "n_items": len(own)} | _moments(mean) | _ends(mean, whole, threshold))
    return pd.DataFrame(rows)


def _check(items: pd.DataFrame, constructs: Constructs | None, threshold: float) -> None:
    if not 0.0 < threshold < 1.0:
        raise UsageError(f"threshold is {threshold}; give a share between 0 and 1, e.g. 0.15")
    absent = [f"{v} ({c})" for c, own in (constructs or {}).items() for v in own if v not in items.columns]
    if absent:
        raise UsageError(
            f"{len(absent)} item(s) of constructs are no columns: {', '.join(absent[:20])}; the columns are "
            f"{', '.join(map(str, items.columns[:20]))}"
        )


def _moments(column: Array) -> dict[str, float]:
    known = column[np.isfinite(column)]
    n = len(known)
    (skew, skew_se), (kurt, kurt_se) = skewness(known), kurtosis(known)
    return {
        "n": n,
        "missing": len(column) - n,
        "missing_share": (len(column) - n) / len(column) if len(column) else float("nan"),
        "mean": float(known.mean()) if n else float("nan"),
        "sd": float(known.std(ddof=1)) if n > 1 else float("nan"),
        "skew": skew,
        "skew_se": skew_se,
        "kurtosis": kurt,
        "kurtosis_se": kurt_se,
        "min": float(known.min()) if n else float("nan"),
        "max": float(known.max()) if n else float("nan"),
    }


def _ends(column: Array, ends: tuple[float, float] | None, threshold: float) -> dict[str, float | str]:
    known = column[np.isfinite(column)]
    if ends is None or not len(known):
        return {"floor_share": float("nan"), "ceiling_share": float("nan"), "effect": ""}
    slack = 1e-9 * (ends[1] - ends[0])  # means of answers are rounded in their last bit
    shares = {
        "floor": float((known <= ends[0] + slack).mean()),
        "ceiling": float((known >= ends[1] - slack).mean()),
    }
    effect = " and ".join(name for name, share in shares.items() if share > threshold)
    return {"floor_share": shares["floor"], "ceiling_share": shares["ceiling"], "effect": effect}


def _item_total(column: Array, others: list[Array]) -> float:
    """Return the correlation of an item with the sum of the others; NaN where one of them does not vary."""
    if not others:
        return float("nan")
    rest = np.sum(others, axis=0)
    both = np.isfinite(column) & np.isfinite(rest)
    if both.sum() < 2 or np.ptp(column[both]) == 0.0 or np.ptp(rest[both]) == 0.0:
        return float("nan")
    return float(np.corrcoef(column[both], rest[both])[0, 1])
