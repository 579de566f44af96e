"""Start the child process from this file's path, without importing all of sopsem: ``python start.py ...``."""

import runpy
import sys
import types
from pathlib import Path

MODULES = {
    **dict.fromkeys(("xlsx", "xls", "ods"), "workbook"),
    **dict.fromkeys(("sav", "dta"), "data_file"),
    "parquet": "parquet_file",
}
HOME = Path(__file__).resolve().parent
PACKAGES = {
    "sopsem": HOME.parents[2],
    "sopsem.survey": HOME.parents[1],
    "sopsem.survey.formats": HOME.parent,
}


def main() -> None:
    """Put empty packages in the place of the real ones, then run the module that reads this kind of file."""
    for name, folder in PACKAGES.items():
        package = types.ModuleType(name)
        package.__path__ = [str(folder)]
        sys.modules[name] = package
    runpy.run_module(f"sopsem.survey.formats.child.{MODULES[sys.argv[1]]}", run_name="__main__")


if __name__ == "__main__":
    main()
