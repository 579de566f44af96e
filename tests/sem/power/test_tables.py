"""Counting: shares with their errors, accounting that adds up, precision against theory."""

from dataclasses import replace

import numpy as np
import pytest

from sopsem.sem.power.decisions import questions
from sopsem.sem.power.quantities import quantities_of
from sopsem.sem.power.replicates import Block, Plan, joined_replicates, run_block
from sopsem.sem.power.tables import accounting_table, power_table, precision_table, wilson
from sopsem.sem.resampling.draw_status import DrawStatus


@pytest.fixture(scope="module")
def counted(mediation):
    """Two sizes of 600 replications."""
    quantities = quantities_of(mediation.full)
    plan = Plan(design=mediation, quantities=quantities, seed=3, level=0.95, interval_draws=0)
    found = {n: joined_replicates([run_block(plan, Block(n, 0, 600))]) for n in (60, 240)}
    return mediation, quantities, found


def test_power_is_a_share_with_a_binomial_error(counted):
    design, quantities, found = counted
    asked = questions(design, quantities, alpha=0.05, bound=None, intervals=False)
    table = power_table(found, asked)
    row = table[(table["n"] == 60) & (table["test"] == "difference")].iloc[0]
    decided = asked[0].decide(found[60], 60)
    assert row["power"] == decided.mean()
    assert row["mc_se"] == pytest.approx(np.sqrt(decided.mean() * (1 - decided.mean()) / 600))
    assert row["mc_lower"] < row["power"] < row["mc_upper"]
    assert row["used"] == row["used_proper"] == 600


def test_proper_solutions_are_counted_apart(counted):
    """Here the first 200 replications are called improper."""
    design, quantities, found = counted
    status = found[60].status.copy()
    status[:200] = DrawStatus.IMPROPER
    asked = questions(design, quantities, alpha=0.05, bound=None, intervals=False)
    changed = {60: replace(found[60], status=status)}
    row = power_table(changed, asked).iloc[0]
    decided = asked[0].decide(found[60], 60)
    assert (row["used"], row["used_proper"]) == (600, 400)
    assert row["power_proper"] == decided[200:].mean() != row["power"]
    precision = precision_table(changed, design, quantities, 0.95)
    assert (precision["used_proper"] == 400).all()
    assert accounting_table(changed, design)["improper"].iloc[0] == 200


def test_estimates_scatter_as_theory_says_in_a_large_sample(counted):
    design, quantities, found = counted
    table = precision_table(found, design, quantities, 0.95)
    large = table[table["n"] == 240]
    assert (np.abs(large["mean"] - large["true"]) < 4.5 * large["mc_se_mean"] + 0.01).all()
    direct = large[large["quantity"].str.startswith("direct")]
    np.testing.assert_allclose(direct["width"], direct["analytic_width"], rtol=0.03)
    np.testing.assert_allclose(direct["coverage"], 0.95, atol=0.035)
    np.testing.assert_allclose(direct["sd"], direct["mean_se"], rtol=0.12)


def test_the_classes_add_up(counted):
    design, _, found = counted
    table = accounting_table(found, design)
    assert table[["n", "model"]].to_numpy().tolist() == [
        [60, "full"],
        [60, "restricted"],
        [240, "full"],
        [240, "restricted"],
    ]
    classes = table[["proper", "improper", "not_converged", "singular"]].sum(axis=1)
    assert (classes == table["replications"]).all()


@pytest.mark.parametrize(("share", "n"), [(0.0, 50), (1.0, 50), (0.5, 10)])
def test_wilsons_limits_solve_their_equation(share, n):
    for limit in wilson(share, n):
        assert abs(share - limit) == pytest.approx(1.959964 * np.sqrt(limit * (1 - limit) / n), abs=1e-6)
    assert np.isnan(wilson(float("nan"), 0)).all()
