"""Thresholds: defaults, changes, refusals, the hash."""

import pytest

from sopsem.errors import FileError, PolicyError
from sopsem.executive.schema.policy import DEFAULT_POLICY, load_policy, make_policy


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"capacities": {}}, "no section"),
        ({"capacity": {"alfa": 1}}, "did you mean 'alpha'"),
        ({"capacity": {"alpha": "much"}}, "it must be a number"),
        ({"capacity": {"alpha": True}}, "it must be a number"),
        ({"capacity": {"alpha": float("nan")}}, "it must be a number"),
        ({"forecast": {"lag": 1.5}}, "it must be a whole number"),
        ({"general": {"labour_is_variable": 1}}, "it must be true or false"),
        ({"pipeline": {"overlap": 1}}, "it must be a text"),
        ({"authorise": {"approvers": {"A2": "COO"}}}, "it must be a list"),
        ({"index": {"anchors": {"cash": [1.0]}}}, "it must be a list"),
        ({"index": {"anchors": 3}}, "it must be a section"),
    ],
)
def test_what_is_not_known_or_of_another_kind_is_refused(change, reason):
    with pytest.raises(PolicyError, match=reason):
        make_policy(**change)


def test_changes_are_seen_in_the_hash_and_nothing_can_be_written():
    changed = make_policy(capacity={"alpha": 0.1}, authorise={"approvers": {"A1": ["CEO"]}})
    assert changed["authorise"]["approvers"]["A1"] == ("CEO",)
    assert changed["capacity"]["cv_load"] == DEFAULT_POLICY["capacity"]["cv_load"]
    assert changed.digest != DEFAULT_POLICY.digest
    assert make_policy(capacity={"alpha": 0.05}).digest == DEFAULT_POLICY.digest
    assert make_policy(capacity={"flow_factor_max": 5}).digest == DEFAULT_POLICY.digest
    with pytest.raises(TypeError):
        changed["capacity"]["alpha"] = 1


def test_files_that_are_no_policy(tmp_path):
    path = tmp_path / "policy.toml"
    with pytest.raises(FileError):
        load_policy(path)
    path.write_text("alpha = 1", "utf-8")
    with pytest.raises(PolicyError, match="outside a section"):
        load_policy(path)
    path.write_text("[capacity", "utf-8")
    with pytest.raises(PolicyError, match="not valid TOML"):
        load_policy(path)
