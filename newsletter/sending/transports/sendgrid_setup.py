"""Sets up a SendGrid account for this installation: the event webhook, its signature, and the sender's domain.

Nothing is ever deleted, and a webhook or domain that is there is used.
Source: https://www.twilio.com/docs/sendgrid/api-reference/webhooks and …/domain-authentication, and the OpenAPI files
tsg_webhooks_v3.json and tsg_domain_authentication_v3.json in twilio/sendgrid-oai.
"""

from newsletter.errors import Refused
from newsletter.sending.transports.sendgrid_account import Account, AuthenticatedDomain, MissingScope, Webhook

# Every event that the tracking of mailings can use.
EVENTS = (
    "processed",
    "delivered",
    "deferred",
    "bounce",
    "dropped",
    "open",
    "click",
    "spam_report",
    "unsubscribe",
    "group_unsubscribe",
    "group_resubscribe",
)
NAME = "Newsletter"


class AccountSetUp(Account):
    """A SendGrid account that may be changed. Methods raise the same errors as those of Account."""

    def make_webhook(self, url: str) -> str:
        """Make the event webhook for an address, or turn on the one that is there; return the key that it signs with.

        Raises Refused if the plan allows no more webhooks, or if SendGrid gives no key.
        """
        found = next((each for each in self.webhooks() if each.url.rstrip("/") == url.rstrip("/")), None)
        webhook = found.id if found else self._create_webhook(url)
        if found and not _is_complete(found, url):
            self._ask("patch", f"user/webhooks/event/settings/{found.id}", body=_settings_of(url))
        if found and found.public_key:
            return found.public_key
        signed = self._ask("patch", f"user/webhooks/event/settings/signed/{webhook}", body={"enabled": True})
        key = signed.get("public_key") if isinstance(signed, dict) else None
        if not isinstance(key, str) or not key:
            raise Refused(
                "SendGrid created the webhook, but did not send the key that it signs its requests with."
            )
        return key

    def authenticate_domain(self, domain: str) -> AuthenticatedDomain:
        """Add a domain under Sender Authentication, with automated security; return it with its DNS records.

        Raises Refused if the response does not say which domain was added.
        """
        body = {"domain": domain, "automatic_security": True}
        document = self._ask("post", "whitelabel/domains", body=body)
        made = AuthenticatedDomain.read(document) if isinstance(document, dict) else None
        if made is None or not made.id:
            raise Refused(
                f"SendGrid did not confirm that it added {domain}. In SendGrid, check whether the domain is listed "
                "under Sender Authentication. If it is not, try again."
            )
        return made

    def validate_domain(self, number: int) -> bool:
        """Let SendGrid look at the DNS records of a domain again; return whether they are all right now."""
        found = self._ask("post", f"whitelabel/domains/{number}/validate")
        return isinstance(found, dict) and found.get("valid") is True

    def _create_webhook(self, url: str) -> str:
        body = {**_settings_of(url), "friendly_name": NAME}
        try:
            made = self._ask("post", "user/webhooks/event/settings", body=body)
        except MissingScope:
            raise
        except Refused as error:
            raise Refused(
                "SendGrid did not create the event webhook. Your plan may not allow more webhooks. In "
                f"SendGrid, delete a webhook that you do not need, or get a larger plan. {error}"
            ) from None
        webhook = made.get("id") if isinstance(made, dict) else None
        if not isinstance(webhook, str) or not webhook:
            raise Refused("SendGrid did not report which webhook it created.")
        return webhook


def _settings_of(url: str) -> dict[str, object]:
    return {"enabled": True, "url": url, **dict.fromkeys(EVENTS, True)}


def _is_complete(webhook: Webhook, url: str) -> bool:
    return webhook.enabled and webhook.url == url and webhook.events >= set(EVENTS)
