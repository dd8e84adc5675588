"""The articles that came in, and their sources."""
