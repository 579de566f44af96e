"""APA tables of results: each function takes what an analysis returned and gives a ``Table``; nothing is computed."""
