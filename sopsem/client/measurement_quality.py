"""How well a questionnaire measured, before any path is looked at: items, scales, normality, factors, item drops."""

from dataclasses import dataclass

import pandas as pd

from sopsem.errors import UsageError
from sopsem.sem.constructs.item_drop import ItemDrop, item_drop
from sopsem.sem.exploratory.adequacy import Adequacy, kmo
from sopsem.sem.exploratory.descriptives import THRESHOLD, item_descriptives, scale_descriptives
from sopsem.sem.exploratory.efa import EFA, efa
from sopsem.sem.exploratory.normality import Mardia, mardia, univariate_normality
from sopsem.survey import Instrument, Responses

__all__ = ["MeasurementQuality", "measurement_quality"]


@dataclass(frozen=True, kw_only=True)
class MeasurementQuality:
    """The measurement side of one survey; frozen.

    Attributes
    ----------
    items, scales : DataFrame
        As ``item_descriptives`` and ``scale_descriptives``; items also with their kmo.
    normality : DataFrame
        As ``univariate_normality``.
    mardia : Mardia
    adequacy : Adequacy
    efa : EFA
        With as many factors as the questionnaire has constructs with items.
    strays : DataFrame
        item, construct, factor, loading: items whose largest loading is not on the factor of most of their construct's
        items.
    drops : ItemDrop or None
        None where it was not asked for or the questionnaire has no model.
    threshold : float
        Of floor and ceiling.
    n, n_complete : int

    """

    items: pd.DataFrame
    scales: pd.DataFrame
    normality: pd.DataFrame
    mardia: Mardia
    adequacy: Adequacy
    efa: EFA
    strays: pd.DataFrame
    drops: ItemDrop | None
    threshold: float
    n: int
    n_complete: int

    @property
    def sentences(self) -> tuple[str, ...]:
        """What a reader must know, in words."""
        return tuple(
            filter(
                None,
                (
                    f"{self.n} respondents, {self.n_complete} of them with an answer to every item.",
                    self._ends_sentence(),
                    self._total_sentence(),
                    self.mardia.sentence,
                    self.adequacy.sentence,
                    *self.efa.sentences[1:],
                    self._stray_sentence(),
                    *(self.drops.sentences if self.drops is not None else ()),
                ),
            )
        )

    def _ends_sentence(self) -> str:
        at_end = self.items[self.items["effect"] != ""]
        if at_end.empty:
            return f"No item has more than {self.threshold:.0%} of its answers at an end of its scale."
        listed = ", ".join(f"{r.item} ({r.effect})" for r in at_end.itertuples())
        return f"More than {self.threshold:.0%} of the answers at an end of the scale: {listed}."

    def _total_sentence(self) -> str:
        low = self.items[self.items["item_total"] < 0.3]
        if low.empty:
            return ""
        listed = ", ".join(f"{r.item} ({r.item_total:.2f})" for r in low.itertuples())
        return f"Item-total correlation under .30: {listed}. Below 0 it was perhaps not turned round."

    def _stray_sentence(self) -> str:
        if self.strays.empty:
            return "In the factor analysis every item stands with its construct."
        listed = ", ".join(f"{r.item} ({r.construct})" for r in self.strays.itertuples())
        return f"In the factor analysis these items stand apart from their construct: {listed}."


def measurement_quality(
    responses: Responses,
    *,
    threshold: float = THRESHOLD,
    rotation: str = "oblimin",
    draws: int = 200,
    seed: int = 1,
    drops: bool = True,
    mimic: str | None = None,
) -> MeasurementQuality:
    """Describe items and scales of a survey, their normality and factors, and what each item does to the model.

    Parameters
    ----------
    responses : Responses
    threshold : float
        Share of answers at one end above which there is a floor or ceiling effect.
    rotation : str
        Of the factor analysis.
    draws, seed : int
        Of its parallel analyses.
    drops : bool
        Refit the questionnaire's model without each item.
    mimic : {"amos"}, optional
        As in ``fit``.

    Raises
    ------
    UsageError
        No construct has items, or options outside their range.
    DataError, ModelError, ConvergenceError
        As in the functions that are called.

    Examples
    --------
    >>> import sopsem
    >>> responses = sopsem.read_responses(sopsem.find_survey(), sopsem.load_instrument())
    >>> found = measurement_quality(responses, draws=20, drops=False)
    >>> found.scales["construct"].tolist()
    ['coordination', 'conflict', 'alignment', 'internal', 'market']

    """
    instrument, items = responses.instrument, responses.items
    constructs = _constructs(instrument)
    scales = {item: instrument.scale_of(item) for item in items.columns}
    ranges = {item: (float(s.minimum), float(s.maximum)) for item, s in scales.items() if s.codes}
    adequacy = kmo(items)
    factors = efa(items, len(constructs), rotation=rotation, draws=draws, seed=seed)
    described = item_descriptives(items, constructs=constructs, ranges=ranges, threshold=threshold)
    return MeasurementQuality(
        items=described.merge(adequacy.items[["item", "kmo"]], on="item", how="left"),
        scales=scale_descriptives(items, constructs, ranges=ranges, threshold=threshold),
        normality=univariate_normality(items),
        mardia=mardia(items),
        adequacy=adequacy,
        efa=factors,
        strays=_strays(factors, constructs),
        drops=item_drop(instrument.model, items, mimic=mimic) if drops and instrument.model else None,
        threshold=threshold,
        n=len(items),
        n_complete=factors.n,
    )


def _constructs(instrument: Instrument) -> dict[str, tuple[str, ...]]:
    """Return construct -> required items, of the constructs that have some."""
    required = set(instrument.item_ids)
    own = {c: tuple(v for v in instrument.items_of(c) if v in required) for c in instrument.constructs}
    found = {c: items for c, items in own.items() if items}
    if not found:
        raise UsageError(f"the questionnaire {instrument.title!r} has no construct with items")
    return found


def _strays(factors: EFA, constructs: dict[str, tuple[str, ...]]) -> pd.DataFrame:
    """Return items that load most on another factor than most items of their construct."""
    home = factors.items.set_index("item")["factor"]
    rows = []
    for construct, items in constructs.items():
        usual = home.loc[list(items)].mode().iloc[0]
        rows += [
            (item, construct, home[item], float(factors.loadings.loc[item, home[item]]))
            for item in items
            if home[item] != usual
        ]
    return pd.DataFrame(rows, columns=["item", "construct", "factor", "loading"])
