"""Reads a SendGrid account: its key, senders, webhooks and suppressions. Sends nothing and deletes nothing.

Source: https://www.twilio.com/docs/sendgrid/api-reference and the OpenAPI files in twilio/sendgrid-oai.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import orjson

from newsletter.environment import Environment
from newsletter.errors import Invalid, Refused, Unreachable
from newsletter.http.http_client import HttpConnection, NothingSent, ResponseLost
from newsletter.http.http_headers import time_in
from subscribers.whole_numbers import whole_number

if TYPE_CHECKING:
    from datetime import datetime

# These requests are small, and people are waiting for the result.
LONGEST_SECONDS = 10.0
NOT_ALLOWED = (401, 403)
TOO_MANY = 429


class MissingScope(Refused):
    """The key does not have permission to do this, whether it is valid or not."""


@dataclass(frozen=True, slots=True)
class AuthenticatedDomain:
    """A domain for which SendGrid may sign. `dns` has its records: {"dkim1": {"host", "data", "valid", …}}.

    `id` is 0 if SendGrid did not say it.
    """

    domain: str
    valid: bool
    dns: Mapping[str, Mapping[str, Any]]
    id: int = 0

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Self:
        """Read an element of `GET /v3/whitelabel/domains`."""
        dns = document.get("dns")
        return cls(
            domain=_word(document, "domain").lower().rstrip("."),
            valid=document.get("valid") is True,
            dns={name: each for name, each in dns.items() if isinstance(each, dict)}
            if isinstance(dns, dict)
            else {},
            id=_number_of_at_least_0(document.get("id")) or 0,
        )


@dataclass(frozen=True, slots=True)
class Webhook:
    """The settings of an Event Webhook. `public_key` is empty if it does not sign."""

    url: str
    enabled: bool
    public_key: str
    events: frozenset[str]
    id: str = ""

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Self:
        """Read an element of `GET /v3/user/webhooks/event/settings/all`."""
        return cls(
            url=_word(document, "url"),
            enabled=document.get("enabled") is True,
            public_key=_word(document, "public_key"),
            events=frozenset(name for name, value in document.items() if value is True and name != "enabled"),
            id=_word(document, "id"),
        )


@dataclass(frozen=True, slots=True)
class Credits:
    """How many emails the plan of the account still includes, and the day on which it begins again, if that is known.

    Source: https://www.twilio.com/docs/sendgrid/api-reference/users-api/retrieve-your-credit-balance
    """

    left: int
    total: int
    next_reset: str


class Account:
    """A SendGrid account, over one connection that is kept open.

    Every method raises Unreachable without a response, MissingScope if the key does not have permission, and
    Refused if SendGrid rejects the request for another reason.
    """

    def __init__(self, environment: Environment) -> None:
        from newsletter.sending.transports.sendgrid_http_client import SendGridHttpClient

        if not environment.sendgrid_api_key.get_secret_value():
            raise Invalid(
                "SENDGRID_API_KEY is not set. Create an API key in SendGrid, then set SENDGRID_API_KEY to "
                "the key."
            )
        host = str(environment.sendgrid_host).rstrip("/")
        self._connection = HttpConnection(host)
        self._client = SendGridHttpClient(
            connection=self._connection,
            seconds=min(environment.sendgrid_timeout_seconds, LONGEST_SECONDS),
            host=host,
            version=3,
            request_headers={
                "Authorization": f"Bearer {environment.sendgrid_api_key.get_secret_value()}",
                "Accept": "application/json",
                # With a charset in this header, the client treats the body as finished text.
                "Content-Type": "application/json; charset=utf-8",
            },
        )
        self.clock: datetime | None = None

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def scopes(self) -> frozenset[str]:
        """Return the key's permissions. Afterwards `clock` has SendGrid's time, as after every response."""
        scopes = _table(self._ask("get", "scopes")).get("scopes")
        # Otherwise a wrong response would be reported as a key without permissions.
        if not isinstance(scopes, list) or not all(map(_is_text, scopes)):
            raise _not_from_sendgrid("scopes")
        return frozenset(scopes)

    def may_read_logs(self) -> bool:
        """Return whether this key can read Email Logs, which are the evidence for a request whose response was lost."""
        question = {"query": "categories IN ('press doctor')", "limit": 1}
        try:
            self._ask("post", "logs", body=question)
        except Refused:
            return False
        return True

    def authenticated_domains(self) -> list[AuthenticatedDomain]:
        """Return the domains set up under Sender Authentication."""
        return [
            AuthenticatedDomain.read(each) for each in _rows(self._ask("get", "whitelabel/domains", limit=50))
        ]

    def verified_senders(self) -> frozenset[str]:
        """Return the single addresses, in lower case, that were verified by an email to them."""
        document = _table(self._ask("get", "verified_senders", limit=1_000))
        return frozenset(
            _word(each, "from_email").lower()
            for each in _rows(document.get("results"))
            if each.get("verified") is True
        )

    def webhooks(self) -> list[Webhook]:
        """Return the Event Webhooks, including those that are turned off."""
        document = _table(self._ask("get", "user/webhooks/event/settings/all"))
        return [Webhook.read(each) for each in _rows(document.get("webhooks")) if each]

    def credits(self) -> Credits:
        """Return the credits of the plan. Raises Refused if the response does not say how many are left."""
        document = _table(self._ask("get", "user/credits"))
        left, total = (
            _number_of_at_least_0(document.get("remain")),
            _number_of_at_least_0(document.get("total")),
        )
        if left is None or not total:
            raise Refused("SendGrid did not report how many emails the plan includes.")
        return Credits(left, total, _word(document, "next_reset"))

    def suppressed(
        self, kind: str, *, since: int, until: int, limit: int, offset: int
    ) -> list[dict[str, Any]]:
        """Return one page of a suppression list (bounces, spam_reports, …) created between two Unix times."""
        question = {"start_time": since, "end_time": until, "limit": limit, "offset": offset}
        return _rows(self._ask("get", f"suppression/{kind}", **question))

    def suppress(self, addresses: list[str]) -> None:
        """Add addresses to SendGrid's global unsubscribes, to which it sends nothing."""
        self._ask("post", "asm/suppressions/global", body={"recipient_emails": addresses})

    def _ask(self, method: str, path: str, *, body: object = None, **query: object) -> Any:
        from newsletter.sending.transports.sendgrid_http_client import ResponseIncomplete

        call = getattr(self._client._(path), method)
        try:
            response = call(
                query_params=query or None,
                request_body=None if body is None else orjson.dumps(body).decode(),
            )
        except ResponseIncomplete:
            raise Unreachable(
                f"SendGrid’s response to {path} was incomplete. Try again later. If this happens again, check "
                "NEWSLETTER_SENDGRID_HOST."
            ) from None
        except (NothingSent, ResponseLost) as error:
            raise Unreachable(
                f"SendGrid did not respond ({error}). Check the network and NEWSLETTER_SENDGRID_HOST."
            ) from None
        self.clock = time_in(response.headers.get("Date"))
        return _answer(response.status_code, response.body, path)


