"""Every number that is explained: parsed inputs, put into the printed formula, give the number reported."""

import json
import math

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2, ncx2, norm

import sopsem
from sopsem.errors import UsageError
from sopsem.explanation.construct_quantities import RELIABILITY, SECOND
from sopsem.explanation.explain import catalogue, explanations, families
from sopsem.explanation.explanation import Explanation
from sopsem.explanation.fit_quantities import FORMULAS
from sopsem.explanation.formula import evaluate
from sopsem.explanation.question import Question
from sopsem.sem.constructs.reliability import COEFFICIENTS
from sopsem.sem.constructs.second_order import SECOND_ORDER
from sopsem.sem.fit_measures.fit_indices import FIT_INDICES


def parsed(text):
    """Return symbol -> number, vector or matrix, from the JSON of an explanation and nothing else."""
    told = json.loads(text)
    values = {}
    for one in told["inputs"]:
        values.setdefault(one["symbol"], []).append(one)
    for symbol, rows in values.items():
        numbers = np.array([r["value"] for r in rows], dtype=float)
        if rows[0]["column"]:
            values[symbol] = numbers.reshape(len({r["row"] for r in rows}), -1)
        else:
            values[symbol] = numbers if rows[0]["row"] else float(numbers[0])
    for step in told["steps"]:
        values[step["symbol"]] = evaluate(step["formula"], values)
    return told, values


def everything(fit, draws, freed):
    known = catalogue(Question(fit=fit, draws=draws, against=freed))
    return {n: make for n, make in known.items() if not n.startswith("score:") or n.endswith(":7")}


def test_every_quantity_follows_from_its_printed_inputs(fit, draws, freed):
    """From JSON alone, by the printed formula; undefined ones say so."""
    known, undefined = everything(fit, draws, freed), []
    for name, make in known.items():
        try:
            told = make()
        except UsageError as error:
            undefined.append(f"{name} {error}")
            continue
        shown, values = parsed(json.dumps(told.as_dict()))
        again = float(evaluate(shown["formula"], values))
        assert again == pytest.approx(shown["reported"], rel=1e-9, abs=1e-9), name
        assert told.recompute() == pytest.approx(told.reported, rel=1e-9, abs=1e-9)
        assert told.source
        assert told.label
    assert len(known) > 300
    assert all(said.startswith("htmt2:") and "not defined" in said for said in undefined)


def test_no_reported_measure_is_left_out(fit, draws, freed):
    """Whoever adds an index or a coefficient gives it a formula."""
    known = everything(fit, draws, freed)
    assert set(sopsem.fit_indices(fit).index) <= set(known)
    assert {e.name for e in COEFFICIENTS} == set(RELIABILITY)
    assert {e.name for e in SECOND_ORDER} == set(SECOND)
    assert all(FIT_INDICES[name].source for name in FORMULAS)
    for effect in sopsem.effects(fit)["effect"]:
        assert {effect, f"raw:{effect}", f"ci_lower:{effect}", f"p:raw:{effect}"} <= set(known)


def _ncp(v, probability):
    low, high = 0.0, 1000.0
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if ncx2.cdf(v["chisq"], v["df"], middle) > probability else (low, middle)
    return low


def _srmr(v):
    s, sigma = v["S"], v["Sigma"]
    return math.sqrt(
        sum((s[i, j] - sigma[i, j]) ** 2 / (s[i, i] * s[j, j]) for i in range(18) for j in range(i + 1)) / 171
    )


def _gfi(v):
    ratio = np.linalg.solve(v["Sigma"], v["S"])
    return 1 - np.trace(np.linalg.matrix_power(ratio - np.eye(18), 2)) / np.trace(ratio @ ratio)


