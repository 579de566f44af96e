"""Power and precision on the terminal and as files: tables, figure, JSON, manifest; no statistics."""

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from sopsem.report.canvas import figure_bytes
from sopsem.report.digits import bounded, decimals
from sopsem.report.power_curve import power_curve
from sopsem.report.table import Table
from sopsem.report.terminal import text_of
from sopsem.runs.atomic import json_bytes
from sopsem.runs.identity import digest, platform_identity
from sopsem.sem.power.power import Power

__all__ = ["label_of_test", "power_files", "power_json", "power_text"]

_TESTS = {
    "difference": "chi2 difference",
    "exact": "exact fit",
    "close": "close fit (RMSEA at most .05)",
    "not_close": "not-close fit (RMSEA at least .05)",
    "wald": "z test",
    "interval": "Monte Carlo interval",
    "equivalence": "equivalence",
}
_SHOWN = 7  # tests in the figure
_OF_A_MODEL = ("difference", "exact", "close", "not_close")


def label_of_test(name: str) -> str:
    """Return the name of a test in words.

    >>> label_of_test("wald:std:total:y~x")
    'z test, total y ~ x (std)'
    >>> label_of_test("exact:full")
    'exact fit, full model'
    """
    test, _, rest = name.partition(":")
    if test in ("exact", "close", "not_close"):
        return f"{_TESTS[test]}, {rest} model"
    scale, _, quantity = rest.partition(":") if rest[:4] in ("raw:", "std:") else ("", "", rest)
    words = quantity.replace("total_indirect:", "total indirect ").replace(":", " ")
    words = (
        words.replace(">", " > ") if ">" in words else words.replace("~~", " ~~ ") if "~~" in words else words
    )
    if "~" in words and "~~" not in words and "=~" not in words:
        words = words.replace("~", " ~ ")
    return f"{_TESTS.get(test, test)}, {words.replace('=~', ' =~ ')}" + (f" ({scale})" if scale else "")


def power_text(result: Power) -> str:
    """Return the accounting, power of the main tests by N, precision, and N for the target."""
    main = _main_rows(result)
    tables = [
        _accounting(result),
        _by_size(main, "Power among all that converged (Monte Carlo error)", "power", "mc_se"),
        _by_size(main, "Power among proper solutions (Monte Carlo error)", "power_proper", "mc_se_proper"),
        _by_size(main, "Power by theory", "analytic"),
        *_precision(result),
    ]
    if len(result.rmsea):
        tables.append(_rmsea(result))
    if len(result.needed):
        tables.append(_needed(result))
    return text_of(*tables, sentences=_sentences(result))


def _by_size(rows: pd.DataFrame, title: str, value: str, error: str = "") -> Table:
    """Return one row for every test and one column for every N."""
    number = bounded(3)
    sizes = list(dict.fromkeys(rows["n"]))
    lines = []
    for label, part in rows.groupby("label", sort=False):
        cells = [
            number(row[value]) + (f" ({number(row[error])})" if error else "") for _, row in part.iterrows()
        ]
        lines.append((str(label), number(part["true"].iloc[0]), *cells))
    return Table(
        title=title,
        columns=("", "true value", *(f"N = {n}" for n in sizes)),
        rows=tuple(lines),
        alignment="lr" + "r" * len(sizes),
    )


def _main_rows(result: Power) -> pd.DataFrame:
    """Return the tests of models and of standardized effects; a total that is a direct effect is shown once."""
    table = result.table
    named = table["scale"].eq("std") | table["test"].isin(_OF_A_MODEL)
    main = table[named & ~table["quantity"].isin(_doubled(table["quantity"]))]
    return main.assign(label=[label_of_test(name) for name in main["name"]])


def _doubled(quantities: pd.Series) -> set[str]:
    """Return the total effects that are nothing but a direct effect."""
    there = set(quantities)
    pairs = {name.removeprefix("direct:") for name in there if name.startswith("direct:")}
    return {f"total:{pair}" for pair in pairs if f"total_indirect:{pair}" not in there}


def _accounting(result: Power) -> Table:
    return Table.from_frame(
        result.accounting, title="What became of the replications", labels={"not_converged": "not converged"}
    )


def _precision(result: Power) -> Iterator[Table]:
    whole = result.precision
    shown = whole[(whole["scale"] == "std") & ~whole["quantity"].isin(_doubled(whole["quantity"]))]
    if shown.empty:
        return
    shown = shown.assign(label=[label_of_test(f"wald:{q}").partition(", ")[2] for q in shown["quantity"]])
    what = f"{100 * result.level:g}% intervals estimate \N{PLUS-MINUS SIGN} z SE of standardized effects"
    yield _by_size(shown, f"Width of {what} (Monte Carlo error)", "width", "mc_se_width")
    yield _by_size(shown, f"Coverage of {what} (Monte Carlo error)", "coverage", "mc_se_coverage")


