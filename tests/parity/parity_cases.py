"""Reading parity cases and mapping a case's options onto the public API."""

import inspect
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from sopsem.errors import SopsemError
from sopsem.sem.estimation.fit import Fit, fit

ACCEPTED = tuple(inspect.signature(fit).parameters)


class UnsupportedError(Exception):
    """The public API has no word for an option of the case; the text names the feature."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One fit of a case."""

    case: "Case"
    content: dict

    @property
    def name(self) -> str:
        return f"{self.case.id}/{self.content['name']}"

    @property
    def options(self) -> dict:
        return dict(self.content["options"] or {})

    @property
    def resolved(self) -> dict:
        return dict(self.content.get("resolved_options") or {})

    @property
    def expected(self) -> dict:
        return self.content["expected"]

    @property
    def compare(self) -> str:
        return self.content["compare"]

    @property
    def data(self) -> dict:
        return self.content.get("data", self.case.content.get("data"))

    @property
    def slack(self) -> float:
        """10 for what is inadmissible, near-singular or badly scaled, else 1."""
        hard = {"near-singular", "bad-scaling"} & set(self.case.content.get("kinds", ()))
        return 10.0 if hard or self.expected.get("admissible") is False else 1.0

    @property
    def robust(self) -> bool:
        """Whether standard errors are of the kinds that may differ by 2e-3."""
        plain = self.resolved.get("se", "standard") in ("standard", "none", "first.order")
        return not plain or self.resolved.get("parameterization") == "theta"

    @property
    def is_ml(self) -> bool:
        """Whether the rule of ``--ml`` selects the fit."""
        wanted = {"estimator": "ML", "missing": "listwise", "mimic": "lavaan", "se": ("standard", "none")}
        plain = all(self.resolved.get(k) in (v if isinstance(v, tuple) else (v,)) for k, v in wanted.items())
        special = {"group", "ordered", "control", "missing"} & set(self.options)
        one_group = "groups" not in self.data
        special |= {v for v in [self.options.get("estimator", "ML")] if v != "ML"}
        return plain and one_group and not special and self.compare != "error" and not self._beyond

    @property
    def _beyond(self) -> bool:
        """Composites and nonlinear constraints are no part of the plain selection."""
        return "<~" in self.content["model"] or "nonlinear" in self.content["name"]

    @cached_property
    def attempt(self) -> "Attempt":
        return attempt(self)


@dataclass(frozen=True, kw_only=True)
class Case:
    """One JSON file of a folder of cases."""

    path: Path
    content: dict

    @property
    def id(self) -> str:
        return self.content["id"]

    @cached_property
    def entries(self) -> dict[str, Entry]:
        return {f["name"]: Entry(case=self, content=f) for f in self.content.get("fits", ())}

    def file(self, name: str) -> Path:
        """Return where a file named in the case lies: beside the folder of cases, or in it."""
        beside, inside = self.path.parent.parent / name, self.path.parent / name
        return inside if inside.exists() and not beside.exists() else beside


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """What came of fitting: a fit, or an error of sopsem, or the name of a missing feature, or a bug."""

    fit: Fit | None = None
    error: SopsemError | None = None
    unsupported: str = ""
    bug: str = ""

    @property
    def problem(self) -> str:
        """Return why there is no fit, in one line."""
        if self.unsupported:
            return f"feature not supported: {self.unsupported}"
        if self.error is not None:
            return f"{type(self.error).__name__}: {str(self.error).splitlines()[0][:160]}"
        return self.bug


def read_cases(folder: Path, only: tuple[str, ...] = ()) -> Iterator[Case]:
    """Yield the cases of a folder, or of its subfolder ``cases``, in the order of their names."""
    inner = folder / "cases" if (folder / "cases").is_dir() else folder
    for path in sorted(inner.glob("*.json")):
        content = json.loads(path.read_text(encoding="utf-8"))
        wanted = not only or any(
            content.get("id", "").split("_")[0] == o or content.get("id") == o for o in only
        )
        if wanted and isinstance(content, dict) and ("fits" in content or "parser" in content):
            yield Case(path=path, content=content)


def mapped_options(
    options: dict, function: str, accepted: tuple[str, ...], resolved: dict | None = None
) -> dict:
    """Return keyword arguments for lavaan options; ``resolved`` is what lavaan made of them.

    Raises
    ------
    UnsupportedError
        An option that no argument stands for.

    """
    arguments = {"growth": True} if function == "growth" else {}
    for name, value in options.items():
        python = name.replace(".", "_")
        if name == "control" and set(value) == {"iter.max"}:
            arguments["max_iterations"] = value["iter.max"]
            continue
        if name == "auto.fix.first" and not value and options.get("std.lv"):
            continue  # with std.lv the first loading is free anyway
        if name == "missing" and (resolved or {}).get(name) == "listwise":
            continue  # lavaan itself found nothing missing to model
        if name == "ordered" and value is False:
            continue  # no variable is: the default
        if python not in accepted:
            raise UnsupportedError(f"{name} = {value}")
        arguments[python] = value
    if function not in ("cfa", "sem", "growth"):
        raise UnsupportedError(f"the function {function}")
    return arguments


def data_arguments(entry: Entry) -> dict:
    """Return the data of a fit as keyword arguments."""
    data = entry.data
    if data["kind"] == "raw":
        return {"data": pd.read_csv(entry.case.file(data["file"]))}
    if "groups" not in data:
        means = [_named(entry, data["mean_file"]).iloc[:, 0]] if "mean_file" in data else []
        given = {"sample_cov": _named(entry, data["file"]), "n_obs": int(np.ravel(data["nobs"])[0])}
        return given | ({"sample_mean": means[0]} if means else {})
    groups = data["groups"]
    given = {
        "sample_cov": {g["label"]: _named(entry, g["file"]) for g in groups},
        "n_obs": [int(g["nobs"]) for g in groups],
    }
    if all("mean_file" in g for g in groups):
        given["sample_mean"] = [_named(entry, g["mean_file"]).iloc[:, 0] for g in groups]
    return given


def _named(entry: Entry, file: str) -> pd.DataFrame:
    """Return a file of the case whose first column names its rows."""
    return pd.read_csv(entry.case.file(file)).set_index("variable")


def attempt(entry: Entry) -> Attempt:
    """Fit what an entry describes; never raises."""
    try:
        arguments = mapped_options(entry.options, entry.content["function"], ACCEPTED, entry.resolved)
        return Attempt(fit=fit(entry.content["model"], **data_arguments(entry), **arguments))
    except UnsupportedError as feature:
        return Attempt(unsupported=str(feature))
    except SopsemError as error:
        return Attempt(error=error)
    except Exception as bug:  # noqa: BLE001 - a bug is a failing unit, it must not end the run
        return Attempt(bug=f"bug: {type(bug).__name__}: {str(bug)[:120]}")
