"""Stage 3: turns an issue into an email."""
