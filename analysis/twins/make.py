"""Make the shipped synthetic twins of the study again: python analysis/twins/make.py [FOLDER].

Seeds 0, 1 and 2 with the default assumptions, whatever they give; nothing was selected.  They are written
into surveys/ unless a folder is given.
"""

import sys
from pathlib import Path

from sopsem.study.twin import twin
from sopsem.study.twin_folder import write_twin

SURVEYS = Path(__file__).resolve().parents[2] / "surveys"


def show(stage: str, fraction: float, message: str) -> None:
    print(f"  {stage:10s} {fraction:4.0%}  {message}")


def main(folder: Path) -> None:
    for seed in (0, 1, 2):
        made = twin("sales_operations_alignment", algorithm="likert", seed=seed, progress=show)
        for path in write_twin(made, folder / f"synthetic_twin_{seed}"):
            print(path)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else SURVEYS)
