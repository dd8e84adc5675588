"""The list of issues, new issues, and recurring issues."""
