"""What the note of a table says of sample, estimation and intervals."""

from sopsem.report.digits import count, percent
from sopsem.sem.estimation.fit import Fit, Status
from sopsem.sem.resampling.draws import Draws

__all__ = ["draws_note", "fit_note", "interval_note", "stars_note"]

_ERRORS = {
    "standard": "from the {information} information",
    "robust_sem": "robust (sandwich)",
    "robust_sem_nt": "robust (normal theory)",
    "robust_huber_white": "robust (Huber-White)",
    "robust_cluster": "robust to clusters",
    "first_order": "from first-order information",
    "two_stage": "of two-stage estimation",
    "robust_two_stage": "robust, of two-stage estimation",
    "none": "not asked for",
}
_MISSING = {
    "ml": "Rows with missing values enter by full-information maximum likelihood.",
    "ml_x": "Rows with missing values enter by full-information maximum likelihood.",
    "two_stage": "Rows with missing values enter by two-stage estimation.",
    "robust_two_stage": "Rows with missing values enter by two-stage estimation.",
    "pairwise": "Rows with missing values enter pairwise.",
}
_KINDS = {
    "percentile": "percentile",
    "bc": "bias-corrected",
    "bca": "bias-corrected and accelerated",
    "normal": "normal-theory",
    "basic": "basic",
    "studentized": "studentized",
}


def fit_note(fit: Fit) -> str:
    """Return size of the sample, estimator, standard errors, and what is wrong with the solution, if anything.

    Examples
    --------
    >>> import pandas as pd, sopsem
    >>> cov = pd.DataFrame([[1.0, 0.5], [0.5, 1.0]], index=["y", "x"], columns=["y", "x"])
    >>> fit_note(sopsem.fit("y ~ x", sample_cov=cov, n_obs=50))
    'N = 50. Estimator: ML; standard errors from the expected information.'

    """
    settings = fit.settings
    errors = _ERRORS.get(settings.se, settings.se).format(information=settings.information)
    mimic = f" (conventions of {settings.mimic.upper()})" if settings.mimic == "amos" else ""
    parts = [
        f"N = {fit.n}{_groups(fit)}.",
        f"Estimator: {settings.asked}{mimic}; standard errors {errors}.",
        _excluded(fit),
        _MISSING.get(settings.missing, ""),
        _solution(fit),
    ]
    return " ".join(part for part in parts if part)


def _groups(fit: Fit) -> str:
    if fit.n_groups == 1:
        return ""
    sizes = zip(fit.spec.groups, fit.data_moments, strict=True)
    return f" ({', '.join(f'{label}: {moments.n}' for label, moments in sizes)})"


def _excluded(fit: Fit) -> str:
    lost = sum(len(moments.rows_excluded) for moments in fit.data_moments)
    return f"{lost} row{'s' if lost != 1 else ''} with a missing value left out." if lost else ""


def _solution(fit: Fit) -> str:
    if fit.status is Status.CONVERGED:
        return ""
    if fit.status is Status.IMPROPER:
        return f"Improper solution: {'; '.join(map(str, fit.improper))}."
    return str(fit.status.value)


def interval_note(draws: Draws | None, kind: str, level: float) -> str:
    """Return what LL and UL are: Wald limits, or limits from draws with what became of every draw."""
    whole = f"LL and UL are the limits of {round(100 * level, 4):g}% confidence intervals"
    if draws is None:
        return f"{whole} (Wald, delta method)."
    return (
        f"{whole} ({_KINDS.get(kind, kind)} bootstrap); p by inversion of the interval. {draws_note(draws)}"
    )


def draws_note(draws: Draws) -> str:
    """Return how many draws were made, how each ended, and what was done with improper ones."""
    found = draws.counts()
    classes = "; ".join(
        f"{row.draw_class}: {count(row.count)} ({percent()(row.share)})"
        for row in found[found["count"] > 0].itertuples()
    )
    return f"{len(draws):,} bootstrap draws, seed {draws.seed} ({classes}); policy for improper draws: {draws.policy}."


def stars_note() -> str:
    """Return the probability note."""
    return "* p < .05. ** p < .01. *** p < .001."
