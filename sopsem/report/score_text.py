"""What the terminal shows of team scores; numbers about people come from the privacy door only."""

import pandas as pd

from sopsem.client.scorecard.team_scores import TeamScores
from sopsem.report.digits import Formatter, interval
from sopsem.report.digits import decimals as fixed
from sopsem.report.table import Table
from sopsem.report.terminal import text_of

__all__ = ["team_scores_text"]


def team_scores_text(
    teams: TeamScores, labels: dict[str, str], *, level: float, source_label: str = ""
) -> str:
    """Return means of groups with their errors and places in the norm."""
    return text_of(
        _team_table(teams.constructs, labels, "Construct means", level, source_label, digits=1),
        _team_table(
            teams.factors, labels, "Factor scores (T: norm 50, SD 10)", level, source_label, digits=0
        ),
        sentences=teams.notes,
    )


def _team_table(
    frame: pd.DataFrame, labels: dict[str, str], title: str, level: float, source_label: str, *, digits: int
) -> Table:
    number = fixed(digits)
    whole: dict[str, Formatter | int] = dict.fromkeys(("n", "T", "percentile"), 0)
    shown = pd.DataFrame(
        {
            "group": frame["group"],
            "scale": [labels.get(scale, scale) for scale in frame["scale"]],
            "n": frame["n"],
            "mean": frame["mean"],
            f"{100 * level:g}% interval": [
                interval(low, high, number)
                for low, high in zip(frame["ci_lower"], frame["ci_upper"], strict=True)
            ],
            "se": frame["se"],
            "norm": frame["norm_mean"],
            "T": frame["t"],
            "percentile": frame["percentile"],
            "withheld": frame["withheld"].where(frame["withheld"] != "", frame["spread_withheld"]),
        }
    )
    if frame["percentile"].isna().all():
        shown = shown.drop(columns=["percentile", "norm", "T"])
    formats = {**{k: v for k, v in whole.items() if k in shown}, "mean": digits, "se": digits + 1}
    if "norm" in shown:
        formats["norm"] = digits
    return Table.from_frame(shown, title=title, formats=formats, source_label=source_label)
