"""The way out: what letters go by, and whether it can be used."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from uuid import UUID

from newsletter.doctor.finding import Finding, left_out, ok, warning, wrong
from newsletter.doctor.installation import Installation
from newsletter.environment import Environment
from newsletter.errors import Invalid
from newsletter.sending.build_message import on_the_wire
from newsletter.sending.return_path import return_path
from newsletter.sending.transports.smtp_failures import Failure
from newsletter.sending.transports.smtp_reconnecting import ReconnectingSmtp as SmtpLine
from newsletter.sending.transports.smtp_replies import Reply, Result, Stage, meaning

CHECK = "transport"


def check(installation: Installation) -> Iterator[Finding]:
    """Whether the settings of the transport fit together, and an SMTP server takes the log-in and each sender."""
    environment = installation.environment
    match environment.transport:
        case "maildir":
            folder = (environment.home / "outbox").resolve()
            yield ok(
                CHECK,
                f"maildir: letters land in {folder}, and nobody gets mail. NEWSLETTER_TRANSPORT says otherwise.",
            )
        case "sendgrid":
            yield from _sendgrid(environment)
        case "smtp":
            yield from _smtp(installation)


def _sendgrid(environment: Environment) -> Iterator[Finding]:
    host = environment.sendgrid_host
    if host.scheme != "https" and host.host not in {"localhost", "127.0.0.1", "[::1]"}:
        yield wrong(
            CHECK, f"{host} would carry the key in the open.", "Set NEWSLETTER_SENDGRID_HOST to https://…."
        )
    if environment.sendgrid_sandbox:
        yield warning(
            CHECK,
            "SendGrid checks letters and delivers none of them.",
            "Unset NEWSLETTER_SENDGRID_SANDBOX to send.",
        )
    else:
        yield ok(CHECK, f"sendgrid, at {host.host}.")


def _smtp(installation: Installation) -> Iterator[Finding]:
    environment = installation.environment
    server = f"{environment.smtp_host}:{environment.smtp_port}"
    senders = dict(_written(installation.senders))
    if environment.bounce_address and senders:
        # As each email has it, for nobody: a server may take the mailbox and refuse what stands behind the plus sign.
        senders = {return_path(environment.bounce_address, UUID(int=0), 0): environment.bounce_address}
    found = SmtpLine(environment).try_out(tuple(senders))
    if isinstance(found, Failure):
        yield wrong(CHECK, f"smtp: {server} {found.what}.", found.fix)
        return
    faults = list(_of_senders(server, senders, found))
    if environment.smtp_security == "none" and environment.smtp_host not in {"localhost", "127.0.0.1", "::1"}:
        yield warning(
            CHECK,
            f"smtp: {server} is spoken to in the open.",
            "Set NEWSLETTER_SMTP_SECURITY to starttls or tls.",
        )
    elif not faults:
        takes = " and takes the log-in" if environment.smtp_user else ""
        and_senders = f"; it takes mail from {', '.join(senders.values())}" if senders else ""
        yield ok(CHECK, f"smtp: {server} answers{takes}{and_senders}.")
    yield from faults


def _written(addresses: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Each sender as SMTP takes it, and as it was given. What is not an address is the affair of the sender's check."""
    for address in addresses:
        with suppress(Invalid):
            yield on_the_wire(address), address


def _of_senders(server: str, senders: Mapping[str, str], replies: Mapping[str, Reply]) -> Iterator[Finding]:
    for written, address in senders.items():
        reply = replies.get(written)
        if reply is None:
            yield left_out(CHECK, f"smtp: {server} broke off before it was asked whether it takes {address}.")
            continue
        match meaning(Stage.MAIL, reply).result:
            case Result.TAKEN:
                continue
            case Result.REJECTED:
                yield wrong(
                    CHECK,
                    f"smtp: {server} refuses the sender {address} ({reply}).",
                    "Allow this sender at the server, check NEWSLETTER_SMTP_USER, or give the publication another one.",
                )
            case _:
                yield warning(
                    CHECK,
                    f"smtp: {server} does not take the sender {address} now ({reply}).",
                    "Try again later. If it stays so, ask who runs the server.",
                )
