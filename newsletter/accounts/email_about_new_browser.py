"""Tells people by email that somebody has logged in to their account with a browser that never did before."""

from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from newsletter.accounts.account_mails import queue_account_mail
from newsletter.accounts.browser_names import browser_name
from newsletter.accounts.user_sessions import coarse_network


def tell_of_new_device(user: Any, address: str, user_agent: str) -> None:
    """Queue an email to a user about a new browser."""
    queue_account_mail(
        "new-device",
        user.email,
        user=user,
        link=f"{settings.NEWSLETTER.root_url}{reverse('desk:account')}",
        button="See your sessions",
        name=user.get_username(),
        device=browser_name(user_agent),
        network=coarse_network(address),
        at=f"{timezone.now():%d %B %Y, %H:%M} UTC",
    )
