"""Model text to a frozen parameter table: scanner, parser, automatic rules, definitions."""
