"""Check an installation: say how each thing stands and how to fix it. Nothing is changed.

A check is a file with a function `check(installation)` that yields findings. Checks run in the order of CHECKS,
then of OF_DOMAINS if the DNS answers; the webhook is last. A check that cannot look at something reports it as
skipped.
"""

from collections.abc import Iterator

from newsletter.doctor import (
    bounce_mailbox,
    database_usable,
    dkim,
    dmarc,
    dns_answers,
    home_folder,
    instance_may_send,
    public_base_url,
    publication_languages,
    scheduler_and_clock,
    secret_key,
    sender_identity,
    sendgrid_api_key,
    sendgrid_webhook,
    single_sign_on_provider,
    spf,
    transport_usable,
)
from newsletter.doctor.check_inputs import Installation
from newsletter.doctor.dns_lookup import Records
from newsletter.doctor.doctor_finding import Finding, Level, left_out
from newsletter.doctor.run_one_check import heard
from newsletter.environment import Environment
from newsletter.sending_settings.current import with_choice

CHECKS = (
    instance_may_send,
    secret_key,
    public_base_url,
    transport_usable,
    sendgrid_api_key,
    bounce_mailbox,
    scheduler_and_clock,
    sender_identity,
    publication_languages,
    single_sign_on_provider,
)
OF_DOMAINS = (spf, dkim, dmarc)


def examine(environment: Environment) -> Iterator[Finding]:
    """Run every check and yield each finding as it is known. Never raises because of a fault in the installation."""
    said = list(database_usable.check())
    is_ready = all(line.level is not Level.WRONG for line in said)
    if is_ready:
        environment = with_choice(environment)
    installation = Installation(environment, Records(environment.dns_server), database_is_ready=is_ready)
    try:
        yield from home_folder.check(installation)
        yield from said
        for check in CHECKS:
            if check is sendgrid_api_key and environment.transport != "sendgrid":
                yield left_out(
                    sendgrid_api_key.CHECK,
                    "We did not check SendGrid, because this installation does not send emails through it.",
                )
                continue
            yield from heard(check.CHECK, check.check, installation)
        yield from _of_domains(installation)
        yield from heard(sendgrid_webhook.CHECK, sendgrid_webhook.check, installation)
    finally:
        installation.close()


def _of_domains(installation: Installation) -> Iterator[Finding]:
    """Check what the DNS says about the senders' domains. If the DNS does not answer, yield a single finding."""
    if installation.environment.transport != "maildir":
        if not installation.domains:
            yield from (
                left_out(
                    check.CHECK,
                    "We did not check this, because no publication has a valid sender address yet.",
                )
                for check in OF_DOMAINS
            )
            return
        silent = list(heard(dns_answers.CHECK, dns_answers.check, installation))
        yield from silent
        if silent:
            return
    for check in OF_DOMAINS:
        yield from heard(check.CHECK, check.check, installation)
