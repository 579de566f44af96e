"""What a reader is shown above a column, where a column of a result has the short name that code uses."""

import pandas as pd

__all__ = ["headings"]

_HEADINGS = {
    "construct1": "construct",
    "construct2": "with",
    "factor1": "factor",
    "factor2": "with",
    "ci_lower": "lower",
    "ci_upper": "upper",
    "pvalue": "p",
    "pvalue_diff": "p of Δ",
    "chisq": "chi2",
    "chisq_diff": "Δchi2",
    "df_diff": "Δdf",
    "cfi": "CFI",
    "rmsea": "RMSEA",
    "srmr": "SRMR",
    "delta_cfi": "ΔCFI",
    "delta_rmsea": "ΔRMSEA",
    "delta_srmr": "ΔSRMR",
    "est": "estimate",
    "se": "SE",
    "std_all": "std",
    "r_adjusted": "adjusted",
    "share_min": "smallest",
    "share_max": "largest",
    "se_share": "SE of share",
    "omega_substantive": "substantive",
    "omega_method": "method",
    "method_percent": "method %",
}


def headings(frame: pd.DataFrame) -> dict[str, str]:
    """Return the headings of those columns that are shown under another name than their own.

    Examples
    --------
    >>> headings(pd.DataFrame(columns=["factor1", "factor2", "est", "note"]))
    {'factor1': 'factor', 'factor2': 'with', 'est': 'estimate'}

    """
    return {name: _HEADINGS[name] for name in frame.columns if name in _HEADINGS}
