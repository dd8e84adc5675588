"""A workbook that no memory is large enough for is refused while `newsletter serve` goes on answering."""

import http.cookiejar
import re
import urllib.error
import urllib.parse
import urllib.request
from threading import Event, Thread

import pytest

from tests.journeys.test_serving import answer, companions, nurseries, press, serving  # noqa: F401 - fixtures
from tests.subscribers.imports.test_hostile_workbooks import HEADING, far_cell, with_rows

pytestmark = [pytest.mark.kill, pytest.mark.enable_socket]

ADMINISTRATOR = """
import django; django.setup()
from newsletter.accounts.users import add_user
add_user("ada", password="a long enough password")
"""
IMPORT = "/desk/subscribers/import/"


class Browser:
    """Posts forms as a browser does, with cookies and the token of the page."""

    def __init__(self, port):
        self.root = f"http://localhost:{port}"
        self._open = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        ).open

    def post(self, path, fields, file=b""):
        page = self.get(path)
        fields = {"csrfmiddlewaretoken": re.search(r'csrfmiddlewaretoken" value="([^"]+)"', page)[1]} | fields
        parts = [f'name="{name}"\r\n\r\n{value}\r\n'.encode() for name, value in fields.items()]
        if file:
            parts.append(b'name="file"; filename="people.xlsx"\r\n\r\n' + file + b"\r\n")
        body = b"".join(b"--x\r\nContent-Disposition: form-data; " + part for part in parts) + b"--x--\r\n"
        kind = {"Content-Type": "multipart/form-data; boundary=x", "Origin": self.root}
        return self.get(urllib.request.Request(f"{self.root}{path}", body, kind))

    def get(self, where):
        where = where if isinstance(where, urllib.request.Request) else f"{self.root}{where}"
        try:
            return self._open(where, timeout=60).read().decode()
        except urllib.error.HTTPError as error:
            return error.read().decode()


def test_a_workbook_with_content_far_away_leaves_the_server_alive(press, serving):  # noqa: F811
    _nursery, process, port = serving
    press.run("-c", ADMINISTRATOR)
    browser, beside, statuses, done = Browser(port), companions(process), [], Event()
    browser.post("/desk/log-in/", {"username": "ada", "password": "a long enough password"})

    def count():
        while not done.is_set():
            statuses.append(answer(port, "/healthz")[0])

    counting = Thread(target=count)
    counting.start()
    try:
        page = browser.post(IMPORT, {}, with_rows(HEADING + far_cell("XFD1048576")))
    finally:
        done.set()
        counting.join()

    assert "content as far away as XFD1048576" in page
    assert set(statuses) == {200}
    assert companions(process) == beside
