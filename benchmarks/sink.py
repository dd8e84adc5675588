"""A server that reads every whole request and responds with 202, to which both sides of a benchmark post."""

import socket
import threading
from contextlib import suppress

ANSWER = b"HTTP/1.1 202 Accepted\r\nX-Message-Id: sink\r\nContent-Length: 0\r\n\r\n"
END_OF_HEAD = b"\r\n\r\n"


def serve() -> None:
    """Print the port, then serve until the process is stopped."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    print(listener.getsockname()[1], flush=True)
    while True:
        connection, _address = listener.accept()
        threading.Thread(target=_answer, args=(connection,), daemon=True).start()


def _answer(connection: socket.socket) -> None:
    # A client that is finished may hang up while data is still on its way.
    with connection, suppress(ConnectionResetError, BrokenPipeError):
        _answer_each(connection)


def _answer_each(connection: socket.socket) -> None:
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    buffer = bytearray(1 << 20)
    head = b""
    while count := connection.recv_into(buffer):
        head += buffer[:count]
        if END_OF_HEAD not in head:
            continue
        top, _, body = head.partition(END_OF_HEAD)
        missing = _length(top) - len(body)
        while missing > 0:
            missing -= connection.recv_into(buffer) or missing
        connection.sendall(ANSWER)
        head = b""


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0


if __name__ == "__main__":
    serve()
