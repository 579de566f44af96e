"""Method variance: what one source or one scale format can do to loadings and paths, and how much would matter."""
