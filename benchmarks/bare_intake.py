"""The simplest server for SendGrid's reports: verifies the signature, stores the post on the disk, and responds.

`python -m benchmarks.bare_intake KEY FILE` prints its port and serves until it is stopped. KEY is the public key in
base64 and FILE an SQLite database.
"""

import sqlite3
import sys
from base64 import b64decode
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from benchmarks.reports import SIGNATURE, TIMESTAMP


class Intake(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, key: str, file: str) -> None:
        super().__init__(("127.0.0.1", 0), Answering)
        public = load_der_public_key(b64decode(key))
        assert isinstance(public, EllipticCurvePublicKey)
        self.key, self.turn = public, Lock()
        self.database = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
        # A post is on the disk before the response, as in `newsletter serve`.
        self.database.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;")
        self.database.execute("CREATE TABLE post (id INTEGER PRIMARY KEY, body BLOB NOT NULL)")


class Answering(BaseHTTPRequestHandler):
    server: Intake
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        signed = self.headers[TIMESTAMP].encode() + body
        self.server.key.verify(b64decode(self.headers[SIGNATURE]), signed, ECDSA(SHA256()))
        with self.server.turn:
            self.server.database.execute("INSERT INTO post (body) VALUES (?)", (body,))
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    def log_message(self, *arguments: object) -> None:
        """Log nothing."""


if __name__ == "__main__":
    with Intake(*sys.argv[1:]) as server:
        print(server.server_port, flush=True)
        server.serve_forever()
