"""The web server itself: a client that is slow, silent or greedy is cut off, and costs the others nothing."""

import socket
import threading
import time
from contextlib import ExitStack, contextmanager, suppress

from pytest import fixture, mark

from newsletter.tracking.sendgrid_webhook_endpoint import LARGEST
from newsletter.web.server_connections import Bounds
from newsletter.web.waitress_requests import LARGEST_BODY, LARGEST_OF_DESK
from newsletter.web.waitress_server import Server
from tests.journeys.installation import Press

PATIENCE = 30
HALF_HEADERS = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Half: y"
HALF_BODY = b"POST /x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 90000\r\n\r\nhalf"
WHOLE = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"


class Application:
    """Answers with what it is told to, and keeps what it was asked."""

    announces = True

    def __init__(self):
        self.body = [b"Good."]
        self.asked = []
        self.may_end = threading.Event()
        self.may_end.set()

    def __call__(self, environ, start_response):
        self.asked.append((environ["PATH_INFO"], len(environ["wsgi.input"].read())))
        self.may_end.wait(PATIENCE)
        length = [("Content-Length", str(sum(map(len, self.body))))] if self.announces else []
        start_response("200 OK", length)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else self.body


@fixture
def application():
    return Application()


@fixture
def serving(application):
    """A server in a thread: `serving(body=0.5)` is one with other bounds."""
    with ExitStack() as stack:
        yield lambda threads=2, **bounds: stack.enter_context(
            _running(application, threads, Bounds(**bounds))
        )


@contextmanager
def _running(application, threads, bounds):
    server = Server(application, host="127.0.0.1", port=0, threads=threads, bounds=bounds)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield server
    application.may_end.set()
    server.stop()
    thread.join(PATIENCE)
    assert not thread.is_alive()
    server.close()


@fixture
def connect():
    """A raw connection to a server: `connect(port, b"GET …", client="127.0.0.2")`."""
    with ExitStack() as stack:

        def open_one(port, data=b"", client="127.0.0.1"):
            wire = stack.enter_context(socket.socket())
            wire.settimeout(PATIENCE)
            wire.bind((client, 0))
            wire.connect(("127.0.0.1", port))
            wire.sendall(data)
            return wire

        yield open_one


def all_of(wire):
    """What comes until the server closes; a reset counts as its end."""
    found = []
    with suppress(ConnectionResetError):
        while data := wire.recv(65_536):
            found.append(data)
    return b"".join(found)


def head_of(wire):
    found = b""
    while b"\r\n\r\n" not in found:
        data = wire.recv(65_536)
        assert data, found
        found += data
    return found


def drips_until_cut(wire, byte):
    """Whether the server cuts a connection over which a byte comes now and again."""
    end = time.monotonic() + PATIENCE
    wire.settimeout(0.05)
    while time.monotonic() < end:
        try:
            wire.send(byte)
            if not wire.recv(1):
                return True
        except TimeoutError:
            continue
        except OSError:
            return True
    return False


def comes_about(condition):
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True


@mark.parametrize(("data", "byte"), [(HALF_HEADERS, b"y"), (HALF_BODY, b"z"), (b"", b"\r")])
def test_a_client_that_drips_is_cut_off(serving, connect, application, data, byte):
    server = serving(headers=0.5, body=0.5)
    assert drips_until_cut(connect(server.port, data), byte)
    assert not application.asked


def test_a_client_that_says_nothing_is_cut_off(serving, connect):
    server = serving(first_byte=0.2)
    assert all_of(connect(server.port)) == b""


def test_a_connection_stays_open_between_requests_and_not_for_ever(serving, connect):
    server = serving(first_byte=0.1, idle=1.0)
    wire = connect(server.port, WHOLE)
    head_of(wire)
    began = time.monotonic()
    assert all_of(wire) in {b"", b"Good."}
    assert time.monotonic() - began > 0.5


def test_a_slow_answer_of_ours_is_no_fault_of_the_client(serving, connect, application):
    server = serving(first_byte=0.1, headers=0.1, body=0.1, idle=0.1, answer=0.1)
    application.may_end.clear()
    wire = connect(server.port, WHOLE)
    witness = connect(server.port)
    assert all_of(witness) == b""
    application.may_end.set()
    assert head_of(wire).startswith(b"HTTP/1.1 200")


def test_a_client_that_does_not_take_its_answer_is_cut_off_and_its_thread_is_free_again(
    serving, connect, application
):
    server = serving(threads=1, answer=0.3)
    application.body = [b"x" * 100_000] * 400
    connect(server.port, WHOLE)
    assert comes_about(lambda: application.asked)
    assert comes_about(lambda: not len(server.connections))
    application.body = [b"Good."]
    assert b"200 OK" in head_of(connect(server.port, WHOLE))


def test_a_client_that_takes_a_large_answer_steadily_gets_all_of_it(serving, connect, application):
    server = serving(answer=2.0)
    application.body = [b"x" * 100_000] * 200
    wire = connect(server.port, b"GET / HTTP/1.0\r\n\r\n")
    assert len(all_of(wire).partition(b"\r\n\r\n")[2]) == 20_000_000


