"""The result of construct validation: its tables, what they say in words, and one screen."""

import math
from dataclasses import dataclass
from html import escape
from typing import Any

import pandas as pd

from sopsem.sem.constructs.htmt import MIXED_SHARE
from sopsem.sem.constructs.method_variance import MethodVariance
from sopsem.sem.estimation.fit import Fit

__all__ = ["Validation"]


@dataclass(frozen=True, kw_only=True)
class Validation:
    """Construct validation of one model and data set; frozen.

    Attributes
    ----------
    cfa : Fit
        All first-order factors, correlated.
    draws : DataFrame
        Class of every draw, for the CFA and (with second-order factors) for the model; columns add up to the
        number of draws.  Improper draws are kept.
    reliability : DataFrame
        factor, coefficient, label, note, est, ci_lower, ci_upper, draws_used, draws_failed.
    fornell_larcker : DataFrame
        Root of AVE on the diagonal, |phi| below it, and ``holds`` (True, False, or None where undefined).
    fornell_larcker_pairs : DataFrame
        The gap of every pair with its interval, and ``holds`` as above.
    htmt : DataFrame
        HTMT and HTMT2 of every pair with intervals, one-sided limit, verdict, and why an estimate lies outside
        its own interval.
    correlations : DataFrame
        Factor correlations with intervals and their class (Rönkkö & Cho, 2022).
    cutoffs : DataFrame
        chi2(cut) of every pair at .80, .90 and 1.
    second_order : DataFrame
        Reliability of second-order factors.
    method : MethodVariance
        Harman's share, parallel analysis, one-factor CFA.
    second_order_reason : str
        Why there is no table of second-order factors, when the model has some.
    rows_excluded : int
        Rows left out because a value is missing.
    seed : int
        Draw b depends on it and b only.
    level : float
        Of the intervals.

    Notes
    -----
    In the tables of pairs ``within`` names the second-order factor that both factors are dimensions of, ""
    for other pairs: of dimensions of one construct only a correlation below 1 is asked.

    """

    cfa: Fit
    draws: pd.DataFrame
    reliability: pd.DataFrame
    fornell_larcker: pd.DataFrame
    fornell_larcker_pairs: pd.DataFrame
    htmt: pd.DataFrame
    correlations: pd.DataFrame
    cutoffs: pd.DataFrame
    second_order: pd.DataFrame
    method: MethodVariance
    second_order_reason: str
    rows_excluded: int
    seed: int
    level: float

    @property
    def n_draws(self) -> int:
        """Number of draws asked for."""
        return 0 if self.draws.empty else int(self.draws["cfa"].sum())

    @property
    def sentences(self) -> tuple[str, ...]:
        """What the tables say, in words."""
        found = [
            *self._sample_sentences(),
            *self._convergent_sentences(),
            *self._discriminant_sentences(),
            *self._second_order_sentences(),
            *self.method.sentences,
        ]
        return tuple(found)

    def _sample_sentences(self) -> list[str]:
        found = [f"{self.cfa.n} rows are used, {self.rows_excluded} left out for a missing value."]
        found += [f"The CFA is improper: {one}." for one in self.cfa.improper]
        for name, counts in self.draws.items():
            parts = "; ".join(f"{label}: {count}" for label, count in counts.items() if count)
            which = {"cfa": "CFA"}.get(str(name), name)
            found.append(
                f"Bootstrap of the {which}: {self.n_draws} draws ({parts}); improper draws are kept."
            )
        return found

    def _convergent_sentences(self) -> list[str]:
        return [
            _below(self.reliability, "omega", 0.70, "composite reliability (omega)"),
            _below(self.reliability, "ave_std", 0.50, "average variance extracted"),
            *(f"{note}." for note in dict.fromkeys(self.reliability["note"]) if note),
        ]

    def _discriminant_sentences(self) -> list[str]:
        if self.correlations.empty:
            return ["With one factor there is nothing to tell apart."]
        classes = [
            (r.judgement, f"{r.factor1}-{r.factor2}", r.within) for r in self.correlations.itertuples()
        ]
        between = [(c, pair) for c, pair, within in classes if not within]
        worse = [f"{pair} ({c})" for c, pair in between if c not in ("no problem", "undefined")]
        undefined = [pair for c, pair in between if c == "undefined"]
        known = len(between) - len(undefined)
        fine = f"no problem in any of {_counted(known, 'pair')}" if known or not undefined else ""
        result = _with_undefined(f"look at {', '.join(worse)}" if worse else fine, undefined, len(between))
        found = [f"Factor correlations ({self.level:.0%} limits, Rönkkö and Cho): {result}."]
        answers = {"severe": "it does not", "undefined": "it is not defined"}
        found += [
            f"{pair.replace('-', ' and ')} are dimensions of {within}: their correlation may be high, but its upper "
            f"limit should stay below 1 (here: {answers.get(c, 'it does')})."
            for c, pair, within in classes
            if within
        ]
        return [*found, *self._htmt_sentences(), self._fornell_larcker_sentence()]

    def _htmt_sentences(self) -> list[str]:
        """Say what the quoted ratios show, where HTMT is quoted, and which interval misses its estimate."""
        between = self.htmt[self.htmt["within"] == ""]
        quoted = between[between["headline"] & (between["verdict"] != "undefined")]
        above = [f"{_pair(r)} ({r.verdict})" for r in quoted.itertuples() if r.verdict != "below .85"]
        ratios = {_pair(r) for r in quoted.itertuples()}
        every = list(dict.fromkeys(_pair(r) for r in between.itertuples()))
        result = _judged(
            ("not below .85 for", "below .85 for"), above, [p for p in every if p not in ratios], len(every)
        )
        text = "one-sided upper limit" if self.n_draws else "estimate"
        return [f"HTMT ({text}): {result}.{_stand_in(quoted)}", *_outside(self.htmt)]

    def _fornell_larcker_sentence(self) -> str:
        pairs = list(self.fornell_larcker_pairs.itertuples())
        failed = [f"{r.factor1}-{r.factor2}" for r in pairs if r.holds is False]
        undefined = [f"{r.factor1}-{r.factor2}" for r in pairs if r.holds is None]
        result = _judged(("fails for", "holds for"), failed, undefined, len(pairs))
        return f"Fornell-Larcker: {result}; the criterion is weak and is shown for comparison."

    def _second_order_sentences(self) -> list[str]:
        if self.second_order_reason:
            return [f"Second-order reliability is not given: {self.second_order_reason}"]
        found = [
            f"{r.factor}: the sum of its standardized dimensions has reliability {_with_limits(r)}."
            for r in self.second_order.itertuples()
            if r.coefficient == "cr_L2"
        ]
        notes = self.second_order["note"] if len(self.second_order) else []
        return found + [f"{note}." for note in dict.fromkeys(notes) if note]

    def __repr__(self) -> str:
        """Show the validation in one screen."""
        head = (
            f"Construct validation: {len(self.fornell_larcker)} constructs, N = {self.cfa.n}, "
            f"{self.n_draws} draws (seed {self.seed}), {self.level:.0%} percentile intervals"
        )
        blocks = [head, _reliability_screen(self.reliability), _pair_screen(self)]
        blocks += [_second_order_screen(self.second_order)] if len(self.second_order) else []
        return "\n\n".join([*blocks, _method_screen(self.method)])

    def _repr_html_(self) -> str:
        return f"<pre>{escape(repr(self))}</pre>"


