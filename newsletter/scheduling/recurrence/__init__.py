"""Recurrence rules: words to RRULE and back, local time to UTC and back. Nothing here reads the database."""
