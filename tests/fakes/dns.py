"""A DNS server on loopback that knows a few text records and aliases, and can keep silent."""

import socketserver
import threading

import dns.flags
import dns.message
import dns.rcode
import dns.rrset


class FakeDns(socketserver.ThreadingUDPServer):
    """`with FakeDns({"example.org": ["v=spf1 -all"]}) as server:`; a value that is a name is an alias (CNAME)."""

    daemon_threads = True

    def __init__(self, records=()):
        super().__init__(("127.0.0.1", 0), Question)
        self.records = dict(records)
        self.silent = False

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
        if self.server.silent:
            return
        query = dns.message.from_wire(data)
        answer = dns.message.make_response(query)
        answer.flags |= dns.flags.RA
        name = query.question[0].name.to_text().rstrip(".").lower()
        known = self.server.records.get(name)
        while isinstance(known, str):
            answer.answer.append(dns.rrset.from_text(f"{name}.", 60, "IN", "CNAME", f"{known}."))
            name, known = known, self.server.records.get(known)
        if known is None:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        elif known:
            answer.answer.append(
                dns.rrset.from_text(f"{name}.", 60, "IN", "TXT", *(f'"{text}"' for text in known))
            )
        socket.sendto(answer.to_wire(), self.client_address)
