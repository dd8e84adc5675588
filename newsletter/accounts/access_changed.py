"""The signal that a user's access may have shrunk, for stages that gave this user something to do."""

from django.dispatch import Signal

# Sent with `user`, in the transaction that changed the roles of this user or whether they can log in, after the change.
access_changed = Signal()
