"""From rows to sample statistics: moments, missing patterns, thresholds and correlations of ordered answers."""
