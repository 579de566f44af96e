"""Change single printed numbers of a shipped study, as a misprint would."""

import tomllib
from importlib.resources import files

from sopsem.study.published import PublishedStudy


def raw_study(name):
    """The TOML of a shipped study as nested dicts."""
    return tomllib.loads((files("sopsem.study") / "published" / f"{name}.toml").read_text("utf-8"))


def misprinted(name, place, text):
    """The study with one value replaced; ``place`` is a dotted path such as effects.rows.2.est."""
    data = raw_study(name)
    *path, last = [int(part) if part.isdigit() else part for part in place.split(".")]
    target = data
    for part in path:
        target = target[part]
    assert last in target, f"{place} is not in the study"
    target[last] = text
    return PublishedStudy.model_validate({"name": name} | data)
