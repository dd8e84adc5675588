"""HEAD is answered as GET is, without a body, so that the next answer on a connection begins where it should."""

import re
import socket

from django.urls import URLPattern, get_resolver
from pytest import fixture, mark

from newsletter.web.bodiless_responses import drop_needless_bodies
from tests.journeys.installation import Press

PATIENCE = 60
WORDS = {
    "slug": "press",
    "number": "1",
    "int": "1",
    "token": "AAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "path": "press",
    "object_id": "1",
    "content_type_id": "1",
    "app_label": "newsletter",
    "name": "press",
}


@fixture(scope="module")
def port(tmp_path_factory):
    """The port of a real `newsletter web` that has something to show."""
    press = Press(tmp_path_factory.mktemp("press"))
    press.seed(people=2, issues=1)
    process = press.start("web", "--port", "0")
    said = process.stdout.readline()
    yield int(said.partition("127.0.0.1:")[2].split()[0])
    process.terminate()
    process.communicate(timeout=PATIENCE)


def addresses():
    """Every address of the URL conf, with words put in; and some that are elsewhere or nowhere."""
    found = {
        "/healthz",
        "/readyz",
        "/static/admin/css/base.css",
        "/static/nothing.css",
        "/nothing/here/at/all",
        "/desk",
    }
    found.update(_below(get_resolver(), ""))
    return sorted(found)


def _below(resolver, before):
    for each in resolver.url_patterns:
        here = before + _filled(str(each.pattern))
        if isinstance(each, URLPattern):
            yield f"/{here}"
        else:
            yield from _below(each, here)


def _filled(pattern):
    plain = (
        re.sub(r"\(\?P<(\w+)>[^)]*\)", r"<\1>", pattern)
        .strip("^")
        .rstrip("$")
        .replace("\\Z", "")
        .replace("\\", "")
    )
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda name: WORDS.get(name[1], "1"), plain)


def ask(port, *methods_and_paths):
    """All that comes back over one connection.

    After an answer to HEAD that closes the connection nothing more is sent: a server answers what comes after it has
    closed with a reset.
    """
    found = b""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as wire:
        for number, (method, path) in enumerate(methods_and_paths, 1):
            last = "Connection: close\r\n" if number == len(methods_and_paths) else ""
            wire.sendall(f"{method} {path} HTTP/1.1\r\nHost: localhost\r\n{last}\r\n".encode())
            if not last:
                found += headers_from(wire)
                if b"\r\nConnection: close" in found:
                    break
        while data := wire.recv(65_536):
            found += data
        return found


def headers_from(wire):
    found = b""
    while b"\r\n\r\n" not in found:
        data = wire.recv(65_536)
        assert data, found
        found += data
    return found


def length_of(answer):
    found = re.search(rb"\r\nContent-Length: (\d+)\r\n", answer.partition(b"\r\n\r\n")[0] + b"\r\n")
    return found and int(found[1])


def test_after_head_the_next_answer_begins_where_it_should_at_every_address(port):
    asked = addresses()
    assert len(asked) > 60
    for path in asked:
        got = ask(port, ("GET", path))
        alone = ask(port, ("HEAD", path))
        headers, _end, rest = alone.partition(b"\r\n\r\n")
        assert rest == b"", path
        assert alone.split(b"\r\n")[0] == got.split(b"\r\n")[0], path
        assert length_of(alone) == length_of(got), path
        headers, _end, rest = ask(port, ("HEAD", path), ("GET", "/healthz")).partition(b"\r\n\r\n")
        if b"\r\nConnection: close" in headers:
            assert rest == b"", path
        else:
            assert rest.startswith(b"HTTP/1.1 200 OK\r\n"), path
            assert rest.endswith(b"Alive.\n"), path


@mark.parametrize(
    ("method", "status"), [("HEAD", "200 OK"), ("GET", "304 Not Modified"), ("GET", "204 No Content")]
)
def test_what_may_have_no_body_gets_none_and_what_would_have_been_sent_is_closed(method, status):
    class Stream:
        closed = False

        def __iter__(self):
            return iter([b"a body ", b"in pieces"])

        def close(self):
            self.closed = True

    stream = Stream()

    def application(_environ, start_response):
        start_response(status, [("X-Kept", "yes")])
        return stream

    said = []
    wrapped = drop_needless_bodies(application)
    assert b"".join(wrapped({"REQUEST_METHOD": method}, lambda *words: said.append(words))) == b""
    assert said == [(status, [("X-Kept", "yes")])]
    assert stream.closed


def test_a_body_that_belongs_there_stays():
    def application(_environ, start_response):
        start_response("200 OK", [])
        return [b"a body"]

    wrapped = drop_needless_bodies(application)
    assert wrapped({"REQUEST_METHOD": "GET"}, lambda *_: None) == [b"a body"]
