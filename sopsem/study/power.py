"""Power and precision of a model at population values, or of a published study at its printed paths."""

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor

import pandas as pd

from sopsem.errors import UsageError
from sopsem.kernel import Kernel
from sopsem.sem.model.spec import ModelSpec, model_spec
from sopsem.sem.power.design import Design, Distribution, make_design
from sopsem.sem.power.freed import FreedLine, freed_line
from sopsem.sem.power.needed import Aim
from sopsem.sem.power.power import Power, measure_power
from sopsem.sem.power.running import Running
from sopsem.sem.simulation.rows import Shape
from sopsem.study.effects_audit import traceable
from sopsem.study.power_audit import population as traced_population
from sopsem.study.published import PublishedStudy

__all__ = ["Power", "power", "study_population"]

_NO_VALUES: Mapping[str, float] = {}


def power(
    model: str | ModelSpec | PublishedStudy,
    n: int | Sequence[int] = (),
    *,
    free: str | None = None,
    values: Mapping[str, float] = _NO_VALUES,
    population: str | ModelSpec | pd.DataFrame | None = None,
    replications: int = 1000,
    seed: int = 1,
    alpha: float = 0.05,
    level: float = 0.95,
    target: float | None = None,
    width: float | None = None,
    goal: str = "",
    equivalence: float | None = None,
    interval_draws: int = 0,
    skewness: Shape = None,
    kurtosis: Shape = None,
    thresholds: Mapping[str, Sequence[float]] | None = None,
    misfit: float = 0.0,
    mimic: str | None = None,
    executor: Executor | None = None,
    store: str | os.PathLike[str] | None = None,
    resume: bool = False,
    progress: Callable[[int, int], None] | None = None,
    kernel: Kernel = "auto",
) -> Power:
    """Draw samples of a population, fit the model to each, and count what its tests find.

    Parameters
    ----------
    model : str, ModelSpec or PublishedStudy
        What is fitted to every sample by maximum likelihood.  A number in a text fixes a parameter; values of the
        population stand apart.  Of a study: its printed model; the population has the printed standardized paths
        and the loadings and paths that the study file assumes.
    n : int or sequence of int
        Sample sizes; may be left out with a target or a width.
    free : str, optional
        A line of model text that the full model has and ``model`` has not, with its value in the population:
        ``"y ~ x = 0.3"`` (of a study a standardized path).  Effects are those of the full model, and the chi2
        difference test is of this line.  Without a value where ``population`` decides it.
    values : mapping of str to float
        Values of the population by label or name (``"y~x"``); else those of ``start(0.5)*x`` in the text, else 1
        for loadings and variances and 0 for the rest, as in ``simulate``.
    population : str, ModelSpec or DataFrame, optional
        Instead of values: a text with numbers, as in ``simulate``, or a covariance matrix.  It need not be one
        that the model fits.
    replications, seed : int
        At every N; replication r of a size depends on (seed, N, r) alone.
    alpha, level : float
        Of the tests, and of the intervals.
    target, width : float, optional
        A power, and a width of the interval est -+ z se, for which the smallest N is searched.
    goal : str
        Which test that is, as in the column ``name`` of the table (``"wald:std:total:y~x"``); by default the
        difference test.
    equivalence : float, optional
        Bound of two one-sided tests of the standardized effects.
    interval_draws : int
        100 or more: also Monte Carlo intervals of the effects in every replication (about 10 ms each).
    skewness, kurtosis, thresholds
        Rows that are not normal, and answers cut at thresholds, as in ``simulate``; both are analysed as they
        are, by normal theory.
    misfit : float
        RMSEA by which the population misses the full model, in a direction drawn from the seed.
    mimic : "amos" or None
        chi2 with N - 1; by default so for studies made with AMOS.
    executor, store, resume, progress
        Where blocks of replications are run, a folder that keeps finished ones, whether to continue what it
        holds, and a callback (blocks done, blocks in all).
    kernel : {"auto", "numpy", "numba"}
        What fits the replications; see ``bootstrap``.

    Returns
    -------
    Power
        Every number with its Monte Carlo standard error and what theory says beside it.

    Raises
    ------
    UsageError, ModelError, ConvergenceError
        See ``make_design`` and ``measure_power``; values or a population for a study, which has its own; a study
        without a model or with paths from which no population follows.
    FileError, ResourceLimitError
        The store cannot be written; a worker died.

    Notes
    -----
    Theory: noncentral chi-square with the minimum of the restricted model in the population (Satorra & Saris,
    1985), the z test with the expected information there, and RMSEA (MacCallum, Browne & Sugawara, 1996).

    Examples
    --------
    >>> found = power("y ~ x", 80, values={"y~x": 0.3, "y~~y": 0.91}, replications=200)
    >>> found.accounting[["proper", "improper", "not_converged", "singular"]].iloc[0].tolist()
    [200, 0, 0, 0]

    """
    line = None if free is None else freed_line(free)
    shape = Distribution(skewness=skewness, kurtosis=kurtosis, thresholds=thresholds, misfit=misfit)
    if isinstance(model, PublishedStudy):
        if values or population is not None:
            raise UsageError("a study brings its own population; leave values and population out")
        design = _study_design(model, line, shape, mimic, seed)
    else:
        if values and population is not None:
            raise UsageError("give values of the model's parameters or a population, not both")
        given = values if population is None else population
        design = make_design(model, given, free=line, shape=shape, mimic=mimic, seed=seed)
    return measure_power(
        design,
        n if isinstance(n, Sequence) else (n,),
        replications=replications,
        seed=seed,
        alpha=alpha,
        level=level,
        equivalence=equivalence,
        interval_draws=interval_draws,
        aim=None if target is None and width is None else Aim(power=target, width=width, goal=goal),
        running=Running(executor=executor, store=store, resume=resume, progress=progress, kernel=kernel),
    )


