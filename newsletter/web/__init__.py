"""A door: pages for readers and editors."""
