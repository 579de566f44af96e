"""A page on this machine: drop a survey, look at it, take the report along.  Nothing leaves the machine."""
