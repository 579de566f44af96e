"""The ladder of measurement invariance over groups."""

from sopsem.report.apa.general_note import fit_note
from sopsem.report.apa.lines import Column, Line, lined_table
from sopsem.report.digits import bounded, count, decimals, p_value
from sopsem.report.table import Table
from sopsem.sem.invariance.ladder import Invariance

__all__ = ["invariance_table"]

_VARIANT = {"": "", "_scaled": " CFI and RMSEA are scaled.", "_robust": " CFI and RMSEA are robust."}


def invariance_table(ladder: Invariance, *, digits: int = 3, source_label: str = "") -> Table:
    """Return a ladder of invariance, each level tested against the one above it.

    Parameters
    ----------
    ladder : Invariance
        What ``invariance`` returned.
    digits : int
        Decimals of the indices; chi2 has two.
    source_label : str

    Returns
    -------
    Table
        chi2, df, p, CFI, RMSEA, SRMR of every level, and their changes.  The notes carry what the criteria say of every
        level.  ``frame`` is that of the ladder.

    Examples
    --------
    >>> import sopsem
    >>> data = sopsem.simulate("f =~ 0.8*a + 0.7*b + 0.6*c + 0.7*d", 200, seed=1, groups=("x", "y"), group="g")
    >>> ladder = sopsem.invariance("f =~ a + b + c + d", data, "g", levels=["configural", "metric"])
    >>> [row[0] for row in invariance_table(ladder).rows], invariance_table(ladder).rows[0][2]
    (['Configural', 'Metric'], '4')

    """
    three, chi2 = bounded(digits), decimals(2)
    columns = [
        Column(key="chisq", header="χ²", shown=chi2),
        Column(key="df", header="df", shown=count),
        Column(key="pvalue", header="p", shown=p_value(3)),
        Column(key="cfi", header="CFI", shown=three),
        Column(key="rmsea", header="RMSEA", shown=three),
        Column(key="srmr", header="SRMR", shown=three),
        Column(key="chisq_diff", header="Δχ²", shown=chi2),
        Column(key="df_diff", header="Δdf", shown=count),
        Column(key="pvalue_diff", header="p", shown=p_value(3)),
        *(
            Column(key=f"delta_{name}", header=f"Δ{name.upper()}", shown=three)
            for name in ("cfi", "rmsea", "srmr")
        ),
    ]
    lines = []
    for place, row in enumerate(ladder.frame.to_dict("records")):
        own = {
            str(k): v for k, v in row.items() if place or not (k.startswith("delta_") or k.endswith("_diff"))
        }
        lines.append(Line(level=0, name=str(row["level"]).capitalize(), cells=own))
    first = ladder.fits[ladder.levels[0]]
    note = (
        f"{fit_note(first)} Each level is tested against the one above it.{_VARIANT[ladder.variant]} "
        "Configural: the same model in all groups."
    )
    said = [f"{text[0].upper()}{text[1:]}." for text in ladder.sentences]
    return lined_table(
        "Measurement Invariance",
        columns,
        lines,
        first="Level",
        notes=[note, " ".join(said)],
        frame=ladder.frame,
        source_label=source_label,
    )