def test_a_client_that_takes_a_large_answer_slowly_gets_all_of_it_though_the_kernel_holds_much(
    serving, connect, application
):
    server = serving(answer=1.0, answer_rate=1_000)
    application.body = [b"x" * 100_000] * 120
    wire = connect(server.port, b"GET / HTTP/1.0\r\n\r\n")
    taken, end = 0, time.monotonic() + 4
    while time.monotonic() < end:
        taken += len(wire.recv(20_000))
        threading.Event().wait(0.1)  # 200 KB a second: the kernel's megabytes last longer than the bound
    assert len(server.connections) == 1
    assert taken + len(all_of(wire)) > 12_000_000


def test_the_oldest_waiting_connection_of_a_client_gives_way_to_its_newest(serving, connect):
    server = serving(connections_of_a_client=3)
    others = connect(server.port, HALF_HEADERS, client="127.0.0.2")
    mine = [connect(server.port, HALF_HEADERS) for _ in range(3)]
    newest = connect(server.port, WHOLE)
    assert all_of(mine[0]) == b""
    assert b"200 OK" in head_of(newest)
    for wire in (*mine[1:], others):
        wire.sendall(b"\r\n\r\n")
        assert b"200 OK" in head_of(wire)


def test_a_client_whose_connections_are_all_being_answered_gets_no_more(serving, connect, application):
    server = serving(connections_of_a_client=2)
    application.may_end.clear()
    busy = [connect(server.port, WHOLE) for _ in range(2)]
    assert comes_about(lambda: len(application.asked) == 2)
    assert all_of(connect(server.port, WHOLE)) == b""
    application.may_end.set()
    for wire in busy:
        assert b"200 OK" in head_of(wire)


def test_a_proxy_that_is_believed_is_many_clients(serving, connect, settings):
    settings.NEWSLETTER = settings.NEWSLETTER.model_copy(
        update={"proxy_count": 1, "proxy_addresses": ("127.0.0.1",)}
    )
    server = serving(connections_of_a_client=2)
    proxied = [connect(server.port, HALF_HEADERS) for _ in range(6)]
    direct = [connect(server.port, HALF_HEADERS, client="127.0.0.2") for _ in range(3)]
    assert all_of(direct[0]) == b""
    for wire in proxied:
        wire.sendall(b"\r\n\r\n")
        assert b"200 OK" in head_of(wire)


def test_where_there_are_too_many_connections_the_oldest_waiting_one_gives_way(serving, connect):
    server = serving(connections=3)
    waiting = [connect(server.port, HALF_HEADERS, client=f"127.0.0.{number}") for number in range(2, 5)]
    newest = connect(server.port, WHOLE, client="127.0.0.9")
    assert all_of(waiting[0]) == b""
    assert b"200 OK" in head_of(newest)


@mark.parametrize(
    ("path", "most"),
    [
        ("/", LARGEST_BODY),
        ("/healthz", LARGEST_BODY),
        ("/webhooks/sendgrid/", LARGEST),
        ("/desk/issues/harbour-letter/1/details/picture/", LARGEST_OF_DESK),
    ],
)
def test_a_body_is_refused_before_any_of_it_comes(serving, connect, application, path, most):
    server = serving()
    start = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: "
    assert b"413" in head_of(connect(server.port, f"{start}{most + 1}\r\n\r\n".encode()))
    assert not application.asked
    allowed = connect(server.port, f"{start}{most}\r\n\r\n".encode() + b"x" * most)
    assert b"200 OK" in all_of(allowed)
    assert application.asked == [(path, most)]


