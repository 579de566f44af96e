"""Answers -> what a client is told: scores, gaps, norms, and nothing that singles out a respondent."""
