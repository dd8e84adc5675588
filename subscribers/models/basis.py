"""On which lawful basis a person gets the emails of a list."""

from django.db import models


class Basis(models.TextChoices):
    """The lawful basis of a subscription, in the words of the law of the United Kingdom.

    What each requires is in lawful_basis.py.
    """

    CONSENT = "consent", "Consent"
    CHARITABLE = "charitable", "Charitable soft opt-in"
    CUSTOMER = "customer", "Customer soft opt-in"
    BUSINESS = "business", "Legitimate interest: business address"
    MEMBERSHIP = "membership", "Membership or contract"
