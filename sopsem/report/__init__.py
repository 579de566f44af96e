"""From numbers to paper: the only room that formats and draws; no statistics here."""