def _number(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.2f}"


def _with_limits(row: Any) -> str:
    """Write est [lower, upper], without limits where there were no draws."""
    limits = "" if math.isnan(row.ci_lower) else f" [{row.ci_lower:.2f}, {row.ci_upper:.2f}]"
    return _number(row.est) + limits


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _with_undefined(result: str, undefined: list[str], total: int, noun: str = "pair") -> str:
    """Add what has no value to what the values show: it neither passes nor fails."""
    lacking = f"not defined for {', '.join(undefined)} ({len(undefined)} of {_counted(total, noun)})"
    return "; ".join(part for part in (result, lacking if undefined else "") if part)


def _judged(
    words: tuple[str, str], failed: list[str], undefined: list[str], total: int, noun: str = "pair"
) -> str:
    """Name what fails (first words), else count what passes (second words), and name what is undefined."""
    known = total - len(undefined)
    scope = f"{known} of {total} {noun}s" if undefined else f"all {_counted(total, noun)}"
    passed = f"{words[1]} {'the one ' + noun if total == 1 else scope}" if known or not total else ""
    return _with_undefined(f"{words[0]} {', '.join(failed)}" if failed else passed, undefined, total, noun)


def _below(table: pd.DataFrame, coefficient: str, bound: float, words: str) -> str:
    own = list(table[table["coefficient"] == coefficient].itertuples())
    low = [f"{r.factor} ({_with_limits(r)})" for r in own if r.est < bound]
    undefined = [str(r.factor) for r in own if math.isnan(r.est)]
    verbs = (f"does not reach {bound:.2f} for", f"reaches {bound:.2f} for")
    result = _judged(verbs, low, undefined, len(own), "construct")
    return f"The {words} {'is ' if len(undefined) == len(own) else ''}{result}."


