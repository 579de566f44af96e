"""Power and precision before there are data: replications of a population, fitted and counted."""
