"""Subscribers: the list of people, one person with their history, adding people, and pasting addresses."""
