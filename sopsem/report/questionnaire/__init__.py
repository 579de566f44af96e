"""The questionnaire as people fill it in: on paper, as a page and as a Word file, in its own language."""
