"""A large survey from file to scores: time and memory of ingesting, screening and scoring it.

    python analysis/benchmarks/large_survey.py            # 100,000 respondents as a Qualtrics CSV export

The file is SYNTHETIC: answers drawn at random.  Each step tells the processor time it took and the highest memory
of the process so far; the result is written to ``large_survey_results.csv``.
"""

import argparse
import csv
import datetime as dt
import json
import resource
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

import sopsem

HERE = Path(__file__).parent
ABOUT = {
    "StartDate": "startDate",
    "EndDate": "endDate",
    "Status": "status",
    "Progress": "progress",
    "Duration (in seconds)": "duration",
    "Finished": "finished",
    "ResponseId": "_recordId",
    "UserLanguage": "userLanguage",
}


def write_survey(path, n, seed=1):
    """Write a Qualtrics CSV export of n respondents."""
    rng = np.random.default_rng(seed)
    items = sopsem.load_instrument().item_ids
    names = [*ABOUT, "respondent_id", "department", "region", *items]
    ids = [json.dumps({"ImportId": name}) for name in (*ABOUT.values(), *names[len(ABOUT) :])]
    answers = rng.integers(1, 8, (n, len(items)))
    start = dt.datetime(2024, 5, 1, tzinfo=dt.UTC).replace(tzinfo=None)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerows([names, names, ids])
        for k in range(n):
            begun = start + dt.timedelta(seconds=37 * k)
            seconds = 300 + k % 100
            about = [begun, begun + dt.timedelta(seconds=seconds), 0, 100, seconds, 1, f"R_{k}", "EN"]
            writer.writerow([*about, f"r{k}", ("sales", "operations")[k % 2], "europe", *answers[k]])


def main(arguments=None):
    """Measure each step and write the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--out", type=Path, default=HERE / "large_survey_results.csv")
    chosen = parser.parse_args(arguments)
    steps = []

    def measure(name, work):
        start, clock = time.process_time(), time.perf_counter()
        result = work()
        steps.append(
            {
                "step": name,
                "rows": chosen.rows,
                "cpu_seconds": round(time.process_time() - start, 2),
                "wall_seconds": round(time.perf_counter() - clock, 2),
                "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            }
        )
        print(steps[-1], file=sys.stderr)
        return result

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "large.csv"
        measure("write the file", lambda: write_survey(path, chosen.rows))
        answers = measure("ingest", lambda: sopsem.read_responses(path, sopsem.load_instrument()))
    screened = measure("screen", lambda: sopsem.screen(answers))
    measure("table of the screens", lambda: (screened.table, screened.counts))
    measure("score", lambda: sopsem.construct_means(answers))
    with chosen.out.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(steps[0]))
        writer.writeheader()
        writer.writerows(steps)


if __name__ == "__main__":
    main()
