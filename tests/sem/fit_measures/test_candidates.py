"""Which rows could be added to a model."""

from sopsem.sem.fit_measures.candidates import candidate_rows, fixed_rows
from sopsem.sem.model.spec import model_spec


def _keys(spec):
    return {(p.lhs, p.op, p.rhs) for p in candidate_rows(spec)}


def test_a_cfa_misses_cross_loadings_and_residual_covariances():
    """Two factors of two items: two cross-loadings each way, six pairs of items, and the fixed markers."""
    keys = _keys(model_spec("f =~ a + b\ng =~ c + d"))
    assert {k for k in keys if k[1] == "=~"} == {
        (f, "=~", v) for f, v in [("f", "a"), ("f", "c"), ("f", "d"), ("g", "a"), ("g", "b"), ("g", "c")]
    }
    assert len([k for k in keys if k[1] == "~~"]) == 6
    assert not [k for k in keys if k[1] in ("~", "~1")]


def test_a_path_model_misses_the_other_regressions_but_no_path_to_itself():
    """Every ordered pair of variables in regressions is a candidate unless it is in the model."""
    keys = _keys(model_spec("m ~ x\ny ~ m"))
    assert {k for k in keys if k[1] == "~"} == {
        ("x", "~", "m"),
        ("m", "~", "y"),
        ("x", "~", "y"),
        ("y", "~", "x"),
    }
    assert ("m", "~~", "y") in keys
    assert ("m", "~~", "x") not in keys


def test_an_indicator_is_not_regressed_on_factors_a_second_time():
    """A loading already says it: item ~ factor is left out."""
    keys = _keys(model_spec("f =~ a + b + c\ng =~ d + e + h\ng ~ f\na ~ x"))
    assert ("d", "~", "f") not in keys
    assert ("a", "~", "g") not in keys


def test_a_covariance_written_the_other_way_round_is_known():
    """b ~~ a in the model: a ~~ b is no candidate."""
    assert ("a", "~~", "b") not in _keys(model_spec("f =~ a + b + c\nb ~~ a"))


def test_fixed_rows_leave_out_the_mark_of_a_phantom():
    """p =~ 0 only says that p is a factor."""
    assert ("p", "=~", "p") not in {
        (p.lhs, p.op, p.rhs) for p in fixed_rows(model_spec("p =~ 0\nf =~ a + b + c\np ~ f"))
    }


def test_an_observed_outcome_is_not_a_second_time_an_indicator():
    """y ~ f says what f =~ y would say."""
    keys = _keys(model_spec("f =~ a + b + c\ng =~ d + e + h\ny ~ f"))
    assert ("g", "=~", "y") not in keys
    assert ("g", "=~", "a") in keys
