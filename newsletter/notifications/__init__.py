"""Editors are told what happens, by mail and by webhooks.

No stage calls anything here. What happened is read from the rows of all stages (facts/), written down once as a notice
(notices.py), and from there mailed (email.py) and posted (deliveries.py) until it arrived or was given up.
"""
