"""What other apps may add: their part of a person's export, and forgetting a person who is erased."""

from django.dispatch import Signal

# Sent with `subscriber`, in the transaction that erases the person, while the row is still there.
# A receiver removes or blanks what it keeps about the person; the address and its key are on the row.
forgetting = Signal()

# Sent with `subscriber`. A receiver returns a mapping that becomes part of the export: {"letters": [...]}.
exporting = Signal()

# Sent with `suppressions`, the numbers of those that are ended, in the transaction that ends them.
lifting = Signal()
