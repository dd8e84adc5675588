"""People, their addresses and consent, and the lists they subscribe to. This Django app does not import the
newsletter.
"""
