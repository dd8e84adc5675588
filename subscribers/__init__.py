"""Who reads: addresses, consent, lists. A Django app of its own that knows nothing of the newsletter."""
