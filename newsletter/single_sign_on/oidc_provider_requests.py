"""The requests to an OpenID Connect provider: its discovery document, its keys, and a code exchanged for a proof.

OpenID Connect Core 1.0 and Discovery 1.0, with PKCE (RFC 7636). Requests follow the rules for all addresses that we
fetch: one deadline, no redirects, a limited size, and no private network unless NEWSLETTER_FETCH_ALLOW_HOSTS names it.
Nothing that the provider sends is logged or stored.
"""

import base64
import re
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus, urlencode, urlsplit

import orjson
from django.conf import settings

from newsletter.errors import Refused, Unreachable
from newsletter.http.deadline_socket import Deadline
from newsletter.http.failure_sentences import failure_sentence
from newsletter.http.fetch import FAULTS
from newsletter.http.http_client import HttpConnection, NothingSent, Response, ResponseLost, target_of
from newsletter.http.http_headers import user_agent
from newsletter.http.web_addresses import host_of

WELL_KNOWN = "/.well-known/openid-configuration"
LONGEST_SECONDS = 10.0
LARGEST = 1_000_000
ERROR_CODE = re.compile(r"[a-z_]{1,40}")
NEEDED = ("authorization_endpoint", "token_endpoint", "jwks_uri")
LOCAL_ADVICE = "If you are an administrator, you can log in with your password."


@dataclass(frozen=True, slots=True)
class Provider:
    """What the discovery document says."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str
    takes_basic: bool


def login_deadline() -> Deadline:
    """Return the deadline of all requests of one log-in together."""
    return Deadline(min(LONGEST_SECONDS, settings.NEWSLETTER.fetch_timeout_seconds))


def discover(deadline: Deadline) -> Provider:
    """Read the discovery document of NEWSLETTER_OIDC_ISSUER. Raises Unreachable or Refused."""
    issuer = settings.NEWSLETTER.oidc_issuer
    url = issuer.rstrip("/") + WELL_KNOWN
    found = _document(url, _ask("GET", url, deadline))
    if found.get("issuer") != issuer:
        raise Refused(
            f"{url} names a different issuer from NEWSLETTER_OIDC_ISSUER. If you trust this document, set "
            "NEWSLETTER_OIDC_ISSUER to the exact issuer in the document."
        )
    addresses = {name: _address(found, name, url) for name in NEEDED}
    userinfo = _address(found, "userinfo_endpoint", url) if found.get("userinfo_endpoint") else ""
    ways = found.get("token_endpoint_auth_methods_supported")
    # A provider that says nothing knows Basic (Discovery, section 3).
    takes_basic = not isinstance(ways, list) or "client_secret_basic" in ways
    return Provider(issuer=issuer, userinfo_endpoint=userinfo, takes_basic=takes_basic, **addresses)


def exchange_code(
    provider: Provider, code: str, *, verifier: str, back: str, deadline: Deadline
) -> dict[str, Any]:
    """Exchange the code for tokens. Raises Unreachable or Refused."""
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": back,
        "code_verifier": verifier,
    }
    client, secret = (
        settings.NEWSLETTER.oidc_client_id,
        settings.NEWSLETTER.oidc_client_secret.get_secret_value(),
    )
    headers = {}
    if provider.takes_basic:
        # RFC 6749, section 2.3.1: both are encoded as in a form first.
        both = f"{quote_plus(client)}:{quote_plus(secret)}"
        headers["Authorization"] = f"Basic {base64.b64encode(both.encode()).decode()}"
    else:
        form |= {"client_id": client, "client_secret": secret}
    answer = _ask("POST", provider.token_endpoint, deadline, form=form, headers=headers)
    if answer.status in {400, 401}:
        raise Refused(_why_no_tokens(answer))
    return _document(provider.token_endpoint, answer)


def keys_of(provider: Provider, deadline: Deadline) -> dict[str, Any]:
    """Return the public keys of the provider (RFC 7517). Raises Unreachable."""
    return _document(provider.jwks_uri, _ask("GET", provider.jwks_uri, deadline))


def userinfo(provider: Provider, access_token: str, deadline: Deadline) -> dict[str, Any]:
    """Return what the provider says about a person apart from the proof. Raises Unreachable."""
    headers = {"Authorization": f"Bearer {access_token}"}
    url = provider.userinfo_endpoint
    return _document(url, _ask("GET", url, deadline, headers=headers))


def _ask(
    method: str,
    url: str,
    deadline: Deadline,
    *,
    form: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    sent = {
        "User-Agent": user_agent(),
        "Accept": "application/json",
        "Connection": "close",
        **(headers or {}),
    }
    body = None
    if form is not None:
        body = urlencode(form).encode()
        sent["Content-Type"] = "application/x-www-form-urlencoded"
    too_slow = f"{host_of(url)} did not respond within {deadline.seconds:.3g} seconds."
    try:
        with closing(HttpConnection(url, public_only=True, largest_body=LARGEST)) as connection:
            answer = connection.exchange(method, target_of(url), body, sent, seconds=deadline.left)
        if answer.fault is not None:
            raise answer.fault
    except (Refused, Unreachable):
        raise
    except (NothingSent, ResponseLost, *FAULTS) as error:
        sentence = (
            too_slow
            if deadline.passed
            else failure_sentence(error, host=host_of(url), address=url, too_slow=too_slow)
        )
        raise Unreachable(f"{sentence} {LOCAL_ADVICE}") from error
    return answer


def _document(url: str, answer: Response) -> dict[str, Any]:
    if answer.status != 200:  # noqa: PLR2004 - HTTP's OK
        raise Unreachable(f"{url} responded with {answer.status} instead of a document. {LOCAL_ADVICE}")
    try:
        found = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        found = None
    if not isinstance(found, dict):
        raise Unreachable(f"{url} did not respond with a JSON document. {LOCAL_ADVICE}")
    return found


def _address(found: Mapping[str, Any], name: str, url: str) -> str:
    """Return an address of the discovery document. With HTTPS, none of them may be without."""
    address = found.get(name)
    parts = urlsplit(address) if isinstance(address, str) else None
    schemes = {"https"} if url.startswith("https:") else {"https", "http"}
    if not isinstance(address, str) or parts is None or parts.scheme not in schemes or not parts.hostname:
        raise Refused(
            f"{url} does not contain a usable address called {name}. Ask the people who run the provider."
        )
    return address


def _why_no_tokens(answer: Response) -> str:
    try:
        found = orjson.loads(answer.body)
        code = str(found.get("error", "")) if isinstance(found, dict) else ""
    except orjson.JSONDecodeError:
        code = ""
    name = settings.NEWSLETTER.oidc_name
    if code in {"invalid_client", "unauthorized_client"}:
        return (
            f"{name} does not accept this installation ({code}). Check NEWSLETTER_OIDC_CLIENT_ID and "
            "NEWSLETTER_OIDC_CLIENT_SECRET."
        )
    shown = f" ({code})" if ERROR_CODE.fullmatch(code) else ""
    return f"{name} did not complete the login{shown}. Try again."
