"""Parsers of binary files, run in a process of their own: a damaged file may crash or swell it, not sopsem.

Only this folder imports compiled readers.  It imports nothing of sopsem: the process starts in a fraction of
the time and has nothing to lose.  What it finds goes back as one JSON object (see `answer`).
"""
