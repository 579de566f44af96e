"""From a survey file to checked answers; no statistics here."""
