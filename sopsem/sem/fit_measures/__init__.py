"""How well a model fits: indices, corrected tests, residuals, what a freed path would change, comparisons."""
