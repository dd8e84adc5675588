"""Check the bounces of emails sent by SMTP: whether they reach a mailbox, and whether we can read it."""

from collections.abc import Iterator
from datetime import timedelta

from newsletter.doctor.check_inputs import Installation
from newsletter.doctor.doctor_finding import Finding, left_out, ok, warning, wrong
from newsletter.errors import NewsletterError
from newsletter.instance import process_heartbeats
from newsletter.sending.bounce_mailboxes.maildir_bounces import BounceMaildir
from newsletter.sending.unsubscribe_address import is_read

CHECK = "bounces"
LONG_AGO = timedelta(hours=1)
READ_THEM = (
    "Set NEWSLETTER_BOUNCE_IMAP_HOST or NEWSLETTER_BOUNCE_MAILDIR, or configure the mail server to run "
    "`newsletter bounces --pipe`."
)


def check(installation: Installation) -> Iterator[Finding]:
    """Check where bounces go, whether the mailbox can be opened, and when it was last read."""
    environment = installation.environment
    if environment.transport != "smtp" and not is_read(environment):
        # SendGrid reports bounces by its webhook, which has its own check.
        return
    if not environment.bounce_address:
        yield left_out(
            CHECK,
            "Bounces are sent to the sender’s address, where we cannot read them.",
            f"Set NEWSLETTER_BOUNCE_ADDRESS to the address of a mailbox for bounces. {READ_THEM}",
        )
        return
    faults = list(_faults(installation))
    yield from faults
    if not faults:
        yield _last_read(installation)


def _faults(installation: Installation) -> Iterator[Finding]:
    environment = installation.environment
    if environment.bounce_imap_host:
        from newsletter.sending.bounce_mailboxes.imap_bounces import open_folder

        try:
            with open_folder(environment):
                pass
        except NewsletterError as error:
            yield wrong(CHECK, str(error), "Correct this, then run `newsletter doctor` again.")
        if environment.bounce_imap_security == "none" and environment.bounce_imap_host not in {
            "localhost",
            "127.0.0.1",
            "::1",
        }:
            yield warning(
                CHECK,
                (
                    f"The password for the bounce mailbox is sent to {environment.bounce_imap_host} "
                    "unencrypted."
                ),
                "Set NEWSLETTER_BOUNCE_IMAP_SECURITY to tls or starttls.",
            )
    if environment.bounce_maildir and (why_not := BounceMaildir(environment.bounce_maildir).why_not_usable()):
        yield wrong(CHECK, why_not, "Correct this, then run `newsletter doctor` again.")


def _last_read(installation: Installation) -> Finding:
    environment = installation.environment
    where = f"Bounces are sent to {environment.bounce_address}."
    if not installation.database_is_ready:
        return left_out(
            CHECK, f"{where} We do not know when we last read them, because the database is not ready."
        )
    ago = process_heartbeats.heartbeat_age(process_heartbeats.BOUNCES)
    if ago is None:
        return warning(
            CHECK,
            f"{where} We have never read them.",
            f"{READ_THEM} Then start `newsletter scheduler`.",
        )
    said = f"{where} We last read them {abs(ago.total_seconds()):,.0f} seconds ago"
    is_polled = environment.bounce_imap_host or environment.bounce_maildir
    if is_polled and abs(ago) > LONG_AGO:
        return warning(
            CHECK,
            f"{said}.",
            (
                "Start `newsletter serve` or `newsletter scheduler`. If one of them is already running, "
                "look at its log."
            ),
        )
    return ok(CHECK, f"{said}.")
