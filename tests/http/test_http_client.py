"""The one HTTP client: whether a request may have left is always known, and one deadline ends everything."""

import contextlib
import socket
import threading
import time

from pytest import fixture, mark, raises

from newsletter.errors import Refused
from newsletter.http.fetch import fetch
from newsletter.http.http_client import (
    HttpConnection,
    LeaseExpired,
    NotConnected,
    NothingSent,
    ResponseLost,
    target_of,
)
from tests.fakes.writing_server import WritingServer

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfeed"
GRACE_SECONDS = 10


@contextlib.contextmanager
def asking(url, **options):
    connection = HttpConnection(url, **options)
    try:
        yield lambda seconds=5, **more: connection.exchange("POST", "/", b"{}", {}, seconds=seconds, **more)
    finally:
        connection.close()


@fixture
def nobody():
    """The address of a port where nobody listens."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{closed.getsockname()[1]}"


def test_a_refused_connection_never_left(nobody):
    with asking(nobody) as ask, raises(NotConnected, match="ConnectionRefusedError"):
        ask()


def test_a_lease_that_is_over_sends_nothing():
    with WritingServer(OK) as server, asking(server.url) as ask:
        with raises(LeaseExpired):
            ask(lease_left=lambda: 0.0)
        assert server.served == 0
        assert ask(lease_left=lambda: 5.0).body == b"feed"


def test_a_server_that_hangs_up_after_the_request_lost_the_answer():
    with WritingServer(b"", hang_up=True) as server, asking(server.url) as ask, raises(ResponseLost):
        ask()


def test_a_connection_is_kept_for_the_next_request():
    with WritingServer(OK) as server, asking(server.url) as ask:
        assert [ask().body for _ in range(3)] == [b"feed"] * 3
        assert (server.served, server.heard) == (3, 1)


def test_a_private_host_is_refused_only_to_those_who_ask_for_public_ones():
    with WritingServer(OK) as server:
        with asking(server.url, public_only=True) as ask, raises(Refused, match="private network"):
            ask()
        assert server.heard == 0
        with asking(server.url) as ask:
            assert ask().status == 200


def test_a_body_that_is_larger_than_allowed_is_a_fault_beside_its_status():
    with WritingServer(OK) as server, asking(server.url, largest_body=3) as ask:
        response = ask()
    assert (response.status, response.body) == (200, b"")
    assert "larger than 3 bytes" in str(response.fault)


def test_a_body_that_nobody_wants_is_not_read():
    endless = b"HTTP/1.1 302 Found\r\nLocation: /feed\r\nContent-Length: 99999999\r\n\r\n"
    with WritingServer(endless, OK) as server, asking(server.url, bodies_of={200}) as ask:
        assert (ask().status, ask().body) == (302, b"feed")


def test_a_redirect_is_followed_though_its_own_body_never_ends(settings):
    allowed = {"fetch_allow_hosts": ("127.0.0.1",), "fetch_timeout_seconds": GRACE_SECONDS}
    settings.NEWSLETTER = settings.NEWSLETTER.model_copy(update=allowed)
    endless = b"HTTP/1.1 302 Found\r\nLocation: /feed\r\nContent-Length: 99999999\r\n\r\n"
    with WritingServer(endless, OK) as server:
        assert fetch(f"{server.url}/").document.data == b"feed"


def test_a_server_that_drips_its_handshake_meets_the_deadline():
    with DrippingTls() as server, asking(server.url) as ask:
        began = time.monotonic()
        with raises(NothingSent):
            ask(seconds=0.3)
        assert time.monotonic() - began < GRACE_SECONDS
        assert server.dripped.is_set()


@mark.parametrize(
    ("url", "target"),
    [
        ("https://example.org", "/"),
        ("https://example.org/", "/"),
        ("https://example.org/a?b=c&d", "/a?b=c&d"),
        ("https://example.org?b=c", "/?b=c"),
    ],
)
def test_a_request_asks_for_the_path_and_the_query(url, target):
    assert target_of(url) == target


class DrippingTls:
    """A server whose first record of TLS comes byte by byte, and would take for hours."""

    def __init__(self):
        self.server = socket.create_server(("127.0.0.1", 0))
        self.stop, self.dripped = threading.Event(), threading.Event()
        self.thread = threading.Thread(target=self._drip, daemon=True)

    @property
    def url(self):
        return f"https://127.0.0.1:{self.server.getsockname()[1]}"

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *error):
        self.stop.set()
        self.thread.join(GRACE_SECONDS)
        self.server.close()

    def _drip(self):
        with self.server.accept()[0] as client, contextlib.suppress(OSError):
            # The header of a handshake record of 16,000 bytes (RFC 8446, section 5.1).
            client.sendall(b"\x16\x03\x03\x3e\x80")
            while not self.stop.wait(0.02):
                client.sendall(b"\x02")
                self.dripped.set()
