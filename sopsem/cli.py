"""Command line (placeholder module until the first command lands in this commit series)."""