BY_HAND = {
    "chisq": lambda v: (
        v["n"]
        * (
            np.linalg.slogdet(v["Sigma"])[1]
            - np.linalg.slogdet(v["S"])[1]
            + np.trace(np.linalg.solve(v["Sigma"], v["S"]))
            - 18
        )
    ),
    "pvalue": lambda v: chi2.sf(v["chisq"], v["df"]),
    "cfi": lambda v: 1 - (v["chisq"] - v["df"]) / (v["chisq0"] - v["df0"]),
    "tli": lambda v: (v["chisq0"] / v["df0"] - v["chisq"] / v["df"]) / (v["chisq0"] / v["df0"] - 1),
    "rmsea": lambda v: math.sqrt((v["chisq"] - v["df"]) / v["df"] / v["n"]),
    "rmsea_ci_lower": lambda v: math.sqrt(_ncp(v, 0.95) / v["df"] / v["n"]),
    "rmsea_ci_upper": lambda v: math.sqrt(_ncp(v, 0.05) / v["df"] / v["n"]),
    "srmr": _srmr,
    "gfi": _gfi,
    "aic": lambda v: v["chisq"] + 2 * v["npar"],
    "bic": lambda v: v["chisq"] + v["npar"] * math.log(v["N"]),
    "alpha:conflict": lambda v: 4 / 3 * (1 - sum(v["S"][i, i] for i in range(4)) / v["S"].sum()),
    "omega:market": lambda v: 1 / (1 + v["Theta"].sum() / (v["l"].sum() ** 2 * v["psi"])),
    "cr:market": lambda v: 1 / (1 + np.trace(v["Theta"]) / (v["l"].sum() ** 2 * v["psi"])),
    "ave:market": lambda v: 1 / (1 + np.trace(v["Theta"]) / ((v["l"] ** 2).sum() * v["psi"])),
    "htmt:coordination:alignment": lambda v: (
        v["between"].mean() / math.sqrt(v["within1"].mean() * v["within2"].mean())
    ),
    "loading:col2": lambda v: v["l"] * math.sqrt(v["psi"] / v["sigma"]),
    "coordination -> performance": lambda v: v["p1"] * v["p2"] + v["p3"] * v["p4"],
    "coordination -> alignment -> performance": lambda v: v["p1"] * v["p2"],
    "r2:performance": lambda v: (v["total"] - v["residual"]) / v["total"],
    "f2:performance~conflict": lambda v: (
        (v["r2"] - v["c"] @ np.linalg.solve(v["V"], v["c"]) / v["v"]) / (1 - v["r2"])
    ),
    "dchisq": lambda v: v["chisq1"] - v["chisq2"],
    "dpvalue": lambda v: chi2.sf(v["chisq1"] - v["chisq2"], 1),
    "swain": lambda _: 0.9213,
    "harman": lambda v: (
        np.linalg.eigvalsh(v["S"] / np.sqrt(np.outer(np.diag(v["S"]), np.diag(v["S"])))).max() / 18
    ),
    "score:conflict:5": lambda v: v["c"] @ np.linalg.solve(v["Sigma"], v["y"] - v["mu"]),
    "z:performance~alignment": lambda v: v["est"] / v["se"],
    "p:performance~alignment": lambda v: 2 * norm.sf(abs(v["est"] / v["se"])),
}


@pytest.mark.parametrize("name", BY_HAND)
def test_the_formula_is_the_textbooks(name, fit, freed):
    """Computed a second time by other code from the inputs shown."""
    told = sopsem.explain(name, fit, against=freed)
    _, values = parsed(json.dumps(told.as_dict()))
    assert BY_HAND[name](values) == pytest.approx(told.result, rel=1e-6, abs=5e-5)


@pytest.mark.parametrize("kind", ["percentile", "bc", "bca", "normal", "basic"])
@pytest.mark.parametrize("rule", ["weibull", "floor", "inverse_cdf"])
def test_limits_and_p_of_every_kind_and_rule(kind, rule, fit, draws):
    """The API's limit, the draw that stands there, and its rank."""
    table = sopsem.effects(fit, draws, kind=kind, rule=rule).set_index("effect")
    for part, column in (("ci_lower", "ci_lower_std"), ("ci_upper", "ci_upper_std"), ("p", "pvalue_std")):
        told = sopsem.explain(f"{part}:coordination -> performance", fit, draws, kind=kind, rule=rule)
        wanted = table.loc["total:performance~coordination", column]
        assert told.recompute() == pytest.approx(wanted, rel=1e-9)


