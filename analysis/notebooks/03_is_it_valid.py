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
# # Is it valid?
#
# One idea: **a construct is a claim about items, and each part of the claim has its own test.**  Do the
# items agree (reliability)?  Do they share more with their construct than with noise (convergent
# validity)?  Are two constructs two (discriminant validity)?  Could one common source explain it all
# (method variance)?
#
# All data here are *synthetic*.

# %%
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

import sopsem
from sopsem.report.digits import decimals
from sopsem.report.figures import figure_bytes

SEED = 1
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
items = sopsem.read_responses(sopsem.find_survey("synthetic_twin_0"), instrument).items
result = sopsem.validate(instrument.model, items, draws=200, seed=SEED)
print("synthetic data")

# %% [markdown]
# ## 1. Do the items agree?
#
# Alpha assumes that all items measure equally well; omega does not.  With an interval both say more than
# "above .7".

# %%
table = result.reliability.query("coefficient in ['alpha', 'omega', 'ave']")
show(table[["factor", "coefficient", "est", "ci_lower", "ci_upper"]])

# %%
fit = sopsem.fit(instrument.model, items, mimic="amos")
print(sopsem.explain("omega:market", fit))

# %% [markdown]
# ## 2. Do they share enough with their construct?
#
# AVE is the mean share of an item's variance that the construct explains.  Below .5 the items hold more
# noise than construct.

# %%
loadings = sopsem.standardized(fit).query("op == '=~' and rhs in @items.columns")
figure = Figure(figsize=(6, 4.6), layout="constrained")
axes = figure.subplots()
place = np.arange(len(loadings))
axes.hlines(place, 0, loadings["est_std"], color="0.75")
axes.plot(loadings["est_std"], place, "o", color="black")
axes.axvline(np.sqrt(0.5), color="black", linewidth=0.8, linestyle=":")
axes.annotate("half of the variance", (np.sqrt(0.5), -1.1), ha="center", fontsize=9)
axes.set_yticks(place, [f"{r.rhs}  ({r.lhs})" for r in loadings.itertuples()], fontsize=8)
axes.set_ylim(len(loadings) - 0.4, -1.6)
axes.set_xlim(0, 1)
axes.set_xlabel("standardized loading (synthetic data)")
axes.spines[["top", "right"]].set_visible(False)
Picture(figure)

# %% [markdown]
# ## 3. Are two constructs two?
#
# Two constructs that correlate at 1 are one with two names.  Look at the *upper limit* of the
# correlation, not at the estimate: with 92 people the limit is far above it.

# %%
show(result.correlations[["factor1", "factor2", "est", "ci_lower", "ci_upper", "judgement"]])

# %% [markdown]
# HTMT asks the same without a model: correlations between the item sets over those within.

# %%
print(sopsem.explain("htmt:alignment:market", fit))

# %% [markdown]
# ## 4. One common source?
#
# Everybody answered everything on one day.  Harman's test (the share of the first component) is often
# reported and shows little: it misses strong method variance, and a low share proves nothing.

# %%
print(sopsem.explain("harman", fit).result)
for sentence in result.sentences:
    print("-", sentence)

# %% [markdown]
# ## 5. What validity is not
#
# All of this can be fine for items that measure the wrong thing.  Alpha of .95 can also mean that one
# question was asked five times.  See what happens when an item is replaced by noise:

# %%
rng = np.random.default_rng(SEED)
spoiled = items.assign(ali4=rng.integers(1, 8, len(items)).astype(float))
before, after = (sopsem.reliability(sopsem.fit(instrument.model, d)) for d in (items, spoiled))
both = before.merge(after, on="factor", suffixes=("", "_spoiled"))
show(both[["factor", "alpha", "alpha_spoiled", "ave", "ave_spoiled"]])

# %% [markdown]
# ## Exercises
#
# 1. Explain `alpha:alignment` before and after the spoiling.  Which sums changed?
# 2. Copy an item: `items.assign(ali4=items["ali3"])`.  What does sopsem say, and why is it right?
# 3. Reverse one item (`8 - items["con1"]`).  Which coefficient notices, and which does not?
# 4. Fit one factor for all items (`sopsem.validate` does).  How much worse is it?

# %% [markdown]
# ## Answers
#
# 1. The covariances with ali4 went to about 0, so the sum of all cells fell while the diagonal stayed.
# 2. It refuses and names the pair: a covariance matrix with two equal rows has no inverse.
# 3. Alpha of conflict collapses, since covariances cancel; omega of the standardized loadings squares
#    the sum, which falls too, and a note says that the loadings have different signs.
# 4. See the sentence on one factor in step 4: hundreds of chi2 more.
