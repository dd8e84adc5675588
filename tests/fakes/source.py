"""A source on a loopback socket: answers as it is told, with every fault that the web knows, and counts."""

import gzip
import socket
import threading
import zlib
from collections import Counter
from contextlib import contextmanager, suppress

TLS_BEGINS = b"\x16"
FEED = """<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>
<title>{title}</title><link>https://charity.example/</link><description>d</description><language>en-gb</language>
{items}
</channel></rss>"""


def feed(items, *, title="Charity news"):
    """An RSS document of items made by `item`."""
    return FEED.format(title=title, items="\n".join(items)).encode()


def item(number, *, link=None, guid=None, title=None, text=None, day=None):
    """One item; its words are its own."""
    link = f"https://charity.example/news/{number}" if link is None else link
    guid = f"guid-{number}" if guid is None else guid
    title = f"Piece {number}" if title is None else title
    text = (
        f"<p>What piece {number} says is told at length, so that {number} is known by it.</p>"
        if text is None
        else text
    )
    parts = [f"<title>{title}</title>"]
    if link:
        parts.append(f"<link>{link}</link>")
    if guid:
        parts.append(f'<guid isPermaLink="false">{guid}</guid>')
    day = 28 - number % 28 if day is None else day
    if day:
        parts.append(f"<pubDate>{day:02d} Oct 2026 09:00:00 +0000</pubDate>")
    parts.append(f"<description><![CDATA[{text}]]></description>")
    return f"<item>{''.join(parts)}</item>"


class Answers:
    """What the server answers at each path, and how often and with which headers it was asked."""

    def __init__(self):
        self.at = {}
        self.asked = Counter()
        self.requests = []
        self.under_way = 0
        self.before_answering = lambda: None

    def serve(self, path, body=b"", *, status=200, headers=None, length=None):
        """Answer with a body; `length` is a Content-Length other than the true one."""
        lines = {"Content-Type": "application/rss+xml", **(headers or {})}
        lines["Content-Length"] = str(len(body) if length is None else length)
        self.at[path] = [_head(status, lines), body]

    def serve_with_validators(
        self, path, body, *, etag='"v1"', last_modified="Mon, 02 Nov 2026 10:00:00 GMT"
    ):
        """Answer as a server that knows ETag and Last-Modified: 304 where the asker has it already."""
        self.serve(path, body, headers={"ETag": etag, "Last-Modified": last_modified})
        self.at[path].append(("if-none-match", etag))

    def redirect(self, path, target, *, status=302):
        self.serve(path, status=status, headers={"Location": target})

    def fail(self, path, status, **headers):
        self.serve(
            path, b"no", status=status, headers={name.replace("_", "-"): it for name, it in headers.items()}
        )

    def hang(self, path):
        """Take the request and never answer."""
        self.at[path] = ["hang"]

    def drip(self, path, *, from_the_start=False):
        """Send a byte every twentieth of a second, in the headers already or after them."""
        head = _head(200, {"Content-Type": "application/rss+xml"})
        self.at[path] = ["drip", b"" if from_the_start else head, head]

    def cut(self, path, body, *, chunked=False):
        """Promise the whole body, send half of it, and close."""
        if chunked:
            head = _head(200, {"Transfer-Encoding": "chunked"})
            self.at[path] = [head, b"%x\r\n" % len(body) + body[: len(body) // 2]]
        else:
            self.serve(path, body[: len(body) // 2], length=len(body))

    def cut_gzip(self, path, body):
        """Compressed data that stops in the middle, though the length is right."""
        packed = gzip.compress(body)
        self.serve(path, packed[: len(packed) // 2], headers={"Content-Encoding": "gzip"})

    def bomb(self, path, *, megabytes, encoding="gzip"):
        """A small answer that unpacks into many megabytes of spaces."""
        packing = zlib.compressobj(9, zlib.DEFLATED, {"gzip": 31, "deflate": 15, "raw": -15}[encoding])
        piece = b" " * 1_000_000
        body = b"".join(packing.compress(piece) for _ in range(megabytes)) + packing.flush()
        self.serve(path, body, headers={"Content-Encoding": "gzip" if encoding == "gzip" else "deflate"})

    def say(self, path, raw):
        """Answer with these very bytes and close."""
        self.at[path] = [raw, b""]


def _head(status, headers):
    lines = [
        f"HTTP/1.1 {status} Said",
        *(f"{name}: {value}" for name, value in headers.items()),
        "Connection: close",
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


class Server:
    """Listens on a loopback address; `url` is where."""

    def __init__(self, family=socket.AF_INET, host="127.0.0.1"):
        self.answers = Answers()
        self.closing = threading.Event()
        self.listening = socket.socket(family, socket.SOCK_STREAM)
        self.listening.bind((host, 0))
        self.listening.listen(64)
        self.port = self.listening.getsockname()[1]
        self.host = f"[{host}]" if ":" in host else host
        self.threads = [threading.Thread(target=self._listen, daemon=True)]
        self.threads[0].start()

    def url(self, path="/"):
        return f"http://{self.host}:{self.port}{path}"

    def close(self):
        self.closing.set()
        with suppress(OSError):
            self.listening.shutdown(socket.SHUT_RDWR)
        self.listening.close()
        for thread in self.threads:
            thread.join(5)

    def _listen(self):
        while not self.closing.is_set():
            try:
                connection, _address = self.listening.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._answer, args=(connection,), daemon=True)
            self.threads.append(thread)
            thread.start()

    def _answer(self, connection):
        with connection, suppress(OSError):
            connection.settimeout(10)
            head = b""
            while b"\r\n\r\n" not in head:
                data = connection.recv(65_536)
                if not data:
                    return
                if data.startswith(TLS_BEGINS):
                    # As real servers do: who tries HTTPS here hears at once that it is HTTP.
                    connection.sendall(_head(400, {"Content-Length": "0"}))
                    return
                head += data
            lines = head.decode("latin-1").split("\r\n")
            path = lines[0].split(" ")[1]
            headers = {
                name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])
            }
            self.answers.asked[path] += 1
            self.answers.requests.append((path, headers))
            self.answers.under_way += 1
            self.answers.before_answering()
            self._send(connection, path, headers)
            self.answers.under_way -= 1

    def _send(self, connection, path, headers):
        answer = self.answers.at.get(path)
        if answer is None:
            connection.sendall(_head(404, {"Content-Length": "0"}))
        elif answer[0] == "hang":
            self.closing.wait(10)
        elif answer[0] == "drip":
            self._drip(connection, answer[1], answer[2])
        elif len(answer) == 3 and headers.get(answer[2][0]) == answer[2][1]:
            connection.sendall(_head(304, {"ETag": answer[2][1]}))
        else:
            connection.sendall(answer[0] + answer[1])

    def _drip(self, connection, at_once, head):
        connection.sendall(at_once)
        for byte in (b"" if at_once else head) + b" " * 10_000:
            if self.closing.wait(0.05):
                return
            connection.sendall(bytes([byte]))


@contextmanager
def running(family=socket.AF_INET, host="127.0.0.1"):
    server = Server(family, host)
    try:
        yield server
    finally:
        server.close()
