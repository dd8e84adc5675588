"""Slows down guesses of the links in emails about accounts, for each network, as those of passwords.

Only wrong links are counted, and only they have to wait: so nobody keeps colleagues in the same office from theirs.
"""

from django.http import HttpRequest

from newsletter.accounts.slow_down_password_guesses import in_minutes, try_sign_in
from subscribers.views.public_page import network_address


def count_guess(request: HttpRequest, links: str) -> str:
    """Count a wrong link, and return why this network has to wait before it tries another, or an empty string.

    `links` names what the links are for.
    """
    wait = try_sign_in(f"links: {links}", network_address(request))
    if not wait:
        return ""
    return (
        f"Too many invalid links have been opened from your network. Wait {in_minutes(wait)}, then try again."
    )
