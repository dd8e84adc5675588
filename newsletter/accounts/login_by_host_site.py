"""Whether people log in by our own pages, or by those of the Django site that we are part of."""

from django.apps import apps


def has_own_sign_in() -> bool:
    """Return whether our own pages sign people in. If not, there are no pages about accounts and second factors."""
    return apps.is_installed("allauth.mfa")
