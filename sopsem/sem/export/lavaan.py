"""A fitted model as an R script for lavaan: data, model text, the call with every option that matters."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from sopsem.errors import UsageError
from sopsem.sem.estimation.fit import Fit
from sopsem.sem.estimation.settings import PRESETS, Settings, resolve_settings
from sopsem.sem.export.lavaan_model import lavaan_model, lavaan_names
from sopsem.sem.model.spec import ModelSpec

__all__ = ["to_lavaan"]

Array = NDArray[np.float64]
NEW_SE, NEW_TESTS = ("robust_sem_nt",), ("browne_residual_nt", "browne_residual_nt_model")
AMOS = (
    "AMOS and lavaan agree on the estimates. AMOS reports chi2 = (N - G) F where lavaan reports N F, with G groups:",
    "multiply lavaan's chi2 by (N - G)/N. Standard errors of AMOS are larger by the root of N/(N - G).",
)


def to_lavaan(
    fit: Fit, data_file: str = "data.csv", *, group: str = "group", cluster: str = "cluster"
) -> str:
    """Return a complete R script that fits the same model with lavaan.

    Parameters
    ----------
    fit : Fit
    data_file : str
        The CSV file that the script reads; a model fitted to covariance matrices has them in the script.
    group, cluster : str
        The columns of that file with the groups and the clusters, where the fit has them.

    Returns
    -------
    str
        The script.  What lavaan cannot do, or does only from 0.7 on, is said in comments.

    Raises
    ------
    UsageError
        ``data_file`` has a line break.

    Notes
    -----
    The model text is written from the parameter table, so options that shaped it (``std_lv``, ``group_equal``,
    ``effect_coding``, ``growth`` ...) stand in it as fixed values, labels and constraints, and
    ``lavaan::lavaan`` is called, which adds nothing.

    Examples
    --------
    >>> import pandas as pd
    >>> from sopsem.sem.estimation.fit import fit as fit_model
    >>> cov = pd.DataFrame([[1.0, .5, .4], [.5, 1.0, .3], [.4, .3, 1.0]], *[list("abc")] * 2)
    >>> script = to_lavaan(fit_model("f =~ a + b + c", sample_cov=cov, n_obs=100))
    >>> [line for line in script.splitlines() if line.startswith("fit <-")]
    ['fit <- lavaan(']

    """
    if "\n" in data_file or "\r" in data_file:
        raise UsageError(f"data_file is {data_file!r}; give a file name without line breaks")
    spec = fit.spec
    from_rows = bool(spec.ordered) or all(m.data is not None for m in fit.data_moments)
    names = lavaan_names(spec)
    lines = [
        "# Written by sopsem: the same model in lavaan (checked against lavaan 0.6-14).",
        "library(lavaan)",
    ]
    lines += [f"# {text}" for text in _remarks(fit)]
    lines += ["", "model <- '", lavaan_model(spec).rstrip("\n"), "'", ""]
    arguments = ["model"]
    if from_rows:
        lines += _read_lines(data_file, spec, names)
        arguments += ["data = data"]
        if fit.n_groups > 1:
            arguments += [f"group = {_text(group)}", f"group.label = {_vector(spec.groups)}"]
        if any(m.clusters is not None for m in fit.data_moments):
            arguments.append(f"cluster = {_text(cluster)}")
    else:
        lines += _matrix_lines(fit, names)
        arguments += _matrix_arguments(fit)
    arguments += _options(fit, names)
    lines += ["fit <- lavaan("] + [f"  {a}," for a in arguments[:-1]] + [f"  {arguments[-1]}", ")"]
    lines += ["print(summary(fit, fit.measures = TRUE, standardized = TRUE))", "print(fitMeasures(fit))"]
    return "\n".join(lines) + "\n"


def _remarks(fit: Fit) -> list[str]:
    """Say what lavaan, or an older lavaan, cannot do or does otherwise."""
    settings, spec, said = fit.settings, fit.spec, []
    if settings.mimic == "amos":
        said += list(AMOS)
    if spec.composites:
        said.append(f"Composites ({', '.join(spec.composites)}) need lavaan 0.7 or later.")
    if settings.se in NEW_SE or settings.test in NEW_TESTS:
        said.append(
            "The default standard errors and test of this estimator are those of lavaan 0.7 or later; older versions"
        )
        said.append("give normal-theory ones. Estimates and the plain chi2 are the same.")
    if settings.two_stage:
        said.append(
            "Auxiliary variables, if there were any, must be given to lavaan as saturated covariates."
        )
    if any("shares the label" in note for note in spec.notes):
        said.append("Rows that share a label with a fixed row are written as fixed to its value.")
    return said


def _read_lines(data_file: str, spec: ModelSpec, names: Mapping[str, str]) -> list[str]:
    lines = [f"data <- read.csv({_text(data_file)}, check.names = FALSE)"]
    renamed = [(old, names[old]) for old in spec.observed if names[old] != old]
    return lines + [f"names(data)[names(data) == {_text(old)}] <- {_text(new)}" for old, new in renamed]


def _matrix_lines(fit: Fit, names: Mapping[str, str]) -> list[str]:
    """Return the covariance matrices, means and sizes as R code."""
    variables = _vector([names[v] for v in fit.data_moments[0].names])
    lines = [f"variables <- {variables}"]
    for g, m in enumerate(fit.data_moments, start=1):
        unbiased = m.n / (m.n - 1.0) if fit.settings.likelihood == "wishart" else 1.0
        values = ",\n  ".join(", ".join(f"{v * unbiased:.17g}" for v in row) for row in m.covariance)
        lines.append(
            f"cov{g} <- matrix(c(\n  {values}\n), {len(m.names)}, dimnames = list(variables, variables))"
        )
        if m.mean is not None:
            lines.append(f"mean{g} <- setNames(c({', '.join(f'{v:.17g}' for v in m.mean)}), variables)")
    return [*lines, ""]


def _matrix_arguments(fit: Fit) -> list[str]:
    groups = range(1, fit.n_groups + 1)
    sizes = ", ".join(str(m.n) for m in fit.data_moments)
    several = fit.n_groups > 1
    labels = [_text(label) for label in fit.spec.groups]

    def listed(stem: str) -> str:
        named = (f"{label} = {stem}{g}" for g, label in zip(groups, labels, strict=True))
        return f"list({', '.join(named)})" if several else f"{stem}1"

    arguments = [f"sample.cov = {listed('cov')}", f"sample.nobs = {f'list({sizes})' if several else sizes}"]
    if all(m.mean is not None for m in fit.data_moments) and fit.spec.meanstructure:
        arguments.append(f"sample.mean = {listed('mean')}")
    if fit.settings.likelihood != "wishart":
        arguments.append("sample.cov.rescale = FALSE")
    return arguments


def _options(fit: Fit, names: Mapping[str, str]) -> list[str]:
    """Return the options of the call; what is left out is lavaan's default."""
    s, spec = fit.settings, fit.spec
    made = [*_estimator(s, ordered=bool(spec.ordered))]
    if spec.ordered:
        made += [
            f"ordered = {_vector([names[v] for v in spec.ordered])}",
            f"parameterization = {_text(spec.parameterization)}",
        ]
    else:
        made += [f"likelihood = {_text(s.likelihood)}"] if s.estimator == "ML" else []
        made.append(f"information = {_text(_dotted(s.information))}")
    if s.missing != "listwise":
        made.append(f"missing = {_text(_dotted(s.missing))}")
    if s.bounds != "none":
        made.append('bounds = "pos.var"')
    if s.mimic == "mplus":
        made.append('mimic = "Mplus"')
    made.append(f"meanstructure = {_logical(value=spec.meanstructure)}")
    fixed = spec.conditional_x or not spec.exogenous or any(p.exo for p in spec)
    made.append(f"fixed.x = {_logical(value=fixed)}")
    if spec.conditional_x:
        made.append("conditional.x = TRUE")
    return made


def _estimator(s: Settings, *, ordered: bool) -> list[str]:
    """Return estimator, and standard errors and test where they are not those that go with its name."""
    usual = resolve_settings(estimator=s.asked, missing=s.missing, ordered=ordered, mimic=s.mimic)
    if (s.se, s.test) == (usual.se, usual.test):
        made = [f"estimator = {_text(s.asked)}"]
    else:
        name = PRESETS.get(s.asked, (s.asked,))[0]
        made = [
            f"estimator = {_text(name)}",
            f"se = {_text(_dotted(s.se))}",
            f"test = {_text(_dotted(s.test))}",
        ]
    if s.h1_information != usual.h1_information:
        made.append(f"h1.information = {_text(s.h1_information)}")
    return made


def _dotted(value: str) -> str:
    return value.replace("_", ".")


def _logical(*, value: bool) -> str:
    return "TRUE" if value else "FALSE"


def _text(value: str) -> str:
    """Return a string constant of R; nothing in it can end it early."""
    plain = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r")
    return f'"{plain}"'


def _vector(values: "tuple[str, ...] | list[str]") -> str:
    return f"c({', '.join(map(_text, values))})"
