"""How far the people of a unit agree, and how much of what people answer differs between units.

References
----------
Bliese, P. D. (2000). Within-group agreement, non-independence, and reliability. In K. J. Klein & S. W. J. Kozlowski
(Eds.), Multilevel theory, research, and methods in organizations. Jossey-Bass (ICC(1), ICC(2)).
James, L. R., Demaree, R. G., & Wolf, G. (1984). Estimating within-group interrater reliability with and without
response bias. Journal of Applied Psychology, 69.

"""

import numpy as np
import numpy.typing as npt

__all__ = ["agreement_within", "intraclass"]


def intraclass(values: npt.NDArray[np.float64], units: npt.NDArray[np.intp]) -> tuple[float, float]:
    """Return ICC(1), the share of variance between units, and ICC(2), the reliability of units' means.

    Parameters
    ----------
    values : (n,) array
        Complete.
    units : (n,) int array
        Unit of every value.

    Returns
    -------
    (float, float)
        Either may be below 0; NaN with one unit, or where no unit has two values.

    Notes
    -----
    ICC(1) = (MSB - MSW) / (MSB + (k - 1) MSW), ICC(2) = (MSB - MSW) / MSB, with the size of unequal units
    k = (n - sum n_j^2 / n) / (J - 1) (Bliese, 2000).

    Examples
    --------
    >>> one, two = intraclass(np.array([1.0, 2, 5, 6]), np.array([0, 0, 1, 1]))
    >>> round(one, 3), round(two, 3)
    (0.939, 0.969)

    """
    _, place, counts = np.unique(units, return_inverse=True, return_counts=True)
    n, groups = len(values), len(counts)
    if groups < 2 or n <= groups:
        return float("nan"), float("nan")
    means = np.bincount(place, weights=values) / counts
    between = float(counts @ (means - values.mean()) ** 2) / (groups - 1)
    within = float(((values - means[place]) ** 2).sum()) / (n - groups)
    size = (n - float(counts @ counts) / n) / (groups - 1)
    if not between > 0.0:
        return float("nan"), float("nan")
    return (between - within) / (between + (size - 1.0) * within), (between - within) / between


def agreement_within(answers: npt.NDArray[np.float64], categories: int) -> float:
    """Return r_wg(J), how far the people of one unit agree on the J items of a construct, between 0 and 1.

    Parameters
    ----------
    answers : (people, J) array
        Complete.
    categories : int
        Answers that an item has.

    Notes
    -----
    r_wg(J) = J (1 - v) / (J (1 - v) + v) with v the mean variance of the items over that of answers at random,
    (A^2 - 1) / 12 (James, Demaree & Wolf, 1984); 0 where people differ more than at random.

    Examples
    --------
    Four people, four items from 1 to 5, mean variance .25:

    >>> four = np.array([[3, 3, 4, 4], [3, 3, 4, 4], [3, 4, 4, 4], [4, 3, 3, 5.0]])
    >>> round(agreement_within(four, 5), 3)
    0.966

    """
    if len(answers) < 2:
        return float("nan")
    v = float(answers.var(axis=0, ddof=1).mean()) / ((categories**2 - 1) / 12)
    agreed = answers.shape[1] * max(0.0, 1.0 - v)
    return agreed / (agreed + v) if agreed > 0.0 else 0.0
