"""``sopsem explain`` prints what ``explain`` says."""

import json


def test_a_number_a_family_and_the_list(run):
    one = run("explain", "rmsea")
    assert one.code == 0
    assert "sqrt(max(chisq - df, 0) / (n * df) * groups)" in one.out
    assert "0.058" in one.out
    assert len(one.out.splitlines()) > 5
    assert "Steiger & Lind (1980)" in one.out
    assert run("explain", "alpha").out.count("Cronbach (1951)") == 5
    listed = run("explain").out
    assert "chisq" in listed
    assert "alpha: 5 (alpha:coordination" in listed
    assert "dchisq" in listed.splitlines()


def test_limits_are_those_of_the_draws(run):
    out = json.loads(run("explain", "ci_lower:coordination -> performance", "--draws", 40, "--json").out)
    told = out["explanations"][0]
    assert any("draws in their order" in one["meaning"] for one in told["inputs"])
    assert out["manifest"]["command"] == "explain"


def test_a_slip_is_answered_with_the_nearest_name(run):
    outcome = run("explain", "rmsae")
    assert outcome.code == 2
    assert "did you mean 'rmsea'?" in outcome.err
