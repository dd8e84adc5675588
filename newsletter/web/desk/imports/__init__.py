"""Importing a file of people in four steps, undoing an import, and exporting people."""
