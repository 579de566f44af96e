"""``sopsem syntax``: words, table, exit codes."""

import json


def test_syntax_prints_words_and_on_demand_the_table(run, tmp_path) -> None:
    """From text or a file."""
    outcome = run("syntax", "f =~ x1 + x2 + x3", "--table")
    assert outcome.code == 0
    assert "its scale is that of x1" in outcome.out
    assert "ustart" in outcome.out
    file = tmp_path / "model.txt"
    file.write_text("f =~ x1 + x2 + x3", "utf-8")
    assert run("syntax", file).out in outcome.out


def test_syntax_knows_groups_and_the_other_dialect(run) -> None:
    """Options of the table."""
    result = json.loads(
        run(
            "syntax", "f =~ x1 + x2 + x3", "--groups", 2, "--group-equal", "loadings,intercepts", "--json"
        ).out
    )
    assert {row["group"] for row in result["table"]} == {1, 2}
    assert "Equal parameters" in result["description"]
    assert "covariance of a and b (fixed to 0)" in run("syntax", "a, b ~ x", "--dialect", "semopy").out


def test_syntax_ends_in_the_exit_code_of_the_error(run) -> None:
    """Model errors, missing files, wrong options."""
    assert run("syntax", "f =~~ x").code == 5
    assert run("syntax", "nowhere.txt").code == 3
    assert run("syntax", "y ~ x", "--group-equal", "loadings").code == 2
