"""What is drawn in a figure and where; frames of models given as text."""

import re

import pandas as pd


def drawn_texts(figure):
    """Return (text artist, extent in pixels) of every text that is drawn."""
    renderer = figure.canvas.get_renderer()
    figure.draw(renderer)
    found = [*figure.texts]
    for legend in figure.legends:
        found += legend.get_texts()
    for axes in figure.axes:
        found += axes.texts
        found += [axes.title, axes._left_title, axes._right_title]
        if axes.get_legend() is not None:
            found += axes.get_legend().get_texts()
        if axes.axison:
            for axis in (axes.xaxis, axes.yaxis):
                found.append(axis.label)
                low, high = sorted(axis.get_view_interval())
                found += [
                    tick.label1
                    for tick in axis.get_major_ticks()
                    if tick.label1.get_visible() and low <= tick.get_loc() <= high
                ]
    return [
        (text, text.get_window_extent(renderer)) for text in found if text.get_text() and text.get_visible()
    ]


def outside(figure):
    """Return the texts that leave the sheet."""
    width, height = figure.bbox.width, figure.bbox.height
    return [
        text.get_text()
        for text, box in drawn_texts(figure)
        if box.x0 < -0.5 or box.y0 < -0.5 or box.x1 > width + 0.5 or box.y1 > height + 0.5
    ]


def overlapping(boxes, *, slack=0.5):
    """Return the pairs of (name, extent) that cover each other by more than ``slack`` pixels."""
    pairs = []
    for number, (one, a) in enumerate(boxes):
        for other, b in boxes[number + 1 :]:
            across = min(a.x1, b.x1) - max(a.x0, b.x0)
            up = min(a.y1, b.y1) - max(a.y0, b.y0)
            if across > slack and up > slack:
                pairs.append((one, other))
    return pairs


def all_words(figure):
    """Return every drawn text in one line."""
    return " ".join(" ".join(text.get_text().split()) for text, _ in drawn_texts(figure))


def frame_of(text):
    """Return standardized estimates, every number different, for text such as a =~ b + c and a ~ b."""
    rows = []
    for line in filter(None, map(str.strip, text.splitlines())):
        lhs, op, right = re.match(r"(\w+)\s*(=~|<~|~~|~)\s*(.+)", line).groups()
        rows += [(lhs, op, term.strip()) for term in right.split("+")]
    frame = pd.DataFrame(rows, columns=["lhs", "op", "rhs"])
    frame["est_std"] = [0.3 + 0.02 * place for place in range(len(frame))]
    frame["pvalue"] = [0.0001] * len(frame)
    return frame
