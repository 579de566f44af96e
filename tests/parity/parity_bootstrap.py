"""Bootstrap with the resampling indices given: draw by draw, intervals, and the Bollen-Stine test."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np
import pandas as pd
from parity_cases import Entry
from parity_units import Check, Unit, chisq_tolerance, guarded, relative, row_key, scale_of, table

from sopsem.sem.estimation.fit import Fit
from sopsem.sem.model.definitions import defined_values
from sopsem.sem.resampling.bootstrap import Draws, bootstrap
from sopsem.sem.resampling.intervals import interval

INTERVALS = {"norm": "normal", "basic": "basic", "perc": "percentile", "bca.simple": "bc"}


@dataclass(frozen=True)
class GivenDraws:
    """The draws of a case, made when they are first asked for."""

    entry: Entry
    content: dict

    @property
    def fit(self) -> Fit:
        """The fit; the problem as an exception when there is none."""
        if self.entry.attempt.fit is None:
            raise RuntimeError(self.entry.attempt.problem)
        return self.entry.attempt.fit

    def indices(self, file: str) -> np.ndarray:
        """Return the row positions from 0, one row per draw."""
        return pd.read_csv(self.entry.case.file(file), header=None).to_numpy() - int(
            self.content["one_based"]
        )

    @cached_property
    def cases(self) -> Draws:
        """Resampled rows."""
        data = pd.read_csv(self.entry.case.file(self.entry.data["file"]))
        return bootstrap(self.fit, data, indices=self.indices(self.content["index_file"]))

    @cached_property
    def bollen_stine(self) -> Draws:
        """Resampled rows of the transformed data."""
        data = pd.read_csv(self.entry.case.file(self.entry.data["file"]))
        rows = self.indices(self.content["bollen_stine"]["index_file"])
        return bootstrap(self.fit, data, kind="bollen_stine", indices=rows)


def bootstrap_units(entry: Entry, content: dict) -> Iterator[Unit]:
    """Yield a unit for the draws, for each kind of interval, and for the Bollen-Stine test."""
    given, name = GivenDraws(entry, content), f"{entry.case.id}/extra/bootstrap"
    yield guarded(f"{name}/draws", partial(_draws, given=given))
    for kind, reference in content["ci"].items():
        yield guarded(
            f"{name}/ci_{kind}", partial(_limits, given=given, kind=kind, reference=table(reference))
        )
    if "bollen_stine" in content:
        yield guarded(f"{name}/bollen_stine", partial(_bollen_stine, given=given))


def _bollen_stine(check: Check, given: GivenDraws) -> None:
    reference, found = given.content["bollen_stine"], given.bollen_stine
    for i, (mine, value) in enumerate(zip(found.chisq, reference["chisq_draws"], strict=True)):
        check.close(f"chisq of draw {i + 1}", mine, value, max(chisq_tolerance(value), 1e-3 * value))
    check.close("p", float((found.chisq >= found.fit.chisq).mean()), reference["pvalue"], 1e-4)


def _draws(check: Check, given: GivenDraws) -> None:
    found, reference = given.cases, pd.read_csv(given.entry.case.file(given.content["draws_file"]))
    names = list(found.fit.names)
    mine = pd.DataFrame(
        found.estimates[:, [names.index(c) for c in reference.columns]], columns=reference.columns
    )
    check.equal("draws", len(mine), len(reference))
    for b, row in enumerate(reference.to_dict("records")):
        floor = scale_of(row.values())
        for column, value in row.items():
            check.close(f"draw {b + 1} {column}", mine.loc[b, column], value, relative(value, floor, 1e-3))


def _limits(check: Check, given: GivenDraws, kind: str, reference: pd.DataFrame) -> None:
    found = given.cases
    spec, rows = found.fit.spec, found.rows
    defined, _ = defined_values(spec, rows, np.zeros((rows.shape[1], 1)))
    at, _ = defined_values(spec, found.fit.rows[None], np.zeros((rows.shape[1], 1)))
    values = {row_key(p.lhs, p.op, p.rhs, p.group): rows[:, i] for i, p in enumerate(spec) if p.free}
    values |= {row_key(d.lhs, d.op, d.rhs): defined[:, i] for i, d in enumerate(spec.definitions)}
    estimate = {row_key(p.lhs, p.op, p.rhs, p.group): v for p, v in zip(spec, found.fit.rows, strict=True)}
    estimate |= {row_key(d.lhs, d.op, d.rhs): at[0, i] for i, d in enumerate(spec.definitions)}
    for row in reference.itertuples():
        key, where = row_key(row.lhs, row.op, row.rhs), f"{row.lhs} {row.op} {row.rhs}"
        if key not in values:
            check.equal(f"{where} is fixed", row.se == 0.0, True)
            continue
        limits = interval(values[key], estimate[key], kind=INTERVALS[kind], rule="normal_interp")
        width = row.ci_upper - row.ci_lower
        check.close(f"{where} se", np.nanstd(values[key]), row.se, relative(row.se, 0.0, 1e-3))
        check.close(f"{where} lower", limits[0], row.ci_lower, 1e-3 * width)
        check.close(f"{where} upper", limits[1], row.ci_upper, 1e-3 * width)
