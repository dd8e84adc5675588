"""Imports of people from a file of any origin: read it, show what it is, try it, then merge the people."""
