"""One file for each estimator; importing the folder registers them."""

from sopsem.sem.estimation.estimators import dwls, gls, ml, uls, wls

__all__ = ["dwls", "gls", "ml", "uls", "wls"]
