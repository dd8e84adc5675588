"""An SMTP server that accepts every message, to which both sides of the benchmark send, without TLS or with it.

A message is on the disk before the server says 250, because after that it must not lose it (RFC 5321, section 6.1).
"""

import os
import socket
import ssl
import sys
import tempfile
import threading

GREETING = b"220 sink\r\n"
ANSWERS = {b"EHLO": b"250 sink\r\n", b"DATA": b"354 go on\r\n", b"QUIT": b"221 bye\r\n"}


def serve(certificate: str) -> None:
    """Print the port, then serve until the process is stopped. A certificate means TLS from the start."""
    context = None
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    print(listener.getsockname()[1], flush=True)
    while True:
        connection, _address = listener.accept()
        threading.Thread(target=_talk, args=(connection, context), daemon=True).start()


def _talk(connection: socket.socket, context: ssl.SSLContext | None) -> None:
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if context is not None:
        connection = context.wrap_socket(connection, server_side=True)
    connection.sendall(GREETING)
    with connection.makefile("rb") as lines:
        while command := lines.readline():
            connection.sendall(ANSWERS.get(command[:4].upper(), b"250 ok\r\n"))
            if command[:4].upper() == b"DATA":
                # As a mail server must: line by line, and without the doubled dots.
                kept = bytearray()
                while (line := lines.readline()) not in {b".\r\n", b""}:
                    kept += line.removeprefix(b".")
                _keep(bytes(kept))
                connection.sendall(b"250 taken\r\n")


def _keep(message: bytes) -> None:
    with tempfile.TemporaryFile() as file:
        file.write(message)
        file.flush()
        os.fsync(file.fileno())


if __name__ == "__main__":
    serve(sys.argv[1] if len(sys.argv) > 1 else "")
