"""What a reader of a replication must know, in plain sentences, the most important first."""

import numpy as np
import pandas as pd

from sopsem.sem.estimation.fit import Fit
from sopsem.sem.fit_measures.fit_indices import corrected_tests
from sopsem.sem.resampling.bootstrap import Draws
from sopsem.sem.resampling.policies import TOLERATED, improper_sentence

__all__ = ["cell_name", "replication_sentences"]

STABLE = 0.005  # Monte-Carlo standard error below which the second decimal of a limit stands still
LEVEL_B = (
    "Level B, a synthetic twin: the data were made to return the printed numbers, so this proves the software and "
    "nothing about the subject."
)
LEVEL_C = (
    "Level C, other respondents than the paper's (unless these are its own data): digits are not expected to agree; "
    "compare signs and intervals."
)
_WORDS = {"effect": "estimate", "ci_lower": "lower limit", "ci_upper": "upper limit", "p": "p", "se": "SE"}


def cell_name(cell: str) -> str:
    """Return a cell id in words.

    >>> cell_name("ci_lower:alignment~coordination")
    'lower limit of coordination → alignment'
    """
    kind, _, name = cell.partition(":")
    if not name:
        return kind
    outcome, predictor = name.split(":")[-1].split("~")
    return f"{_WORDS.get(kind, kind)} of {predictor} → {outcome}"


def replication_sentences(
    *,
    label: str,
    main: Fit,
    kept: Draws,
    used: Draws,
    kind: str,
    cells: pd.DataFrame,
    table: pd.DataFrame,
    conventions: pd.DataFrame,
    refused: str,
) -> tuple[str, ...]:
    """Return the verdict, the level of the claim, status, tests, draws and what was not reproduced."""
    said = [
        _verdict(cells),
        LEVEL_B if label else LEVEL_C,
        _kinds(conventions, kind, used.policy),
        refused and refused[0].upper() + refused[1:] + ".",
        main.status.value,
        f"Variances are {main.variance_policy} in the fit behind every chi2.",
        *(f"{n[0].upper()}{n[1:]}." for n in main.notes if not n.startswith("mimic=")),
        _exact_fit(main),
        f"{kept!r}.",
        improper_sentence(kept) if 1.0 - float(kept.counts().loc[0, "share"]) > TOLERATED else "",
        _without_value(table, used),
        _enough_draws(table, len(kept)),
    ]
    return tuple(s for s in said if s)


def _verdict(cells: pd.DataFrame) -> str:
    off = cells.loc[cells["verdict"].isin(["differs", "outside Monte-Carlo error"]), "id"]
    untold = int((cells["verdict"] == "too few draws to tell").sum())
    agree = len(cells) - len(off) - untold
    text = f"{agree} of {len(cells)} printed numbers agree"
    text += f"; {untold} cannot be told with so few draws" if untold else ""
    return text + (f"; not: {', '.join(cell_name(i) for i in off)}." if len(off) else ".")


def _kinds(conventions: pd.DataFrame, kind: str, policy: str) -> str:
    """Say how many bootstrap numbers agree under either kind of interval."""
    rows = conventions[(conventions["policy"] == policy) & (conventions["bootstrap_cells"] > 0)]
    best = rows.groupby("interval")["bootstrap_matched"].max()
    if len(best) < 2 or kind not in best.index:
        return ""
    cells = int(rows["bootstrap_cells"].max())
    each = ", ".join(f"{int(n)} with {name} intervals" for name, n in best.items())
    return (
        f"Intervals are {kind}; the paper does not say of which kind its own are. Of its {cells} limits and p-values "
        f"{each} agree under the end-point rule that suits it best, which does not tell the two apart."
    )


def _exact_fit(main: Fit) -> str:
    p = corrected_tests(main).set_index("test")["pvalue"]
    return (
        "In small samples the raw exact-fit test rejects true models too often (at N = 92 with 18 items about one time "
        f"in five). Here p = {p['raw']:.3f} raw, and corrected for the sample size {p['swain']:.3f} (Swain), "
        f"{p['yuan_2015']:.3f} (Yuan, Tian & Yanagihara) or {p['bartlett']:.3f} (Bartlett)."
    )


def _without_value(table: pd.DataFrame, used: Draws) -> str:
    """Account for draws that have raw effects but no standardized ones."""
    if "n_draws_std" not in table:
        return ""
    lost = int(used.used.sum()) - int(table["n_draws_std"].min())
    if not lost:
        return ""
    return (
        f"{lost} of the draws that are kept {'has' if lost == 1 else 'have'} no standardized effect, because an "
        "implied variance is negative; the standardized limits are without such draws and would lie farther out."
    )


def _enough_draws(table: pd.DataFrame, draws: int) -> str:
    """Say how far the limits are from two stable decimals: a standard error of .005."""
    if "mc_lower_std" not in table:
        return ""
    error = float(table.loc[table["kind"] == "total", ["mc_lower_std", "mc_upper_std"]].max().max())
    if np.isinf(error):
        return (
            f"{draws:,} draws are too few for these limits: some are the outermost draw. Use at least 1,000."
        )
    if not error > STABLE:
        return ""
    needed = draws * (error / STABLE) ** 2
    size = 10 ** int(np.floor(np.log10(needed)))
    return (
        f"With {draws:,} draws the limits of the total effects carry Monte-Carlo standard errors of up to {error:.3f}; "
        f"on the order of {int(np.ceil(needed / size)) * size:,} draws would make two decimals stable."
    )
