"""Explains in a sentence why a connection to the SMTP server failed, and which setting fixes it."""

import smtplib
import socket
import ssl
from dataclasses import dataclass

from newsletter.environment import Environment
from newsletter.sending.transports.smtp_connection import NoStartTlsError, UnaskedError, UnreadableError
from newsletter.sending.transports.smtp_replies import Reply, Result, Stage, meaning

TLS_PORT = 465  # RFC 8314, section 7.3: TLS from the start
SERVER = "Check NEWSLETTER_SMTP_HOST and NEWSLETTER_SMTP_PORT."
LOG_IN = "Check NEWSLETTER_SMTP_USER and NEWSLETTER_SMTP_PASSWORD."
TLS_FROM_THE_START = "Port 465 uses TLS from the start. Set NEWSLETTER_SMTP_SECURITY to tls."
# OpenSSL's error codes (x509_vfy.h) for a certificate with another name or address.
OTHER_NAME = frozenset({62, 64})


@dataclass(frozen=True, slots=True)
class Failure:
    """Two sentences: what the server did, and how to fix it. Neither contains the server's own words."""

    what: str
    fix: str


class HandshakeError(Exception):
    """The connection failed: at which stage, with which reply, if any, and because of which error."""

    def __init__(self, stage: Stage, reply: Reply, cause: Exception) -> None:
        super().__init__(f"{stage}: {reply}")
        self.stage, self.reply, self.cause = stage, reply, cause


def needs_a_person(error: HandshakeError) -> bool:
    """Return whether trying again later would fail too."""
    if error.reply.code:
        return meaning(error.stage, error.reply).result is Result.REJECTED
    match error.cause:
        case smtplib.SMTPNotSupportedError() | ssl.SSLCertVerificationError():
            return True
        case smtplib.SMTPServerDisconnected() | UnreadableError() | UnaskedError() | OSError():
            return False
        case _:
            # The server and we share no login method, or we cannot encode a challenge or a password.
            return True


def failure_of(error: Exception, environment: Environment, *, seconds: float) -> Failure:
    """Explain an error of `smtplib`, TLS or the socket; `seconds` is how long we waited for a reply."""
    match error:
        case smtplib.SMTPNotSupportedError():
            return _not_offered(error, environment)
        case smtplib.SMTPResponseException():
            return _refused(error)
        case smtplib.SMTPServerDisconnected() if not isinstance(error.__context__, TimeoutError):
            return _cut_off(environment)
        case ssl.SSLError():
            return _of_tls(error)
        case smtplib.SMTPException() | ValueError() if not isinstance(error, smtplib.SMTPServerDisconnected):
            return _not_understood(error)
        case _:
            return _not_reached(error, environment, seconds)


def _not_understood(error: smtplib.SMTPException | ValueError) -> Failure:
    match error:
        case UnreadableError() | UnaskedError():
            return Failure("We reached the SMTP server, but it does not speak SMTP.", SERVER)
        case UnicodeError():
            return Failure("The SMTP server cannot accept a login with non-ASCII characters.", LOG_IN)
        case ValueError():
            return Failure("The SMTP server requested the login in a form that we could not read.", LOG_IN)
        case _:
            return Failure(
                "The SMTP server does not offer a login method that we support (PLAIN, LOGIN or CRAM-MD5).",
                LOG_IN,
            )


def _refused(error: smtplib.SMTPResponseException) -> Failure:
    if isinstance(error, smtplib.SMTPAuthenticationError):
        if error.smtp_code < 500:  # noqa: PLR2004 - temporary (RFC 4954, section 6)
            return Failure(
                f"The SMTP server could not check the login ({error.smtp_code}).", "Try again later."
            )
        return Failure(f"The SMTP server rejected the login ({error.smtp_code}).", LOG_IN)
    return Failure(
        f"The SMTP server rejected the connection ({error.smtp_code}).",
        f"{SERVER} If they are correct, try again later.",
    )


def _not_offered(error: smtplib.SMTPNotSupportedError, environment: Environment) -> Failure:
    if isinstance(error, NoStartTlsError):
        return Failure(
            "We reached the SMTP server, but it does not offer STARTTLS.",
            "Set NEWSLETTER_SMTP_SECURITY to tls if the port uses TLS from the start, as port 465 does. Set it to none "
            "only if the server is on your own machine.",
        )
    protect = (
        "Set NEWSLETTER_SMTP_SECURITY to starttls or tls, because many servers only offer a login over TLS. "
        if environment.smtp_security == "none"
        else ""
    )
    return Failure(
        "We reached the SMTP server, but it does not offer a login (AUTH).",
        f"{protect}If the server does not need a login, leave NEWSLETTER_SMTP_USER empty.",
    )


def _cut_off(environment: Environment) -> Failure:
    if environment.smtp_port == TLS_PORT and environment.smtp_security != "tls":
        return Failure("We reached the SMTP server, but it closed the connection.", TLS_FROM_THE_START)
    return Failure(
        "We reached the SMTP server, but it closed the connection.",
        f"{SERVER} Also check that the server accepts email from this machine.",
    )


def _of_tls(error: ssl.SSLError) -> Failure:
    if isinstance(error, ssl.SSLCertVerificationError):
        fix = (
            "Set NEWSLETTER_SMTP_HOST to the name in the server's certificate."
            if error.verify_code in OTHER_NAME
            else "Renew the server's certificate, or make this machine trust its issuer."
        )
        return Failure(
            f"The SMTP server's certificate is not valid: {error.verify_message.rstrip('.')}.", fix
        )
    if error.reason in {"WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE"}:
        return Failure(
            "We reached the SMTP server, but it does not use TLS from the start.",
            "Set NEWSLETTER_SMTP_SECURITY to starttls, or set NEWSLETTER_SMTP_PORT to 465.",
        )
    return Failure(
        f"We reached the SMTP server, but the TLS connection failed ({error.reason or type(error).__name__}).",
        "The server may only support old versions of TLS. Ask the people who run the server.",
    )


def _not_reached(error: Exception, environment: Environment, seconds: float) -> Failure:
    port = environment.smtp_port
    match error:
        case socket.gaierror():
            return Failure(
                "We could not find the SMTP server in DNS.",
                "Check NEWSLETTER_SMTP_HOST and the DNS of this machine.",
            )
        case ConnectionRefusedError():
            return Failure(
                f"The SMTP server does not accept connections on port {port}.",
                f"{SERVER} Also check that the server is running.",
            )
        case ConnectionError():
            return _cut_off(environment)
        case TimeoutError() | smtplib.SMTPServerDisconnected():
            if port == TLS_PORT and environment.smtp_security != "tls":
                return Failure("The SMTP server did not send a greeting.", TLS_FROM_THE_START)
            return Failure(
                f"The SMTP server did not respond within {seconds:g} seconds.",
                f"{SERVER} Also check that no firewall blocks port {port}.",
            )
        case _:
            return Failure(f"We could not reach the SMTP server ({type(error).__name__}).", SERVER)
