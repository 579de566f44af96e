"""What the terminal shows of scorecards and team scores; numbers about people come from the privacy door only."""

import pandas as pd

from sopsem.client.contradiction import contradiction
from sopsem.client.scorecard.scorecard import Scorecard
from sopsem.client.scorecard.team_scores import TeamScores
from sopsem.report.digits import Formatter, bounded, interval
from sopsem.report.digits import decimals as fixed
from sopsem.report.table import Table
from sopsem.report.terminal import text_of

__all__ = ["scorecard_text", "team_scores_text"]


def scorecard_text(card: Scorecard) -> str:
    """Return what a scorecard scores, its norms, and how its model fitted."""
    rows = [
        {
            "scale": name,
            "n": norm.n,
            "mean": norm.mean,
            "SD": norm.sd,
            "alpha": norm.alpha,
            **dict(zip(("lower quartile", "median", "upper quartile"), norm.quartiles, strict=True)),
        }
        for name, norm in card.constructs.items()
    ]
    formats: dict[str, Formatter | int] = dict.fromkeys(
        ("mean", "SD", "lower quartile", "median", "upper quartile"), 2
    )
    table = Table.from_frame(
        pd.DataFrame(rows),
        title=f"Scorecard: {card.instrument.title} {card.instrument.version}",
        formats={**formats, "n": 0, "alpha": bounded(2)},
        source_label=card.label,
    )
    fit = card.model.fit
    measures = f"chi2 {fit['chisq']:.2f}, df {fit['df']:g}, CFI {fit['cfi']:.3f}, RMSEA {fit['rmsea']:.3f}"
    size = f"{len(card.model.observed)} items, {len(card.model.latent)} factors, N = {card.model.n}"
    return text_of(
        table,
        sentences=[
            f"Norm sample: {card.sample}, {card.rows} respondents; made with sopsem {card.made_with}.",
            f"Model: {size}, {measures}.",
            f"SHA-256 {card.sha256}.",
            *_contradictions(card),
        ],
    )


def _contradictions(card: Scorecard) -> list[str]:
    labels = {name: construct.label or name for name, construct in card.instrument.constructs.items()}
    said = (contradiction(labels[name], norm.alpha or 0.0) for name, norm in card.constructs.items())
    return [sentence for sentence in said if sentence]


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
            f"{100 * level:g} % interval": [
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
