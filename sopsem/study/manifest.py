"""What a result was made from: hashes of data and model, seed, settings, versions.  Everything needed to repeat it."""

import platform
import sys
from collections.abc import Mapping
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version

import numpy as np
import pandas as pd

from sopsem.sem.estimation.fit import Fit
from sopsem.study.published import PublishedStudy

__all__ = ["manifest"]

_PACKAGES = ("sopsem", "numpy", "scipy", "pandas")


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def manifest(
    fit: Fit,
    items: pd.DataFrame,
    study: PublishedStudy,
    source: Mapping[str, object],
    *,
    backend: str,
    **settings: object,
) -> dict[str, object]:
    """Return the manifest of a replication.

    Parameters
    ----------
    fit : Fit
    items : DataFrame
        The items given; the rows used are hashed as a matrix of float64 in model order.  Where the index is
        named ``row``, as that of a survey, excluded rows have its numbers; else they are counted from 1.
    study : PublishedStudy
    source : mapping
        Where the items come from (path, hash of the bytes, label such as "synthetic").
    backend : str
        Which kernel fitted which draws.
    **settings
        draws, seed, policy, interval, rule.

    """
    left_out = list(fit.moments.rows_excluded)
    used = items[list(fit.spec.observed)].to_numpy(dtype=np.float64)
    matrix = np.ascontiguousarray(np.delete(used, left_out, axis=0))
    numbers = items.index if items.index.name == "row" else range(1, len(items) + 1)
    return {
        "study": study.name,
        "data": {
            **source,
            "sha256_matrix": sha256(matrix.tobytes()).hexdigest(),
            "rows": len(items),
            "rows_used": fit.n,
            "rows_excluded": [int(numbers[i]) for i in left_out],
        },
        "model": {"text": fit.spec.text, "sha256": sha256(fit.spec.text.encode()).hexdigest()},
        "settings": {
            **settings,
            "mimic": fit.mimic,
            "likelihood": fit.likelihood,
            "information": fit.information,
            "variances": fit.variance_policy,
        },
        "versions": {"python": platform.python_version(), **{p: _version(p) for p in _PACKAGES}},
        "backend": backend,
        "platform": f"{sys.platform} {platform.machine()}",
    }
