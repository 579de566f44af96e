"""The model's effects: the paper's table beside ours where the questionnaire is the study's, else ours alone."""

from sopsem.report.digits import bounded, interval, p_value
from sopsem.report.replication import effects_table, fit_table
from sopsem.report.table import Table
from sopsem.sem.effects.effects import effects
from sopsem.sem.estimation.fit import fit
from sopsem.sem.model.spec import model_spec
from sopsem.study.published import load_study
from sopsem.study.replicate import replicate
from sopsem.survey import Responses

__all__ = ["study_tables"]


def study_tables(responses: Responses, label: str = "") -> tuple[Table, ...]:
    """Return the tables of effects and fit of the questionnaire's model.

    Raises
    ------
    DataError, ModelError, ConvergenceError
        The model cannot be fitted to these answers.

    """
    study = load_study()
    asked = set(responses.items.columns)
    if study.model is not None and set(model_spec(study.model.text).observed) == asked:
        result = replicate(responses.items, study, source={"label": label})
        return effects_table(result), fit_table(result)
    return (_own(responses, label),)


def _own(responses: Responses, label: str) -> Table:
    frame = effects(fit(responses.instrument.model, responses.items))
    number = bounded(3)
    return Table(
        title="Effects, standardized",
        columns=("effect", "kind", "estimate", "95% interval", "p"),
        rows=tuple(
            (
                str(r.effect),
                str(r.kind),
                number(r.est_std),
                interval(r.ci_lower_std, r.ci_upper_std, number),
                p_value(3)(r.pvalue_std),
            )
            for r in frame.itertuples()
        ),
        alignment="llrcr",
        source_label=label,
    )
