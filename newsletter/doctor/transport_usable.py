"""Check the transport: how emails are sent, and whether it can be used."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from uuid import UUID

from newsletter.doctor.check_inputs import Installation
from newsletter.doctor.doctor_finding import Finding, left_out, ok, warning, wrong
from newsletter.environment import Environment
from newsletter.errors import Invalid
from newsletter.sending.build_message import on_the_wire
from newsletter.sending.return_path import return_path
from newsletter.sending.transports.explain_smtp_failure import Failure
from newsletter.sending.transports.smtp_reconnecting import ReconnectingSmtp as SmtpLine
from newsletter.sending.transports.smtp_replies import Reply, Result, Stage, meaning

CHECK = "transport"


def check(installation: Installation) -> Iterator[Finding]:
    """Check whether the transport's settings are consistent, and an SMTP server accepts the log-in and each
    sender.
    """
    environment = installation.environment
    match environment.transport:
        case "maildir":
            folder = (environment.home / "outbox").resolve()
            yield ok(
                CHECK,
                f"Emails are saved in {folder} and not sent. To send emails, set NEWSLETTER_TRANSPORT.",
            )
        case "sendgrid":
            yield from _sendgrid(environment)
        case "smtp":
            yield from _smtp(installation)


def _sendgrid(environment: Environment) -> Iterator[Finding]:
    host = environment.sendgrid_host
    if host.scheme != "https" and host.host not in {"localhost", "127.0.0.1", "[::1]"}:
        yield wrong(
            CHECK,
            f"The API key would be sent to {host} unencrypted.",
            "Set NEWSLETTER_SENDGRID_HOST to an address that starts with https://.",
        )
    if environment.sendgrid_sandbox:
        yield warning(
            CHECK,
            "SendGrid is in sandbox mode: it checks emails but does not deliver them.",
            "To deliver emails, unset NEWSLETTER_SENDGRID_SANDBOX.",
        )
    else:
        yield ok(CHECK, f"Emails are sent through SendGrid ({host.host}).")


def _smtp(installation: Installation) -> Iterator[Finding]:
    environment = installation.environment
    server = f"{environment.smtp_host}:{environment.smtp_port}"
    senders = dict(_written(installation.senders))
    if environment.bounce_address and senders:
        # With a token, as in each email: a server may accept the mailbox but reject what follows the plus sign.
        senders = {return_path(environment.bounce_address, UUID(int=0), 0): environment.bounce_address}
    found = SmtpLine(environment).try_out(tuple(senders))
    if isinstance(found, Failure):
        yield wrong(CHECK, f"{server}: {found.what}", found.fix)
        return
    faults = list(_of_senders(server, senders, found))
    if environment.smtp_security == "none" and environment.smtp_host not in {"localhost", "127.0.0.1", "::1"}:
        yield warning(
            CHECK,
            f"The connection to the SMTP server {server} is not encrypted.",
            "Set NEWSLETTER_SMTP_SECURITY to starttls or tls.",
        )
    elif not faults:
        takes = " and accepts the login" if environment.smtp_user else ""
        and_senders = f". It accepts emails from {', '.join(senders.values())}" if senders else ""
        yield ok(CHECK, f"The SMTP server {server} responds{takes}{and_senders}.")
    yield from faults


def _written(addresses: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield each sender as SMTP takes it, and as it was given. Invalid addresses are reported by the sender's
    check.
    """
    for address in addresses:
        with suppress(Invalid):
            yield on_the_wire(address), address


def _of_senders(server: str, senders: Mapping[str, str], replies: Mapping[str, Reply]) -> Iterator[Finding]:
    for written, address in senders.items():
        reply = replies.get(written)
        if reply is None:
            yield left_out(
                CHECK,
                (
                    f"The SMTP server {server} closed the connection before we could ask whether it "
                    f"accepts the sender {address}."
                ),
            )
            continue
        match meaning(Stage.MAIL, reply).result:
            case Result.TAKEN:
                continue
            case Result.REJECTED:
                yield wrong(
                    CHECK,
                    f"The SMTP server {server} rejects the sender {address} ({reply}).",
                    "Allow this sender on the server, check NEWSLETTER_SMTP_USER, or give the "
                    "publication a different sender address.",
                )
            case _:
                yield warning(
                    CHECK,
                    (
                        f"The SMTP server {server} does not accept the sender {address} at the moment ({reply})."
                    ),
                    "Try again later. If this continues, ask the person who runs the server.",
                )
