"""Signals for other apps: to add to a person's export, and to forget an erased person."""

import enum

from django.dispatch import Signal


class History(enum.IntEnum):
    """What another app knows about a person and a list, from little to much."""

    KNOWN = 1  # something refers to the person, for example an email of another list
    MAILED = 2  # they were sent an email of the list, or may be at this moment
    CLICKED = 3  # they clicked a link in an email of the list


# Sent with `subscribers`, in the transaction that erases these people, while their rows still exist. A receiver
# deletes or blanks what it keeps about them. The rows have the address and its key.
forgetting = Signal()

# Sent with `subscriber`. A receiver returns a mapping that becomes part of the export: {"emails": [...]}.
exporting = Signal()

# Sent with the numbers of up to some thousand `subscribers` and a `mailing_list`, before an import is undone. A
# receiver returns a mapping from the number of each person whom it knows to their History.
asking_for_history = Signal()

# Sent with `record`, in the transaction in which the undo of an import begins, and in the one in which it ends.
undoing_import = Signal()

# Sent with `suppressions`, the numbers of those that are ended, in the transaction that ends them.
lifting = Signal()
