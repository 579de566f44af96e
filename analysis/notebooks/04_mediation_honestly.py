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
# # Mediation, honestly
#
# One idea: **not seeing a direct effect is not seeing that there is none.**  "Full mediation" claims an
# absence.  An absence takes an equivalence test and power, not a p above .05.
#
# All data here are *synthetic*.

# %%
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
fit = sopsem.fit(instrument.model, items, mimic="amos")
print("synthetic data,", fit.n, "respondents")

# %% [markdown]
# ## 1. The effect, traced
#
# Coordination works on performance along two routes.  Multiply along a route, add the routes.

# %%
print(sopsem.explain("coordination -> performance", fit))

# %% [markdown]
# ## 2. The usual argument
#
# Free the direct path; chi2 falls by 3.19 with one degree of freedom; p = .074.  "Not significant, hence
# full mediation."

# %%
freed = sopsem.fit(f"{instrument.model}\nperformance ~ coordination", items, mimic="amos")
print(sopsem.explain("dpvalue", fit, against=freed))

# %% [markdown]
# ## 3. What the test could have seen
#
# The power of that test at N = 92, for standardized direct effects of different size:

# %%
verdict = sopsem.mediation(fit, predictor="coordination", outcome="performance", draws=200, seed=SEED)
show(verdict.power[["size", "power_positive", "power_negative", "power"]])

# %%
figure = Figure(figsize=(6, 3), layout="constrained")
axes = figure.subplots()
axes.plot(verdict.power["size"], verdict.power["power"], "o-", color="black")
axes.axhline(0.8, color="grey", linewidth=0.8, linestyle=":")
axes.annotate("the usual aim, .80", (0.1, 0.8), xytext=(0, 4), textcoords="offset points", fontsize=9)
axes.set_ylim(0, 1)
axes.set_xticks(verdict.power["size"])
axes.set_xlabel("true standardized direct effect (synthetic data)")
axes.set_ylabel("chance that the test sees it")
axes.spines[["top", "right"]].set_visible(False)
Picture(figure)

# %% [markdown]
# `power` is that of the harder sign.  A negative direct effect of .3, a large one, is missed more often
# than found; a positive one in one case of three.  Silence of this test says little.

# %% [markdown]
# ## 4. Ask the right question
#
# *Is the direct effect smaller than anything that matters?*  State the smallest effect that would matter
# beforehand (here .2) and ask whether the 90 % interval lies within -.2 to .2.

# %%
show(verdict.direct[["method", "est_std", "tost_lower", "tost_upper", "bound", "equivalent"]])
direct = verdict.direct.iloc[0]
figure = Figure(figsize=(6, 1.8), layout="constrained")
axes = figure.subplots()
axes.axvspan(-0.2, 0.2, color="0.88")
axes.plot([direct["tost_lower"], direct["tost_upper"]], [0, 0], color="black", linewidth=2)
axes.plot(direct["est_std"], 0, "o", color="white", markeredgecolor="black")
axes.set_yticks([])
axes.set_xlim(-0.8, 0.8)
axes.set_xlabel("direct effect, 90 % interval; grey: too small to matter")
axes.spines[["top", "right", "left"]].set_visible(False)
Picture(figure)

# %% [markdown]
# It does not: the data can say neither that there is a direct effect nor that there is none.  What may be
# said:

# %%
for sentence in verdict.sentences:
    print("-", sentence)

# %% [markdown]
# ## 5. Which way do the arrows point?
#
# Turn an arrow round: chi2 is the same to the last digit.  The data cannot tell alignment that raises
# coordination from coordination that raises alignment.  Time, an experiment or theory can.

# %%
turned = instrument.model.replace("alignment   ~ coordination", "coordination ~ alignment")
other = sopsem.fit(turned, items, mimic="amos")
print(f"as in the paper: chi2 {fit.chisq:.4f}, df {fit.df}")
print(f"turned round:    chi2 {other.chisq:.4f}, df {other.df}")

# %% [markdown]
# ## Exercises
#
# 1. How many people would see a direct effect of .3 with power .8?  The noncentrality grows with N, and .8
#    takes 7.85 (`verdict.power` has the noncentralities at N = 92).
# 2. Repeat step 4 with `equivalence_bound=0.5`.  What changed: the data or the question?
# 3. Do the three twins agree on the direct effect?  They return the same print.
# 4. Which of the two routes of step 1 carries the effect?

# %% [markdown]
# ## Answers
#
# 1. 92 x 7.85 / 5.48 = 132 for a positive one, 92 x 7.85 / 3.16 = 228 for a negative one; `sopsem.power`
#    finds it by simulation.
# 2. The question: a bound of .5 calls nearly everything too small to matter.
# 3. No, not even on its sign: the print does not determine it.
# 4. The one through alignment; the route through conflict is near 0.
