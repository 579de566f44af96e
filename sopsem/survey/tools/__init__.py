"""One module per survey tool: each knows the shape of its exports, never their translated words."""
