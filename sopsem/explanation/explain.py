"""``explain``: any reported number by its name, with formula, inputs, steps, result and source."""

import re
from contextlib import suppress

from sopsem.errors import UsageError
from sopsem.explanation.construct_quantities import construct_quantities
from sopsem.explanation.difference_quantities import difference_quantities
from sopsem.explanation.effect_quantities import effect_quantities
from sopsem.explanation.explanation import Explanation
from sopsem.explanation.fit_quantities import fit_quantities
from sopsem.explanation.interval_quantities import interval_quantities
from sopsem.explanation.question import Catalogue, Question
from sopsem.sem.effects.routes import find_effects
from sopsem.sem.estimation.fit import Fit
from sopsem.sem.resampling.bootstrap import Draws
from sopsem.survey.messages import quote, suggestion

__all__ = ["catalogue", "explain", "explainable", "families", "matching"]

# what people call it -> its name
ALIASES = {
    "chi2": "chisq",
    "chi-square": "chisq",
    "x2": "chisq",
    "p": "pvalue",
    "p-value": "pvalue",
    "n": "ntotal",
    "swain": "swain_factor",
    "bartlett": "bartlett_factor",
    "yuan": "yuan_2015_factor",
    "difference": "dchisq",
    "rmsea_lower": "rmsea_ci_lower",
    "rmsea_upper": "rmsea_ci_upper",
    "pclose": "rmsea_pvalue",
    "composite_reliability": "cr",
    "r-squared": "r2",
    "loading_std": "loading",
}
PREFIX = re.compile(
    r"(?P<prefix>(?:(?:raw|ci_lower|ci_upper|p|direct|total|total_indirect|indirect):)*)(?P<rest>.*)"
)


def catalogue(question: Question) -> Catalogue:
    """Return everything that can be explained about a fit: name -> what explains it."""
    parts = (
        fit_quantities,
        construct_quantities,
        effect_quantities,
        interval_quantities,
        difference_quantities,
    )
    return {name: make for part in parts for name, make in part(question).items()}


def families(known: Catalogue) -> list[str]:
    """Return the names one by one where few share a first word, else that word with its number.

    >>> families({"cfi": None, "alpha:f": None, "alpha:g": None})
    ['cfi', 'alpha: 2 (alpha:f ... alpha:g)']
    """
    groups: dict[str, list[str]] = {}
    for name in known:
        groups.setdefault(name.split(":")[0] if ":" in name else name, []).append(name)
    return [n[0] if len(n) == 1 else f"{g}: {len(n)} ({n[0]} ... {n[-1]})" for g, n in groups.items()]


def matching(quantity: str, known: Catalogue, question: Question) -> list[str]:
    """Return the names that a text asks for: the one name, or all of a family such as ``alpha``.

    Raises
    ------
    UsageError
        No such name; the nearest is suggested.

    """
    asked = " ".join(quantity.split())
    lower = {name.casefold(): name for name in known}
    for form in dict.fromkeys((ALIASES.get(asked.casefold(), asked), asked, _as_effect(asked, question))):
        if form.casefold() in lower:
            return [lower[form.casefold()]]
        family = [name for key, name in lower.items() if key.startswith(f"{form.casefold()}:")]
        if family:
            return family
    words = [*known, *ALIASES, *dict.fromkeys(name.split(":")[0] for name in known)]
    near = suggestion(asked, words)
    raise UsageError(
        f"{quote(asked)} is no quantity of this model{near or '.'} "
        "'sopsem explain' without a name, or sopsem.explainable(fit), lists all"
    )


def _as_effect(asked: str, question: Question) -> str:
    """Return the name of an effect that is written with arrows, ``a -> b`` or ``a -> m -> b``; else the text."""
    found = PREFIX.fullmatch(asked)
    if found is None or not re.search(r"->|→", found["rest"]):
        return asked
    route = tuple(part.strip() for part in re.split(r"->|→", found["rest"]))
    prefix = found["prefix"]
    kind = next((k for k in ("total_indirect", "indirect", "direct", "total") if f"{k}:" in prefix), None)
    prefix = prefix if kind is None else prefix.replace(f"{kind}:", "")
    if len(route) > 2:
        return f"{prefix}indirect:{'>'.join(route)}"
    ends = [e for e in find_effects(question.fit.spec) if (e.predictor, e.outcome) == route]
    return f"{prefix}{kind or 'total'}:{route[-1]}~{route[0]}" if ends else asked


