"""Other processors: OpenBLAS told to be another one gives other last bits, but the same draws, classes and digits."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest

KERNELS = ("Prescott", "Nehalem", "Sandybridge", "Haswell", "SkylakeX")
DRAWS = 150
SCRIPT = f"""
import json, sys
import numpy as np
import sopsem
from sopsem.runs.blas import blas_names
items = sopsem.read_responses(sopsem.find_survey(), sopsem.load_instrument()).items
fit = sopsem.fit(sopsem.load_instrument().model, items, mimic="amos")
found = dict(blas=blas_names())
for kernel in ("numpy", "numba"):
    draws = sopsem.bootstrap(fit, items, draws={DRAWS}, seed=1, kernel=kernel)
    table = sopsem.effects(fit, draws, kind="percentile")
    found[kernel] = dict(
        rows=[draws.resampler.rows_of(b).tolist() for b in range(5)],
        status=draws.status.tolist(), reason=draws.reason,
        estimates=draws.estimates.tolist(),
        printed=table.round(3).to_csv(index=False),
    )
json.dump(found, sys.stdout)
"""


@pytest.fixture(scope="module")
def platforms():
    """What each kernel of OpenBLAS makes of the same run; a processor without one of them is told of its nearest."""
    found = {}
    for name in KERNELS:
        environment = {**os.environ, "OPENBLAS_CORETYPE": name, "OPENBLAS_NUM_THREADS": "1"}
        made = subprocess.run(
            [sys.executable, "-c", SCRIPT], env=environment, capture_output=True, text=True, check=True
        )
        found[name] = json.loads(made.stdout)
    return found


@pytest.mark.parametrize("kernel", ["numpy", "numba"])
def test_rows_classes_and_printed_digits_are_equal(platforms, kernel):
    """Decisions are not made on last bits."""
    first = platforms[KERNELS[0]][kernel]
    for other in (p[kernel] for p in platforms.values()):
        for part in ("rows", "status", "reason", "printed"):
            assert other[part] == first[part]


@pytest.mark.parametrize("kernel", ["numpy", "numba"])
def test_estimates_agree_to_1e_8(platforms, kernel):
    """On the scale of each parameter's spread over the draws."""
    first = np.array(platforms[KERNELS[0]][kernel]["estimates"], dtype=float)
    spread = np.nanstd(first, axis=0)
    for other in (np.array(p[kernel]["estimates"], dtype=float) for p in platforms.values()):
        assert np.nanmax(np.abs(other - first) / spread) < 1e-8


def test_the_platforms_differ_at_all(platforms):
    """Else the comparison above would compare a run with itself."""
    blas = {str(p["blas"]) for p in platforms.values()}
    estimates = {str(p["numpy"]["estimates"]) for p in platforms.values()}
    if len(blas) > 1:
        assert len(estimates) > 1
