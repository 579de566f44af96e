"""From model text and data to estimates, fit, bootstrap and effects."""
