"""Stage 3: how it looks."""
