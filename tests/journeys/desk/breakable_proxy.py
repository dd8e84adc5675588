"""A proxy in front of a web server that can be killed and started again, or lose the answers of the server."""

import socket
import threading
from contextlib import suppress

PIECE = 65_536


class BreakableProxy:
    """Passes connections on to a port. `url` stays the same when the proxy is killed and started again."""

    def __init__(self, port):
        self._to, self._port, self._listener = port, 0, None
        self._connections = set()
        self.loses_answers = False
        self.lost = threading.Event()
        self.start()

    @property
    def url(self):
        return f"http://localhost:{self._port}"

    def start(self):
        self._listener = socket.create_server(("127.0.0.1", self._port))
        self._port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def kill(self):
        """Close the port and every connection, as a server that was killed does."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in list(self._connections):
            self._close(connection)

    def _accept(self, listener):
        while True:
            try:
                browser, _ = listener.accept()
                server = socket.create_connection(("127.0.0.1", self._to))
            except OSError:
                return
            self._connections |= {browser, server}
            for source, target, is_answer in ((browser, server, False), (server, browser, True)):
                threading.Thread(target=self._pass_on, args=(source, target, is_answer), daemon=True).start()

    def _pass_on(self, source, target, is_answer):
        with suppress(OSError):
            while piece := source.recv(PIECE):
                if is_answer and self.loses_answers:
                    self.lost.set()
                    break
                target.sendall(piece)
        self._close(source)
        self._close(target)

    def _close(self, connection):
        with suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)
        connection.close()
        self._connections.discard(connection)
