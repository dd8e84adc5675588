"""Reads the dates that people write in texts, and decides whether a sentence announces a date or tells of it."""
