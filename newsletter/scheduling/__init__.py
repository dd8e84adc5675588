"""Stage 4, when: approval, the time of an issue, and the series that draft by themselves."""
