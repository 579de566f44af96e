"""Measures of a forecast against what came: accuracy, tracking signal, Theil's parts.  Error = forecast - actual."""

import math
from typing import Literal

import numpy as np

from sopsem.executive.notices import fault, refusal

__all__ = ["accuracy", "theil", "tracking_signal"]

Values = np.ndarray | list[float]


def _pair(actual: Values, forecast: Values) -> tuple[np.ndarray, np.ndarray]:
    a, f = np.asarray(actual, float), np.asarray(forecast, float)
    if a.shape != f.shape or a.ndim != 1 or not len(a):
        raise refusal([fault("T02", "actual and forecast are two series of the same length, not empty")])
    return a, f


def accuracy(
    actual: Values, forecast: Values, *, train: Values | None = None, season: int = 1
) -> dict[str, float]:
    """Return WAPE, MAE, RMSE, MAPE, MASE and optimism; NaN where a total is zero.

    WAPE = sum |e| / sum a; optimism = sum e / sum a (positive: too high); MASE = MAE / mean |y_t - y_(t-m)| of the
    training part (Hyndman & Koehler 2006).

    Raises
    ------
    DataError
        T02 for series of different length.

    >>> found = accuracy([100.0, 100.0], [110.0, 95.0], train=[90.0, 100.0, 95.0])
    >>> {name: round(value, 3) for name, value in found.items()}
    {'wape': 0.075, 'mae': 7.5, 'rmse': 7.906, 'mape': 7.5, 'mase': 1.0, 'optimism': 0.025}

    """
    a, f = _pair(actual, forecast)
    e = f - a
    total = a.sum()
    mae = float(np.abs(e).mean())
    scale = seasonal_scale(train, season)
    return {
        "wape": float(np.abs(e).sum() / total) if total else math.nan,
        "mae": mae,
        "rmse": float(np.sqrt((e**2).mean())),
        "mape": float(100 * np.abs(e / a).mean()) if (a != 0).all() else math.nan,
        "mase": mae / scale if scale > 0 else math.nan,
        "optimism": float(e.sum() / total) if total else math.nan,
    }


def seasonal_scale(train: Values | None, season: int) -> float:
    """Return the mean absolute error of the seasonal naive forecast within the training part; NaN without one.

    >>> seasonal_scale([1.0, 2.0, 4.0], 1)
    1.5
    """
    if train is None or len(train) <= season:
        return math.nan
    y = np.asarray(train, float)
    return float(np.abs(y[season:] - y[:-season]).mean())


def tracking_signal(
    actual: Values,
    forecast: Values,
    *,
    method: Literal["cumulative", "smoothed"] = "cumulative",
    alpha: float = 0.2,
    sign: Literal["forecast-actual", "actual-forecast"] = "forecast-actual",
) -> np.ndarray:
    """Return the tracking signal after every period: sum of errors / mean absolute deviation.

    Cumulative: the mean of |e| so far.  Smoothed (Trigg 1964): MAD_t = alpha |e_t| + (1 - alpha) MAD_(t-1), from 0.
    Without any deviation it is 0.  Textbooks use the other sign.

    >>> actual, forecast = [90, 95, 115, 100, 125, 140], [100, 100, 100, 110, 110, 110]
    >>> round(float(tracking_signal(actual, forecast)[-1]), 2)
    -2.47
    """
    a, f = _pair(actual, forecast)
    e = f - a if sign == "forecast-actual" else a - f
    if method == "cumulative":
        deviation = np.cumsum(np.abs(e)) / np.arange(1, len(e) + 1)
    else:
        deviation = np.empty(len(e))
        held = 0.0
        for t, size in enumerate(np.abs(e)):
            held = alpha * size + (1 - alpha) * held
            deviation[t] = held
    return np.asarray(np.divide(np.cumsum(e), deviation, out=np.zeros(len(e)), where=deviation > 0))


def theil(actual: Values, forecast: Values) -> dict[str, float]:
    """Return the shares of bias, slope and residual in the mean squared error, and U1 and U2 (Theil 1966).

    With r the correlation and s standard deviations: (mean f - mean a)^2, (s_f - r s_a)^2 and (1 - r^2) s_a^2 over
    MSE; they sum to 1.  U1 = RMSE / (root mean square of a + that of f); U2 sets relative errors against those of
    no change.

    >>> found = theil([100, 110, 105, 120, 130, 125], [98, 108, 112, 115, 128, 135])
    >>> {name: round(value, 3) for name, value in found.items()}
    {'mse': 31.0, 'bias': 0.032, 'slope': 0.225, 'residual': 0.743, 'u1': 0.024, 'u2': 0.562}
    """
    a, f = _pair(actual, forecast)
    mse = float(((f - a) ** 2).mean())
    sa, sf = float(a.std()), float(f.std())
    r = float(((a - a.mean()) * (f - f.mean())).mean() / (sa * sf)) if sa > 0 and sf > 0 else 0.0
    parts = {
        "bias": float(f.mean() - a.mean()) ** 2,
        "slope": (sf - r * sa) ** 2,
        "residual": (1 - r**2) * sa**2,
    }
    size = math.sqrt(float((a**2).mean())) + math.sqrt(float((f**2).mean()))
    return {
        "mse": mse,
        **{name: part / mse if mse > 0 else math.nan for name, part in parts.items()},
        "u1": math.sqrt(mse) / size if size > 0 else math.nan,
        "u2": _u2(a, f),
    }


def _u2(a: np.ndarray, f: np.ndarray) -> float:
    if len(a) < 2 or (a[:-1] == 0).any():
        return math.nan
    error, change = (f[1:] - a[1:]) / a[:-1], (a[1:] - a[:-1]) / a[:-1]
    still = float((change**2).sum())
    return math.sqrt(float((error**2).sum()) / still) if still > 0 else math.nan
