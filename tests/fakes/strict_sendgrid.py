"""A fake SendGrid that checks method, path, query, headers and body of every request by its OpenAPI description.

What does not fit is a 400, and is kept in `unfit`, which a test asserts to be empty. A key that lacks a permission gets
a 403, and a wrong key a 401.
Source: spec/json/tsg_webhooks_v3.json, tsg_domain_authentication_v3.json, tsg_suppressions_v3.json, tsg_user_v3.json,
tsg_scopes_v3.json, tsg_logs_v3.json, tsg_verified_senders_v3.json and tsg_mail_v3.json in
https://github.com/twilio/sendgrid-oai
"""

import base64
import re
from urllib.parse import parse_qsl, urlsplit

import orjson
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.fakes.mail_send import faults_in, misfits
from tests.fakes.sendgrid import FakeSendGrid, Handler
from tests.fakes.sendgrid_account import EVERY_SCOPE

KEY = "SG.aaaaaaaaaaaaaaaaaaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
SETUP_SCOPES = (
    *EVERY_SCOPE,
    "user.webhooks.event.settings.create",
    "user.webhooks.event.settings.update",
    "whitelabel.create",
    "whitelabel.update",
    "user.credits.read",
)
EVENTS = (
    *("processed", "delivered", "deferred", "bounce", "dropped", "open", "click", "spam_report"),
    *("unsubscribe", "group_unsubscribe", "group_resubscribe", "account_status_change"),
)
WEBHOOK = {
    "enabled": bool,
    "url!": str,
    "friendly_name": str,
    **dict.fromkeys(EVENTS, bool),
    **dict.fromkeys(("oauth_client_id", "oauth_client_secret", "oauth_token_url"), str),
}
DOMAIN = {
    "domain!": str,
    "subdomain": str,
    "username": str,
    "ips": [str],
    "custom_spf": bool,
    "default": bool,
    "automatic_security": bool,
    "custom_dkim_selector": str,
    "region": str,
}
PAGES = {"limit", "offset"}
LISTS = "bounces|spam_reports|invalid_emails|unsubscribes"
SETTINGS = "/v3/user/webhooks/event/settings"
# Method and path; the permission; the names that the query may have; the shape of the body; the name of the answer.
ROUTES = (
    ("GET", "/v3/scopes", "", set(), None, "scopes"),
    ("GET", "/v3/user/credits", "user.credits.read", set(), None, "credits"),
    ("GET", "/v3/verified_senders", "", {"limit", "lastSeenID", "id"}, None, "senders"),
    (
        *("GET", "/v3/whitelabel/domains", "whitelabel.read"),
        *({*PAGES, "domain", "username", "exclude_subusers"}, None, "domains"),
    ),
    ("POST", "/v3/whitelabel/domains", "whitelabel.create", set(), DOMAIN, "new_domain"),
    ("POST", r"/v3/whitelabel/domains/(\d+)/validate", "whitelabel.update", set(), {}, "validate"),
    ("GET", f"{SETTINGS}/all", "user.webhooks.event.settings.read", {"include"}, None, "webhooks"),
    ("POST", SETTINGS, "user.webhooks.event.settings.create", set(), WEBHOOK, "new_webhook"),
    (
        "PATCH",
        f"{SETTINGS}/([0-9a-f-]+)",
        "user.webhooks.event.settings.update",
        {"include"},
        WEBHOOK,
        "webhook",
    ),
    (
        *("PATCH", f"{SETTINGS}/signed/([0-9a-f-]+)", "user.webhooks.event.settings.update"),
        *(set(), {"enabled!": bool}, "sign"),
    ),
    (
        *("GET", f"/v3/suppression/({LISTS})", "suppression.read"),
        *({*PAGES, "start_time", "end_time", "email"}, None, "suppressed"),
    ),
    ("POST", "/v3/asm/suppressions/global", "", set(), {"recipient_emails!": [str]}, "suppress"),
    ("POST", "/v3/logs", "", set(), {"query!": str, "limit": int, "subusers": [str]}, "logs"),
    ("POST", "/v3/mail/send", "mail.send", set(), dict, "send"),
)


