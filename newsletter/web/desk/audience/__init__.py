"""Choosing who receives an issue, a recurring issue or every issue: the form that they share."""
