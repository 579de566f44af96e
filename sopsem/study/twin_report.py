"""Every printed number that data determine, beside what a fit from scratch returns."""

from typing import Literal

import pandas as pd

from sopsem.sem.effects.effects import effects
from sopsem.sem.estimation.fit import fit
from sopsem.study.conventions import determined_numbers
from sopsem.study.published import PublishedStudy
from sopsem.study.replication_cells import effect_numbers
from sopsem.study.twin_targets import TwinTargets, multiplier, twin_targets

__all__ = ["twin_report"]


def twin_report(
    items: pd.DataFrame, study: PublishedStudy, targets: TwinTargets | None = None
) -> pd.DataFrame:
    """Refit a study's models to data and set every printed number that the data determine beside the result.

    Returns
    -------
    DataFrame
        id, printed, target, reached, within (whether it rounds to the print).

    """
    targets = targets or twin_targets(study)
    text = study.model.text if study.model is not None else ""
    mimic: Literal["amos"] | None = "amos" if multiplier(study) == study.n - 1 else None
    main = fit(text, items, mimic=mimic)
    freed = None if study.nested is None else fit(f"{text}\n{study.nested.freed}", items, mimic=mimic)
    numbers = determined_numbers(main, freed)
    for unusable in ("logl", "unrestricted_logl", "aic", "bic", "sabic"):  # depend on the units of the items
        numbers.pop(unusable)
    numbers |= _standardized_effects(study, effects(main) if study.effects.rows else pd.DataFrame())
    rows = [
        {
            "id": cell.id,
            "printed": cell.printed,
            "target": targets.aims[cell.id].value if cell.id in targets.aims else cell.value,
            "reached": numbers[cell.id],
            "within": bool(cell.lower <= numbers[cell.id] < cell.upper),
        }
        for cell in study.cells().itertuples()
        if cell.id in numbers
    ]
    return pd.DataFrame(rows)


def _standardized_effects(study: PublishedStudy, table: pd.DataFrame) -> dict[str, float]:
    """Return effect cells of a study that prints standardized effects, else its std cells."""
    if table.empty:
        return {}
    if study.effects.standardized:
        return {k: v for k, v in effect_numbers(study, table).items() if k.startswith("effect:")}
    scaled = study.model_copy(update={"effects": study.effects.model_copy(update={"standardized": True})})
    found = effect_numbers(scaled, table)
    return {k.replace("effect:", "std:"): v for k, v in found.items() if k.startswith("effect:")}
