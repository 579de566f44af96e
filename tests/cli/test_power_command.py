"""``sopsem power``."""

import json

import pytest


@pytest.fixture
def model(tmp_path):
    """A mediation."""
    path = tmp_path / "model.txt"
    path.write_text("m ~ a*x; y ~ b*m\n", "utf-8")
    return path


FEW = ("--replications", 20, "--n", "60,90")


def test_the_shipped_study_is_the_default(run):
    made = run("power", "--replications", 10, "--n", 92, "--free", "performance ~ coordination=0.3", "--json")
    assert made.code == 0
    found = json.loads(made.out)
    assert found["mimic"] == "amos"
    assert {row["n"] for row in found["power"]} == {92}
    assert sum(found["accounting"][0][c] for c in ("proper", "improper", "not_converged", "singular")) == 10


def test_a_model_file_with_values_and_an_output_folder(run, model, tmp_path):
    out = tmp_path / "out"
    options = ("--free", "y ~ x=0.2", "--values", "a=0.4,b=0.3", "--equivalence", 0.3, "--out", out)
    made = run("power", model, *FEW, *options)
    assert made.code == 0
    assert "chi2 difference, y ~ x" in made.out
    assert (out / "power.png").read_bytes()[:4] == b"\x89PNG"
    assert json.loads((out / "manifest.json").read_text("utf-8"))["seed"] == 1


def test_a_population_text_and_workers(run, model, tmp_path):
    population = tmp_path / "population.txt"
    population.write_text("m ~ 0.4*x; y ~ 0.3*m + 0.2*x; x ~~ 1*x; m ~~ 1*m; y ~~ 1*y\n", "utf-8")
    options = ("--population", population, "--free", "y ~ x", "--json")
    alone, two = (run("power", model, *FEW, *options, "--workers", w).out for w in (1, 2))
    assert alone == two
    assert json.loads(alone)["power"][0]["test"] == "difference"


def test_a_store_is_resumed_to_the_same_output(run, model, tmp_path):
    options = (*FEW, "--values", "a=0.4,b=0.3", "--store", tmp_path / "kept", "--json")
    first, again = run("power", model, *options), run("power", model, *options, "--resume")
    assert first.code == again.code == 0
    assert first.out == again.out
    assert run("power", model, *options).code == 2


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ((), "give n"),
        (("--n", "few"), "--n has 'few'"),
        (("--n", 60, "--values", "q=1"), "no parameter of the model"),
        (("--n", 60, "--target", 0.8), "say with goal"),
        (("--n", 60, "--free", "y ~ x"), "has no value"),
    ],
)
def test_usage_errors_speak(run, model, options, why):
    outcome = run("power", model, *options)
    assert outcome.code == 2
    assert why in outcome.err


def test_values_without_a_model_are_refused(run):
    outcome = run("power", "--n", 92, "--values", "a=1")
    assert outcome.code == 2
    assert "go with a MODEL file" in outcome.err
