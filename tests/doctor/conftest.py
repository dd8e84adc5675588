"""An installation that is well in every way, with real servers for SendGrid, the DNS and its own pages."""

import socket
import threading
from base64 import b64encode
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from newsletter.doctor import examine
from newsletter.doctor.doctor_finding import Level
from newsletter.environment import read_environment
from newsletter.instance import process_heartbeats
from tests.fakes.dns import FakeDns
from tests.fakes.sendgrid import FakeSendGrid
from tests.sending.conftest import issue, join, publication, way_out  # noqa: F401 - fixtures of the stage before

WEBHOOK_KEY = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE" + "A" * 86 + "=="
AS_SERVED = {"/": 200, "/webhooks/sendgrid/": 405}


@cache
def rsa_key(bits):
    """A public key as DKIM has it."""
    key = rsa.generate_private_key(public_exponent=65_537, key_size=bits).public_key()
    return b64encode(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()


class OwnPages(BaseHTTPRequestHandler):
    """What `newsletter serve` answers to a GET."""

    statuses = AS_SERVED

    def do_GET(self):
        self.send_response(self.statuses.get(self.path, 404))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *arguments):
        """Say nothing."""


@pytest.fixture
def own_pages(monkeypatch):
    monkeypatch.setattr(OwnPages, "statuses", dict(AS_SERVED))
    with ThreadingHTTPServer(("127.0.0.1", 0), OwnPages) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def sendgrid():
    with FakeSendGrid() as server:
        yield server


@pytest.fixture
def names():
    with FakeDns() as server:
        yield server


@pytest.fixture
def unused_port():
    """A port of loopback where nobody listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@pytest.fixture
def base_url(own_pages):
    return f"http://127.0.0.1:{own_pages.server_address[1]}"


@pytest.fixture
def configure(settings, monkeypatch, home):
    """Start again with these variables: `configure(NEWSLETTER_TRANSPORT="smtp")`."""
    monkeypatch.setenv("NEWSLETTER_HOME", str(home))

    def start_again(**variables):
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        settings.NEWSLETTER = read_environment()

    return start_again


@pytest.fixture
def well(publication, configure, sendgrid, names, base_url):  # noqa: F811 - asked for by name
    """Everything as it should be; only that https is missing, which loopback cannot have, is said."""
    records = sendgrid.account.authenticate("harbour.example.org")
    names.records = {
        **records,
        "u1.wl.sendgrid.net": ["v=spf1 ip4:192.0.2.1 -all"],
        "s1.domainkey.u1.wl.sendgrid.net": [f"k=rsa; t=s; p={rsa_key(2048)}"],
        "s2.domainkey.u1.wl.sendgrid.net": [f"k=rsa; t=s; p={rsa_key(2048)}"],
        "_dmarc.harbour.example.org": ["v=DMARC1; p=none; rua=mailto:dmarc@harbour.example.org"],
    }
    sendgrid.account.webhooks = [
        {
            "enabled": True,
            "url": f"{base_url}/webhooks/sendgrid/",
            "public_key": WEBHOOK_KEY,
            **dict.fromkeys(
                ("processed", "delivered", "deferred", "bounce", "dropped", "spam_report", "unsubscribe"),
                True,
            ),
        }
    ]
    configure(
        NEWSLETTER_TRANSPORT="sendgrid",
        NEWSLETTER_BASE_URL=base_url,
        SENDGRID_API_KEY="SG.key",
        NEWSLETTER_SENDGRID_HOST=sendgrid.url,
        NEWSLETTER_SENDGRID_WEBHOOK_KEY=WEBHOOK_KEY,
        NEWSLETTER_DNS_SERVER=names.address,
    )
    process_heartbeats.record_heartbeat()


@pytest.fixture
def says(settings):
    """What the doctor says of one check, as (level, sentence and mend): `says("DMARC")`."""

    def lines(check):
        found = [line for line in examine(settings.NEWSLETTER) if line.check == check]
        assert all(line.fix for line in found if line.level in {Level.WRONG, Level.WARNING})
        return [(line.level, f"{line.sentence} {line.fix}".strip()) for line in found]

    return lines
