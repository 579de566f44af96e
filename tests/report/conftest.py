"""Texts that must stay plain text in every format; the shipped model."""

import sys
import tomllib
from importlib.resources import files
from pathlib import Path

import pytest

# pytest puts no folder of tests on the path; figure_checks stands beside this file.
sys.path.insert(0, str(Path(__file__).parent))

PAYLOADS = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '" onmouseover="alert(1)',
    "' onfocus='alert(1)' autofocus='",
    "{{ 7*7 }}{% raw %}",
    "javascript:alert(1)",
    "=cmd|'/c calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "+1+1",
    "-2+3+cmd|' /C calc'!A0",
    "\t=1+1",
    "\r=1+1",
    '   =HYPERLINK("http://evil.example","x")',
    "\ufeff=1+1",
    "\u200b=1+1",
    "\uff1d1+1",
    "\x1b[2J\x1b]0;owned\x07",
    "\u202egnirts",
    "\x00null",
    "\ud800lone surrogate",
    r"\input{/etc/passwd}",
    r"\immediate\write18{id}",
    "$x^2$ & 5% #1 _a_ ~ {b} \\\\",
    "[link](javascript:alert(1))",
    "![image](http://evil.example/x.png)",
    "| --- | `code` <b>",
    "line one\nline two\r\nline three",
    "http://evil.example www.evil.example",
)


@pytest.fixture(params=PAYLOADS, ids=range(len(PAYLOADS)))
def payload(request):
    """One hostile text."""
    return request.param


@pytest.fixture(scope="session")
def payloads():
    """All hostile texts."""
    return PAYLOADS


@pytest.fixture(scope="session")
def shipped():
    """Model text and labels of the shipped questionnaire."""
    content = tomllib.loads(files("sopsem").joinpath("instruments/sop_alignment.toml").read_text("utf-8"))
    return content["model"], {name: part["label"] for name, part in content["constructs"].items()}
