"""Dress rehearsals: every email of an issue’s audience is built by the function that sends, and none is sent."""
