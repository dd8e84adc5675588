"""A server on a socket that stands in for SendGrid: it can be slow, cut off, answer anything, and counts what it took.

What it took is what a reader would have in the inbox: (batch category, address) for every personalization of every
request that it accepted, whether or not the answer arrived.
"""

import itertools
import re
import socket
import socketserver
import threading
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qsl, urlsplit

import orjson

from tests.fakes.mail_send import faults_in
from tests.fakes.sendgrid_account import FakeAccount


@dataclass(frozen=True)
class Fault:
    """What happens to one request. `takes` says whether the mails in it are accepted all the same."""

    kind: str = (
        "answer"  # or: answer_and_hang_up, cut_before_reading, cut_after_reading, cut_answer, hang, drip
    )
    status: int = 202
    takes: bool = True
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


OK = Fault()


def status(code, *, takes=False, headers=(), message="no"):
    """An answer with this status."""
    body = orjson.dumps({"errors": [{"message": message}]})
    return Fault(status=code, takes=takes, headers=tuple(headers), body=body)


CUT_BEFORE_READING = Fault("cut_before_reading", takes=False)
CUT_AFTER_TAKING = Fault("cut_after_reading")
CUT_WITHOUT_TAKING = Fault("cut_after_reading", takes=False)
CUT_ANSWER = Fault("cut_answer")
HANG_AFTER_TAKING = Fault("hang")
HANG_WITHOUT_TAKING = Fault("hang", takes=False)
DRIP = Fault("drip")
HANG_UP_AFTERWARDS = Fault("answer_and_hang_up")


def naming(
    document, bad, *, field="personalizations.{}.to.0.email", message="Does not contain a valid address."
):
    """A 400 that names everybody of `bad` who is in the request; None when nobody is."""
    places = [n for n, person in enumerate(document["personalizations"]) if person["to"][0]["email"] in bad]
    errors = [{"message": message, "field": field.format(place), "help": None} for place in places]
    return Fault(status=400, takes=False, body=orjson.dumps({"errors": errors})) if errors else None


def naming_nobody(document, bad, *, code=400):
    """A refusal without a name where somebody of `bad` is in the request."""
    return (
        status(code)
        if any(person["to"][0]["email"] in bad for person in document["personalizations"])
        else None
    )


class FakeSendGrid(socketserver.ThreadingTCPServer):
    """`with FakeSendGrid() as server:` listens on loopback; `server.faults` are met in their order, then OK."""

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128
    handler = None

    def __init__(self, faults: Iterable[Fault] = ()):
        super().__init__(("127.0.0.1", 0), self.handler or Handler)
        self.lock = threading.Lock()
        self.faults = iter(faults)
        self.requests = []
        self.unfit = []
        self.paths = []
        self.keys = set()
        self.inbox = Counter()
        self.log = []
        self.connections = 0
        self.logs_status, self.logs_body = 200, None
        # Email Logs answer once this is set; that they were asked is said before.
        self.logs_answer, self.logs_asked = threading.Event(), threading.Event()
        self.logs_answer.set()
        self.account = FakeAccount()
        # `refuses(document)` gives the answer to a request that is not to be accepted.
        self.refuses = lambda document: None
        self.stopped = threading.Event()
        self.hung_up = threading.Event()
        self._numbers = itertools.count(1)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}"

    def __enter__(self):
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *error):
        self.stopped.set()
        self.logs_answer.set()
        self.shutdown()
        self.server_close()

    def shutdown_request(self, request):
        super().shutdown_request(request)
        self.hung_up.set()

    def next_fault(self):
        with self.lock:
            return next(self.faults, OK)

    def take(self, document):
        """Accept a request: everybody in it has the mail now."""
        batch = next(name for name in document["categories"] if name.startswith("press batch "))
        with self.lock:
            for person in document["personalizations"]:
                self.inbox[batch, person["to"][0]["email"]] += 1
                self.log.append((set(document["categories"]), person["to"][0]["email"]))
        return f"message-{next(self._numbers)}"

    def accepted(self):
        """How many mails each address has."""
        totals = Counter()
        for (_batch, address), count in self.inbox.items():
            totals[address] += count
        return totals

    def logged(self, query):
        """What Email Logs answer to `categories IN ('…', '…')`."""
        wanted = set(re.findall(r"'([^']*)'", query))
        found = [address for categories, address in self.log if wanted & categories]
        return [{"sg_message_id": f"logged.{address}", "to_email": address} for address in found]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def setup(self):
        super().setup()
        self.server.connections += 1

    def log_message(self, *arguments):
        """Say nothing."""

    def date_time_string(self, timestamp=None):
        return super().date_time_string((timestamp or time.time()) + self.server.account.skew)

    def do_GET(self):
        self.server.paths.append(("GET", self.path))
        self.server.keys.add(self.headers["Authorization"])
        parts = urlsplit(self.path)
        code, document = self.server.account.answer(parts.path, dict(parse_qsl(parts.query))) or (200, {})
        self.answer(code, orjson.dumps(document))

    def do_POST(self):
        self.server.paths.append(("POST", self.path))
        self.server.keys.add(self.headers["Authorization"])
        if self.path == "/v3/logs":
            return self.email_logs()
        if self.path == "/v3/asm/suppressions/global":
            return self.take_suppressions()
        fault = self.server.next_fault()
        if fault.kind == "cut_before_reading":
            return self.cut()
        document = orjson.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if faults := faults_in(document):
            self.server.unfit += faults
            fault = status(400, message="; ".join(faults))
        if refusal := self.server.refuses(document):
            fault = refusal
        self.server.requests.append(document)
        message_id = self.server.take(document) if fault.takes else ""
        return self.meet(fault, message_id)

    def meet(self, fault, message_id):
        if fault.kind == "cut_after_reading":
            return self.cut()
        if fault.kind == "hang":
            self.server.stopped.wait(30)
            return self.cut()
        if fault.kind == "cut_answer":
            self.wfile.write(b"HTTP/1.1 ")
            return self.cut()
        if fault.kind == "drip":
            return self.drip()
        if fault.kind == "answer_and_hang_up":
            self.close_connection = True
        headers = [*fault.headers, ("X-Message-Id", message_id)] if message_id else fault.headers
        return self.answer(fault.status, fault.body, headers)

    def email_logs(self):
        question = orjson.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.logs_asked.set()
        self.server.logs_answer.wait(120)
        found = {"messages": self.server.logged(question["query"])[: question["limit"]]}
        body = self.server.logs_body
        self.answer(self.server.logs_status, orjson.dumps(found) if body is None else body)

    def take_suppressions(self):
        document = orjson.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.account.pushed.append(document["recipient_emails"])
        self.answer(201, orjson.dumps(document))

    def answer(self, code, body, headers=()):
        self.send_response(code)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def drip(self):
        """Send a status line one byte at a time, and never its end."""
        self.close_connection = True
        for byte in itertools.chain(b"HTTP/1.1 202 Accepted\r\n", itertools.repeat(ord("X"))):
            try:
                self.wfile.write(bytes([byte]))
            except OSError:
                return
            if self.server.stopped.wait(0.05):
                return

    def cut(self):
        """Close the connection at once, with a reset."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
        self.connection.close()
