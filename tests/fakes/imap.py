"""An IMAP server on a socket with one folder, which can refuse, cut off, drip or promise too much at any command."""

import base64
import re
import socketserver
import threading

from tests.fakes.certificate import secured

PARTIAL = re.compile(r"UID FETCH (\d+) \(BODY\.PEEK\[\]<0\.(\d+)>\)", re.IGNORECASE)


class FakeImap(socketserver.ThreadingTCPServer):
    """`with FakeImap() as server:`; `server.deliver(message)` gives its number. `server.troubles[COMMAND]` is met each
    time: "cut" closes the connection, "drip" sends a byte now and then, "hang" says nothing, "endless" floods, "huge"
    promises a literal of 10 GB, and anything else is said as the answer.
    """

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Session)
        self.folder, self.flags, self.next_number, self.validity = {}, {}, 1, 7
        self.user, self.password = "bounces", "geheim €"
        self.capabilities = "IMAP4rev1 AUTH=PLAIN UIDPLUS"
        self.troubles, self.commands, self.sessions = {}, [], 0
        self.tls = None
        self.tls_from_the_start = False
        self.stopped = threading.Event()

    @property
    def port(self):
        return self.server_address[1]

    def deliver(self, message):
        number, self.next_number = self.next_number, self.next_number + 1
        self.folder[number], self.flags[number] = message, set()
        return number

    def __enter__(self):
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *error):
        self.stopped.set()
        self.shutdown()
        self.server_close()


class Session(socketserver.StreamRequestHandler):
    disable_nagle_algorithm = True

    def handle(self):
        self.server.sessions += 1
        try:
            if self.server.tls_from_the_start:
                self.secure()
            if self.meet("GREETING", "*"):
                return
            self.say("* OK fake")
            while line := self.rfile.readline():
                tag, _, command = line.decode().strip().partition(" ")
                words = command.upper().split()
                name = " ".join(words[:2]) if words[:1] == ["UID"] else (words or [""])[0]
                self.server.commands.append(name)
                if not self.meet(name, tag):
                    getattr(self, f"on_{name.lower().replace(' ', '_')}", self.on_other)(tag, command)
        except (OSError, StopIteration, ValueError):
            return

    def finish(self):
        try:
            super().finish()
        except OSError:
            pass
        finally:
            self.connection.close()

    def meet(self, name, tag):
        match self.server.troubles.get(name):
            case None:
                return False
            case "cut":
                raise StopIteration
            case "hang":
                self.server.stopped.wait(30)
                raise StopIteration
            case "drip":
                for _ in range(1_000):
                    self.wfile.write(b"*")
                    if self.server.stopped.wait(0.02):
                        break
                raise StopIteration
            case "endless":
                for _ in range(10_000):
                    self.wfile.write(b"* OK so it goes on and on\r\n" * 100)
                raise StopIteration
            case "huge":
                self.say("* 1 FETCH (UID 1 BODY[]<0> {10000000000}")
                self.server.stopped.wait(30)
                raise StopIteration
            case says:
                self.say(f"{tag} {says}")
        return True

    def on_capability(self, tag, command):
        self.say(f"* CAPABILITY {self.server.capabilities}")
        self.say(f"{tag} OK done")

    def on_starttls(self, tag, command):
        self.say(f"{tag} OK done")
        self.secure()

    def secure(self):
        self.connection = secured(self.connection, self.server.tls)
        self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", buffering=0)

    def on_authenticate(self, tag, command):
        self.say("+ ")
        given = base64.b64decode(self.rfile.readline()).decode()
        self.decide(tag, given == f"\0{self.server.user}\0{self.server.password}")

    def on_login(self, tag, command):
        self.decide(tag, command == f'LOGIN {self.server.user} "{self.server.password}"')

    def decide(self, tag, is_right):
        self.say(f"{tag} OK done" if is_right else f"{tag} NO [AUTHENTICATIONFAILED] no")

    def on_select(self, tag, command):
        self.say(f"* {len(self.server.folder)} EXISTS")
        self.say(f"* OK [UIDVALIDITY {self.server.validity}] valid")
        self.say(f"{tag} OK [READ-WRITE]")

    def on_uid_search(self, tag, command):
        after = int(re.search(r"UID (\d+):\*", command)[1])
        numbers = sorted(self.server.folder)
        found = [number for number in numbers if number >= after] or numbers[-1:]
        self.say(f"* SEARCH {' '.join(map(str, found))}".rstrip())
        self.say(f"{tag} OK done")

    def on_uid_fetch(self, tag, command):
        found = PARTIAL.fullmatch(command)
        number, size = int(found[1]), int(found[2])
        message = self.server.folder.get(number)
        if message is not None:
            piece = message[:size]
            self.wfile.write(
                f"* 1 FETCH (UID {number} BODY[]<0> {{{len(piece)}}}\r\n".encode() + piece + b")\r\n"
            )
        self.say(f"{tag} OK done")

    def on_uid_store(self, tag, command):
        number = int(command.split()[2])
        self.server.flags.setdefault(number, set()).update(re.findall(r"\\\w+", command))
        self.say(f"{tag} OK done")

    def on_uid_expunge(self, tag, command):
        number = int(command.split()[2])
        if "\\Deleted" in self.server.flags.get(number, ()):
            self.server.folder.pop(number, None)
        self.say(f"{tag} OK done")

    def on_logout(self, tag, command):
        self.say("* BYE so long")
        self.say(f"{tag} OK done")
        raise StopIteration

    def on_other(self, tag, command):
        self.say(f"{tag} BAD what?")

    def say(self, words):
        self.wfile.write(words.encode() + b"\r\n")
