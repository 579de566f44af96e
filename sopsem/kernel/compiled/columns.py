"""What the columns of a plan's tables hold: sizes, then starts of lists (``_F`` in ``floats``, else in ``ints``)."""

P = 0  # observed variables
V = 1  # all variables
M = 2  # sources
CELLS = 3
PAIRS = 4
CELL_FIRST = 5  # per cell: first of its parameters
CELL_PARAMETER = 6
CELL_COEFFICIENT_F = 7
CELL_OFFSET_F = 8
ORDER = 9  # variables, causes before effects
SOURCE_OF = 10  # per variable its number among the sources, or NOTHING
SOURCES = 11
ARROW_FIRST = 12  # per place in ORDER: first of the arrows to it
ARROW_SOURCE = 13
ARROW_CELL = 14
ARROW_FIXED_F = 15
LATENT = 16  # covariances among sources: first source, second source, cell
N_LATENT = 17
LATENT_FIXED_F = 18
MIXED = 19  # of a source and an observed variable that is none: source, variable, cell
N_MIXED = 20
MIXED_FIXED_F = 21
OWN = 22  # of observed variables that are no sources: larger, smaller, cell
N_OWN = 23
OWN_FIXED_F = 24
SLOPE = 25  # per cell: place in M'XM
SLOPE_WEIGHT_F = 26
INNER = 27  # per pair of cells: four places in M'XM
BOTH_F = 28
CURVE_FIRST = 29  # per pair of cells: first of its terms
CURVE_THROUGH = 30
CURVE_CROSSED = 31
CURVE_WEIGHT_F = 32
TARGET_FIRST = 33  # per pair of cells: first of the second derivatives it adds to
TARGET = 34
TARGET_COEFFICIENT_F = 35
N_COLUMNS = 36

SIZES = (P, V, M, CELLS, PAIRS, N_LATENT, N_MIXED, N_OWN)
REAL = (
    CELL_COEFFICIENT_F,
    CELL_OFFSET_F,
    ARROW_FIXED_F,
    LATENT_FIXED_F,
    MIXED_FIXED_F,
    OWN_FIXED_F,
    SLOPE_WEIGHT_F,
    BOTH_F,
    CURVE_WEIGHT_F,
    TARGET_COEFFICIENT_F,
)

# columns of the table of terms
PART = 0
OBSERVED = 1  # start in ``ints`` of the variables observed
COUNT = 2
DATA = 3  # start of the packed moments in a row of ``data``
N_TERM_COLUMNS = 4
