"""Check the SendGrid API key: it is valid, has the permissions that are needed, and not many more.

Scopes: https://www.twilio.com/docs/sendgrid/api-reference/api-key-permissions
"""

from collections.abc import Iterator

from newsletter.doctor.check_inputs import Installation
from newsletter.doctor.doctor_finding import Finding, ok, warning, wrong
from newsletter.errors import Invalid, NewsletterError
from newsletter.sending.transports.sendgrid_account import MissingScope

CHECK = "key"
WHERE = "In SendGrid, go to Settings, then API Keys"
# What each permission is for, and its name on SendGrid's page for keys.
WANTED = {
    "suppression.read": (
        "Suppressions",
        "we cannot fetch the bounces and complaints that SendGrid has recorded",
    ),
    "user.webhooks.event.settings.read": (
        "Mail Settings, Event Notification",
        "we cannot check the webhook",
    ),
    "whitelabel.read": ("Sender Authentication", "we cannot check the sender’s domain"),
}
FAR_TOO_MUCH = ("api_keys.create", "teammates.create", "billing.update", "subusers.create")


def check(installation: Installation) -> Iterator[Finding]:
    """Check whether the key may send, and has the other permissions that are needed."""
    try:
        scopes = installation.account.scopes()
    except Invalid:
        yield wrong(
            CHECK,
            "SENDGRID_API_KEY is not set.",
            f"{WHERE}, and create a key. Then set SENDGRID_API_KEY to the new key.",
        )
        return
    except MissingScope:
        yield wrong(
            CHECK,
            "SendGrid does not accept the API key.",
            f"{WHERE}, and create a new key. Then set SENDGRID_API_KEY to the new key.",
        )
        return
    except NewsletterError as error:
        yield wrong(
            CHECK,
            str(error),
            "We could not run the other SendGrid checks, because they need a valid API key.",
        )
        return
    if "mail.send" not in scopes:
        yield wrong(
            CHECK,
            "The API key does not have permission to send email.",
            f"{WHERE}, and give the API key the “Mail Send” permission.",
        )
    else:
        yield ok(CHECK, "The API key is valid and can send email.")
    yield from _what_else(installation, scopes)


def _what_else(installation: Installation, scopes: frozenset[str]) -> Iterator[Finding]:
    for scope, (name, lost) in WANTED.items():
        if scope not in scopes:
            yield warning(
                CHECK,
                f"The API key does not have the {scope} permission, so {lost}.",
                f"{WHERE}, and give the API key read access to “{name}”.",
            )
    try:
        if not installation.account.may_read_logs():
            yield warning(
                CHECK,
                (
                    "The API key cannot read Email Logs. If a connection fails during sending, we "
                    "cannot find out whether the emails were sent."
                ),
                f"{WHERE}, and give the API key the “Email Activity” permission.",
            )
    except NewsletterError as error:
        yield warning(
            CHECK,
            f"We could not read SendGrid’s Email Logs. {error}",
            "If you can, correct this. Otherwise, if a connection fails during sending, only SendGrid’s "
            "webhook or an editor can tell us whether the emails were sent.",
        )
    much = [scope for scope in FAR_TOO_MUCH if scope in scopes]
    if much:
        yield warning(
            CHECK,
            f"The API key has far more permissions than we need, such as {much[0]}.",
            (
                f"{WHERE}, and create a restricted key. If somebody finds a restricted key, they cannot "
                "control the whole account."
            ),
        )
