"""2,000 mutated CSV files: each ends in a documented error or in checked tables, never in anything else.

python analysis/benchmarks/executive_fuzz.py [--count 2000] [--seed 1]

One file of the template is mutated at a time: a column dropped, decimals swapped, a sign, percent, a key twice,
cells shuffled, emptied or garbled, impossible dates, the file cut.  Writes executive_fuzz_results.csv: mutation,
how it ended (a code, or ok), how often.
"""

import argparse
import importlib.util
import tempfile
from pathlib import Path

import pandas as pd

from sopsem.executive.schema.template import template_files

HERE = Path(__file__).parent
TESTS = HERE.parent.parent / "tests" / "executive" / "schema" / "test_tables.py"


def mutations():
    """Import the mutations that the fast test uses too."""
    spec = importlib.util.spec_from_file_location("executive_mutations", TESTS)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def campaign(count, seed):
    """Return how every mutation ended, counted."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file, text in template_files().items():
            (folder / file).write_text(text, "utf-8")
        ended = mutations().fuzz(folder, count, seed)
    rows = [(kind, code, n) for kind, codes in ended.items() for code, n in codes.items()]
    return pd.DataFrame(rows, columns=["mutation", "ended", "count"]).sort_values(["mutation", "ended"])


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    found = campaign(given.count, given.seed)
    assert found["count"].sum() == given.count
    found.to_csv(HERE / "executive_fuzz_results.csv", index=False)
    print(found.to_string(index=False))
