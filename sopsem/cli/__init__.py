"""Command line: parse, call one public function, print; every error is one message and a documented exit code."""

from sopsem.cli.main import main

__all__ = ["main"]
