"""Says that emails are only saved in a folder on the server, which is so until somebody sets up sending."""

from newsletter.sending.models.mailing import SAVES_ONLY
from newsletter.sending_settings.current import sending_settings

SAVED_NOT_SENT = (
    "Sending is not set up yet, so emails are only saved in the server’s “outbox” folder. "
    "Nobody receives them."
)


def only_saves(transport: str = "") -> bool:
    """Return whether emails are only saved on the server: by this transport, or by the one that is chosen now."""
    return (transport or sending_settings().transport) == SAVES_ONLY


def saved_not_sent(transport: str = "") -> str:
    """Return the sentence that belongs beside every promise to send, or an empty string if emails are really sent."""
    return SAVED_NOT_SENT if only_saves(transport) else ""


def promise(sentence: str, transport: str = "") -> str:
    """Return a sentence about emails that will be sent. If they are only saved, the next sentence says so."""
    return f"{sentence} {saved_not_sent(transport)}".rstrip()
