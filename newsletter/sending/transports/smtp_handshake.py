"""The beginning of a connection to the SMTP server: greeting, EHLO, TLS and login, within one deadline."""

import smtplib

from newsletter.environment import Environment
from newsletter.sending.transports.explain_smtp_failure import HandshakeError
from newsletter.sending.transports.smtp_connection import NoStartTlsError, SmtpConnection
from newsletter.sending.transports.smtp_replies import Reply, Stage

BROKEN = (OSError, smtplib.SMTPException)


def shake_hands(connection: SmtpConnection, settings: Environment, seconds: float) -> None:
    stage = Stage.CONNECT
    try:
        connection.connect_within(seconds, settings.smtp_host, settings.smtp_port)
        if settings.smtp_security == "tls":
            connection.secure()
        stage = Stage.GREETING
        _require(stage, connection.getreply())
        stage = Stage.EHLO
        _require(stage, _hello(connection))
        if settings.smtp_security == "starttls":
            stage = Stage.STARTTLS
            if not connection.has_extn("starttls"):
                raise NoStartTlsError
            _require(stage, connection.docmd("STARTTLS"))
            if connection.has_unread():
                raise smtplib.SMTPServerDisconnected("The server sent data before TLS began.")
            connection.secure()
            stage = Stage.EHLO
            _require(stage, _hello(connection))
        if settings.smtp_user:
            stage = Stage.AUTH
            connection.log_in(settings.smtp_user, settings.smtp_password.get_secret_value())
    except smtplib.SMTPResponseException as error:
        raise HandshakeError(stage, _of(error), error) from error
    except (*BROKEN, ValueError) as error:  # a challenge that is not base64 is a ValueError
        raise HandshakeError(stage, Reply(), error) from error


def _hello(connection: SmtpConnection) -> tuple[int, bytes]:
    """Send EHLO, or HELO to a server that does not know EHLO (RFC 5321, section 4.1.1.1)."""
    code, words = connection.ehlo()
    if code // 100 == 5:  # noqa: PLR2004 - refused
        return connection.helo()
    return code, words


def _require(stage: Stage, reply: tuple[int, bytes]) -> None:
    if reply[0] // 100 != 2:  # noqa: PLR2004 - positive
        refused = stage in {Stage.GREETING, Stage.EHLO} and reply[0] // 100 in {4, 5}
        kind = smtplib.SMTPConnectError if refused else smtplib.SMTPResponseException
        raise kind(reply[0], reply[1].decode("utf-8", "replace"))


def _of(error: smtplib.SMTPResponseException) -> Reply:
    words = error.smtp_error
    return Reply(error.smtp_code, words.decode("utf-8", "replace") if isinstance(words, bytes) else words)
