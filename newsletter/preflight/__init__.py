"""Checks an issue before it is approved, and says what to mend. all_checks.py has the list of the checks."""
