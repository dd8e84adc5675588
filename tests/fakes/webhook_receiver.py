"""A program that takes webhooks, on a loopback socket: answers as it is told, and keeps what it got."""

import threading
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HANG, CUT = "hang", "cut"


class Receiver(ThreadingHTTPServer):
    """`receiver.plan` are the answers in their order (a status, HANG or CUT), then 204; `got` are (headers, body)."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Post)
        self.plan = []
        self.headers = {}
        self.got = []
        self.paths = []
        self.closing = threading.Event()

    @property
    def port(self):
        return self.server_address[1]

    def url(self, path="/news?token=very-hidden"):
        return f"http://127.0.0.1:{self.port}{path}"

    def ids(self):
        return [headers["webhook-id"] for headers, _body in self.got]

    def handle_error(self, request, client_address):
        """Who goes away while we answer is part of the story."""


class Post(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
        self.server.paths.append(self.path)
        answer = self.server.plan.pop(0) if self.server.plan else 204
        if answer == HANG:
            self.server.closing.wait(10)
        elif answer != CUT:
            self.send_response(answer)
            for name, value in self.server.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

    def do_GET(self):
        self.server.paths.append(f"GET {self.path}")
        self.send_error(405)

    def log_message(self, *_arguments):
        """Say nothing."""


@contextmanager
def running():
    receiver = Receiver()
    thread = threading.Thread(target=receiver.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        receiver.closing.set()
        receiver.shutdown()
        thread.join(5)
        with suppress(OSError):
            receiver.server_close()
