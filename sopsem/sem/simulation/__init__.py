"""Artificial data from a model with known parameters."""
