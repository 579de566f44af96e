"""Checks of the size of the model: degrees of freedom and number of parameters."""

from collections.abc import Iterator

from sopsem.sem.model.spec import model_spec
from sopsem.study.findings import CHECKS, Finding, Verdict, agreement
from sopsem.study.published import PublishedStudy

__all__ = ["parameters_in_text"]


@CHECKS.register("df", label="degrees of freedom from the stated structure", digits=0, source="Bollen (1989)")
def degrees_of_freedom(study: PublishedStudy) -> Iterator[Finding]:
    """Compare the printed df with p(p + 1)/2 moments less the parameters of the stated structure."""
    if study.fit.df is None or not study.structure.parameters:
        return
    solutions = study.structure.item_counts(round(study.fit.df.value))
    items = study.structure.n_items or (solutions[0] if solutions else None)
    if items is None:
        yield Finding(
            computed="no number of items gives it",
            printed=str(study.fit.df),
            verdict=Verdict.INCONSISTENT,
            explanation="The stated structure has this df with no number of items.",
        )
    else:
        yield _stated_size(study, items, solutions)


def _stated_size(study: PublishedStudy, items: int, solutions: list[int]) -> Finding:
    moments, npar = items * (items + 1) // 2, study.structure.free_parameters(items)
    origin = "stated" if study.structure.n_items else f"solutions: {', '.join(map(str, solutions))}"
    counts = "; ".join(f"{c.per_item * items + c.constant} {c.what}" for c in study.structure.parameters)
    return Finding(
        computed=f"{moments - npar} ({items} items, {npar} parameters)",
        printed=str(study.fit.df),
        verdict=agreement(items in solutions),
        explanation=f"{items} items ({origin}) have {moments} moments, less {counts}.",
        values={"df": moments - npar, "npar": npar, "n_items": items, "solutions": len(solutions)},
    )


@CHECKS.register("npar", label="number of parameters", digits=0, source="Bollen (1989)")
def number_of_parameters(study: PublishedStudy) -> Iterator[Finding]:
    """Compare the parameters that the printed df leaves with the printed number and with the model text."""
    p, df = study.n_items, study.fit.df
    if df is None or p is None:
        return
    moments = p * (p + 1) // 2
    implied = moments - round(df.value)
    if study.fit.npar is not None:
        yield Finding(
            part="printed",
            computed=str(implied),
            printed=str(study.fit.npar),
            verdict=agreement(study.fit.npar.contains(implied)),
            explanation=f"{p} items have {moments} moments, less df {df}.",
            values={"npar": implied},
        )
    if study.model is not None:
        counted = parameters_in_text(study.model.text)
        yield Finding(
            part="model text",
            computed=str(counted),
            printed=f"df {df}, so {implied}",
            verdict=agreement(counted == implied),
            explanation=f"The model text frees {counted} parameters. {study.model.note}".strip(),
            values={"npar": counted},
        )


def parameters_in_text(text: str) -> int:
    """Count the free parameters of model text: a shared label counts once, ``==`` takes one away.

    >>> parameters_in_text("f =~ a + b + c"), parameters_in_text("f =~ a + k*b + k*c")
    (6, 5)
    """
    spec = model_spec(text)
    return len({row.name for row in spec if row.free}) - sum(row.op == "==" for row in spec.constraints)
