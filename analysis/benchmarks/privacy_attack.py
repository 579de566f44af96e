"""Can answers be worked out from what a report prints?  Random small companies, attacked with all printed numbers.

Each report: everybody, three or four departments of 2 to 13 people, and the gap between two of them; means, SDs,
intervals, quartiles, gaps, p-values.  Answers lean to one end of the scale in a third of them.  Three reports of the
same people are attacked:

protected     what ``sopsem.published_groups`` releases: nothing may be recovered
unprotected   the same table without the door, two decimals: the attack must succeed, or it proves nothing
second        one person has left since: with the ledger the second report must be refused; without it, their answers
              are the difference of two sums

Writes privacy_attack_results.csv and ends with pass or fail lines; exit code 1 if one fails.
"""

import argparse
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "privacy_parts"))

import numpy as np
import pandas as pd
from privacy_reconstruction import Group, Scale, recovered

import sopsem

RESULTS = "privacy_attack_results.csv"
NUMBERS = ("mean", "sd", "ci_lower", "ci_upper", "q25", "median", "q75")
MOST = 13  # people of a department
INSTRUMENT = sopsem.load_instrument()
FIRST_ORDER = [name for name, construct in INSTRUMENT.constructs.items() if not construct.of]


def company(seed: int):
    """Return answers of random departments, of one questionnaire construct after the other."""
    rng = np.random.default_rng((20, seed))
    sizes = rng.integers(2, MOST + 1, rng.integers(3, 5))
    names = ["sales", "operations", "other", "logistics"][: len(sizes)]
    n = int(sizes.sum())
    level = rng.choice([4.2, 4.2, 6.3]) if seed % 2 else rng.choice([4.2, 5.5, 1.8])
    common = rng.normal(0, rng.uniform(0.2, 1.2), (n, 1))
    answers = np.clip(np.rint(level + common + rng.normal(0, rng.uniform(0.3, 1.2), (n, 18))), 1, 7)
    frame = pd.DataFrame(answers, columns=list(INSTRUMENT.item_ids))
    frame[["con3", "con4"]] = 8 - frame[["con3", "con4"]]
    frame["department"] = np.repeat(names, sizes)
    frame["respondent_id"] = [f"synthetic-{seed}-{i}" for i in range(n)]
    return frame


def read(frame: pd.DataFrame) -> sopsem.Responses:
    """Return the answers, coded."""
    return sopsem.responses_from_frame(frame, INSTRUMENT, constant_items="keep")


def scale_of(construct: str, decimals: int) -> Scale:
    """Return the scale of a first-order construct: sums of seven-point items."""
    k = len(INSTRUMENT.items_of(construct))
    return Scale(low=1.0, step=1 / k, m=6 * k, decimals=decimals)


def attack(table: pd.DataFrame, gaps: pd.DataFrame, sizes: dict[str, int], decimals: int) -> list[str]:
    """Return what the printed tables give away, as "construct: department"."""
    found = []
    for construct in FIRST_ORDER:
        rows = table[table["construct"] == construct].set_index("group")
        if rows.empty:
            continue
        groups = {
            name: Group(name=name, n=n, printed=rows.loc[name, list(NUMBERS)].astype(float).to_dict())
            for name, n in sizes.items()
        }
        everybody = groups.pop("all respondents")
        row = gaps[gaps["construct"] == construct].iloc[0].to_dict()
        gap = (groups[row["first"]], groups[row["second"]], row)
        parts = recovered(list(groups.values()), everybody, scale_of(construct, decimals), gap)
        found += [f"{construct}: {name}" for name in parts]
    return found


def unprotected(responses: sopsem.Responses, sizes: dict[str, int]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the table of a report that protects nobody, two decimals."""
    scores = sopsem.construct_means(responses).means
    department = responses.respondents["department"]
    rows = []
    for name in sizes:
        own = scores if name == "all respondents" else scores[(department == name).to_numpy()]
        for construct in FIRST_ORDER:
            if construct in own:
                x = own[construct]
                quartiles = np.quantile(x, [0.25, 0.5, 0.75])
                numbers = np.round([x.mean(), x.std(), np.nan, np.nan, *quartiles], 2)  # no interval
                rows.append([name, construct, *numbers])
    table = pd.DataFrame(rows, columns=["group", "construct", *NUMBERS])
    means = table.pivot_table(index="construct", columns="group", values="mean")
    gaps = pd.DataFrame({"construct": means.index, "first": "sales", "second": "operations", "gap": np.nan})
    return table, gaps.assign(ci_lower=np.nan, ci_upper=np.nan, d=np.nan, pvalue=np.nan)


def one_report(seed: int) -> dict[str, object]:
    """Attack one company's reports."""
    frame = company(seed)
    responses = read(frame)
    sizes = {"all respondents": len(frame), **frame["department"].value_counts(sort=False).to_dict()}
    with TemporaryDirectory() as folder:
        ledger = [sopsem.Ledger(path=Path(folder, "ledger.json"), report=name) for name in ("May", "June")]
        released = sopsem.published_groups(
            responses, "department", compare=("sales", "operations"), ledger=ledger[0]
        )
        refused = False
        try:
            sopsem.published_groups(read(frame.iloc[:-1]), "department", ledger=ledger[1])
        except sopsem.PrivacyError:
            refused = True
    department = released.frame[released.frame["by"] == "department"]
    return {
        "report": seed,
        "people": len(frame),
        "cells": len(department),
        "told": int(department["mean"].notna().sum()),
        "told_large": int(department.loc[department["group"].map(sizes) >= 5, "mean"].notna().sum()),
        "large": int((department["group"].map(sizes) >= 5).sum()),
        "recovered_protected": len(attack(released.frame, released.gaps, sizes, 1)),
        "recovered_unprotected": len(attack(*unprotected(responses, sizes), sizes, 2)),
        "attacked": len(FIRST_ORDER[:5]) * (len(sizes) - 1),
        "second_refused": int(refused),
        "second_needs": int(released.frame["mean"].notna().any()),
    }


def main() -> int:
    """Attack the reports and say what came of it."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--reports", type=int, default=200)
    parser.add_argument("--folder", type=Path, default=HERE)
    options = parser.parse_args()
    results = pd.DataFrame([one_report(seed) for seed in range(options.reports)])
    results.to_csv(options.folder / RESULTS, index=False)
    total = results.sum()
    share = total["recovered_unprotected"] / total["attacked"]
    verdicts = {
        f"protected: {total['recovered_protected']} of {total['attacked']} recovered in {len(results)} reports": (
            total["recovered_protected"] == 0
        ),
        f"unprotected: {total['recovered_unprotected']} of {total['attacked']} recovered ({share:.0%})": share
        > 0.2,
        f"second report after one person left: refused in {total['second_refused']} of {total['second_needs']}": (
            total["second_refused"] == total["second_needs"]
        ),
        f"of groups of five or more {total['told_large']} of {total['large']} means are told": (
            total["told_large"] > 0.5 * total["large"]
        ),
    }
    for said, passed in verdicts.items():
        print(f"{'pass' if passed else 'FAIL'}  {said}")
    return 0 if all(verdicts.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
