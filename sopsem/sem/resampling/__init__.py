"""Bootstrap draws, every one accounted for, with their intervals and policies."""
