"""A path diagram as text in the DOT language, for those who draw with Graphviz; nothing of it is needed here."""

from collections.abc import Mapping, Sequence

from sopsem.report.escape import plain
from sopsem.report.path_drawing import Look
from sopsem.report.path_model import Arrow, ArrowKind, PathModel

__all__ = ["dot_text"]


def dot_text(
    models: Sequence[PathModel],
    names: Sequence[Mapping[str, tuple[str, str]]],
    headings: Sequence[str],
    look: Look,
) -> str:
    r"""Return the graph of every panel; several panels are clusters of one graph.

    Examples
    --------
    >>> arrow = Arrow(source="x", target="y", kind=ArrowKind.PATH, estimate=0.5, pvalue=0.2)
    >>> model = PathModel(factors=(), observed=("x", "y"), items={}, arrows=(arrow,))
    >>> print(dot_text([model], [{"x": ("x", ""), "y": ("y", "R² = .25")}], [""], Look()))
    digraph model {
      rankdir=LR;
      node [fontname="Helvetica"];
      edge [fontname="Helvetica", fontsize=10];
      "x" [shape=box, label="x"];
      "y" [shape=box, label="y\nR² = .25"];
      "x" -> "y" [label=".50", style=dashed];
    }
    <BLANKLINE>

    """
    lines = [
        "digraph model {",
        "  rankdir=LR;",
        '  node [fontname="Helvetica"];',
        '  edge [fontname="Helvetica", fontsize=10];',
    ]
    several = len(models) > 1
    for number, (model, words, heading) in enumerate(zip(models, names, headings, strict=True), start=1):
        before = f"{number}:" if several else ""
        body = [*_nodes(model, words, before), *_edges(model, before, look)]
        if several:
            lines += [f"  subgraph cluster_{number} {{", f"    label={_quoted(heading)};"]
            lines += [f"  {line}" for line in body] + ["  }"]
        else:
            lines += body
    return "\n".join([*lines, "}"]) + "\n"


def _nodes(model: PathModel, words: Mapping[str, tuple[str, str]], before: str) -> list[str]:
    items = [item for group in model.items.values() for item in group]
    found = []
    for name in (*model.structure, *items):
        latent = name in model.factors
        shape = "hexagon" if name in model.composites else "ellipse" if latent else "box"
        text = "\n".join(part for part in words[name] if part)
        found.append(f"  {_quoted(before + name)} [shape={shape}, label={_quoted(text)}];")
    return found


def _edges(model: PathModel, before: str, look: Look) -> list[str]:
    items = {item for group in model.items.values() for item in group}
    return [_edge(arrow, before, look, items) for arrow in model.arrows]


def _edge(arrow: Arrow, before: str, look: Look, items: set[str]) -> str:
    measures = arrow.kind in {ArrowKind.LOADING, ArrowKind.WEIGHT} and {arrow.source, arrow.target} & items
    options = [] if measures and not look.loadings else [f"label={_quoted(look.number(arrow))}"]
    options += ["dir=both", "constraint=false"] if arrow.kind is ArrowKind.COVARIANCE else []
    options += ["style=dashed"] if look.dashed(arrow) else []
    options += [f'color="{look.color(arrow)}"'] if look.colors or look.insignificant == "grey" else []
    ends = f"{_quoted(before + arrow.source)} -> {_quoted(before + arrow.target)}"
    return f"  {ends} [{', '.join(options)}];"


def _quoted(text: str) -> str:
    """Return a string of the DOT language in which nothing but a line break has a meaning."""
    lines = [plain(line)[0].replace("\\", "\\\\").replace('"', '\\"') for line in text.split("\n")]
    return '"' + "\\n".join(lines) + '"'
