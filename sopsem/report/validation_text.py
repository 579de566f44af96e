"""What the terminal shows of construct validation: tables and sentences, no statistics."""

import pandas as pd

from sopsem.report.digits import Formatter, bounded, interval
from sopsem.report.headings import headings
from sopsem.report.table import Table
from sopsem.report.terminal import text_of
from sopsem.sem.constructs.validation_result import Validation

__all__ = ["validation_text"]


def validation_text(result: Validation) -> str:
    """Return the tables of construct validation and what they say."""
    correlations = result.correlations[["factor1", "factor2", "est", "ci_lower", "ci_upper", "judgement"]]
    square = result.fornell_larcker.rename_axis("factor").reset_index()
    tables = [
        _by_factor(result.reliability, ("alpha", "omega", "ave_std"), "Reliability and convergent validity"),
        Table.from_frame(
            square,
            title="Fornell-Larcker: root of AVE on the diagonal, |correlation| below it",
            labels={"holds": "diagonal is largest"},
        ),
        _htmt_table(result),
        _pairs(correlations, "Factor correlations of the CFA (Rönkkö & Cho, 2022)", result.level),
    ]
    if not result.second_order.empty:
        names = tuple(result.second_order["coefficient"].unique())
        tables.append(_by_factor(result.second_order, names, "Second-order reliability"))
    return text_of(*tables, sentences=result.sentences)


def _by_factor(frame: pd.DataFrame, coefficients: tuple[str, ...], title: str) -> Table:
    """Return one row per factor, one column per coefficient, each an estimate with its interval."""
    three = bounded(3)
    labels = frame.drop_duplicates("coefficient").set_index("coefficient")["label"]
    cells = {
        (r.factor, r.coefficient): f"{three(r.est)} {interval(r.ci_lower, r.ci_upper, three)}"
        for r in frame.itertuples()
    }
    return Table(
        title=title,
        columns=("factor", *(str(labels[c]) for c in coefficients)),
        rows=tuple(
            (f, *(cells.get((f, c), "") for c in coefficients)) for f in dict.fromkeys(frame["factor"])
        ),
        alignment="l" + "r" * len(coefficients),
    )


def _htmt_table(result: Validation) -> Table:
    wanted = ["construct1", "construct2", "coefficient", "est", "ci_lower", "ci_upper", "verdict"]
    shown = result.htmt[[name for name in wanted if name in result.htmt]]
    named = shown.assign(coefficient=shown["coefficient"].str.upper())
    return _pairs(named, "Heterotrait-monotrait ratios", result.level)


def _pairs(frame: pd.DataFrame, title: str, level: float) -> Table:
    """Return one row per pair, the limits of each estimate in one column."""
    three = bounded(3)
    limits: dict[str, Formatter | int] = {"est": three, "ci_lower": three, "ci_upper": three}
    table = Table.from_frame(frame, title=title, formats={k: v for k, v in limits.items() if k in frame})
    joined = table.with_interval("ci_lower", "ci_upper", label=f"{level:.0%} interval")
    return joined.renamed(headings(frame.drop(columns=["ci_lower", "ci_upper"])))
