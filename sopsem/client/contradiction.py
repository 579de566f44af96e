"""Scales whose items contradict each other: the usual cause is a reversed item that nobody declared."""

from sopsem.client.privacy.rules import RULES
from sopsem.sem.constructs.reliability import alpha
from sopsem.survey.responses import Responses

__all__ = ["contradiction", "contradictions"]


def contradiction(label: str, value: float) -> str:
    """Return what is said of a scale with an alpha below 0, "" for any other.

    Examples
    --------
    >>> contradiction("Conflict", -0.25)
    'The items of Conflict contradict each other (alpha -0.25): is one of them reversed and not declared so?'

    """
    if not value < 0:
        return ""
    return (
        f"The items of {label} contradict each other (alpha {value:.2f}): is one of them reversed and not declared "
        "so?"
    )


def contradictions(responses: Responses) -> tuple[str, ...]:
    """Return a sentence for every scale whose items contradict each other among those who answered all of them.

    Alpha is below 0 where the covariances of the items sum to less than 0 (Cronbach, 1951, supposes that they do
    not).  Of fewer than ten people nothing is said.

    Examples
    --------
    >>> from sopsem.survey import load_instrument, read_responses
    >>> from sopsem.survey.shipped import find_survey
    >>> contradictions(read_responses(find_survey(), load_instrument()))
    ()

    """
    said = []
    for name, construct in responses.instrument.constructs.items():
        own = [item for item in responses.instrument.items_of(name) if item in responses.items.columns]
        whole = responses.items[own].dropna()
        if len(own) > 1 and len(whole) >= RULES.least_spread:
            said.append(contradiction(construct.label or name, float(alpha(whole.cov().to_numpy()))))
    return tuple(filter(None, said))
