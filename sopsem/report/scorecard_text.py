"""What the terminal shows of a scorecard: what it scores, its norms, and how its model fitted."""

import pandas as pd

from sopsem.client.contradiction import contradiction
from sopsem.client.scorecard.scorecard import Scorecard
from sopsem.report.digits import Formatter, bounded
from sopsem.report.table import Table
from sopsem.report.terminal import text_of

__all__ = ["scorecard_text"]


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
