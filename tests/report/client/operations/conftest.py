"""Chapters stand beside this file."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from chapters import told

from sopsem.report.client.operations.comparison import operations_chapter


@pytest.fixture(scope="session")
def ten():
    """Return briefing and records of ten units, the third of three people."""
    return told(
        {f"U{i:02d}": 3 if i == 2 else 9 for i in range(10)}, constructs=("alignment", "conflict", "market")
    )


@pytest.fixture(scope="session")
def chapter(ten):
    return operations_chapter(*ten)
