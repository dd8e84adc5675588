"""Reads bounces from a folder of an IMAP server (RFC 3501).

Processed messages are deleted. The others keep their flags, so that they stay unread. We do not read them again,
because we store the number of the last message read. Only the beginning of a message is fetched.
"""

import imaplib
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from newsletter.environment import Environment
from newsletter.errors import NewsletterError, Refused, Unreachable
from newsletter.sending.bounce_mailboxes.imap_connection import ImapConnection, NoStartTlsError

LARGEST_UID = 2**32 - 1
LOG_IN = "Check NEWSLETTER_BOUNCE_IMAP_USER and NEWSLETTER_BOUNCE_IMAP_PASSWORD."
SERVER = "Check NEWSLETTER_BOUNCE_IMAP_HOST, NEWSLETTER_BOUNCE_IMAP_PORT and NEWSLETTER_BOUNCE_IMAP_SECURITY."
GOODBYE_SECONDS = 5.0


class BounceFolder:
    """An open folder. `validity` changes when the server renumbers its messages."""

    def __init__(self, connection: ImapConnection, validity: int) -> None:
        self._connection = connection
        self.validity = validity

    def numbers_after(self, last: int) -> list[int]:
        """Return the numbers (UIDs) of the messages after a given one, in order."""
        with _errors_as_sentences():
            data = _ok(self._connection.uid("SEARCH", f"UID {last + 1}:*"))
        found = b" ".join(each for each in data if isinstance(each, bytes)).split()
        # “n:*” always includes the last message, even if its number is below n.
        return sorted({int(each) for each in found if each.isdigit() and last < int(each) <= LARGEST_UID})

    def beginning(self, number: int, size: int) -> bytes | None:
        """Return the first bytes of a message, which stays unread; None if it no longer exists."""
        with _errors_as_sentences():
            data = _ok(self._connection.uid("FETCH", str(number), f"(BODY.PEEK[]<0.{size}>)"))
        return next((bytes(each[1])[:size] for each in data if isinstance(each, tuple)), None)

    def remove(self, number: int) -> None:
        """Delete a processed message. Without UIDPLUS (RFC 4315) we only mark it, and mail programs delete it.

        EXPUNGE without numbers would delete messages that other people have marked.
        """
        with _errors_as_sentences():
            _ok(self._connection.uid("STORE", str(number), "+FLAGS.SILENT", r"(\Seen \Deleted)"))
            if "UIDPLUS" in self._connection.capabilities:
                _ok(self._connection.uid("EXPUNGE", str(number)))


@contextmanager
def open_folder(environment: Environment) -> Iterator[BounceFolder]:
    """Log in and open the folder. The whole session must end within NEWSLETTER_BOUNCE_IMAP_TIMEOUT_SECONDS.

    Raises Unreachable or Refused with a sentence, as does every method of the folder.
    """
    with _errors_as_sentences():
        connection = ImapConnection(
            environment.bounce_imap_host,
            environment.bounce_imap_port,
            tls=environment.bounce_imap_security == "tls",
            seconds=environment.bounce_imap_timeout_seconds,
        )
    try:
        with _errors_as_sentences():
            if environment.bounce_imap_security == "starttls":
                connection.secure()
        _log_in(connection, environment)
        yield BounceFolder(connection, _validity(connection, environment.bounce_imap_folder))
    finally:
        connection.sock.begin(min(GOODBYE_SECONDS, environment.bounce_imap_timeout_seconds))
        with suppress(imaplib.IMAP4.error, OSError):
            connection.logout()
        connection.shutdown()


def _log_in(connection: ImapConnection, environment: Environment) -> None:
    user, password = environment.bounce_imap_user, environment.bounce_imap_password.get_secret_value()
    try:
        if "AUTH=PLAIN" in connection.capabilities:
            # PLAIN allows any character (RFC 4616); LOGIN does not.
            connection.authenticate("PLAIN", lambda _challenge: f"\0{user}\0{password}".encode())
        else:
            connection.login(user, password)
    except connection.abort as error:
        raise _unreachable(error) from None
    except (imaplib.IMAP4.error, UnicodeError):
        raise Refused(f"The IMAP server rejected the login. {LOG_IN}") from None
    except OSError as error:
        raise _unreachable(error) from None


def _validity(connection: ImapConnection, folder: str) -> int:
    name = folder.replace("\\", "\\\\").replace('"', '\\"')
    with _errors_as_sentences():
        answer, _data = connection.select(f'"{name}"')
        if answer != "OK":
            raise Refused(
                f"The IMAP server could not open the folder “{folder}”. Correct NEWSLETTER_BOUNCE_IMAP_FOLDER."
            )
        given = connection.response("UIDVALIDITY")[1][0]
    found = re.search(rb"\d{1,10}", given or b"")
    return int(found[0]) if found else 0


def _ok(
    answered: tuple[str, list[bytes | tuple[bytes, bytes] | None]],
) -> list[bytes | tuple[bytes, bytes] | None]:
    answer, data = answered
    if answer != "OK":
        raise Unreachable(
            "The IMAP server did not let us read or delete messages in the folder. Try again later."
        )
    return data


@contextmanager
def _errors_as_sentences() -> Iterator[None]:
    """Turn errors into sentences without the server's own words, which may contain addresses."""
    try:
        yield
    except NewsletterError:
        raise
    except ssl.SSLCertVerificationError as error:
        raise Refused(
            f"The IMAP server's certificate is not valid: {error.verify_message.rstrip('.')}. {SERVER}"
        ) from None
    except imaplib.IMAP4.readonly:
        raise Refused(
            "The IMAP server opened the folder as read-only. Allow the user to delete messages in it."
        ) from None
    except (OSError, imaplib.IMAP4.error, ValueError) as error:
        raise _unreachable(error) from None


def _unreachable(error: Exception) -> Unreachable:
    if isinstance(error, NoStartTlsError):
        return Unreachable(f"The IMAP server does not offer STARTTLS. {SERVER}")
    if isinstance(error, OSError):
        return Unreachable(f"We could not use the IMAP server ({type(error).__name__}). {SERVER}")
    return Unreachable(f"The server closed the connection, or it is not an IMAP server. {SERVER}")
