"""A twin as a survey folder: answers, a machine-readable label, a README; each says that it is synthetic."""

import os
import tomllib
from importlib.metadata import version
from pathlib import Path
from tempfile import NamedTemporaryFile

from sopsem.errors import FileError
from sopsem.study.twin import Twin
from sopsem.study.twin_maker import STREAMS

__all__ = ["twin_files", "write_twin"]

_WORDS = ("synthetic", "twin")
_LIKERT = (
    "integer answers that return every printed digit",
    """\
`{stem}.csv` holds the answers as given ({instrument}): the reversed items are still to be reversed, which
reading them through the questionnaire does.  The background answers have the counts of the paper's sample
description and are otherwise random.""",
)
_EXACT = (
    "continuous values that return chi2, the chi2 difference and SRMR exactly",
    "`{stem}.csv` holds item values as analysed; nothing is left to be reversed.",
)
_README = """\
# SYNTHETIC twin of {study}, seed {seed}

**These are synthetic data.  No person gave these answers.**  A program constructed them so that the
analysis of the paper returns the numbers that the paper prints.

{contents}

## What it proves

That software analysing it computes what the paper's software computed: {kind}.

## What it does not prove

Anything about the paper's subject.  Everything the paper does not print is free: the direct effect, item
means, loadings and the relation of answers to departments or regions differ between twins of the same paper.
Bootstrap intervals were not aimed at, and no bootstrap seed was chosen for them.  Test no hypothesis on this
file.

## Made again

`sopsem.study.twin.twin("{study}", algorithm="{algorithm}", seed={seed})`; the assumptions it rests on are
in `survey.toml`.  The same seed gives the same file on the same machine and library versions; elsewhere the
last bits of the linear algebra may differ and lead to other data that return the same printed numbers.

| number | printed | returned |
|---|---|---|
{table}
"""


def write_twin(twin: Twin, folder: str | Path) -> list[Path]:
    """Write responses, survey.toml and README.md into a folder, which is made when it is not there.

    The name of the responses file contains "synthetic" and "twin": it is that of the folder when that
    contains both words, else ``synthetic_twin_<seed>.csv``.  Every file is complete or not there at all.

    Raises
    ------
    FileError
        The folder cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from sopsem.study.twin import twin
    >>> with tempfile.TemporaryDirectory() as place:
    ...     written = write_twin(twin(algorithm="exact"), Path(place) / "synthetic_twin_exact")
    >>> [path.name for path in written]
    ['synthetic_twin_exact.csv', 'survey.toml', 'README.md']

    """
    folder = Path(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return [_replace(folder / name, text) for name, text in twin_files(twin, folder.name).items()]
    except OSError as error:
        raise FileError(
            f"{folder}: the twin cannot be written ({error.strerror}); choose a folder you may write to"
        ) from error


def _replace(path: Path, text: str) -> Path:
    """Write to a file beside it first, so that no reader ever sees half a file."""
    with NamedTemporaryFile("w", dir=path.parent, encoding="utf-8", newline="", delete=False) as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    Path(file.name).chmod(0o644)
    return Path(file.name).replace(path)


def twin_files(twin: Twin, folder_name: str) -> dict[str, str]:
    """Return the text of every file of a twin's folder by name."""
    named = all(word in folder_name for word in _WORDS)
    stem = folder_name if named else f"synthetic_twin_{twin.seed}"
    return {
        f"{stem}.csv": twin.data.to_csv(index=False, lineterminator="\n"),
        "survey.toml": _checked(_survey_toml(twin, f"{stem}.csv")),
        "README.md": _readme(twin, stem),
    }


def _checked(text: str) -> str:
    tomllib.loads(text)
    return text


def _survey_toml(twin: Twin, responses: str) -> str:
    lines = [
        "# SYNTHETIC: made by a program, answered by nobody.",
        'label = "SYNTHETIC"',
        f"title = {_toml(f'Synthetic twin of {twin.study}, seed {twin.seed}')}",
        f"responses = {_toml(responses)}",
        f"instrument = {_toml(twin.instrument)}",
        f"n = {len(twin.items)}",
        "",
        "[generator]",
        'program = "sopsem"',
        f"version = {_toml(version('sopsem'))}",
        f"study = {_toml(twin.study)}",
        f"algorithm = {_toml(twin.algorithm)}",
        f"seed = {twin.seed}",
        'random_numbers = "numpy PCG64, seeded with (seed, stream)"',
        f"streams = {_toml(STREAMS)}",
        "",
        "# What the paper does not print and was assumed.",
        "[assumptions]",
        *(f"{name} = {_toml(value)}" for name, value in twin.assumptions.items()),
    ]
    for row in twin.targets.itertuples():
        lines += [
            "",
            "[[targets]]",
            f"id = {_toml(row.id)}",
            f"printed = {_toml(row.printed)}",
            f"reached = {row.reached:.6g}",
        ]
    return "\n".join(lines) + "\n"


def _toml(value: object) -> str:
    """Write text, numbers and sequences as TOML."""
    if isinstance(value, str):
        if "\n" in value:
            return f"'''\n{value.strip()}\n'''"
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, (tuple, list)):
        return "[" + ", ".join(_toml(v) for v in value) + "]"
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _readme(twin: Twin, stem: str) -> str:
    words = _LIKERT if twin.algorithm == "likert" else _EXACT
    return _README.format(
        study=twin.study,
        seed=twin.seed,
        algorithm=twin.algorithm,
        kind=words[0],
        contents=words[1].format(stem=stem, instrument=twin.instrument or "scores as analysed"),
        table="\n".join(f"| {r.id} | {r.printed} | {r.reached:.6g} |" for r in twin.targets.itertuples()),
    )
