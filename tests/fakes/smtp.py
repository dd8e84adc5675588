"""An SMTP server on a socket that can refuse, cut off or hang at any stage, and counts what it took."""

import socket
import socketserver
import threading
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from tests.fakes.certificate import secured


@dataclass(frozen=True)
class Trouble:
    """What happens to one message: at `stage` (greeting, ehlo, starttls, auth, mail, rcpt, data, text) it says `says`.

    Without `says` it cuts the connection; "hang" says nothing for as long as the server runs.
    """

    stage: str
    says: str = ""
    takes: bool = False


NONE = Trouble("")


class FakeSmtp(socketserver.ThreadingTCPServer):
    """`with FakeSmtp() as server:`; `server.troubles` are met in their order, one a message, then all is well."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, troubles: Iterable[Trouble] = ()):
        super().__init__(("127.0.0.1", 0), Conversation)
        self.troubles = iter(troubles)
        self.greeting_trouble = NONE
        self.inbox = Counter()
        self.messages = []
        self.senders = []
        self.greeted_by = []
        self.connections = 0
        # Commands that came in no order that RFC 5321 allows.
        self.out_of_step = []
        # What it allows; beyond that it says 421.
        self.connections_at_once, self.messages_a_connection = 1_000, 1_000
        self.open_now, self.turned_away, self.log_ins = 0, 0, 0
        self.counting = threading.Lock()
        self.log_in_lines = []
        self.offers = ["AUTH PLAIN", "SMTPUTF8"]
        # An SSLContext, for STARTTLS, or for all of a connection.
        self.tls = None
        self.tls_from_the_start = False
        self.stopped = threading.Event()

    @property
    def port(self):
        return self.server_address[1]

    def __enter__(self):
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *error):
        self.stopped.set()
        self.shutdown()
        self.server_close()


class Conversation(socketserver.StreamRequestHandler):
    disable_nagle_algorithm = True

    def handle(self):
        with self.server.counting:
            self.server.connections += 1
            self.server.open_now += 1
            is_one_too_many = self.server.open_now > self.server.connections_at_once
            self.server.turned_away += is_one_too_many
        try:
            if is_one_too_many:
                self.say("421 4.7.0 too many connections")
            else:
                self.talk()
        except (OSError, StopIteration):
            return
        finally:
            with self.server.counting:
                self.server.open_now -= 1

    def finish(self):
        try:
            super().finish()
        finally:
            self.connection.close()

    def talk(self):
        self.trouble, self.stage, self.carried = NONE, "", 0
        if self.server.tls_from_the_start:
            self.secure()
        if not self.meet(self.server.greeting_trouble, "greeting"):
            self.say("220 fake")
        elif not self.server.greeting_trouble.says.startswith("2"):
            return
        while line := self.rfile.readline():
            verb = line.split()[0].upper().decode() if line.strip() else ""
            getattr(self, f"on_{verb.lower()}", self.on_other)(line)

    def on_ehlo(self, line):
        self.server.greeted_by.append(line.decode().split()[1])
        if self.meet(self.server.greeting_trouble, "ehlo"):
            if self.server.greeting_trouble.says.startswith("2"):
                self.stage = "greeted"
            return
        self.stage = "greeted"
        offers = ["fake", *self.server.offers]
        for offer in offers[:-1]:
            self.say(f"250-{offer}")
        self.say(f"250 {offers[-1]}")

    def on_helo(self, line):
        self.stage = "greeted"
        self.say("250 fake")

    def on_auth(self, line):
        self.server.log_ins += 1
        self.server.log_in_lines.append(line.decode())
        self.meet(self.server.greeting_trouble, "auth") or self.say("235 ok")

    def on_mail(self, line):
        if self.carried >= self.server.messages_a_connection:
            self.say("421 4.7.0 too many messages")
            raise StopIteration
        self.carried += 1
        self.server.senders.append(line.decode().partition("<")[2].partition(">")[0])
        self.trouble = next(self.server.troubles, NONE)
        if self.is_in_order("greeted", line):
            self.advance("mail")

    def on_rcpt(self, line):
        self.address = line.decode().partition("<")[2].partition(">")[0]
        if self.is_in_order("mail", line):
            self.advance("rcpt")

    def on_rset(self, line):
        self.stage = "greeted"
        self.say("250 ok")

    def is_in_order(self, stage, line):
        if self.stage == stage:
            return True
        self.server.out_of_step.append(line)
        self.say("503 5.5.1 out of order")
        return False

    def advance(self, stage):
        """Say ok, or what troubles this stage; go on after a positive reply alone."""
        if not self.meet(self.trouble, stage):
            self.say("250 ok")
        elif not self.trouble.says.startswith("2"):
            return
        self.stage = stage

    def on_data(self, line):
        if not self.is_in_order("rcpt", line):
            return
        if not self.meet(self.trouble, "data"):
            self.say("354 go on")
        elif not self.trouble.says.startswith("3"):
            return
        self.stage = "greeted"
        text = b""
        while not text.endswith(b"\r\n.\r\n"):
            piece = self.rfile.readline()
            if not piece:
                raise ConnectionResetError
            text += piece
        if self.trouble.stage != "text" or self.trouble.takes:
            self.server.inbox[self.address] += 1
            self.server.messages.append(text)
        self.meet(self.trouble, "text") or self.say("250 taken")

    def on_starttls(self, line):
        if not self.meet(self.server.greeting_trouble, "starttls"):
            self.say("220 go on")
        elif not self.server.greeting_trouble.says.startswith("2"):
            return
        self.secure()

    def secure(self):
        self.connection = secured(self.connection, self.server.tls)
        self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", buffering=0)

    def on_quit(self, line):
        self.say("221 bye")
        raise StopIteration

    def on_other(self, line):
        self.say("250 ok")

    def meet(self, trouble, stage):
        """Whether there is trouble at this stage; it then has happened."""
        if trouble.stage != stage:
            return False
        if trouble.says == "hang":
            self.server.stopped.wait(30)
            raise StopIteration
        if not trouble.says:
            self.connection.setsockopt(
                socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00"
            )
            self.connection.close()
            raise StopIteration
        self.say(trouble.says)
        return True

    def say(self, words):
        self.wfile.write(words.encode() + b"\r\n")
