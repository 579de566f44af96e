"""What the columns of a plan's tables hold."""

# of the table of parts
P = 0  # observed variables
K = 1  # columns [E, G] of sources
IMPLIED = 2  # first sum for implied moments
GRADIENT = 3
HESSIAN = 4
END = 5
N_PART = 6

# of the table of terms
PART = 0
OBSERVED = 1  # start in ``observed`` of the variables observed
COUNT = 2
DATA = 3  # start of the packed moments in a row of ``data``
N_TERM = 4
