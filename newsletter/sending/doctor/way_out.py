"""The way out: what letters go by, and whether it can be used."""

from collections.abc import Iterator

from newsletter.environment import Environment
from newsletter.sending.doctor.installation import Installation
from newsletter.sending.doctor.line import Line, ok, warning, wrong
from newsletter.sending.transports.smtp_line import Line as SmtpLine

CHECK = "transport"


def check(installation: Installation) -> Iterator[Line]:
    """Whether the settings of the transport fit together, and an SMTP server takes the log-in."""
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
            yield _smtp(environment)


def _sendgrid(environment: Environment) -> Iterator[Line]:
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


def _smtp(environment: Environment) -> Line:
    server = f"{environment.smtp_host}:{environment.smtp_port}"
    failure = SmtpLine(environment).try_out()
    if failure:
        return wrong(CHECK, f"smtp: {server} {failure.what}.", failure.mend)
    if environment.smtp_security == "none" and environment.smtp_host not in {"localhost", "127.0.0.1", "::1"}:
        return warning(
            CHECK,
            f"smtp: {server} is spoken to in the open.",
            "Set NEWSLETTER_SMTP_SECURITY to starttls or tls.",
        )
    return ok(
        CHECK,
        f"smtp: {server} answers, and takes the log-in."
        if environment.smtp_user
        else f"smtp: {server} answers.",
    )
