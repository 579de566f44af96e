"""Study, questionnaire and variables named on the command line must belong together."""

from sopsem.errors import ModelError, UsageError
from sopsem.sem.model.spec import model_spec
from sopsem.study.published import PublishedStudy
from sopsem.survey import Instrument
from sopsem.survey.messages import nearest, quote

__all__ = ["require_same_items", "require_study_items", "require_variables"]

LISTED = 5


def _listed(names: list[str]) -> str:
    return ", ".join(names[:LISTED]) + (f" and {len(names) - LISTED} more" if len(names) > LISTED else "")


def require_study_items(study: PublishedStudy, instrument: Instrument, name: str) -> None:
    """Raise ModelError when the study's model has variables that the questionnaire does not ask."""
    if study.model is None:
        return  # said where the study is used
    absent = [v for v in model_spec(study.model.text).observed if v not in instrument.item_ids]
    if absent:
        raise ModelError(
            f"the model of the study '{study.name}' has {len(absent)} variable(s) that are not items of the "
            f"questionnaire '{name}': {_listed(absent)}. Give the study its own questionnaire with "
            "--instrument FILE.toml, and its data as SURVEY where the command takes one"
        )


def require_same_items(study: PublishedStudy, instrument: Instrument, name: str) -> None:
    """Raise ModelError unless the study's model has exactly the items of the questionnaire."""
    require_study_items(study, instrument, name)
    used = set(instrument.item_ids) if study.model is None else set(model_spec(study.model.text).observed)
    extra = [item for item in instrument.item_ids if item not in used]
    if extra:
        raise ModelError(
            f"the questionnaire '{name}' asks {len(extra)} item(s) that the model of the study "
            f"'{study.name}' does not have: {_listed(extra)}. Mark them optional = true or leave them out"
        )


def require_variables(model: str, **options: str) -> None:
    """Raise UsageError naming the option whose variable the model does not have, and the factors to choose from.

    >>> require_variables("f =~ a + b + c; g =~ d + e + h; g ~ f", predictor="f", outcome="g")
    """
    spec = model_spec(model)
    wrong = {o: v for o, v in options.items() if v not in (*spec.latent, *spec.observed)}
    if wrong:
        said = " and ".join(f"--{option} {value}" for option, value in wrong.items())
        names = ", ".join(spec.latent or spec.observed)
        verb = "names no variable" if len(wrong) == 1 else "name no variables"
        near = [name for v in wrong.values() if (name := nearest(v, (*spec.latent, *spec.observed)))]
        meant = f", did you mean {' and '.join(map(quote, near))}? Choose" if near else "; choose"
        raise UsageError(
            f"{said} {verb} of the questionnaire's model{meant} with "
            f"{' and '.join(f'--{option}' for option in wrong)} among: {names}"
        )
