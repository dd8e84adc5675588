"""Stage 2: what is chosen."""