def test_a_body_of_unknown_length_is_refused_while_it_comes_and_the_client_can_read_why(
    serving, connect, application
):
    server = serving()
    wire = connect(server.port, b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n")
    sent, chunk = 0, b"10000\r\n" + b"x" * 65_536 + b"\r\n"
    wire.setblocking(False)
    said = b""
    end = time.monotonic() + PATIENCE
    while b"413" not in said and time.monotonic() < end:
        with suppress(BlockingIOError):
            sent += wire.send(chunk)
        with suppress(BlockingIOError):
            said += wire.recv(65_536)
    assert b"413" in said
    assert sent < 100 * LARGEST_BODY
    assert not application.asked


@mark.parametrize("announces", [True, False])
def test_nothing_follows_the_headers_of_an_answer_to_head(serving, connect, application, announces):
    server = serving()
    application.announces, application.body = announces, [b"a body ", b"in pieces"]
    said = all_of(connect(server.port, b"HEAD / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"))
    assert said.startswith(b"HTTP/1.1 200 OK\r\n")
    assert said.endswith(b"\r\n\r\n")
    assert said.count(b"\r\n\r\n") == 1
    assert (b"Content-Length: 16" in said) is announces


@mark.parametrize("between", [b"1" * 5_000, b"5;x=" + b"y" * 5_000, b"0\r\nX-Trailer: " + b"z" * 20_000])
def test_what_stands_between_chunks_has_its_limit(serving, connect, application, between):
    server = serving()
    start = b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert b"HTTP/1.1 400" in all_of(connect(server.port, start + between))
    assert not application.asked


UNREADABLE = (
    b"get / HTTP/1.1\r\n\r\n", b"GET /a b HTTP/1.1\r\n\r\n", b"GET / HTTP/1.1\r\nX : y\r\n\r\n",
    b"GET / HTTP/1.1\r\nA\x00: b\r\n\r\n", b"GET / HTTP/1.1\nHost: x\n\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n",
)  # fmt: skip


@mark.parametrize("unreadable", UNREADABLE)
@mark.parametrize(
    "before", [b"", b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"], ids=["first", "second"]
)
def test_a_request_that_cannot_be_read_is_refused_and_its_connection_ends(
    serving, connect, unreadable, before
):
    server = serving(linger=0.1)
    answers = all_of(connect(server.port, before + unreadable))
    assert answers.count(b"HTTP/1.1 200") == bool(before)
    assert b" 400 Bad Request" in answers
    assert comes_about(lambda: not len(server.connections))


def test_headers_have_their_limit(serving, connect, application):
    server = serving()
    assert b"431" in all_of(connect(server.port, HALF_HEADERS + b"y" * 40_000))
    assert not application.asked


def test_bodies_that_never_end_hold_only_so_much_memory(serving, connect):
    server = serving(unfinished_bodies=1_500_000)
    start = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n"
    wires = [connect(server.port, start, client=f"127.0.0.{number}") for number in range(2, 6)]
    for wire in wires:
        with suppress(OSError):  # it may be cut while it sends
            wire.sendall(b"x" * 900_000)
    assert comes_about(lambda: len(server.connections) <= 2)
    assert b"200 OK" in head_of(connect(server.port, WHOLE))


@fixture(scope="module")
def press_port(tmp_path_factory):
    """The port of a real `newsletter web`."""
    press = Press(tmp_path_factory.mktemp("press"))
    process = press.start("web", "--port", "0")
    said = process.stdout.readline()
    yield int(said.partition("127.0.0.1:")[2].split()[0])
    process.terminate()
    process.communicate(timeout=PATIENCE)
    assert process.returncode == 0


SLOW_READER = b"GET /static/admin/js/vendor/xregexp/xregexp.js HTTP/1.1\r\nHost: localhost\r\n\r\n"


@mark.parametrize("header", [b"", b"X-Forwarded-For: 192.0.2.7\r\n", b"Via: 1.1 front\r\n"])
def test_the_figures_are_for_this_machine_and_not_for_what_comes_through_a_proxy(press_port, connect, header):
    answer = head_of(connect(press_port, b"GET /metrics HTTP/1.0\r\nHost: localhost\r\n" + header + b"\r\n"))
    assert (b"404" if header else b"200 OK") in answer


@fixture(scope="module")
def proxied_port(tmp_path_factory):
    """The port of a real `newsletter web` that believes one proxy, which is at 127.0.0.9."""
    press = Press(
        tmp_path_factory.mktemp("proxied"),
        NEWSLETTER_PROXY_COUNT="1",
        NEWSLETTER_PROXY_ADDRESSES="127.0.0.9",
        NEWSLETTER_BASE_URL="https://news.example.org",
    )
    process = press.start("web", "--port", "0")
    said = process.stdout.readline()
    yield int(said.partition("127.0.0.1:")[2].split()[0])
    process.terminate()
    process.communicate(timeout=PATIENCE)


@mark.parametrize(("client", "believed"), [("127.0.0.9", True), ("127.0.0.8", False)])
def test_only_the_proxy_that_is_named_says_how_and_who_asked(proxied_port, connect, client, believed):
    asked = b"GET /desk/log-in/ HTTP/1.0\r\nHost: news.example.org\r\nX-Forwarded-Proto: https\r\n\r\n"
    answer = head_of(connect(proxied_port, asked, client=client))
    assert b"303 See Other" in answer  # nobody has an account here yet
    assert (b"Strict-Transport-Security: max-age=31536000" in answer) is believed


@mark.parametrize("data", [HALF_HEADERS, HALF_BODY, SLOW_READER], ids=["headers", "bodies", "slow readers"])
@mark.parametrize("clients", [1, 50])
def test_health_is_answered_within_a_second_while_500_connections_stand_still(
    press_port, connect, data, clients
):
    for number in range(500):
        connect(press_port, data, client=f"127.0.7.{number % clients + 1}")
    for client in ("127.0.0.1", "127.0.7.1"):
        began = time.monotonic()
        answer = head_of(connect(press_port, b"GET /healthz HTTP/1.0\r\n\r\n", client=client))
        assert b"200 OK" in answer
        assert time.monotonic() - began < 1