class StrictHandler(Handler):
    """Answers a request that fits, and records what does not."""

    def do_GET(self):  # noqa: N802 - the base class calls it by this name
        self.check("GET")

    def do_POST(self):  # noqa: N802 - the base class calls it by this name
        self.check("POST")

    def do_PATCH(self):  # noqa: N802 - the base class calls it by this name
        self.check("PATCH")

    def do_DELETE(self):  # noqa: N802 - the base class calls it by this name
        self.check("DELETE")

    do_PUT = do_DELETE  # noqa: N815 - as above

    def check(self, method):
        parts, server = urlsplit(self.path), self.server
        body = self.rfile.read(int(self.headers["Content-Length"] or 0))
        server.paths.append((method, self.path))
        route, found = server.route(method, parts.path)
        faults = list(self.faults_of(route, dict(parse_qsl(parts.query)), body))
        if faults:
            server.unfit += [f"{method} {self.path}: {fault}" for fault in faults]
            return self.refuse(404 if route is None else 400, "; ".join(faults))
        if self.headers["Authorization"] != f"Bearer {server.key}":
            return self.refuse(401, "authorization required")
        if route[2] and route[2] not in server.account.scopes:
            return self.refuse(403, "access forbidden")
        document = orjson.loads(body) if body else None
        query = dict(parse_qsl(parts.query))
        code, answer = getattr(server, f"answer_{route[5]}")(document, query, *found.groups())
        headers = [("X-Message-Id", f"message-{len(server.requests)}")] if code == 202 else []
        return self.answer(code, orjson.dumps(answer) if answer is not None else b"", headers)

    def faults_of(self, route, query, body):
        if route is None:
            yield "there is no such method and path"
            return
        _method, _path, _scope, names, shape, _name = route
        if self.headers["Accept"] != "application/json":
            yield "Accept is not application/json"
        yield from (f"the query may not have {name}" for name in query.keys() - names)
        if shape is None:
            yield from ["a GET has no body"] if body else []
            return
        if body and not (self.headers["Content-Type"] or "").startswith("application/json"):
            yield "Content-Type is not application/json"
        if body or shape != {}:
            try:
                document = orjson.loads(body)
            except ValueError:
                yield "the body is not JSON"
                return
            yield from faults_in(document) if shape is dict else misfits(shape, document, "body")

    def refuse(self, code, message):
        self.answer(code, orjson.dumps({"errors": [{"message": message, "field": None}]}))


class StrictSendGrid(FakeSendGrid):
    """`with StrictSendGrid() as server:`; `server.key` is the only key, `server.unfit` what did not fit."""

    handler = StrictHandler

    def __init__(self):
        super().__init__()
        self.key = KEY
        self.account.scopes = set(SETUP_SCOPES)
        self.credits = {
            "remain": 40_000,
            "total": 50_000,
            "overage": 0,
            "used": 10_000,
            "last_reset": "2026-11-01",
            "next_reset": "2026-12-01",
            "reset_frequency": "monthly",
        }
        self.max_webhooks = 1
        self.signing_key = ec.generate_private_key(ec.SECP256R1())
        # Whether the DNS records of a domain are found when SendGrid looks again.
        self.finds_records = True

    @property
    def public_key(self):
        found = self.signing_key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return base64.b64encode(found).decode()

    def route(self, method, path):
        for route in ROUTES:
            found = re.fullmatch(route[1], path)
            if found and route[0] == method:
                return route, found
        return None, None

    def answer_scopes(self, _body, _query):
        return 200, {"scopes": sorted(self.account.scopes)}

    def answer_credits(self, _body, _query):
        return 200, self.credits

    def answer_senders(self, _body, _query):
        return 200, {"results": self.account.senders}

    def answer_domains(self, _body, _query):
        return 200, self.account.domains

    def answer_new_domain(self, body, _query):
        self.account.authenticate(body["domain"], valid=False)
        return 201, self.account.domains[-1]

    def answer_validate(self, _body, _query, number):
        [domain] = [each for each in self.account.domains if each["id"] == int(number)]
        domain["valid"] = self.finds_records
        for record in domain["dns"].values():
            record["valid"] = self.finds_records
        results = {name: {"valid": self.finds_records, "reason": None} for name in domain["dns"]}
        return 200, {"id": int(number), "valid": self.finds_records, "validation_results": results}

    def answer_webhooks(self, _body, _query):
        return 200, {"max_allowed": self.max_webhooks, "webhooks": self.account.webhooks or [{}]}

    def answer_new_webhook(self, body, _query):
        if len(self.account.webhooks) >= self.max_webhooks:
            message = "You have reached the maximum number of webhooks per your current billing plan."
            return 400, {"errors": [{"message": message}]}
        made = {"id": "77d4a5da-7015-11ed-a1eb-0242ac120002", **body}
        self.account.webhooks.append(made)
        return 201, made

    def answer_webhook(self, body, _query, webhook):
        found = self.webhook(webhook)
        found.update(body)
        return 200, found

    def answer_sign(self, body, _query, webhook):
        found = self.webhook(webhook)
        found["public_key"] = self.public_key if body["enabled"] else ""
        return 200, {"id": webhook, "public_key": found["public_key"]}

    def answer_suppressed(self, _body, query, kind):
        return 200, self.account.page(kind, query)

    def answer_suppress(self, body, _query):
        self.account.pushed.append(body["recipient_emails"])
        return 201, body

    def answer_logs(self, body, _query):
        return 200, {"messages": self.logged(body["query"])[: body.get("limit", 10)]}

    def answer_send(self, body, _query):
        self.requests.append(body)
        self.take(body)
        return 202, None

    def webhook(self, number):
        return next(each for each in self.account.webhooks if each["id"] == number)