def _answer(status: int, body: bytes, path: str) -> Any:
    if 200 <= status < 300:  # noqa: PLR2004 - any success
        try:
            return orjson.loads(body or b"null")
        except ValueError:
            raise _not_from_sendgrid(path) from None
    if status in NOT_ALLOWED:
        raise MissingScope(f"The API key does not have permission for {path} ({status}).")
    if status == TOO_MANY or status >= 500:  # noqa: PLR2004 - an error of its own
        raise Unreachable(f"SendGrid could not respond to {path} ({status}). Try again later.")
    if 300 <= status < 400:  # noqa: PLR2004 - a redirect would carry the key elsewhere
        raise Refused(f"The response to {path} is a redirect ({status}). Check NEWSLETTER_SENDGRID_HOST.")
    raise Refused(f"SendGrid rejected the request to {path} ({status}).")


def _not_from_sendgrid(path: str) -> Unreachable:
    return Unreachable(f"The response to {path} is not from SendGrid. Check NEWSLETTER_SENDGRID_HOST.")


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _number_of_at_least_0(value: object) -> int | None:
    """Return a value if it is a whole number of at least 0, also one that is written as text."""
    if isinstance(value, str):
        return whole_number(value)
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return value if is_number and value >= 0 else None  # type: ignore[return-value, operator]


def _word(document: Mapping[str, Any], name: str) -> str:
    """Return the value with a name if it is text, or an empty string."""
    value = document.get(name)
    return value if isinstance(value, str) else ""


def _table(document: Any) -> Mapping[str, Any]:
    return document if isinstance(document, dict) else {}


def _rows(document: Any) -> list[dict[str, Any]]:
    return [each for each in document if isinstance(each, dict)] if isinstance(document, list) else []
