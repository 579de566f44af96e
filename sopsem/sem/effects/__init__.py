"""Direct, indirect and total effects, mediation and what its verdict rests on."""