def _study_design(
    study: PublishedStudy, line: FreedLine | None, shape: Distribution, mimic: str | None, seed: int
) -> Design:
    if study.model is None:
        raise UsageError(
            f"the study '{study.name}' has no model text, so nothing can be fitted; give a model"
        )
    chosen = mimic or ("amos" if study.analysis.program.upper() == "AMOS" else None)
    matrix = study_population(study, line)
    bare = None if line is None else FreedLine(text=line.text, value=None)
    return make_design(study.model.text, matrix, free=bare, shape=shape, mimic=chosen, seed=seed)


def study_population(study: PublishedStudy, line: FreedLine | None = None) -> pd.DataFrame:
    """Return the correlations of the items at the printed paths, the assumed loading, and the freed path.

    Raises
    ------
    UsageError
        No population follows from print: paths that are not printed, loops, residual covariances; a freed line
        that is no path or has no value; paths that explain more than all of a variable.

    Examples
    --------
    >>> from sopsem.study.published import load_study
    >>> r = study_population(load_study(), freed_line("performance ~ coordination = 0.3"))
    >>> round(float(r.loc["col1", "col2"]), 4)
    0.5625

    """
    graph = traceable(study)
    if study.model is None or graph is None:
        raise UsageError(
            f"the study '{study.name}' does not print paths from which a population follows; give its model as "
            "text, with values"
        )
    given = study.assumptions
    paths = {pair: given.paths.get("~".join(pair), value.value) for pair, value in graph.standardized.items()}
    if line is not None:
        paths[_pair(line)] = _value(line)
    found = traced_population(model_spec(study.model.text), paths, given.loading)
    if found is None:
        told = ", ".join(f"{y} ~ {x} {value:g}" for (y, x), value in paths.items())
        raise UsageError(
            f"there is no such population: with loadings {given.loading:g} and {told} the paths explain more than "
            "all of a variable, or the model has covariances of residuals; free a smaller path"
        )
    return found


def _pair(line: FreedLine) -> tuple[str, str]:
    outcome, tilde, predictor = (part.strip() for part in line.text.partition("~"))
    if not (tilde and outcome.isidentifier() and predictor.isidentifier()):
        raise UsageError(
            f"free={line.text!r}: of a study a path is freed, e.g. 'performance ~ coordination = 0.3'"
        )
    return outcome, predictor


def _value(line: FreedLine) -> float:
    if line.value is None:
        raise UsageError(
            f"free={line.text!r} has no value; write its standardized size, e.g. '{line.text} = 0.3'"
        )
    return line.value
