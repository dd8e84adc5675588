"""The doctor looks at an installation and says of each thing how it stands, and how to mend it. It changes nothing.

A check is a file with a function `check(installation)` that gives lines. They are read in the order of CHECKS, then of
OF_DOMAINS where the DNS answers, and the webhook is last. What a check cannot look at, it says as left out.
"""

import logging
from collections.abc import Callable, Iterator

from newsletter.doctor import (
    api_key,
    base_url,
    bounce_mailbox,
    database,
    dkim,
    dmarc,
    home_folder,
    instance,
    name_server,
    scheduler_and_clock,
    secret_key,
    sender_identity,
    sendgrid_webhook,
    spf,
    transport,
)
from newsletter.doctor.dns_records import Records
from newsletter.doctor.finding import Finding, Level, left_out, wrong
from newsletter.doctor.installation import Installation
from newsletter.environment import Environment

log = logging.getLogger(__name__)

CHECKS = (
    instance,
    secret_key,
    base_url,
    transport,
    api_key,
    bounce_mailbox,
    scheduler_and_clock,
    sender_identity,
)
OF_DOMAINS = (spf, dkim, dmarc)


def examine(environment: Environment) -> Iterator[Finding]:
    """Look at everything, and say it as it is known. Never raises for what is wrong with the installation."""
    said = list(database.check())
    installation = Installation(
        environment,
        Records(environment.dns_server),
        database_is_ready=all(line.level is not Level.WRONG for line in said),
    )
    try:
        yield from home_folder.check(installation)
        yield from said
        for check in CHECKS:
            if check is api_key and environment.transport != "sendgrid":
                yield left_out(
                    api_key.CHECK, f"Letters go by {environment.transport}, so SendGrid is not asked."
                )
                continue
            yield from _heard(check.CHECK, check.check, installation)
        yield from _of_domains(installation)
        yield from _heard(sendgrid_webhook.CHECK, sendgrid_webhook.check, installation)
    finally:
        installation.close()


def _of_domains(installation: Installation) -> Iterator[Finding]:
    """What the DNS says of the senders' domains. One line is all when it says nothing."""
    if installation.environment.transport != "maildir":
        if not installation.domains:
            yield from (left_out(check.CHECK, "Nobody sends yet.") for check in OF_DOMAINS)
            return
        silent = list(_heard(name_server.CHECK, name_server.check, installation))
        yield from silent
        if silent:
            return
    for check in OF_DOMAINS:
        yield from _heard(check.CHECK, check.check, installation)


def _heard(
    name: str, check: Callable[[Installation], Iterator[Finding]], installation: Installation
) -> Iterator[Finding]:
    """What a check says; one that fails says so, and the others are heard all the same."""
    try:
        yield from check(installation)
    except Exception as error:
        log.exception("The check %s failed", name)
        yield wrong(name, f"It could not be looked at: {type(error).__name__}.", "The log says more.")
