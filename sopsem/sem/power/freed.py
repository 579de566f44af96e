"""The restriction whose test is planned: one line of model text, and its value in the population."""

from dataclasses import dataclass

from sopsem.errors import UsageError
from sopsem.sem.model.spec import ModelSpec

__all__ = ["FreedLine", "freed_line"]


@dataclass(frozen=True, kw_only=True)
class FreedLine:
    """A line such as ``y ~ x`` that the full model has and the restricted one has not; its value, if one is given."""

    text: str
    value: float | None

    def added_to(self, model: str) -> str:
        """Return the text of the full model."""
        return f"{model.rstrip()}\n{self.text}\n"

    def parameter(self, restricted: ModelSpec, full: ModelSpec) -> str:
        """Return the name of the one parameter that the line frees.

        Raises
        ------
        UsageError
            The line frees none, or several.

        """
        before = {p.path() for p in restricted if p.free}
        new = [p.path() for p in full if p.free and p.path() not in before]
        if len(new) != 1:
            found = ", ".join(new) or "none that the model does not have already"
            raise UsageError(f"free={self.text!r} must free one parameter of the model; it frees {found}")
        return new[0]


def freed_line(text: str) -> FreedLine:
    """Read ``"y ~ x = 0.3"``: a line of model text and, behind the last =, its value in the population.

    Raises
    ------
    UsageError
        Nothing stands before the =, or the value is not finite.

    Examples
    --------
    >>> freed_line("performance ~ coordination=0.3")
    FreedLine(text='performance ~ coordination', value=0.3)
    >>> freed_line("f =~ x3")
    FreedLine(text='f =~ x3', value=None)

    """
    line, _, number = text.rpartition("=")
    try:
        value: float | None = float(number)
    except ValueError:
        line, value = text, None
    if not line.strip() or (value is not None and not abs(value) < float("inf")):
        raise UsageError(
            f"free is {text!r}; give a line of model text and its value in the population, e.g. 'y ~ x = 0.3'"
        )
    return FreedLine(text=line.strip(), value=value)
