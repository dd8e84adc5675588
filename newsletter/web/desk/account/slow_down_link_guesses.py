"""Slows down guesses of the links in emails about accounts, for each network, as those of passwords.

Only wrong links are counted, and only they have to wait: so nobody keeps colleagues in the same office from theirs.
"""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse

from newsletter.accounts.slow_down_password_guesses import in_minutes, try_sign_in
from newsletter.errors import NewsletterError, NotFound
from newsletter.web.desk.desk_page import show
from newsletter.web.desk.form_error import status_of
from subscribers.views.public_page import network_address


def count_guess(request: HttpRequest, links: str) -> str:
    """Count a wrong link, and return why this network has to wait before it tries another, or an empty string.

    `links` names what the links are for.
    """
    wait = try_sign_in(f"links: {links}", network_address(request))
    return sentence_of_wait(wait) if wait else ""


def sentence_of_wait(wait: timedelta) -> str:
    """Say how long a network has to wait after wrong links."""
    return (
        f"Too many invalid links have been opened from your network. Wait {in_minutes(wait)}, then try again."
    )


def closed_link(
    request: HttpRequest, links: str, error: NewsletterError, *, named: str = "link"
) -> HttpResponse:
    """Show why a link does not work. One that was never sent to anybody counts as a guess.

    `named` is what the page calls the link.
    """
    wait = count_guess(request, links) if isinstance(error, NotFound) else ""
    return show_closed_link(request, wait or str(error), 429 if wait else status_of(error), named=named)


def show_closed_link(
    request: HttpRequest, sentence: str, status: int, *, named: str = "link"
) -> HttpResponse:
    """Show the page of a link that does not work."""
    return show(request, "account/link_closed", status=status, sentence=sentence, named=named)
