"""The key at SendGrid: it is good, may do what the press needs, and no more.

Scopes: https://www.twilio.com/docs/sendgrid/api-reference/api-key-permissions
"""

from collections.abc import Iterator

from newsletter.doctor.finding import Finding, ok, warning, wrong
from newsletter.doctor.installation import Installation
from newsletter.errors import Invalid, NewsletterError
from newsletter.sending.transports.sendgrid_account import MissingScope

CHECK = "key"
WHERE = "At SendGrid, under Settings, API Keys"
# What each permission is for, by the words under which SendGrid's page for keys has it.
WANTED = {
    "suppression.read": ("Suppressions", "bounces and complaints that SendGrid knows are not pulled"),
    "user.webhooks.event.settings.read": (
        "Mail Settings, Event Notification",
        "the webhook cannot be looked at",
    ),
    "whitelabel.read": ("Sender Authentication", "the sender's domain cannot be looked at"),
}
FAR_TOO_MUCH = ("api_keys.create", "teammates.create", "billing.update", "subusers.create")


def check(installation: Installation) -> Iterator[Finding]:
    """Whether the key may send, and do what else is wanted of it."""
    try:
        scopes = installation.account.scopes()
    except Invalid:
        yield wrong(CHECK, "SENDGRID_API_KEY is not set.", f"{WHERE}, make one and set it.")
        return
    except MissingScope:
        yield wrong(CHECK, "SendGrid refuses the key.", f"{WHERE}, make a new one and set SENDGRID_API_KEY.")
        return
    except NewsletterError as error:
        yield wrong(CHECK, str(error), "The other checks at SendGrid wait for that.")
        return
    if "mail.send" not in scopes:
        yield wrong(CHECK, "The key may not send mail.", f"{WHERE}, give it “Mail Send”.")
    else:
        yield ok(CHECK, "SendGrid takes the key, and it may send.")
    yield from _what_else(installation, scopes)


def _what_else(installation: Installation, scopes: frozenset[str]) -> Iterator[Finding]:
    for scope, (name, lost) in WANTED.items():
        if scope not in scopes:
            yield warning(
                CHECK, f"The key has no {scope}: {lost}.", f"{WHERE}, give it “{name}” with read access."
            )
    try:
        if not installation.account.may_read_logs():
            yield warning(
                CHECK,
                "The key may not read Email Logs, by which posts whose answer was lost settle themselves.",
                f"{WHERE}, give it “Email Activity”.",
            )
    except NewsletterError as error:
        yield warning(
            CHECK, f"Email Logs: {error}", "Posts whose answer is lost wait for the webhook or an editor."
        )
    much = [scope for scope in FAR_TOO_MUCH if scope in scopes]
    if much:
        yield warning(
            CHECK,
            f"The key may do far more than the press needs, such as {much[0]}.",
            f"{WHERE}, make a restricted one: whoever finds it should not own the account.",
        )
