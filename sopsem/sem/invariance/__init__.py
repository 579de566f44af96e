"""Do groups answer the same questionnaire?  Ladders of equal parameters and the search for exceptions."""
