"""Stage 2: which articles and texts an issue contains."""
