# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Score a client
#
# One idea: **a score says something only beside other scores, and only what it can say without giving
# anybody away.**  One survey is the benchmark, another the client.  Both are *synthetic* twins.

# %%
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

import sopsem
from sopsem.report.digits import decimals
from sopsem.report.figures import figure_bytes

pd.set_option("display.width", 140, "display.max_columns", 20, "display.max_colwidth", 60)


def show(frame: pd.DataFrame, digits: int = 3) -> None:
    """Print a frame with few digits."""
    print(frame.to_string(index=False, float_format=decimals(digits)))


class Picture:
    """A figure as a notebook shows it; in a plain script nothing happens."""

    def __init__(self, figure: Figure) -> None:
        self.figure = figure

    def _repr_png_(self) -> bytes:
        return figure_bytes(self.figure, "png", dpi=80)


instrument = sopsem.load_instrument()
benchmark = sopsem.read_responses(sopsem.find_survey("synthetic_twin_0"), instrument)
client = sopsem.read_responses(sopsem.find_survey("synthetic_twin_1"), instrument)
print(f"synthetic data: benchmark {len(benchmark)} respondents, client {len(client)}")

# %% [markdown]
# ## 1. The benchmark becomes a scorecard
#
# Fit the model to the benchmark once and keep what scoring needs: items, scales, reversed items,
# estimates, norms, and a hash over all of it.  A scorecard is one small JSON file without any answers.

# %%
card = sopsem.make_scorecard(benchmark)
print(card)

# %% [markdown]
# ## 2. Score the client without refitting
#
# A construct's score is the mean of the answered items, 1 to 7; too few answers give none instead of a
# bad one.  `t` sets it beside the benchmark: 50 is its mean, 10 its standard deviation.

# %%
scored = sopsem.score(client, card)
show(scored.constructs.scores.describe().T[["count", "mean", "std"]].reset_index(names="construct"), 2)
show(scored.constructs.t.describe().T[["mean", "min", "max"]].reset_index(names="t of"), 1)

# %% [markdown]
# ## 3. How sure is one score?
#
# One respondent's score has a measurement error, that of a team is smaller.  Rank no people by it.

# %%
one = pd.DataFrame({"score": scored.constructs.scores.iloc[4], "se": scored.constructs.se.iloc[4]})
show(one.reset_index(names="construct"), 2)
team = sopsem.team_scores(scored).constructs
show(team[["scale", "n", "mean", "se", "ci_lower", "ci_upper", "norm_mean", "t", "percentile"]], 2)

# %%
mean, sem = scored.constructs.t.mean(), scored.constructs.t.std() / np.sqrt(len(client))
figure = Figure(figsize=(6.5, 2.8), layout="constrained")
axes = figure.subplots()
place = np.arange(len(mean))
axes.axvline(50, color="grey", linewidth=0.8, linestyle=":")
axes.hlines(place, mean - 2 * sem, mean + 2 * sem, color="black", linewidth=2)
axes.plot(mean, place, "o", color="white", markeredgecolor="black")
axes.set_yticks(place, mean.index)
axes.set_ylim(len(mean) - 0.5, -0.5)
axes.set_xlim(42, 58)
axes.set_xlabel("client against benchmark, T scores (50 = benchmark; synthetic data)")
axes.spines[["top", "right"]].set_visible(False)
Picture(figure)

# %% [markdown]
# ## 4. Do sales and operations see the same company?
#
# The perception gap, with an interval, and the question first whether the two answer alike at all.

# %%
gaps = sopsem.perception_gaps(client)
columns = ["label", "mean_first", "mean_second", "gap", "ci_lower", "ci_upper", "pvalue_holm"]
show(gaps.frame[columns], 1)
for note in gaps.notes:
    print("-", note)

# %% [markdown]
# ## 5. What must not be told
#
# A mean of three people and the same mean of two of them give the third one away.  So no mean is told of
# fewer than 5, no interval of fewer than 10, and what could be worked out from the rest is hidden too.

# %%
small = sopsem.read_responses(sopsem.find_survey("synthetic_twin_1"), instrument)
counts = small.respondents["region"].value_counts()
print(counts.to_string())
print(sopsem.perception_gaps(small, by="region", groups=tuple(counts.index[:2]), check=False))

# %% [markdown]
# ## Exercises
#
# 1. Which construct of the client stands lowest beside the benchmark?  Is that far?
# 2. The Holm p-values are larger than the plain ones.  Why should they be?
# 3. What is a smallest gap that this many people could show?
# 4. Make the whole report: `sopsem report CLIENT.csv --against BENCHMARK.csv`.

# %% [markdown]
# ## Answers
#
# 1. Market performance, two or three T points below 50, about its margin of error.  Both twins were made
#    from the same print.
# 2. Six gaps are looked at; with six looks, one in four would show a p below .05 by chance.
# 3. About two standard errors: half the width of the interval, roughly half a point.
# 4. Open the HTML file; it needs no network.
