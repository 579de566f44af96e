"""What a briefing says of levers: the model fitted to the larger sample, the client's own performance beside it."""

from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sopsem.client.drivers import drivers, room
from sopsem.errors import ConvergenceError, DataError, ModelError, UsageError
from sopsem.sem.constructs.reliability import reliability
from sopsem.sem.estimation.fit import Fit, fit
from sopsem.sem.fit_measures.fit_indices import fit_indices
from sopsem.survey.responses import Responses

__all__ = ["Levers", "levers"]

COLUMNS = ("label", "importance", "ci_lower", "ci_upper", "performance", "room", "first_share")
RELIABILITY = ("label", "items", "alpha", "omega", "ave")
_INDICES = {"chisq": "chi2", "df": "df", "pvalue": "p", "cfi": "CFI", "rmsea": "RMSEA", "srmr": "SRMR"}


@dataclass(frozen=True, kw_only=True, eq=False)
class Levers:
    """The frames ``drivers`` and ``reliability`` of a briefing, and what they were estimated from."""

    drivers: pd.DataFrame
    facts: Mapping[str, object]
    notes: tuple[str, ...]
    reliability: pd.DataFrame
    model_facts: Mapping[str, object]
    sample: Responses


def levers(
    client: Responses,
    benchmark: Responses | None,
    performance: Mapping[str, float],
    *,
    outcome: str | None = None,
    draws: int = 1000,
    seed: int = 1,
    executor: Executor | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Levers:
    """Fit the questionnaire's model to the sample with more complete rows and rank the levers of the outcome.

    Parameters
    ----------
    client, benchmark : Responses
        The client's answers are used when as many of them are complete as of the benchmark's.
    performance : mapping of construct to number
        The client's scores on 0 to 100; NaN where hidden.
    outcome, draws, seed, executor, progress
        As in ``drivers``.

    Returns
    -------
    Levers
        Without rows, and with a note that says why, where no model can be fitted.

    """
    samples = {"the client's answers": client}
    if benchmark is not None and _complete(benchmark) > _complete(client):
        samples = {"the benchmark's answers": benchmark}
    (named, sample), *_ = samples.items()
    try:
        fitted = fit(sample.instrument.model, sample.items) if sample.instrument.model else None
        if fitted is None:
            return _nothing("The questionnaire has no model, so levers are not ranked.", sample)
        found = drivers(sample, outcome=outcome, draws=draws, seed=seed, executor=executor, progress=progress)
    except (DataError, ModelError, ConvergenceError, UsageError) as error:
        return _nothing(f"Levers are not ranked, because no model can be fitted: {error}", sample)
    table = found.table
    own = pd.Series([performance.get(str(name), np.nan) for name in table["driver"]], dtype=np.float64)
    frame = pd.DataFrame(
        {
            **{name: table[name].to_numpy() for name in COLUMNS[:4]},
            "performance": own,
            "room": room(own, table["higher_is"]),
            "first_share": table["first_share"].to_numpy(),
        }
    )
    facts = {"outcome": found.outcome_label, "draws": found.used, "n": found.n, "sample": named}
    return Levers(
        drivers=frame,
        facts=facts,
        notes=found.notes,
        reliability=_reliability(fitted, sample),
        model_facts=_facts(fitted, named, found.used, found.n_draws, seed),
        sample=sample,
    )


def _complete(responses: Responses) -> int:
    return len(responses.items.dropna())


def _nothing(why: str, sample: Responses) -> Levers:
    return Levers(
        drivers=pd.DataFrame(columns=list(COLUMNS)),
        facts={},
        notes=(why,),
        reliability=pd.DataFrame(columns=list(RELIABILITY)),
        model_facts={},
        sample=sample,
    )


def _reliability(fitted: Fit, sample: Responses) -> pd.DataFrame:
    table = reliability(fitted)
    labels = {name: construct.label for name, construct in sample.instrument.constructs.items()}
    return pd.DataFrame(
        {
            "label": [labels.get(name, name) for name in table["factor"]],
            "items": table["n_items"],
            **{name: table[name] for name in RELIABILITY[2:]},
        }
    )


def _facts(fitted: Fit, named: str, used: int, draws: int, seed: int) -> dict[str, object]:
    indices = fit_indices(fitted)
    facts: dict[str, object] = {
        "model fitted to": f"{named}: {fitted.n} complete rows",
        "estimator": "maximum likelihood",
        "status": fitted.status.value,
    }
    facts |= {label: float(indices[name]) for name, label in _INDICES.items()}
    facts["df"] = int(indices["df"])
    facts["bootstrap"] = f"{draws} draws, seed {seed}, {used} with every importance; percentile intervals"
    return facts
