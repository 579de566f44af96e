"""A plant's results as pictures and words: panels and the page that sets them together, reports by role."""
