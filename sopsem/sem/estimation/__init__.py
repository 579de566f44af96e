"""From a parameter table and moments to a certified fit and its estimates."""
