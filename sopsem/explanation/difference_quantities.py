"""The chi2 difference of two nested models explained."""

from functools import partial

from sopsem.explanation.explanation import Explanation, explained
from sopsem.explanation.question import Catalogue, Question, scalar
from sopsem.registry import Entry
from sopsem.sem.fit_measures.compare import Comparison, compare

__all__ = ["difference_quantities"]

SOURCE = "Steiger, Shapiro & Browne (1985)"
FORMULAS = {"dchisq": "chisq1 - chisq2", "ddf": "df1 - df2", "dpvalue": "chi2_sf(chisq1 - chisq2, df1 - df2)"}
LABELS = {"dchisq": "chi2 difference", "ddf": "df of the difference", "dpvalue": "p of the difference"}


def difference_quantities(question: Question) -> Catalogue:
    """Return what explains the difference test; empty without a second model, or where the test is scaled."""
    if question.against is None or question.fit.settings.test != "standard":
        return {}
    restricted, full = sorted((question.fit, question.against), key=lambda one: -one.df)
    found = compare(restricted, full)
    return {name: partial(_difference, name, found) for name in FORMULAS}


def _difference(name: str, found: Comparison) -> Explanation:
    restricted, full = found.restricted, found.full
    reported = {"dchisq": found.dchisq, "ddf": found.ddf, "dpvalue": found.pvalue}[name]
    known = [
        scalar("chisq1", restricted.chisq, "chi2 of the restricted model"),
        scalar("df1", restricted.df, "its degrees of freedom"),
        scalar("chisq2", full.chisq, "chi2 of the full model"),
        scalar("df2", full.df, "its degrees of freedom"),
    ]
    used = {"dchisq": ("chisq1", "chisq2"), "ddf": ("df1", "df2")}.get(name)
    return explained(
        name,
        Entry(
            name=name, function=compare, label=LABELS[name], digits=0 if name == "ddf" else 3, source=SOURCE
        ),
        FORMULAS[name],
        [one for one in known if used is None or one.symbol in used],
        reported=float(reported),
        where=f"compare(restricted, full).{'pvalue' if name == 'dpvalue' else name}",
    )
