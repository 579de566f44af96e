"""Replications: the same in any block, equal to single fits, and every one accounted for."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from sopsem.sem.effects.effects import effects
from sopsem.sem.estimation.fit import fit
from sopsem.sem.power.design import make_design
from sopsem.sem.power.quantities import quantities_of
from sopsem.sem.power.replicates import Block, Plan, joined_replicates, run_block
from sopsem.sem.resampling.draw_status import DrawStatus


def plan_of(design, draws=0):
    return Plan(
        design=design, quantities=quantities_of(design.full), seed=5, level=0.95, interval_draws=draws
    )


@pytest.mark.parametrize("draws", [0, 100])
def test_any_split_gives_the_same_bytes(mediation, draws):
    plan = plan_of(mediation, draws)
    whole = run_block(plan, Block(60, 0, 12))
    parts = [run_block(plan, Block(60, a, b)) for a, b in ((0, 1), (1, 8), (8, 12))]
    for name, array in whole.items():
        assert array.tobytes() == np.concatenate([p[name] for p in parts]).tobytes(), name


def test_a_replication_is_the_fit_of_its_moments(mediation):
    plan = plan_of(mediation)
    found = joined_replicates([run_block(plan, Block(80, 0, 4))])
    covariances, _ = mediation.sampler.moments(5, 80, range(4))
    names = list(mediation.full.spec.observed)
    for r, matrix in enumerate(covariances):
        cov = pd.DataFrame(matrix, names, names)
        options = {"sample_cov": cov, "n_obs": 80, "sample_cov_rescale": False, "fixed_x": False}
        full, restricted = fit("m ~ x; y ~ m + x", **options), fit("m ~ x; y ~ m", **options)
        assert found.chisq[r] == pytest.approx(full.chisq, abs=1e-8)
        assert found.chisq_restricted[r] == pytest.approx(restricted.chisq, abs=1e-6)
        table = effects(full).set_index("effect")
        for at, (name, scale) in enumerate(plan.quantities.labels):
            if name in table.index:
                suffix = "_std" if scale == "std" else ""
                expected = table.loc[name, [f"est{suffix}", f"se{suffix}"]].to_numpy(float)
                np.testing.assert_allclose([found.est[r, at], found.se[r, at]], expected, rtol=1e-5)


def test_classes_add_up_even_where_many_solutions_are_improper():
    values = {"f=~b": 0.5, "f=~c": 0.4, "f~~f": 0.3}
    plan = plan_of(make_design("f =~ a + b + c", values))
    found = joined_replicates([run_block(plan, Block(30, 0, 200))])
    counts = found.counts("full")
    assert sum(counts.values()) == len(found) == 200
    assert counts["improper"] > 20
    solved = np.isfinite(found.est).all(axis=1)
    assert solved.sum() == counts["proper"] + counts["improper"]
    assert (found.proper() == (found.status == DrawStatus.PROPER)).all()
    assert not found.proper(both=True).any()  # there is no restricted model


def test_a_replication_with_a_constant_answer_is_singular():
    from sopsem.sem.power.design import Distribution

    shape = Distribution(thresholds={"y": [2.5]})  # hardly anybody passes it
    plan = plan_of(make_design("y ~ x", {"y~x": 0.3, "y~~y": 0.91}, shape=shape))
    found = joined_replicates([run_block(plan, Block(10, 0, 60))])
    counts = found.counts("full")
    assert counts["singular"] > 20
    assert sum(counts.values()) == 60
    assert np.isnan(found.chisq[found.status == DrawStatus.SINGULAR]).all()


def test_intervals_enclose_the_estimate_and_follow_the_level(mediation):
    wide = joined_replicates([run_block(plan_of(mediation, 400), Block(80, 0, 20))])
    narrow = joined_replicates([run_block(replace(plan_of(mediation, 400), level=0.5), Block(80, 0, 20))])
    e = wide.lower.shape[1]
    assert ((wide.lower < wide.est[:, :e]) & (wide.est[:, :e] < wide.upper)).all()
    assert ((wide.upper - wide.lower) > (narrow.upper - narrow.lower)).all()


def test_arrays_are_read_only_and_shown_by_name(mediation):
    found = joined_replicates([run_block(plan_of(mediation), Block(80, 0, 3))])
    with pytest.raises(ValueError, match="read-only"):
        found.est[0, 0] = 0.0
    labels = quantities_of(mediation.full).labels
    frame, at = found.frame(labels), labels.index(("direct:y~x", "raw"))
    assert frame["est:direct:y~x:raw"].tolist() == found.est[:, at].tolist()
    assert frame["se:direct:y~x:raw"].tolist() == found.se[:, at].tolist()
