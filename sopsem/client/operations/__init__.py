"""Survey answers beside what was measured in operations, unit by unit; measurements come as plain frames."""
