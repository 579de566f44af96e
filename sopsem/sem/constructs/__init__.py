"""Reliability, validity, method variance and scores of the constructs."""
