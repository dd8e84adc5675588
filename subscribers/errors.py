"""What can go wrong with subscribers, in sentences for the person who meets it.

SubscribersError
├── NotFound    what was named is not here
├── Invalid     what was given cannot be used
├── Refused     what was asked is against a rule: consent, suppression, a limit
└── KeyMissing  nobody can tell who must not be mailed
"""


class SubscribersError(Exception):
    """Something went wrong that a person can mend."""


class NotFound(SubscribersError):  # noqa: N818 - the family reads as outcomes
    """What was named is not here."""


class Invalid(SubscribersError):  # noqa: N818
    """What was given cannot be used."""


class Refused(SubscribersError):  # noqa: N818
    """What was asked is against a rule."""


class KeyMissing(SubscribersError):  # noqa: N818
    """Suppressions need a key that is not set, so nobody can tell who must not be mailed."""
