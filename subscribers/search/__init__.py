"""Searching people by pieces of their names and addresses, with an index that is written behind all changes."""
