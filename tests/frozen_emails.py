"""The emails that an approval or a mailing keeps, for tests in which each has one variant."""


def approved_email(approval):
    """The document of the only email of an approval: a change of it changes the approval, once that is saved."""
    (variant,) = approval.emails
    return variant["email"]


def mailed_email(mailing):
    """The document of the only email of a mailing."""
    return mailing.variants.get().email
