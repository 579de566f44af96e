"""Numbers in option texts: a=1,b=2 and 92,150,300; what is no number is named with its option."""

from sopsem.cli.fit_options import listed
from sopsem.errors import UsageError

__all__ = ["named_numbers", "shape_option", "whole_numbers"]


def whole_numbers(option: str, text: str) -> tuple[int, ...]:
    """Return the whole numbers of a list.

    >>> whole_numbers("--n", "92, 150")
    (92, 150)
    """
    return tuple(_whole(option, part) for part in listed(text))


def _whole(option: str, text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise UsageError(
            f"{option} has {text!r}; give whole numbers, e.g. {option} 200 or {option} 100,150"
        ) from None


def named_numbers(option: str, text: str) -> dict[str, float]:
    """Return name -> number of a list such as a=1,b=2; the last = of a part counts, as names may hold one.

    >>> named_numbers("--values", "f=~x2=0.8, y~x=0.3")
    {'f=~x2': 0.8, 'y~x': 0.3}
    """
    made = {}
    for part in listed(text):
        name, _, number = part.rpartition("=")
        try:
            made[name.strip()] = float(number)
        except ValueError:
            raise UsageError(f"{option} has {part!r}; give name=number, e.g. b=0.3") from None
        if not name.strip():
            raise UsageError(f"{option} has {part!r} without a name; give name=number, e.g. b=0.3")
    return made


def shape_option(option: str, text: str) -> float | dict[str, float] | None:
    """Return one number for all variables, or numbers by name; None without text.

    >>> shape_option("--skewness", "1.5"), shape_option("--skewness", "a=1"), shape_option("--skewness", "")
    (1.5, {'a': 1.0}, None)
    """
    if not text.strip():
        return None
    if "=" in text:
        return named_numbers(option, text)
    try:
        return float(text)
    except ValueError:
        raise UsageError(f"{option} is {text!r}; give a number, or name=number,...") from None
