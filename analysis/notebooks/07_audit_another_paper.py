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
# # Audit another paper
#
# One idea: **printed numbers constrain each other, so a reader can check a paper without its data.**
# First a real table, then a constructed one with a planted slip.

# %%
import tempfile
from pathlib import Path

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


# %% [markdown]
# ## 1. A real table
#
# Rosseel (2012, Journal of Statistical Software 48(2)) prints a three-factor model of nine ability tests
# of 301 pupils (data: Holzinger & Swineford, 1939).  A study file holds what is printed, with its
# decimals and its source:

# %%
real = """
title = "Three factors of mental ability"
source = "Rosseel, Y. (2012). lavaan. Journal of Statistical Software, 48(2)"
n = 301
[analysis]
program = "lavaan"
estimator = "ML"
likelihood = "normal"
[model]
text = "visual =~ x1 + x2 + x3\\ntextual =~ x4 + x5 + x6\\nspeed =~ x7 + x8 + x9"
[fit]
chisq = "85.306"
df = "24"
pvalue = "0.000"
npar = "21"
baseline_chisq = "918.852"
baseline_df = "36"
cfi = "0.931"
tli = "0.896"
rmsea = "0.092"
rmsea_ci_lower = "0.071"
rmsea_ci_upper = "0.114"
"""


def audited(text: str) -> object:
    """Audit a study that is written as text."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "study.toml")
        path.write_text(text, "utf-8")
        return sopsem.audit(sopsem.load_study(path))


report = audited(real)
print(report.summary())
show(report.checks[["check", "computed", "printed", "verdict"]])

# %% [markdown]
# Everything fits: df follows from the model, CFI from both chi2, RMSEA from chi2, df and N.

# %% [markdown]
# ## 2. A constructed paper
#
# The next table belongs to **no paper**: it is constructed (synthetic), from the one above, with one
# number changed.  Can you see which?

# %%
constructed = real.replace('rmsea = "0.092"', 'rmsea = "0.069"').replace(
    'title = "Three factors of mental ability"', 'title = "Constructed example"'
)
constructed = constructed.replace(
    'source = "Rosseel, Y. (2012). lavaan. Journal of Statistical Software, 48(2)"',
    'source = "constructed for this notebook; synthetic"',
)
slip = audited(constructed)
print(slip.study.source)
print(slip.summary())
bad = slip.checks[slip.checks["verdict"].astype(str).str.contains("incons")]
for check in bad.itertuples():
    print(f"{check.check}: printed {check.printed}, computed {check.computed}\n    {check.explanation}")

# %% [markdown]
# ## 3. Why RMSEA cannot be .069
#
# RMSEA is a function of chi2, df and N.  The curve shows it for the printed chi2 and df; a point off the
# curve is a slip, or another N than printed.

# %%
sizes = np.arange(100, 701)
curve = np.sqrt(np.maximum(85.306 - 24, 0) / (24 * sizes))
figure = Figure(figsize=(6, 3), layout="constrained")
axes = figure.subplots()
axes.plot(sizes, curve, color="black")
axes.plot(301, 0.092, "o", color="black")
axes.annotate("as printed by Rosseel", (301, 0.092), xytext=(8, 6), textcoords="offset points")
axes.plot(301, 0.069, "x", color="black", markersize=9)
axes.annotate("constructed slip", (301, 0.069), xytext=(-8, -14), textcoords="offset points", ha="right")
axes.set_xlabel("N")
axes.set_ylabel("RMSEA for chi2 = 85.306, df = 24")
axes.spines[["top", "right"]].set_visible(False)
Picture(figure)

# %% [markdown]
# Read the other way: with RMSEA .069 the N would have been

# %%
print(round((85.306 - 24) / (24 * 0.069**2)))

# %% [markdown]
# ## 4. What an audit can and cannot say
#
# | verdict | meaning |
# |---|---|
# | consistent | some numbers that round to the print satisfy the relation |
# | inconsistent | none do: a slip, another convention, or another sample than stated |
# | undecidable | the print does not say enough |
#
# An inconsistency is a question to the authors, not an accusation.  Consistency is no proof: made-up
# numbers can agree.

# %% [markdown]
# ## Exercises
#
# 1. Change `df` to 25 instead.  Which checks notice?
# 2. Change `cfi` to .932.  Is that noticed?  Should it be?
# 3. Type in a table from a paper of your own field.  What does it leave undecidable?

# %% [markdown]
# ## Answers
#
# 1. The count of degrees of freedom, p, RMSEA, CFI and TLI: df is in all of them.
# 2. Yes: three decimals pin CFI down once both chi2 are printed.
# 3. Most often CFI, since few papers print the baseline chi2.
