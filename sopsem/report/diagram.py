"""The path diagram of a fitted model, as a picture and as text: SVG, PNG, PDF, DOT."""

import base64
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pandas as pd
from matplotlib.figure import Figure

from sopsem.errors import UsageError
from sopsem.report.canvas import figure_bytes
from sopsem.report.digits import bounded, decimals, p_value
from sopsem.report.escape import true_minus
from sopsem.report.path_diagram import caption, compose, explained_lines
from sopsem.report.path_dot import dot_text
from sopsem.report.path_drawing import Look, drawing, names_of
from sopsem.report.path_model import ArrowKind, PathModel, read_paths
from sopsem.runs.atomic import write_atomic
from sopsem.sem.estimation.estimates import estimates, r_squared
from sopsem.sem.estimation.estimates import standardized as standardized_estimates
from sopsem.sem.estimation.fit import Fit

__all__ = ["DIAGRAM_FORMATS", "PathDiagram", "path_diagram"]

DIAGRAM_FORMATS = ("svg", "png", "pdf", "dot")


@dataclass(frozen=True, kw_only=True)
class PathDiagram:
    """A drawn model: the figure, the graph as text, and what it shows in words.

    Attributes
    ----------
    figure : Figure
        Of matplotlib, in inches.
    dot : str
        The same model in the DOT language.
    alt : str
        What the picture shows, for readers who cannot see it.

    """

    figure: Figure
    dot: str
    alt: str

    def content(self, kind: str) -> bytes:
        """Return the diagram as the bytes of a file: svg, png, pdf or dot; the same bytes each time.

        Raises
        ------
        UsageError
            Another kind.

        """
        if kind not in DIAGRAM_FORMATS:
            raise UsageError(f"a diagram has no format {kind!r}; choose among {', '.join(DIAGRAM_FORMATS)}")
        if kind == "dot":
            return self.dot.encode("utf-8")
        return figure_bytes(self.figure, kind)  # type: ignore[arg-type]

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the diagram to a file, whole or not at all; the ending of the name chooses the format.

        Raises
        ------
        UsageError
            Another ending.
        FileError
            The file cannot be written.

        """
        write_atomic(path, self.content(Path(path).suffix.lower().removeprefix(".")))

    def _repr_html_(self) -> str:
        """Show the picture in a notebook."""
        picture = base64.b64encode(self.content("svg")).decode("ascii")
        return f'<img alt="Path diagram" style="max-width:100%" src="data:image/svg+xml;base64,{picture}">'


def path_diagram(
    fit: Fit,
    *,
    labels: Mapping[str, str] | None = None,
    items: bool = True,
    loadings: bool = True,
    standardized: bool = True,
    with_stars: bool = False,
    intercepts: bool = False,
    insignificant: Literal["dashed", "grey", "plain"] = "dashed",
    colors: bool = False,
    digits: int = 2,
    title: str = "",
    source_label: str = "",
) -> PathDiagram:
    """Draw a fitted model: factors, composites, items, paths and covariances with their estimates.

    Parameters
    ----------
    fit : Fit
        Any model; of several groups every group has a panel.
    labels : mapping of str to str, optional
        Printed names of variables.
    items : bool
        False draws the structural part only.
    loadings : bool
        False leaves out the numbers at items.
    standardized : bool
        False draws unstandardized estimates, as a growth model with fixed loadings wants them.
    with_stars : bool
        Mark p by stars.
    intercepts : bool
        Write intercepts and means (M) below the names, where the model has them.
    insignificant : {"dashed", "grey", "plain"}
        How arrows with p of .05 or more are drawn.
    colors : bool
        Positive arrows blue, negative ones red; black only otherwise.
    digits : int
        Decimals.
    title, source_label : str
        Printed above; ``source_label`` says what the data are, e.g. "synthetic data".

    Returns
    -------
    PathDiagram

    Raises
    ------
    UsageError
        The model has nothing to draw, or another ``insignificant``.

    Notes
    -----
    R² stands below the names of explained variables.  Causes stand left of effects in lanes by the longest path that
    leads to a variable (Sugiyama, Tagawa & Toda, 1981); two that cause each other share a lane; a longer loop is
    drawn on a circle.  Gaps widen until no number covers another number or a box.

    Examples
    --------
    >>> import sopsem
    >>> data = sopsem.simulate("f =~ 0.8*a + 0.7*b + 0.6*c; y ~ 0.5*f", 200, seed=1)
    >>> diagram = sopsem.path_diagram(sopsem.fit("f =~ a + b + c; y ~ f", data))
    >>> diagram.content("svg")[:5], '"f" -> "y"' in diagram.dot
    (b'<?xml', True)

    """
    if insignificant not in ("dashed", "grey", "plain"):
        raise UsageError(f"insignificant is {insignificant!r}; choose 'dashed', 'grey' or 'plain'")
    look = Look(
        digits=digits,
        standardized=standardized,
        stars=with_stars,
        loadings=loadings,
        insignificant=insignificant,
        colors=colors,
    )
    models, lines = [], []
    for one in fit.by_group:
        frame = _frame(one, standardized=standardized)
        model = read_paths(frame, items=items)
        below = explained_lines(model, _explained(one), look)
        models.append(model)
        lines.append(_with_means(below, frame, look) if intercepts else below)
    names = names_of(models, labels or {}, lines)
    headings = [str(label) for label in fit.spec.groups] if fit.n_groups > 1 else [""]
    panels = [
        drawing(model, words, look, heading=heading)
        for model, words, heading in zip(models, names, headings, strict=True)
    ]
    foot = caption(models[0], look, explained=any("R²" in text for text in lines[0].values()))
    if fit.improper:
        foot += f" Improper solution: {'; '.join(map(str, fit.improper))}."
    return PathDiagram(
        figure=compose(panels, title, source_label, foot),
        dot=dot_text(models, names, headings, look),
        alt=" ".join(
            _said(model, heading, labels or {}, look) for model, heading in zip(models, headings, strict=True)
        ),
    )


def _frame(fit: Fit, *, standardized: bool) -> pd.DataFrame:
    """Return the estimates of one group; what is fixed at 0 is no arrow, save a loading."""
    own = standardized_estimates(fit) if standardized else estimates(fit).rename(columns={"est": "est_std"})
    absent = own["op"].isin(["~", "~~"]) & own["se"].eq(0.0) & own["est_std"].eq(0.0)
    return own[~absent].assign(group=1)


def _explained(fit: Fit) -> pd.Series:
    found = r_squared(fit)
    return found if isinstance(found, pd.Series) else found.iloc[:, 0]


def _with_means(below: Mapping[str, str], frame: pd.DataFrame, look: Look) -> dict[str, str]:
    """Return the lines below the names with intercepts, which are no bounded quantities; not those fixed at 0."""
    found = dict(below)
    shown = frame["op"].eq("~1") & ~(frame["se"].eq(0.0) & frame["est_std"].eq(0.0))
    for row in frame[shown].itertuples():
        own = f"M = {true_minus(decimals(look.digits)(row.est_std))}"
        found[row.lhs] = f"{found[row.lhs]}\n{own}" if found.get(row.lhs) else own
    return found


def _said(model: PathModel, heading: str, labels: Mapping[str, str], look: Look) -> str:
    """Return the structure of a model as sentences."""

    def named(name: str) -> str:
        return labels.get(name, name)

    measured = [f"{named(f)} ({', '.join(map(named, items))})" for f, items in model.items.items()]
    number = bounded(look.digits) if look.standardized else decimals(look.digits)
    sign = {ArrowKind.COVARIANCE: "↔"}
    arrows = [
        f"{named(a.source)} {sign.get(a.kind, '→')} {named(a.target)} {true_minus(number(a.estimate))}"
        f" (p {_p(a.pvalue)})"
        for a in model.structural_arrows()
    ]
    kind = "standardized" if look.standardized else "unstandardized"
    parts = [
        f"Path diagram{f' of {heading}' if heading else ''}, {kind} estimates.",
        f"Measured: {'; '.join(measured)}." if measured else "",
        f"Arrows: {'; '.join(arrows)}." if arrows else "",
    ]
    return " ".join(part for part in parts if part)


def _p(pvalue: float) -> str:
    shown = p_value(3)(pvalue)
    return shown if shown.startswith(("<", ">")) else f"= {shown}"
