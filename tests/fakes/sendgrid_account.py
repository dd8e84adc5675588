"""What the fake SendGrid says about its account: scopes, senders, webhooks, and its lists of suppressions."""

EVERY_SCOPE = (
    "mail.send",
    "suppression.read",
    "user.webhooks.event.settings.read",
    "whitelabel.read",
)
KINDS = ("bounces", "spam_reports", "invalid_emails", "unsubscribes")


class FakeAccount:
    """`refused` holds paths that the key may not ask; `skew` is how many seconds the server's clock is ahead."""

    def __init__(self):
        self.scopes = set(EVERY_SCOPE)
        self.domains = []
        self.senders = []
        self.webhooks = []
        self.suppressed = {kind: [] for kind in KINDS}
        self.refused = set()
        self.statuses = {}
        self.questions = []
        self.pushed = []
        self.skew = 0

    def answer(self, path, query):
        """(status, document) for a GET, or None for what is no question about the account."""
        known = {
            "/v3/scopes": {"scopes": sorted(self.scopes)},
            "/v3/whitelabel/domains": self.domains,
            "/v3/verified_senders": {"results": self.senders},
            "/v3/user/webhooks/event/settings/all": {"max_allowed": 1, "webhooks": self.webhooks or [{}]},
        }
        kind = path.removeprefix("/v3/suppression/")
        if kind in self.suppressed:
            self.questions.append((kind, query))
            known[path] = self.page(kind, query)
        if path in self.refused:
            return 403, {"errors": [{"message": "access forbidden"}]}
        if path in self.statuses:
            return self.statuses[path], {"errors": [{"message": "no"}]}
        return (200, known[path]) if path in known else None

    def page(self, kind, query):
        """One page, the newest first, as SendGrid has them."""
        since, until = int(query["start_time"]), int(query["end_time"])
        limit, offset = int(query["limit"]), int(query["offset"])
        assert limit <= 500
        found = [each for each in self.suppressed[kind] if since <= each["created"] <= until]
        found.sort(key=lambda each: -each["created"])
        return found[offset : offset + limit]

    def authenticate(self, domain, *, valid=True):
        """Authenticate a domain as SendGrid's automated security does, and give the records it asks for."""
        records = {
            "mail_cname": (f"em1.{domain}", "u1.wl.sendgrid.net"),
            "dkim1": (f"s1._domainkey.{domain}", "s1.domainkey.u1.wl.sendgrid.net"),
            "dkim2": (f"s2._domainkey.{domain}", "s2.domainkey.u1.wl.sendgrid.net"),
        }
        self.domains.append(
            {
                "id": len(self.domains) + 1,
                "domain": domain,
                "subdomain": "em1",
                "valid": valid,
                "automatic_security": True,
                "dns": {
                    name: {"valid": valid, "type": "cname", "host": host, "data": data}
                    for name, (host, data) in records.items()
                },
            }
        )
        return dict(records.values())
