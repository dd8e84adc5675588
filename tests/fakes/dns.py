"""A DNS server on loopback that knows a few records and aliases, counts questions, and can keep silent."""

import socketserver
import threading

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset


class FakeDns(socketserver.ThreadingUDPServer):
    """`with FakeDns({"example.org": ["v=spf1 -all"]}) as server:`; a value that is a name is an alias (CNAME).

    A list holds texts; a dictionary holds records by type: `{"A": ["192.0.2.1"], "MX": ["10 mx.example.org."]}`.
    About the names in `failing` the server says that it failed (SERVFAIL); about all, it says nothing while `silent`.
    It answers only when `answers_from` different questions are there, for which it waits 10 seconds at most.
    """

    daemon_threads = True

    def __init__(self, records=()):
        super().__init__(("127.0.0.1", 0), Question)
        self.records = dict(records)
        self.silent = False
        self.failing = set()
        self.questions = []
        self.asked = threading.Condition()
        self.answers_from = 1

    @property
    def address(self):
        return f"127.0.0.1:{self.server_address[1]}"

    def __enter__(self):
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *error):
        self.shutdown()
        self.server_close()


class Question(socketserver.BaseRequestHandler):
    def handle(self):
        data, socket = self.request
        query = dns.message.from_wire(data)
        kind = dns.rdatatype.to_text(query.question[0].rdtype)
        with self.server.asked:
            self.server.questions.append((query.question[0].name.to_text().rstrip(".").lower(), kind))
            self.server.asked.notify_all()
            if not self.server.asked.wait_for(self.are_enough, timeout=10):
                return
        if self.server.silent:
            return
        answer = dns.message.make_response(query)
        answer.flags |= dns.flags.RA
        name = query.question[0].name.to_text().rstrip(".").lower()
        known = self.server.records.get(name)
        while isinstance(known, str):
            answer.answer.append(dns.rrset.from_text(f"{name}.", 60, "IN", "CNAME", f"{known}."))
            name, known = known, self.server.records.get(known)
        if name in self.server.failing:
            answer.set_rcode(dns.rcode.SERVFAIL)
        elif known is None:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        elif values := self.values(known, kind):
            answer.answer.append(dns.rrset.from_text(f"{name}.", 60, "IN", kind, *values))
        socket.sendto(answer.to_wire(), self.client_address)

    def are_enough(self):
        return len(set(self.server.questions)) >= self.server.answers_from

    def values(self, known, kind):
        """The records of that type, as a zone file has them; a text goes in strings of 255 characters at most."""
        found = known.get(kind, []) if isinstance(known, dict) else known if kind == "TXT" else []
        if kind != "TXT":
            return found
        return [
            " ".join(
                '"{}"'.format(text[start : start + 255].replace('"', r"\""))
                for start in range(0, len(text) or 1, 255)
            )
            for text in found
        ]
