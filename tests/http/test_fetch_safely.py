"""TLS: a certificate that is not valid is a sentence; one that is valid lets the document through."""

import datetime as dt
import ipaddress
import ssl
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pytest import fixture, raises

from newsletter.errors import Refused
from newsletter.http.fetch import NotAnswered, fetch


class Answer(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/feed" else 302)
        self.send_header("Location", "http://127.0.0.1:1/feed")
        self.send_header("Content-Length", "4")
        self.end_headers()
        self.wfile.write(b"feed")

    def log_message(self, *_arguments):
        """Say nothing."""


@fixture
def certificate(tmp_path):
    """A self-signed certificate for 127.0.0.1, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(address, critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "certificate.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM) + private)
    return path


@fixture
def safe_site(certificate, configured):
    """The address of a server that speaks TLS."""
    configured(fetch_allow_hosts=("127.0.0.1",))
    server = HTTPServer(("127.0.0.1", 0), Answer)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"https://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_certificate_that_nobody_vouches_for_is_refused(safe_site):
    with raises(NotAnswered, match=r"certificate of .* is not valid"):
        fetch(f"{safe_site}/feed")


def test_over_a_connection_that_holds_the_document_comes(safe_site, certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    assert fetch(f"{safe_site}/feed").document.data == b"feed"


def test_a_redirect_from_https_to_http_is_refused(safe_site, certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with raises(Refused, match="from https to http"):
        fetch(f"{safe_site}/elsewhere")
