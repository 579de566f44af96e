"""Files to checked tables: what each column is, every fault of a table at once, thresholds, templates."""
