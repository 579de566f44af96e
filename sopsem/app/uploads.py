"""An uploaded file: kept under a harmless name, read by the same readers as any survey file."""

import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from sopsem.client.benchmark import Norms, scorecard_norms, survey_norms
from sopsem.client.scorecard.scorecard import read_scorecard
from sopsem.report.table import Table
from sopsem.survey import Instrument, Responses, read_responses
from sopsem.survey.inspection import Inspection, inspect_survey
from sopsem.survey.shipped import data_label

__all__ = ["Upload", "kept", "match_sentence", "match_table", "missing_questions"]

_LONGEST_NAME = 80


@dataclass(frozen=True, kw_only=True)
class Upload:
    """A file on this machine and what its name says of it."""

    path: Path

    @property
    def name(self) -> str:
        """The file's name without its ending."""
        return self.path.stem

    @property
    def label(self) -> str:
        """What the data are, e.g. "synthetic data"."""
        return data_label(Path(self.path.name))

    def inspect(self, instrument: Instrument, columns: Mapping[str, str]) -> Inspection:
        """Say what the file is and how the questionnaire would read it."""
        return inspect_survey(self.path, instrument, columns=columns)

    def read(self, instrument: Instrument, columns: Mapping[str, str]) -> Responses:
        """Read the file through the questionnaire; errors as in ``read_responses``."""
        return read_responses(self.path, instrument, columns=columns, duplicate_ids="keep")

    def norms(self, instrument: Instrument) -> Norms:
        """Read the file as a benchmark: a survey, or the JSON of a scorecard."""
        if self.path.suffix.lower() == ".json":
            return scorecard_norms(read_scorecard(self.path), instrument)
        return survey_norms(self.read(instrument, {}), name=self.name, label=self.label)


def kept(path: Path, name: str, folder: Path) -> Upload:
    r"""Move an uploaded file to a folder under its own name, without what a name must not hold.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder, "0.csv")
    ...     _ = file.write_text("a\n1\n")
    ...     kept(file, "../../we\x1bird <b>.csv", Path(folder)).path.name
    'we_ird _b_.csv'

    """
    last = re.split(r"[/\\]", name)[-1]
    safe = re.sub(r"[^\w .()-]", "_", last).strip(". ")[-_LONGEST_NAME:] or "survey"
    target = folder / safe
    shutil.move(path, target)
    return Upload(path=target)


def missing_questions(found: Inspection) -> dict[str, str]:
    """Return the required questions without a column, each with the column that looks like it, or ""."""
    rows = found.matches
    rows = rows[(rows["kind"] == "required") & (rows["how"] == "")]
    return {str(r.question): str(r.suggestion or "") for r in rows.itertuples()}


def match_table(found: Inspection) -> Table:
    """Return which column answers which question, and how it was found."""
    rows = _asked(found)
    return Table(
        title=f"Columns of {found.file}",
        columns=("question", "column", "found by"),
        rows=tuple(
            (str(r.question), str(r.column or ""), str(r.how) or "not found") for r in rows.itertuples()
        ),
        notes=(f"{len(found.unmatched)} more columns answer no question.",),
    )


def match_sentence(found: Inspection) -> str:
    """Return what the file is and how many of its questions have a column."""
    rows = _asked(found)
    have = int((rows["how"] != "").sum())
    tool = f" of {found.tool}" if found.tool and found.tool != "plain" else ""
    return f"{found.format}{tool}, {found.n_rows} rows: {have} of {len(rows)} questions have a column."


def _asked(found: Inspection) -> pd.DataFrame:
    """Return the questions that are in the file or must be."""
    rows = found.matches
    return rows[(rows["how"] != "") | (rows["kind"] == "required")]
