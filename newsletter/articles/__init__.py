"""Stage 1: what could be written about."""
