"""Looking at items before a model is imposed: descriptives, normality, adequacy, number of factors, EFA."""
