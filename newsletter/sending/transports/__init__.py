"""The transports: each sends an email to a batch of recipients and yields outcomes."""

from collections.abc import Callable
from functools import lru_cache

from newsletter.environment import Environment
from newsletter.errors import Invalid
from newsletter.sending.transport import Transport
from newsletter.sending.transports.maildir import MaildirTransport
from newsletter.sending.transports.smtp import Smtp
from newsletter.sending_settings.current import sending_settings


def _sendgrid(environment: Environment) -> Transport:
    # The SDK takes longer to import than most commands to run.
    from newsletter.sending.transports.sendgrid import SendGrid

    return SendGrid(environment)


TRANSPORTS: dict[str, Callable[[Environment], Transport]] = {
    "maildir": MaildirTransport.of_home,
    "sendgrid": _sendgrid,
    "smtp": Smtp,
}


def transport_named(name: str) -> Transport:
    """Return the transport with a name, set up from the settings. Raises Invalid if there is none."""
    if name not in TRANSPORTS:
        known = ", ".join(sorted(TRANSPORTS))
        raise Invalid(
            f"We could not find a transport called “{name}”. NEWSLETTER_TRANSPORT can be one of: {known}."
        )
    return _set_up(name, sending_settings())


# One of each in a process, because a transport keeps connections.
@lru_cache(maxsize=8)
def _set_up(name: str, environment: Environment) -> Transport:
    return TRANSPORTS[name](environment)
