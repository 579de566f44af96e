"""What the terminal shows of measurement invariance: the ladder, what each criterion says, the search."""

from sopsem.report.digits import Formatter, bounded, p_value
from sopsem.report.headings import headings
from sopsem.report.table import Table
from sopsem.report.terminal import text_of
from sopsem.sem.invariance.ladder import Invariance
from sopsem.sem.invariance.partial import PartialInvariance

__all__ = ["invariance_text"]


def invariance_text(ladder: Invariance, search: PartialInvariance | None = None) -> str:
    """Return the levels with their tests, what the criteria say, and the search for exceptions if there was one."""
    sizes = ", ".join(f"{label} {n}" for label, n in ladder.sizes.items())
    kind = ladder.variant.strip("_")
    formats: dict[str, Formatter | int] = {"chisq": 2, "chisq_diff": 2, "df_diff": 0}
    formats["pvalue_diff"] = p_value()
    formats |= {name: bounded(3) for name in ("cfi", "rmsea", "srmr")}
    formats |= {f"delta_{name}": 3 for name in ("cfi", "rmsea", "srmr")}
    levels = ladder.frame.drop(columns="verdict")
    tables = [
        Table.from_frame(
            levels,
            labels=headings(levels),
            title=f"Invariance ({sizes}{f'; {kind} CFI and RMSEA' if kind else ''})",
            formats=formats,
        )
    ]
    said = list(ladder.sentences)
    if search is not None:
        steps = search.steps.drop(columns=["score_df", "score_pvalue"]).fillna({"freed": ""})
        tables.append(
            Table.from_frame(
                steps,
                labels=headings(steps),
                title=f"Search for exceptions, level {search.level}",
                formats={
                    "score": 2,
                    "chisq": 2,
                    "chisq_diff": 2,
                    "df_diff": 0,
                    "delta_cfi": 3,
                    "pvalue_diff": p_value(),
                },
            )
        )
        said += search.sentences
    return text_of(*tables, sentences=said)
