"""What the terminal shows of a screening, and the files of ``--out``."""

from textwrap import shorten
from typing import Any

from sopsem.client.screened_paths import ScreenedPaths
from sopsem.report.digits import bounded, count, decimals, percent
from sopsem.report.frame_csv import frame_csv
from sopsem.report.markup import Section, html_page
from sopsem.report.table import Table
from sopsem.report.terminal import text_of
from sopsem.survey.screening.screening import Screening
from sopsem.survey.screening.screens import screens

__all__ = ["screening_files", "screening_json", "screening_text"]

LISTED = 30  # respondents shown; the file has all of them
INTRODUCTION = (
    "A mark is a reason to look, not a verdict: a careful sample holds some. Nothing is left out unless a screen "
    "was set to exclude."
)


def counts_table(result: Screening, *, source_label: str = "") -> Table:
    """Return who was judged and marked by each screen, with the rule and its source as notes.

    Examples
    --------
    >>> import sopsem
    >>> answers = sopsem.read_responses(sopsem.find_survey(), sopsem.load_instrument())
    >>> counts_table(sopsem.screen(answers)).rows[0]
    ('previews', 'could not run', '', '', '', '', '')

    """
    whole = count
    rows = result.counts
    return Table(
        title=f"Screens of {result.responses.source.name} ({len(result.responses)} respondents)",
        columns=("screen", "action", "judged", "not judged", "marked", "by it alone", "excluded"),
        rows=tuple(
            (
                r.screen,
                r.action,
                whole(r.n_judged),
                whole(r.n_not_judged),
                whole(r.n_marked),
                whole(r.n_marked_alone),
                whole(r.n_excluded),
            )
            if r.n_judged
            else (r.screen, "could not run", *[""] * 5)
            for r in rows.itertuples()
        ),
        alignment="llrrrrr",
        notes=tuple(f"{r.screen}: {_note(r)}" for r in rows.itertuples()),
        source_label=source_label,
    )


def _note(row: Any) -> str:
    """Return the rule of a screen with its source, or why it could not run."""
    if not row.n_judged:
        return f"could not run: {row.why_not}."
    return f"{row.rule} ({row.source}).{f' Not judged: {row.why_not}.' if row.why_not else ''}"


def marked_table(result: Screening) -> Table:
    """Return the marked respondents, those with most marks first: row, line, what each screen measured."""
    table = result.table
    chosen = table[table["n_flags"] > 0].sort_values("n_flags", ascending=False, kind="stable")
    names = [name for name in result.findings if f"{name}_flag" in table]
    rows = tuple(
        (
            count(row),
            count(int(chosen.loc[row, "line"])),
            "; ".join(
                _mark(name, chosen.loc[row, name]) for name in names if chosen.loc[row, f"{name}_flag"]
            ),
            "yes" if chosen.loc[row, "excluded"] else "",
        )
        for row in chosen.index[:LISTED]
    )
    more = len(chosen) - len(rows)
    return Table(
        title=f"Marked respondents ({len(chosen)})",
        columns=("row", "line", "marked for", "excluded"),
        rows=rows or (("", "", "nobody", ""),),
        alignment="rrll",
        notes=(f"{more} more respondents are marked; screening.csv of --out lists all.",) if more else (),
    )


def _mark(name: str, value: float) -> str:
    entry = screens[name]
    return f"{name} ({entry.label} {decimals(entry.digits)(value)})"


def items_table(result: Screening) -> Table:
    """Return the items with most missing answers first; items that everybody answered are counted in a note."""
    items = result.items.sort_values("n_missing", ascending=False, kind="stable")
    missing = items[items["n_missing"] > 0]
    full = len(items) - len(missing)
    return Table(
        title="Missing answers by item",
        columns=("item", "missing", "share", "above 5%"),
        rows=tuple(
            (r.item, count(r.n_missing), percent(1)(r.share), "yes" if r.flag else "")
            for r in missing.itertuples()
        )
        or (("none", "0", percent(1)(0.0), ""),),
        alignment="lrrl",
        notes=(f"{full} of {len(items)} items were answered by everybody.",),
    )


def paths_table(paths: ScreenedPaths) -> Table:
    """Return each standardized path with all rows, without the marked ones, and the difference."""
    two, three = decimals(2), bounded(3)
    return Table(
        title="Standardized structural paths without the marked rows",
        columns=("without", "path", "n", "n without", "all rows", "without", "difference", "in SE", "note"),
        rows=tuple(
            (
                r.screen,
                f"{r.rhs} -> {r.lhs}",
                count(r.n_all),
                count(r.n_without),
                three(r.est_all),
                three(r.est_without),
                three(r.difference),
                two(r.difference_in_se),
                shorten(r.note, 60, placeholder=" ..."),
            )
            for r in paths.table.itertuples()
        )
        or (("nobody is marked", *[""] * 8),),
        alignment="llrrrrrrl",
        notes=("SE: standard error of the path with all rows.",),
    )


def screening_text(result: Screening, paths: ScreenedPaths | None = None, *, source_label: str = "") -> str:
    """Return the screening for a terminal: counts, marked respondents, items, and the paths where asked for."""
    counts = counts_table(result, source_label=source_label)
    tables = [counts, marked_table(result), items_table(result)]
    gone = result.sentences[-1]
    if paths is None:
        return text_of(*tables, sentences=(INTRODUCTION, gone))
    return text_of(*tables, paths_table(paths), sentences=(INTRODUCTION, *paths.sentences, gone))


def screening_files(
    result: Screening, paths: ScreenedPaths | None = None, *, source_label: str = ""
) -> dict[str, bytes]:
    """Return the files of ``--out`` by name: every respondent and screen as CSV, and one HTML page."""
    rows = result.table.reset_index()
    kept = result.apply()
    sections = [
        Section(heading="Screens", content=(INTRODUCTION, counts_table(result), *result.sentences[-1:])),
        Section(heading="Respondents", content=(marked_table(result),)),
        Section(heading="Items", content=(items_table(result),)),
    ]
    files = {
        "screening.csv": frame_csv(rows),
        "screens.csv": frame_csv(result.counts),
        "items.csv": frame_csv(result.items),
        "excluded_rows.csv": frame_csv(kept.excluded),
    }
    if paths is not None:
        files["paths.csv"] = frame_csv(paths.table)
        sections.append(Section(heading="Paths", content=(*paths.sentences, paths_table(paths))))
    title = f"Screening of {result.responses.source.name}"
    files["screening.html"] = html_page(title, sections, source_label=source_label).encode("utf-8")
    return files


def screening_json(result: Screening, paths: ScreenedPaths | None = None) -> dict[str, object]:
    """Return the screening as plain data: counts, marked respondents, items, paths, sentences."""
    table = result.table.reset_index()
    return {
        "rows": len(result.responses),
        "rows_kept": len(result.responses) - len(result.reasons()),
        "excluded": [{"row": row, "reason": reason} for row, reason in result.reasons().items()],
        "screens": result.counts.to_dict("records"),
        "marked": table[table["n_flags"] > 0].to_dict("records"),
        "items": result.items.to_dict("records"),
        "paths": None if paths is None else paths.table.to_dict("records"),
        "sentences": [*result.sentences, *(() if paths is None else paths.sentences)],
    }