def _pair(row: Any) -> str:
    return f"{row.construct1}-{row.construct2}"


def _stand_in(quoted: pd.DataFrame) -> str:
    """Count the pairs for which HTMT is quoted, by where their signs are mixed."""
    fallback = quoted[quoted["coefficient"] == "htmt"]
    sample = int(fallback["sample_mixed"].sum())
    where = {
        "in the sample": sample,
        f"only in more than {MIXED_SHARE:.0%} of the draws": len(fallback) - sample,
    }
    parts = ", ".join(f"in {_counted(count, 'pair')} {place}" for place, count in where.items() if count)
    return f" HTMT stands in for HTMT2 where signs are mixed: {parts}." if parts else ""


def _outside(table: pd.DataFrame) -> list[str]:
    """Name the ratios whose estimate lies outside its own interval, one sentence per reason."""
    listed = table[table["interval_note"] != ""]
    return [
        "The estimate lies outside its own percentile interval for "
        + ", ".join(f"{_pair(r)} ({r.coefficient.upper()} {_with_limits(r)})" for r in rows.itertuples())
        + f": {reason}."
        for reason, rows in listed.groupby("interval_note", sort=False)
    ]


def _reliability_screen(table: pd.DataFrame) -> str:
    shown = table[table["coefficient"].isin(["alpha", "omega", "ave_std"])]
    cells = shown.assign(text=[_with_limits(r) for r in shown.itertuples()])
    wide = cells.pivot_table(index="factor", columns="label", values="text", aggfunc="first", sort=False)
    return str(wide.rename_axis(index=None, columns=None).to_string())


def _pair_screen(found: Validation) -> str:
    if found.correlations.empty:
        return "one factor: no pairs"
    quoted = found.htmt[found.htmt["headline"]].set_index(["construct1", "construct2"])
    rows = []
    for r, gap in zip(found.correlations.itertuples(), found.fornell_larcker_pairs.itertuples(), strict=True):
        pair = (r.factor1, r.factor2)
        ratio = quoted.loc[pair] if pair in quoted.index else None
        rows.append(
            {
                "pair": " - ".join(pair) + (f" (within {r.within})" if r.within else ""),
                "phi": _with_limits(r),
                "class": r.judgement,
                "HTMT": "-"
                if ratio is None
                else f"{ratio['coefficient']} {_number(ratio['est'])}, {ratio['verdict']}",
                "Fornell-Larcker": {True: "holds", False: "fails"}.get(gap.holds, "-"),
            }
        )
    return str(pd.DataFrame(rows).set_index("pair").rename_axis(None).to_string())


def _second_order_screen(table: pd.DataFrame) -> str:
    whole = table[table["part"] == ""]
    return "\n".join(
        f"{factor}: " + ", ".join(f"{r.label} {_with_limits(r)}" for r in rows.itertuples())
        for factor, rows in whole.groupby("factor", sort=False)
    )


def _method_screen(method: MethodVariance) -> str:
    one = method.one_factor
    compared = one.reason or f"chi2 difference {one.chisq_diff:.1f} on {one.df_diff} df"
    return (
        f"Harman {method.harman:.0%} (weak evidence); {method.n_retained} of {len(method.eigenvalues)} "
        f"eigenvalues above chance; one-factor CFA: {compared}"
    )
