"""Run the command line in this process: exit code, stdout and stderr of one call."""

from typing import NamedTuple

import pandas as pd
import pytest

import sopsem
from sopsem.cli import main


class Outcome(NamedTuple):
    code: int
    out: str
    err: str


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """Return a function that runs ``sopsem`` with arguments."""

    def call(*arguments: object) -> Outcome:
        monkeypatch.setattr("sys.argv", ["sopsem", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        captured = capsys.readouterr()
        code = ended.value.code
        return Outcome(0 if code is None else int(code), captured.out, captured.err)

    return call


@pytest.fixture
def answers() -> pd.DataFrame:
    """The raw answers of the shipped twin, as text."""
    return pd.read_csv(sopsem.find_survey(), dtype=str, keep_default_na=False)


@pytest.fixture
def survey(tmp_path, answers):
    """Return a function that writes changed answers to a survey file."""

    def write(change, name: str = "survey.csv"):
        changed = change(answers.copy())
        path = tmp_path / name
        (answers if changed is None else changed).to_csv(path, index=False)
        return path

    return write
