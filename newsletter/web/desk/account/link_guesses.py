"""Slows down guesses of the links in emails about accounts, for each network, as those of passwords."""

from django.http import HttpRequest

from newsletter.accounts.sign_in import clear_failures, in_minutes, try_sign_in
from subscribers.views.public_page import network_address


def why_wait(request: HttpRequest, links: str) -> str:
    """Return why this network has to wait before it tries another link, or an empty string.

    `links` names what the links are for. Each try counts as a wrong one until `clear_guesses` is called.
    """
    wait = try_sign_in(f"links: {links}", network_address(request))
    return f"Too many wrong links were tried. Wait {in_minutes(wait)}, then try again." if wait else ""


def clear_guesses(request: HttpRequest, links: str) -> None:
    """Forget the tries of this network, because it has a right link."""
    clear_failures(f"links: {links}", network_address(request))
