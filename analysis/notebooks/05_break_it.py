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
# # Break it
#
# One idea: **learn what a fit index sees by breaking the model on purpose.**  We know the truth here,
# since we make the data: *synthetic* all of it.  Where ipywidgets is installed there are sliders; without
# it the tables and figures below show the same.

# %%
from importlib.util import find_spec

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


MODEL = "f =~ a1 + a2 + a3 + a4; g =~ b1 + b2 + b3 + b4; g ~ f"
TRUTH = (
    "f =~ 0.7*a1 + 0.7*a2 + 0.7*a3 + 0.7*a4; g =~ 0.7*b1 + 0.7*b2 + 0.7*b3 + 0.7*b4; g ~ 0.4*f; f ~~ 1*f; "
    "g ~~ 0.84*g; " + "; ".join(f"{v} ~~ 0.51*{v}" for v in ("a1", "a2", "a3", "a4", "b1", "b2", "b3", "b4"))
)


def broken(misfit: float = 0.0, n: int = 200, seed: int = SEED) -> pd.DataFrame:
    """Return synthetic data in which the first two items share something that the model does not know.

    Their covariances are exactly those of the truth, so that nothing below is luck.
    """
    return sopsem.simulate(f"{TRUTH}; a1 ~~ {misfit}*a2", n, seed=seed, empirical=True)


def judged(data: pd.DataFrame, model: str = MODEL) -> dict[str, float]:
    """Fit and return what is usually reported, and the path."""
    fit = sopsem.fit(model, data)
    found = sopsem.fit_indices(fit)[["chisq", "df", "pvalue", "cfi", "rmsea", "srmr"]].to_dict()
    path = sopsem.standardized(fit).query("lhs == 'g' and op == '~'").iloc[0]
    return {**found, "path": path["est_std"], "path_se": path["se"]}


print("synthetic data; the true path is .40")
print(pd.Series(judged(broken())).round(3).to_dict())

# %% [markdown]
# ## 1. Add misfit
#
# Two items share a residual covariance that the model leaves out (0 is none, .4 is most of what is left
# of them).

# %%
sizes = (0.0, 0.1, 0.2, 0.3, 0.4)
table = pd.DataFrame([{"misfit": m, **judged(broken(m))} for m in sizes])
show(table)


# %%
def curves(table: pd.DataFrame, x: str, label: str) -> Figure:
    """Draw CFI, RMSEA and the path over what was changed."""
    figure = Figure(figsize=(7.5, 2.6), layout="constrained")
    for axes, name, mark in zip(
        figure.subplots(1, 3), ("cfi", "rmsea", "path"), (0.95, 0.06, 0.4), strict=True
    ):
        axes.plot(table[x], table[name], "o-", color="black")
        axes.axhline(mark, color="grey", linewidth=0.8, linestyle=":")
        axes.set_title({"cfi": "CFI", "rmsea": "RMSEA", "path": "the path (true: .40)"}[name], fontsize=10)
        axes.set_xlabel(label, fontsize=9)
        axes.spines[["top", "right"]].set_visible(False)
        axes.tick_params(labelsize=8)
    return figure


Picture(curves(table, "misfit", "residual covariance left out"))

# %% [markdown]
# At N = 200 the path has lost a quarter, and no index complains: CFI is .99, RMSEA .04, p .21.  **Good fit
# does not prove that what you care for is right.**  (A real sample adds chance: about df to chi2.)

# %% [markdown]
# ## 2. Change N
#
# The same misfit (.15), more people: chi2 grows with N, SRMR and the wrong path do not change at all.

# %%
table = pd.DataFrame([{"n": n, **judged(broken(0.15, n))} for n in (100, 250, 500, 1000, 2000)])
show(table)
Picture(curves(table, "n", "respondents"))

# %% [markdown]
# With 100 people the wrong model passes with p near 1; with 2,000 the same one is rejected.  A p alone
# tells the sample size as much as the fit.

# %% [markdown]
# ## 3. Drop items
#
# Fewer items, fewer degrees of freedom, less that can go wrong, and a path that is known less well.

# %%
rows = []
for keep in (4, 3, 2):
    model = f"f =~ {' + '.join(f'a{i}' for i in range(1, keep + 1))}; g =~ b1 + b2 + b3 + b4; g ~ f"
    rows.append({"items_of_f": keep, **judged(broken(0.3), model)})
show(pd.DataFrame(rows))

# %% [markdown]
# With two items left the two that share something *are* the factor: fit is perfect and the path is wrong
# by a fifth.  Perfect fit can be bought by asking less.

# %% [markdown]
# ## 4. Sliders
#
# The same with your own hands, where ipywidgets is there.

# %%
if find_spec("ipywidgets") is not None:
    import ipywidgets

    @ipywidgets.interact(misfit=(0.0, 0.45, 0.05), n=(50, 1000, 50))
    def break_it(misfit: float = 0.2, n: int = 200) -> None:
        """Show what is reported for one broken data set."""
        print(pd.Series(judged(broken(misfit, n))).round(3).to_dict())
else:
    print("no ipywidgets here: change the numbers in broken(misfit, n) by hand")
    print(pd.Series(judged(broken(0.2, 300))).round(3).to_dict())

# %% [markdown]
# ## Exercises
#
# 1. Which modification index finds the planted covariance?  (`sopsem.modification_indices`)
# 2. Add `a1 ~~ a2` to the model.  What does the fit say now, and what would a reader have to believe?
# 3. At which N does a misfit of .15 become "significant"?
# 4. Break the *path*: let `b1` depend on `f` directly.  Is that seen as clearly?

# %% [markdown]
# ## Answers
#
# 1. `sopsem.modification_indices(sopsem.fit(MODEL, broken(0.3))).head()` has `a1 ~~ a2` on top.
# 2. The fit is good again.  The reader has to believe that you would have thought of it without the data.
# 3. Between 1,000 and 2,000 here; in a real sample earlier, since chance adds about df to chi2.
# 4. Less clearly: part of the new path is taken up by `g ~ f`, which is then too large.
