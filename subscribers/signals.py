"""Signals for other apps: to add to a person's export, and to forget an erased person."""

from django.dispatch import Signal

# Sent with `subscriber`, in the transaction that erases the person, while the row still exists. A receiver
# deletes or blanks what it keeps about the person. The row has the address and its key.
forgetting = Signal()

# Sent with `subscriber`. A receiver returns a mapping that becomes part of the export: {"emails": [...]}.
exporting = Signal()

# Sent with `suppressions`, the numbers of those that are ended, in the transaction that ends them.
lifting = Signal()
