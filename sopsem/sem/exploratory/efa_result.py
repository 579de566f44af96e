"""The result of an exploratory factor analysis: loadings, fit, and what to know about it in words."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

__all__ = ["EFA"]


@dataclass(frozen=True, kw_only=True)
class EFA:
    """An exploratory factor analysis; frozen.

    Attributes
    ----------
    loadings : DataFrame
        Pattern loadings, items x factors (F1, F2, ...), in the order of the data.
    structure : DataFrame
        Correlations of items with factors: loadings times ``factor_correlations``.
    factor_correlations : DataFrame
        The identity after an orthogonal rotation.
    items : DataFrame
        item, communality, uniqueness, complexity (Hofmann, 1978: how many factors an item needs), factor (the one
        with its largest loading).
    variance : DataFrame
        factor, ss_loadings (of oblique factors the diagonal of phi L'L), share (of all items' variance), cumulative.
    fit : Series
        chisq ((n - 1) f), df, pvalue, chisq_bartlett ((n - 1 - (2p + 5)/6 - 2k/3) f) and its pvalue_bartlett, rmsea
        with limits of 90 %, cfi, tli (all from chisq), srmr (root mean square of the residual correlations off the
        diagonal, also rms), bic (chisq - df ln n).  Only srmr for minres and paf, which have no likelihood.
    suggested : DataFrame
        criterion, n_factors: what parallel analyses and the minimum average partial suggest; empty when not asked.
    heywood : tuple of str
        Items whose uniqueness is held at its lower bound.
    n, n_factors, rows_excluded, minima, rotation_minima, rotation_starts : int
        Minima are those that starts of the extraction and of the rotation ended in.

    """

    loadings: pd.DataFrame
    structure: pd.DataFrame
    factor_correlations: pd.DataFrame
    items: pd.DataFrame
    variance: pd.DataFrame
    fit: pd.Series
    suggested: pd.DataFrame
    method: str
    rotation: str
    n: int
    n_factors: int
    rows_excluded: int
    heywood: tuple[str, ...]
    minima: int
    rotation_minima: int
    rotation_starts: int

    def sorted_loadings(self, cut: float = 0.0) -> pd.DataFrame:
        """Return the loadings with items sorted by factor and size; those smaller than ``cut`` are NaN."""
        home = self.items.set_index("item")["factor"]
        largest = self.loadings.abs().max(axis=1)
        place = {name: i for i, name in enumerate(self.loadings.columns)}
        order = sorted(self.loadings.index, key=lambda v: (place[home[v]], -largest[v]))
        shown = self.loadings.loc[order]
        return shown.where(shown.abs() >= cut)

    @property
    def sentences(self) -> tuple[str, ...]:
        """What a reader must know."""
        return tuple(
            filter(
                None,
                (
                    f"{self.n} rows are used, {self.rows_excluded} left out for a missing value.",
                    self._number_sentence(),
                    self._fit_sentence(),
                    self._heywood_sentence(),
                    self._minima_sentence(),
                    self._cross_sentence(),
                ),
            )
        )

    def _number_sentence(self) -> str:
        if self.suggested.empty:
            return ""
        said = "; ".join(f"{r.criterion}: {r.n_factors}" for r in self.suggested.itertuples())
        return f"Number of factors: {self.n_factors} here. Suggested: {said}."

    def _fit_sentence(self) -> str:
        fit = self.fit
        if np.isnan(fit["chisq"]):
            return f"The residual correlations have a root mean square of {fit['srmr']:.3f}."
        p = "p < .001" if fit["pvalue_bartlett"] < 0.001 else f"p = {fit['pvalue_bartlett']:.3f}"
        if fit["df"] == 0:
            return f"{self.n_factors} factors of {len(self.items)} items leave no degrees of freedom."
        return (
            f"Fit of {self.n_factors} factors: chi2 {fit['chisq_bartlett']:.2f} (Bartlett's correction) on "
            f"{fit['df']:.0f} df, {p}; RMSEA {fit['rmsea']:.3f}, CFI {fit['cfi']:.3f}, residuals {fit['srmr']:.3f}."
        )

    def _heywood_sentence(self) -> str:
        if not self.heywood:
            return ""
        return (
            f"Heywood case: the uniqueness of {', '.join(self.heywood)} is held at its lower bound. Often a factor too "
            "many, or a factor that only two items measure."
        )

    def _minima_sentence(self) -> str:
        found = [
            f"the {what} ended in {count} different minima"
            for what, count in (("extraction", self.minima), ("rotation", self.rotation_minima))
            if count > 1
        ]
        return f"From other starts {' and '.join(found)}; the lowest is shown." if found else ""

    def _cross_sentence(self) -> str:
        strong = (self.loadings.abs() >= 0.3).sum(axis=1)
        none = [str(v) for v in strong.index[strong == 0]]
        cross = [str(v) for v in strong.index[strong > 1]]
        parts = [f"{', '.join(none)}: no loading of .30 or more"] if none else []
        parts += [f"{', '.join(cross)}: .30 or more on several factors"] if cross else []
        return (
            f"Items to look at: {'; '.join(parts)}."
            if parts
            else "Every item loads .30 or more on one factor only."
        )

    def __repr__(self) -> str:
        """Show loadings and what to know in one screen."""
        head = f"EFA: {self.n_factors} factors of {len(self.items)} items, {self.method}, {self.rotation}"
        return "\n".join([head, self.sorted_loadings(0.3).round(2).to_string(na_rep=""), *self.sentences])
