"""What every command has: an example, --json, the nearest name after a slip, completion, no colour on request."""

import json
import os
import re
import subprocess
import sys

import pytest

from sopsem.cli.app import OVERVIEW, leaf_commands

LEAVES = leaf_commands()


@pytest.mark.parametrize("words", LEAVES)
def test_the_help_of_a_command_has_an_example(words):
    """In its text or after its options, beginning with ``sopsem`` and the command."""
    command = LEAVES[words]
    text = f"{command.help or ''}\n{command.epilog or ''}"
    assert re.search(rf"sopsem {words}\b( \S|$)", text), f"give sopsem {words} an example in its docstring"


@pytest.mark.parametrize("words", LEAVES)
def test_an_example_uses_options_that_exist(words):
    command = LEAVES[words]
    known = {opt for p in command.params for opt in (*p.opts, *p.secondary_opts)}
    text = f"{command.help or ''}\n{command.epilog or ''}"
    for example in re.findall(rf"sopsem {words}\b([^\n]*)", text):
        used = set(re.findall(r"(?<!\S)--[a-z][a-z-]*", example))
        assert used <= known, (words, used - known)


@pytest.mark.parametrize("words", LEAVES)
def test_a_command_prints_json_on_request(words):
    assert "--json" in {opt for p in LEAVES[words].params for opt in p.opts}, words


@pytest.mark.parametrize("words", LEAVES)
def test_every_option_says_what_it_is(words):
    assert not [p.name for p in LEAVES[words].params if not (getattr(p, "help", "") or p.name == "help")]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["replicat"], "did you mean 'replicate'"),
        (["replicate", "--drws", "20"], "did you mean --draws?"),
        (["draw", "--kind", "parametrc"], "did you mean 'parametric'?"),
        (["replicate", "--kernel", "nunpy"], "did you mean 'numpy'?"),
        (["explain", "omgea"], "did you mean 'omega'?"),
        (["ops", "chek"], "did you mean 'check'"),
    ],
)
def test_a_slip_is_answered_with_the_nearest_name(arguments, words, run):
    outcome = run(*arguments)
    assert outcome.code == 2
    assert words.casefold() in " ".join(outcome.err.split()).casefold(), outcome.err
    assert outcome.out == ""


def sopsem(arguments=(), **variables):
    return subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys; sys.argv[0] = 'sopsem'; from sopsem.cli import main; main()",
            *arguments,
        ],
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shell_completion_is_written(shell):
    done = sopsem(_SOPSEM_COMPLETE=f"source_{shell}")
    assert done.returncode == 0, done.stderr
    assert "_SOPSEM_COMPLETE" in done.stdout
    assert "sopsem" in done.stdout


def test_shell_completion_completes_commands_options_and_choices():
    words = sopsem(_SOPSEM_COMPLETE="complete_bash", COMP_WORDS="sopsem re", COMP_CWORD="1").stdout.split()
    assert "replicate" in words
    assert all(w.startswith("re") for w in words)
    options = sopsem(_SOPSEM_COMPLETE="complete_bash", COMP_WORDS="sopsem draw --ki", COMP_CWORD="2").stdout
    assert options.split() == ["--kind"]
    choices = sopsem(
        _SOPSEM_COMPLETE="complete_bash", COMP_WORDS="sopsem draw --kind pa", COMP_CWORD="3"
    ).stdout
    assert choices.split() == ["parametric"]


def test_install_completion_is_offered(run):
    text = run("--help").out
    assert "--install-completion" in text
    assert "--show-completion" in text


def test_without_colour_nothing_but_text_is_printed():
    """NO_COLOR, and a terminal that would have colours."""
    done = sopsem(["draw", "--kind", "parametrc"], NO_COLOR="1", FORCE_COLOR="", TERM="xterm-256color")
    assert done.returncode == 2
    assert "\x1b" not in done.stdout + done.stderr


def test_json_is_the_only_thing_on_stdout(run):
    outcome = run("draw", "--json")
    assert json.loads(outcome.out)["manifest"]["command"] == "draw"
    assert "respondents used" in outcome.err


def test_the_exit_codes_of_errors_are_in_the_overview():
    from sopsem import errors

    codes = {getattr(errors, name).exit_code for name in errors.__all__} - {1}
    said = OVERVIEW[OVERVIEW.index("Exit codes") :]
    assert all(re.search(rf"\b{code} [a-z]", said) for code in codes)
