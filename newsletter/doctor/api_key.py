"""Check the SendGrid API key: it is valid, has the permissions that are needed, and not many more.

Scopes: https://www.twilio.com/docs/sendgrid/api-reference/api-key-permissions
"""

from collections.abc import Iterator

from newsletter.doctor.check_inputs import Installation
from newsletter.doctor.finding import Finding, ok, warning, wrong
from newsletter.errors import Invalid, NewsletterError
from newsletter.sending.transports.sendgrid_account import MissingScope

CHECK = "key"
WHERE = "In SendGrid, go to Settings, then API Keys"
# What each permission is for, and its name on SendGrid's page for keys.
WANTED = {
    "suppression.read": ("Suppressions", "bounces and complaints recorded by SendGrid cannot be pulled"),
    "user.webhooks.event.settings.read": (
        "Mail Settings, Event Notification",
        "the webhook cannot be checked",
    ),
    "whitelabel.read": ("Sender Authentication", "the sender's domain cannot be checked"),
}
FAR_TOO_MUCH = ("api_keys.create", "teammates.create", "billing.update", "subusers.create")


def check(installation: Installation) -> Iterator[Finding]:
    """Check whether the key may send, and has the other permissions that are needed."""
    try:
        scopes = installation.account.scopes()
    except Invalid:
        yield wrong(
            CHECK, "SENDGRID_API_KEY is not set.", f"{WHERE}, create a key and set SENDGRID_API_KEY to it."
        )
        return
    except MissingScope:
        yield wrong(
            CHECK,
            "SendGrid does not accept the key.",
            f"{WHERE}, create a new key and set SENDGRID_API_KEY to it.",
        )
        return
    except NewsletterError as error:
        yield wrong(CHECK, str(error), "The other SendGrid checks need a valid key.")
        return
    if "mail.send" not in scopes:
        yield wrong(
            CHECK,
            "The key does not have permission to send mail.",
            f"{WHERE}, give the key the “Mail Send” permission.",
        )
    else:
        yield ok(CHECK, "The key is valid and may send mail.")
    yield from _what_else(installation, scopes)


def _what_else(installation: Installation, scopes: frozenset[str]) -> Iterator[Finding]:
    for scope, (name, lost) in WANTED.items():
        if scope not in scopes:
            yield warning(
                CHECK,
                f"The key does not have the permission {scope}: {lost}.",
                f"{WHERE}, give the key read access to “{name}”.",
            )
    try:
        if not installation.account.may_read_logs():
            yield warning(
                CHECK,
                "The key may not read Email Logs, so we cannot find out whether uncertain emails were sent.",
                f"{WHERE}, give the key the “Email Activity” permission.",
            )
    except NewsletterError as error:
        yield warning(
            CHECK,
            f"Email Logs: {error}",
            "Emails whose outcome is unknown wait for the webhook or for an editor.",
        )
    much = [scope for scope in FAR_TOO_MUCH if scope in scopes]
    if much:
        yield warning(
            CHECK,
            f"The key has far more permissions than needed, such as {much[0]}.",
            f"{WHERE}, create a restricted key, so that anyone who finds it cannot control the whole account.",
        )