def _rmsea(result: Power) -> Table:
    two, frame = bounded(2), result.rmsea
    rows = []
    for (model, test), part in frame.groupby(["model", "test"], sort=False):
        first = part.iloc[0]
        powers = [two(power) for power in part["power"]]
        against = f"RMSEA {two(first['null'])} against {two(first['alternative'])}"
        needed = f"{first['n_for_target']:.0f}"
        rows.append((f"{_TESTS[test].partition(' (')[0]}, {model} model, {against}", *powers, needed))
    columns = ("", *(f"N = {n}" for n in result.n), f"N for {two(_target(result))}")
    return Table(
        title="Analytic power of the RMSEA tests (MacCallum, Browne & Sugawara, 1996)",
        columns=columns,
        rows=tuple(rows),
        alignment="l" + "r" * (len(columns) - 1),
    )


def _target(result: Power) -> float:
    return float(result.rmsea["target"].iloc[0]) if len(result.rmsea) else 0.80


def _needed(result: Power) -> Table:
    whole = decimals(0)
    keep = result.needed["n"].notna() | result.needed["name"].isin(_main_rows(result)["name"])
    shown = result.needed[keep & result.needed["analytic_n"].notna() | result.needed["n"].notna()]
    shown = shown.assign(name=[label_of_test(name) for name in shown["name"]])
    return Table.from_frame(
        shown,
        title="N for the target",
        labels={"name": "test", "analytic_n": "theory", "n": "Monte Carlo", "mc_se": "MC error"},
        formats={
            "target": bounded(2),
            "mc_se": decimals(1),
            **dict.fromkeys(("analytic_n", "n", "lower", "upper"), whole),
        },
        notes=(
            "Searched by replications is only what was aimed at; lower and upper are 95% limits of its MC error.",
        ),
    )


def _sentences(result: Power) -> list[str]:
    said = [
        (
            f"{result.replications} replications at every N, seed {result.seed}, backend {result.backend}; alpha "
            f"{result.alpha:g}. At a true value of 0 the power of a test of 0 is its level."
        ),
    ]
    level = result.table[(result.table["test"] == "exact") & (result.table["true"] < 1e-6)]
    worst = level[level["power"] - 3 * level["mc_se"] > result.alpha]
    if len(worst):
        first = worst.iloc[0]
        said.append(
            f"At N = {first['n']} the exact chi2 test rejects the true model in {100 * first['power']:.1f}% of "
            f"samples, not {100 * result.alpha:g}%: what theory says of chi2 tests of fit does not hold at this size."
        )
    return said


def power_json(result: Power) -> dict[str, object]:
    """Return everything that was counted, and the settings, for JSON."""
    frames = {
        "power": result.table,
        "precision": result.precision,
        "accounting": result.accounting,
        "needed": result.needed,
        "rmsea": result.rmsea,
    }
    return {**_settings(result), **{name: frame.to_dict("records") for name, frame in frames.items()}}


def _settings(result: Power) -> dict[str, object]:
    return {
        "model": result.model,
        "restricted_model": result.restricted_model,
        "n": list(result.n),
        "replications": result.replications,
        "seed": result.seed,
        "alpha": result.alpha,
        "level": result.level,
        "mimic": result.mimic,
        "backend": result.backend,
    }


def power_files(result: Power, folder: Path) -> dict[Path, bytes]:
    """Return the figure (PNG, SVG), tables (CSV), everything as JSON, and last the manifest, by path."""
    figure = _figure(result)
    frames = {
        "power": result.table,
        "precision": result.precision,
        "accounting": result.accounting,
        "needed": result.needed,
        "rmsea": result.rmsea,
        "population": result.population.rename_axis("variable").reset_index(),
    }
    files = {
        f"{name}.csv": frame.to_csv(index=False, lineterminator="\n").encode()
        for name, frame in frames.items()
    }
    files |= {
        "power.png": figure_bytes(figure, "png"),
        "power.svg": figure_bytes(figure, "svg"),
        "power.json": json_bytes(power_json(result)),
    }
    manifest = {
        **_settings(result),
        "versions": platform_identity(),
        "files": {name: digest(content.hex()) for name, content in files.items()},
    }
    return {
        folder / name: content for name, content in {**files, "manifest.json": json_bytes(manifest)}.items()
    }


def _figure(result: Power) -> Figure:
    searched = result.needed[result.needed["n"].notna() & ~result.needed["name"].str.startswith("width:")]
    main = _main_rows(result)
    first = list(searched["name"])
    wanted = [t for t in ("difference", "wald", "exact", "equivalence") if t in set(main["test"])]
    names = [*first, *(n for t in wanted for n in main.loc[main["test"] == t, "name"])]
    names = list(dict.fromkeys(names))[:_SHOWN]
    order = {name: i for i, name in enumerate(names)}
    rows = main[main["name"].isin(names)].rename(columns={"mc_lower": "lower", "mc_upper": "upper"})
    rows = rows.sort_values("name", key=lambda s: s.map(order), kind="stable")
    row = searched.iloc[0] if len(searched) else None
    return power_curve(
        rows,
        target=None if row is None else float(row["target"]),
        found=None if row is None else (float(row["n"]), float(row["lower"]), float(row["upper"])),
        caption=f"{result.replications} replications at every N, seed {result.seed}. Bands: 95% limits of the Monte "
        "Carlo error."
        + ("" if row is None else f" Grey: N for {row['target']:g} of {label_of_test(row['name'])}."),
    )
