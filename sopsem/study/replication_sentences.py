"""What a reader of a replication must know, in plain sentences."""

import numpy as np
import pandas as pd

from sopsem.sem.estimation.fit import Fit
from sopsem.sem.fit_measures.fit_indices import corrected_tests
from sopsem.sem.resampling.bootstrap import Draws
from sopsem.sem.resampling.policies import TOLERATED, improper_sentence

__all__ = ["replication_sentences"]

STABLE = 0.005  # Monte-Carlo standard error below which the second decimal of a limit stands still


def replication_sentences(
    main: Fit, kept: Draws, cells: pd.DataFrame, table: pd.DataFrame, refused: str
) -> tuple[str, ...]:
    """Return the status, notes, tests, accounting of draws and what was not reproduced, as sentences."""
    said = [main.status.value, f"Variances are {main.variance_policy} in the fit behind every chi2."]
    said += [f"{note[0].upper()}{note[1:]}." for note in main.notes]
    corrected = corrected_tests(main).set_index("test")["pvalue"]
    said.append(
        f"The raw exact-fit test (p = {corrected['raw']:.3f}) rejects a true model of this size at N = {main.n} more "
        f"often than it says (about one time in five at N = 92 with 18 items); corrected for the sample size p is "
        f"{corrected['swain']:.3f} (Swain), {corrected['yuan_2015']:.3f} (Yuan, Tian & Yanagihara) or "
        f"{corrected['bartlett']:.3f} (Bartlett)."
    )
    counts = kept.counts()
    share = 1.0 - float(counts.loc[0, "share"])
    said.append(f"{kept!r}.")
    if share > TOLERATED:
        said.append(improper_sentence(kept))
    if refused:
        said.append(refused[0].upper() + refused[1:] + ".")
    outside = cells.loc[cells["verdict"].isin(["differs", "outside Monte-Carlo error"]), "id"]
    said.append(
        f"Not reproduced: {', '.join(outside)}." if len(outside) else "Every printed number is reproduced."
    )
    said.append(_enough_draws(table, len(kept)))
    return tuple(s for s in said if s)


def _enough_draws(table: pd.DataFrame, draws: int) -> str:
    """Say how far the limits are from two stable decimals: a standard error of .005."""
    if "mc_lower_std" not in table:
        return ""
    error = float(table.loc[table["kind"] == "total", ["mc_lower_std", "mc_upper_std"]].max().max())
    if not error > STABLE:
        return ""
    needed = int(np.ceil(draws * (error / STABLE) ** 2 / 1000.0)) * 1000
    return (
        f"With {draws:,} draws the limits of the total effects carry Monte-Carlo standard errors of up to {error:.3f}; "
        f"about {needed:,} draws would make two decimals stable."
    )
