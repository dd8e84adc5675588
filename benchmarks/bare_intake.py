"""The least that can take SendGrid's reports in: verify the signature, store the post on the disk, answer.

`python -m benchmarks.bare_intake KEY FILE` prints its port and answers until it is ended; KEY is the public key in
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
        # A post is on the disk before it is answered for, as in the press.
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
        """Say nothing."""


if __name__ == "__main__":
    with Intake(*sys.argv[1:]) as server:
        print(server.server_port, flush=True)
        server.serve_forever()
