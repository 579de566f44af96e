"""Drivers: ranks counted by hand, performance as means of rescaled answers, and draws that add up."""

import numpy as np
import pandas as pd
import pytest

import sopsem
from sopsem.client.drivers import drivers, drivers_of
from sopsem.errors import UsageError
from sopsem.sem.effects.effects import effects
from sopsem.sem.estimation.fit import fit
from sopsem.sem.resampling.bootstrap import bootstrap
from sopsem.sem.resampling.policies import apply_policy

RANGES = dict.fromkeys(("a", "b", "c", "y"), (-5.0, 5.0))


@pytest.fixture(scope="module")
def answers():
    return sopsem.read_responses(sopsem.find_survey(), sopsem.load_instrument())


@pytest.fixture(scope="module")
def rows():
    rng = np.random.default_rng(5)
    x = rng.normal(size=(80, 3)) + 0.5 * rng.normal(size=(80, 1))
    y = x @ [0.4, 0.1, -0.45] + rng.normal(size=80)
    return pd.DataFrame(np.column_stack([x, y]), columns=list("abcy")).clip(-5, 5)


@pytest.fixture(scope="module")
def draws(rows):
    return bootstrap(fit("y ~ a + b + c", rows), draws=60, seed=4)


def test_ranks_are_those_of_regressions_on_every_resample(rows, draws):
    """Each draw's regression by least squares, ranked by size: all scales are alike, so slopes are importance."""
    slopes = []
    for b in range(60):
        own = rows.to_numpy()[draws.resampler.rows_of(b)]
        slopes.append(
            np.linalg.lstsq(np.column_stack([np.ones(80), own[:, :3]]), own[:, 3], rcond=None)[0][1:]
        )
    first = np.abs(slopes).argmax(axis=1)
    found = drivers_of(draws, RANGES, "y")
    table = found.table.set_index("driver")
    for i, name in enumerate("abc"):
        assert table.first_share[name] == pytest.approx(np.mean(first == i))
        shares = found.rank_shares[found.rank_shares.driver == name].share
        assert shares.sum() == pytest.approx(1.0)
    assert found.rank_shares.groupby("rank").share.sum().tolist() == pytest.approx([1.0] * 3)
    assert table["rank"].tolist() == [1, 2, 3]
    assert table.same_sign_share["c"] == pytest.approx(np.mean(np.array(slopes)[:, 2] < 0))


def test_performance_is_the_mean_of_answers_from_0_to_100(rows, draws):
    found = drivers_of(draws, RANGES, "y", labels={"a": "First"})
    table = found.table.set_index("driver")
    assert table.performance["a"] == pytest.approx(10 * (rows.a.mean() + 5))
    assert found.performance[0] == pytest.approx(10 * (rows.y.mean() + 5))
    assert table.room["a"] == pytest.approx(100 - table.performance["a"])
    assert table.room["c"] == pytest.approx(table.performance["c"])  # it lowers y: less is better
    declared = drivers_of(draws, RANGES, "y", higher_is={"a": "worse", "c": "better"}).table.set_index(
        "driver"
    )
    assert declared.room["a"] == pytest.approx(table.performance["a"])  # declared, whatever the sign
    assert declared.room["c"] == pytest.approx(100 - table.performance["c"])
    assert declared.room["b"] == table.room["b"]
    assert (table.performance_lower < table.performance).all()
    assert (table.performance < table.performance_upper).all()
    assert table.label.to_dict() == {"a": "First", "b": "b", "c": "c"}


def test_a_scale_read_backwards_changes_signs_and_no_rank(rows, draws):
    turned = rows.assign(c=-rows.c)
    found = drivers_of(
        bootstrap(fit("y ~ a + b + c", turned), draws=60, seed=4), RANGES, "y"
    ).table.set_index("driver")
    before = drivers_of(draws, RANGES, "y").table.set_index("driver")
    assert found.importance["c"] == pytest.approx(-before.importance["c"])
    assert found.ci_lower["c"] == pytest.approx(-before.ci_upper["c"])
    assert found.first_share.to_dict() == pytest.approx(before.first_share.to_dict())
    assert found.performance["c"] == pytest.approx(100 - before.performance["c"])


def test_the_shipped_survey(answers):
    """Alignment first; standardized importance is the total effect; draws are accounted for."""
    found = drivers(answers, draws=80, seed=2)
    assert found.outcome == "performance"
    assert found.table.driver.tolist() == ["alignment", "coordination", "conflict"]
    fitted = fit(answers.instrument.model, answers.items)
    totals = effects(fitted).set_index("effect").est_std
    for row in found.table.itertuples():
        assert row.importance_std == pytest.approx(totals[f"total:performance~{row.driver}"], rel=1e-9)
    assert found.counts["count"].sum() == found.n_draws == 80
    said = " ".join(found.sentences)
    assert "Sales-operations alignment is the first lever on Performance in 100% of draws" in said
    assert "not even the direction" in said
    assert "improper" in said
    assert found.n == 92
    conflict = found.table.set_index("driver").loc["conflict"]
    assert (conflict["higher_is"], conflict["room"]) == ("worse", conflict["performance"])


def test_policies_keep_the_account(answers):
    fitted = fit(answers.instrument.model, answers.items)
    made = bootstrap(fitted, draws=60, seed=2)
    ranges = dict.fromkeys(answers.instrument.item_ids, (1.0, 7.0))
    dropped = drivers_of(apply_policy(made, "drop"), ranges, "performance")
    improper = int((made.status == 1).sum())
    assert dropped.policy == "drop"
    assert dropped.used <= 60 - improper
    assert improper > 0


def test_an_unsettled_order_is_said(rows):
    near = rows.assign(y=0.3 * rows.a + 0.3 * rows.b + np.sin(17.0 * np.arange(80.0)))
    found = drivers_of(bootstrap(fit("y ~ a + b", near), draws=60, seed=1), RANGES, "y")
    assert found.table.first_share.iloc[0] < 0.8
    assert any("not settled" in s for s in found.sentences)


def test_what_cannot_be_done_is_refused(answers, rows):
    with pytest.raises(UsageError, match="no path of the model leads to 'nobody'"):
        drivers(answers, outcome="nobody")
    made = bootstrap(fit("y ~ a", rows), draws=5, kind="parametric")
    with pytest.raises(UsageError, match="kind='case'"):
        drivers_of(made, RANGES, "y")
    two = rows.assign(group=["u", "v"] * 40)
    of_groups = bootstrap(fit("y ~ a", two, group="group"), draws=3)
    with pytest.raises(UsageError, match="one group"):
        drivers_of(of_groups, RANGES, "y")
    instrument = answers.instrument.model_copy(update={"model": ""})
    frame = pd.DataFrame({i: [1, 4, 7] for i in instrument.item_ids})
    with pytest.raises(UsageError, match="has no model"):
        drivers(sopsem.responses_from_frame(frame, instrument))
    loop = "m ~ x\ny ~ x"
    two_ends = answers.instrument.model_copy(
        update={"model": loop.replace("m", "col1").replace("y", "col2").replace("x", "col3")}
    )
    open_ended = sopsem.responses_from_frame(answers.items, two_ends)
    with pytest.raises(UsageError, match="2 last outcomes"):
        drivers(open_ended)
