"""The ways out: each takes a letter and a batch of recipients, and answers with one of four values."""

from collections.abc import Callable

from newsletter.errors import Invalid
from newsletter.sending.transports.maildir import MaildirTransport
from newsletter.sending.transports.transport import Transport

TRANSPORTS: dict[str, Callable[[], Transport]] = {
    "maildir": MaildirTransport.of_home,
}


def transport_named(name: str) -> Transport:
    """The way out of that name, set up from the settings. Raises Invalid when there is none."""
    try:
        make = TRANSPORTS[name]
    except KeyError:
        known = ", ".join(sorted(TRANSPORTS))
        raise Invalid(f"There is no transport “{name}”. NEWSLETTER_TRANSPORT can be: {known}.") from None
    return make()
