"""sopsem: structural equation modeling of alignment surveys."""
