"""A server on a socket that writes whatever bytes it is told to, for each request, in the pieces that it is told."""

import socketserver
import threading


class WritingServer(socketserver.ThreadingTCPServer):
    """Writes what it was given, in these pieces, for each request; `served` counts them, `heard` the connections."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, *answers, hang_up=False):
        super().__init__(("127.0.0.1", 0), WritingHandler)
        self.answers, self.hang_up, self.served, self.heard = list(answers), hang_up, 0, 0
        self.lock = threading.Lock()

    def __enter__(self):
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *error):
        self.shutdown()
        self.server_close()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}"


class WritingHandler(socketserver.StreamRequestHandler):
    disable_nagle_algorithm = True

    def handle(self):
        self.server.heard += 1
        while line := self.rfile.readline():
            if line != b"\r\n":
                continue
            with self.server.lock:
                pieces = self.server.answers[min(self.server.served, len(self.server.answers) - 1)]
                self.server.served += 1
            try:
                for piece in [pieces] if isinstance(pieces, bytes) else pieces:
                    self.wfile.write(piece)
            except OSError:
                return
            if self.server.hang_up:
                return
