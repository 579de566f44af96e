"""The only door to numbers about groups of people: small groups, hidden cells, overlapping reports."""
