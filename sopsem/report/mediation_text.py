"""What the terminal shows of a mediation: tables and the verdict in words, no statistics."""

from sopsem.report.digits import bounded, decimals, interval, p_value
from sopsem.report.table import Table
from sopsem.report.terminal import text_of
from sopsem.sem.effects.mediation import Mediation
from sopsem.sem.effects.sensitivity import Sensitivity
from sopsem.sem.fit_measures.fit_indices import FIT_INDICES

__all__ = ["mediation_text"]

_DIFFERENCES = {"dchisq": "chi2 difference", "ddf": "df of it", "dpvalue": "p of it"}


def mediation_text(result: Mediation, sensitivity: Sensitivity) -> str:
    """Return effects, direct path, power and sensitivity models of a mediation, then the verdict in words."""
    three = bounded(3)
    routes = Table(
        title=f"Effects of {result.predictor} on {result.outcome}, standardized, direct path free",
        columns=("effect", "route", "est", f"{result.level:.0%} interval", "p"),
        rows=tuple(
            (
                r.kind.replace("_", " "),
                r.route,
                three(r.est_std),
                interval(r.ci_lower_std, r.ci_upper_std, three),
                p_value(3)(r.pvalue_std),
            )
            for r in result.routes.itertuples()
        ),
        alignment="llrrr",
    )
    direct = Table(
        title="The direct path: interval and equivalence test",
        columns=("method", "est", "interval", "90% interval", "bound", "equivalent to 0"),
        rows=tuple(
            (
                r.method,
                three(r.est_std),
                interval(r.ci_lower_std, r.ci_upper_std, three),
                interval(r.tost_lower, r.tost_upper, three),
                three(r.bound),
                "yes" if r.equivalent else "no",
            )
            for r in result.direct.itertuples()
        ),
        alignment="lrrrrl",
    )
    columns = list(sensitivity.table.columns)
    models = Table(
        title="Sensitivity to the specification",
        columns=("quantity", *(c.replace("_", " ") for c in columns)),
        rows=tuple(
            (_said(str(name)), *(decimals(_digits(str(name)))(v) for v in row))
            for name, *row in sensitivity.table.itertuples()
        ),
        alignment="l" + "r" * len(columns),
    )
    return text_of(routes, direct, models, sentences=[*result.sentences, *sensitivity.notes])


def _said(name: str) -> str:
    """Return a quantity as people write it: a fit measure by its label, an effect with an arrow.

    >>> _said("direct:performance~conflict"), _said("cfi"), _said("dchisq")
    ('direct: conflict > performance', 'CFI', 'chi2 difference')
    """
    kind, colon, path = name.partition(":")
    if colon:
        outcome, tilde, predictor = path.partition("~")
        return (
            f"{kind.replace('_', ' ')}: {f'{predictor} > {outcome}' if tilde else path.replace('>', ' > ')}"
        )
    return FIT_INDICES[name].label if name in FIT_INDICES else _DIFFERENCES.get(name, name)


def _digits(name: str) -> int:
    """Return the decimals a quantity is shown with: those of its fit index, none for degrees of freedom."""
    return FIT_INDICES[name].digits if name in FIT_INDICES else 0 if name == "ddf" else 3
