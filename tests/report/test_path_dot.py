"""DOT text without Graphviz."""

from diagram_zoo import MODELS
from figure_checks import frame_of

from sopsem.report.path_dot import dot_text
from sopsem.report.path_drawing import Look, names_of
from sopsem.report.path_model import read_paths


def test_every_arrow_and_every_variable_is_there():
    """One line per node and per edge, whatever the model."""
    for text in MODELS.values():
        model = read_paths(frame_of(text))
        dot = dot_text([model], names_of([model], {}, [{}]), [""], Look())
        items = sum(map(len, model.items.values()))
        assert dot.count(" -> ") == len(model.arrows)
        assert dot.count("[shape=") == len(model.structure) + items
        assert dot.count("dir=both") == text.count("~~")


def test_backslashes_and_quotes_stay_text():
    """``\\N`` would be the name of the node, a quote would end the string."""
    model = read_paths(frame_of("y ~ x"))
    dot = dot_text([model], [{"x": ('a"\\N', ""), "y": ("y", "")}], [""], Look())
    assert 'label="a\\"\\\\N"' in dot
