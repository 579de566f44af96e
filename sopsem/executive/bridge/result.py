"""The answer of the bridge: units, pairs, agreement, roles, and which floors applied."""

from dataclasses import dataclass

import pandas as pd

from sopsem.executive.result import Result

__all__ = ["Bridge"]


@dataclass(frozen=True, kw_only=True)
class Bridge(Result):
    """Perceived beside measured alignment.

    ``table`` (``units``): unit, respondents, perceived (mean of the construct), measured (metric), z_perceived,
    z_measured, gap, quadrant, reason.
    ``pairs``: construct, metric, label, expected, n, spearman and pearson each with p, p_holm, lower, upper;
    rel_perceived (ICC(2)), rel_measured (split half), corrected (Pearson / root of both), reason.
    ``agreement``: construct, r_wg(J), ICC(1), ICC(2), shared, reason.
    ``roles``: construct, means of two roles, difference, g with interval.
    ``profile``: unit, side (perceived, measured), what, label, value, score (0 to 100 of the scale or of the anchors).
    ``lags``: pair, and its correlation with the measure before and after the survey.
    ``paths``: unit-level path to an outcome as perceived and as measured, and their difference.
    ``surface``: slope and curvature along agreement and disagreement, by outcome.
    ``floors``: the sentences that say what the number of units allows, and what was not used.
    """

    pairs: pd.DataFrame
    agreement: pd.DataFrame
    roles: pd.DataFrame
    profile: pd.DataFrame
    lags: pd.DataFrame
    paths: pd.DataFrame
    surface: pd.DataFrame
    floors: tuple[str, ...]

    @property
    def units(self) -> pd.DataFrame:
        """The main table, a row per unit."""
        return self.table.copy()

    def to_dict(self) -> dict[str, object]:
        """Return plain mappings, lists and scalars, with the floors."""
        return {**super().to_dict(), "floors": list(self.floors)}

    def to_markdown(self) -> str:
        """Return table, summary, floors and notices as Markdown."""
        return "\n".join([super().to_markdown(), "", *(f"- {sentence}" for sentence in self.floors)])
