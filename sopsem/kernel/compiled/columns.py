"""What the columns of a plan's table hold: first come terms, then parts, variables observed and sums."""

# of terms: patterns of observed variables of a part
PART = 0  # where the row of the part starts
OBSERVED = 1  # where the variables observed start
COUNT = 2  # of them
DATA = 3  # place of the packed moments
SHARE = 4  # place of the weight
N_TERM = 5

# of parts
P = 0  # observed variables
K = 1  # columns [E, G] of sources
IMPLIED = 2  # where the sums for implied moments start
GRADIENT = 3
HESSIAN = 4
END = 5
N_PART = 6

# of sums
TARGET = 0  # place
FIRST = 1  # of the terms; they end before the first of the next sum
N_SUM = 2
