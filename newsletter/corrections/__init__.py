"""Emails about serious corrections, to exactly those who received the article."""
