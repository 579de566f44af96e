"""Who may have answered without care, twice or not at all: looked at, marked, and left out only when asked."""