def test_the_rank_and_the_draw_of_a_percentile_limit_are_named(fit, draws):
    told = sopsem.explain("ci_upper:coordination -> conflict", fit, draws, kind="percentile", rule="floor")
    steps = {s.symbol: s.value for s in told.steps}
    assert steps["rank"] == math.floor((draws.used.sum() + 1) * 0.975 + 1e-9)
    said = told.inputs.set_index("symbol").loc["x", "meaning"]
    assert f"number {int(steps['rank'])} of the {draws.used.sum()} draws" in said
    number = int(said.split("(draw ")[1].rstrip(")"))
    assert 0 <= number < len(draws)


def test_names_are_found_in_the_words_of_people(fit):
    assert sopsem.explain("CHI2", fit).name == "chisq"
    assert sopsem.explain("RMSEA", fit).name == "rmsea"
    assert sopsem.explain(" alignment  →  performance ", fit).name == "total:performance~alignment"
    assert sopsem.explain("raw:coordination -> conflict", fit).name == "raw:total:conflict~coordination"
    assert len(explanations("ave", fit)) == 5


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("rmsae", "did you mean 'rmsea'"),
        ("alhpa", "did you mean 'alpha'"),
        ("performance -> coordination", "no quantity of this model"),
        ("alpha", "is 5 numbers; choose one: alpha:coordination"),
        ("dchisq", "no quantity of this model"),
        ("htmt2:conflict:market", "not defined"),
    ],
)
def test_what_cannot_be_explained_says_why(asked, words, fit):
    with pytest.raises(UsageError, match=words):
        sopsem.explain(asked, fit)


def test_a_saturated_model_has_conventions_that_are_said():
    cov = pd.DataFrame([[1.0, 0.5, 0.4], [0.5, 1.0, 0.3], [0.4, 0.3, 1.0]], *[list("abc")] * 2)
    result = sopsem.fit("f =~ a + b + c", sample_cov=cov, n_obs=100)
    with pytest.raises(UsageError, match="tli is 1 by a convention of its own"):
        sopsem.explain("tli", result)


def test_a_feedback_loop_is_explained_by_the_inverse():
    rng = np.random.default_rng(3)
    data = pd.DataFrame(rng.normal(size=(200, 4)), columns=["x", "z", "a", "b"])
    data["a"] += 0.5 * data["x"]
    data["b"] += 0.5 * data["z"] + 0.3 * data["a"]
    result = sopsem.fit("a ~ x + b; b ~ z + a", data)
    told = sopsem.explain("x -> b", result)
    assert "inv(identity(m) - B)" in told.formula
    assert told.recompute() == pytest.approx(told.reported, rel=1e-9)


def test_two_groups_and_gaps_are_explained_as_far_as_they_go():
    data = sopsem.simulate("f =~ 0.8*a + 0.7*b + 0.6*c + 0.7*d", 100, seed=1, groups=("u", "v"), group="g")
    both = sopsem.fit("f =~ a + b + c + d", data, group="g")
    names = sopsem.explainable(both)
    assert "cfi" in names
    assert "srmr" not in names
    for name in names:
        assert sopsem.explain(name, both).recompute() == pytest.approx(
            float(sopsem.fit_indices(both)[name]), rel=1e-9, abs=1e-9
        )


def test_an_explanation_is_frozen_and_shows_itself(fit):
    told = sopsem.explain("alpha:coordination", fit)
    assert isinstance(told, Explanation)
    with pytest.raises(AttributeError):
        told.result = 1.0
    assert "Cronbach (1951)" in repr(told)
    assert told._repr_html_().startswith("<pre>")
    assert families({"cfi": None, "a:1": None, "a:2": None}) == ["cfi", "a: 2 (a:1 ... a:2)"]