def explain(
    quantity: str,
    fit: Fit,
    draws: Draws | None = None,
    *,
    against: Fit | None = None,
    kind: str | None = None,
    level: float = 0.95,
    rule: str = "weibull",
) -> Explanation:
    """Explain one reported number: its formula, what was put in, the steps, the result and the source.

    Parameters
    ----------
    quantity : str
        ``cfi``, ``alpha:FACTOR``, ``htmt:A:B``, ``loading:ITEM``, ``r2:OUTCOME``, ``A -> B`` (a total effect),
        ``A -> M -> B``, ``ci_lower:A -> B``, ``p:A -> B``, ``dchisq``, ``swain_factor``, ``harman``,
        ``score:FACTOR:ROW`` and so on; effects are standardized, with ``raw:`` in front they are not.
    fit : Fit
    draws : Draws, optional
        For bootstrap intervals and p; without them they are by the delta method.
    against : Fit, optional
        A nested model, for the difference test.
    kind, level, rule
        Of the interval, as in ``effects``.

    Returns
    -------
    Explanation
        ``result`` comes from the printed formula and inputs, and is held against what the function reports.

    Raises
    ------
    UsageError
        No such quantity, a family of several (they are listed), or a number that has a convention of its own here.

    Examples
    --------
    >>> import pandas as pd
    >>> from sopsem.sem.estimation.fit import fit
    >>> s = pd.DataFrame([[1.0, .5, .4, .4], [.5, 1.0, .3, .4], [.4, .3, 1.0, .5], [.4, .4, .5, 1.0]],
    ...     *[list("abcd")] * 2)
    >>> told = explain("rmsea", fit("f =~ a + b + c + d", sample_cov=s, n_obs=100))
    >>> told.formula, told.source, told.recompute() == told.result
    ('sqrt(max(chisq - df, 0) / (n * df) * groups)', 'Steiger & Lind (1980)', True)

    """
    found = explanations(quantity, fit, draws, against=against, kind=kind, level=level, rule=rule)
    if len(found) > 1:
        names = ", ".join(one.name for one in found[:20])
        raise UsageError(f"{quote(quantity)} is {len(found)} numbers; choose one: {names}")
    return found[0]


def explanations(
    quantity: str,
    fit: Fit,
    draws: Draws | None = None,
    *,
    against: Fit | None = None,
    kind: str | None = None,
    level: float = 0.95,
    rule: str = "weibull",
) -> tuple[Explanation, ...]:
    """Explain one number, or all of a family: ``alpha`` is that of every construct.

    Parameters and errors are those of ``explain``; numbers of a family that are not defined here are left out.
    """
    question = _question(fit, draws, against, kind, level, rule)
    known = catalogue(question)
    names = matching(quantity, known, question)
    if len(names) == 1:
        return (known[names[0]](),)
    found = []
    for name in names:
        with suppress(UsageError):
            found.append(known[name]())
    return tuple(found)


def _question(
    fit: Fit, draws: Draws | None, against: Fit | None, kind: str | None, level: float, rule: str
) -> Question:
    chosen = kind if kind is not None else "bc" if fit.mimic == "amos" else "percentile"
    return Question(fit=fit, draws=draws, against=against, kind=chosen, level=level, rule=rule)


def explainable(
    fit: Fit, draws: Draws | None = None, *, against: Fit | None = None, kind: str | None = None
) -> list[str]:
    """Return the names of all numbers of a fit that ``explain`` explains.

    Parameters
    ----------
    fit, draws, against, kind
        As in ``explain``.

    Examples
    --------
    >>> import pandas as pd
    >>> from sopsem.sem.estimation.fit import fit
    >>> cov = pd.DataFrame([[1.0, .5, .4], [.5, 1.0, .3], [.4, .3, 1.0]], *[list("abc")] * 2)
    >>> explainable(fit("f =~ a + b + c", sample_cov=cov, n_obs=100))[:3]
    ['npar', 'fmin', 'chisq']

    """
    return list(catalogue(_question(fit, draws, against, kind, 0.95, "weibull")))
