"""E34: how demand answers to price, where the orders have enough movement to say so."""

from typing import NamedTuple

import numpy as np
import pandas as pd
import statsmodels.api as sm

__all__ = ["Elasticity", "estimate_elasticity"]

FEWEST, LEAST_SPREAD = 24, 0.02


class Elasticity(NamedTuple):
    """Elasticity (positive: demand falls as price rises), its HC3 standard error, product-periods, spread of price."""

    value: float
    error: float
    n: int
    spread: float

    @property
    def known(self) -> bool:
        """Whether there was enough to estimate it."""
        return bool(np.isfinite(self.value))


def estimate_elasticity(sales: pd.DataFrame) -> Elasticity:
    """Return the common elasticity of demand: ln quantity on ln price with product and period effects, HC3 errors.

    Association in past orders, not an experiment: where prices were cut because demand was weak it is too small.

    Parameters
    ----------
    sales : DataFrame
        ``product_id period quantity price``, one row per order.

    Returns
    -------
    Elasticity
        NaN with fewer than 24 product-periods, or ln price with a standard deviation within products of .02 or less.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> price = rng.uniform(8, 12, 60)
    >>> sales = pd.DataFrame({"product_id": np.repeat(["a", "b"], 30), "period": np.tile(np.arange(30), 2),
    ...                       "price": price, "quantity": 1000 * price**-2.0})
    >>> round(estimate_elasticity(sales).value, 6)
    2.0

    """
    cells = _cells(sales)
    inside = np.log(cells["price"]).groupby(cells["product_id"]).transform(lambda p: p - p.mean())
    spread = float(np.sqrt((inside**2).mean())) if len(cells) else float("nan")
    nan = float("nan")
    if len(cells) < FEWEST or not spread > LEAST_SPREAD:
        return Elasticity(nan, nan, len(cells), spread)
    effects = pd.get_dummies(cells[["product_id", "period"]].astype(str), drop_first=True, dtype=float)
    x = np.column_stack([np.log(cells["price"]), np.ones(len(cells)), effects])
    if np.linalg.matrix_rank(x) < x.shape[1] or len(cells) <= x.shape[1]:
        return Elasticity(nan, nan, len(cells), spread)
    with np.errstate(divide="ignore", invalid="ignore"):  # a cell that fits exactly has no HC3 error
        fitted = sm.OLS(np.log(cells["quantity"]).to_numpy(), x).fit(cov_type="HC3")
        return Elasticity(-float(fitted.params[0]), float(fitted.bse[0]), len(cells), spread)


def _cells(sales: pd.DataFrame) -> pd.DataFrame:
    """Return quantity and average price by product and period; a product or period seen once tells nothing."""
    used = sales[(sales["quantity"] > 0) & (sales["price"] > 0)]
    value = used.assign(value=used["price"] * used["quantity"])
    cells = value.groupby(["product_id", "period"], as_index=False)[["quantity", "value"]].sum()
    cells["price"] = cells["value"] / cells["quantity"]
    while True:
        alone = (cells.groupby("product_id")["price"].transform("size") < 2) | (
            cells.groupby("period")["price"].transform("size") < 2
        )
        if not alone.any():
            return cells
        # with a single product every period is seen once, and period effects would explain everything
        cells = cells[~alone]
