"""The link that `newsletter serve` prints on an empty database."""

import http.client
import re
import signal

import pytest

from tests.journeys.installation import Press

pytestmark = [pytest.mark.kill, pytest.mark.enable_socket]

LINK = re.compile(r"^(http\S+/desk/start/\?token=\S+)$", re.MULTILINE)
MAX_LINES = 40
ADD_ADA = """
import django; django.setup()
from newsletter.accounts.users import add_user
add_user("ada", password="ebb and flow at the quay")
"""


def printed_until(process, words):
    """What a process prints up to a line with these words."""
    lines = []
    for line in process.stdout:
        lines.append(line)
        if words in line:
            return "".join(lines)
        assert len(lines) < MAX_LINES
    return pytest.fail(f"It ended without printing {words!r}: {''.join(lines)}")


def get(link):
    host, _, path = link.removeprefix("http://").partition("/")
    connection = http.client.HTTPConnection(host, timeout=60)
    connection.request("GET", f"/{path}")
    answer = connection.getresponse()
    said = answer.read().decode()
    connection.close()
    return answer.status, said


def ended(process):
    process.send_signal(signal.SIGTERM)
    return process.communicate(timeout=60)


@pytest.mark.full
def test_the_link_is_printed_at_each_start_while_there_is_no_account_and_is_in_no_log(tmp_path):
    press = Press(tmp_path, NEWSLETTER_LOG_LEVEL="DEBUG")
    first = press.start("serve", "--port", "0")
    old = LINK.search(printed_until(first, "?token="))[1]
    assert re.fullmatch(r"http://localhost:\d+/desk/start/\?token=[\w-]{32}", old)
    ended(first)
    second = press.start("serve", "--port", "0")
    link = LINK.search(printed_until(second, "?token="))[1]
    status, page = get(link)
    assert (status, "Create my account" in page) == (200, True)
    assert get(re.sub("token=.*", old.partition("?")[2], link))[0] == 404
    out, err = ended(second)
    assert link.partition("token=")[2] not in out + err
    press.run("-c", ADD_ADA)
    third = press.start("serve", "--port", "0")
    assert "token=" not in printed_until(third, "Listening on") + "".join(ended(third))


def test_the_link_is_printed_last_and_every_other_link_has_its_port_too(tmp_path):
    serving = Press(tmp_path).start("serve", "--port", "0")
    link = LINK.search(printed_until(serving, "?token="))[1]
    root = link.partition("/desk/")[0]
    assert not root.endswith(":8000")
    assert f"Sitemap: {root}/sitemap.xml" in get(f"{root}/robots.txt")[1]
    out, _err = ended(serving)
    assert "http" not in out


@pytest.mark.full
def test_where_the_address_is_public_the_link_is_and_we_say_so(tmp_path):
    press = Press(tmp_path, NEWSLETTER_BASE_URL="https://news.example.org")
    serving = press.start("serve", "--port", "0")
    said = printed_until(serving, "?token=")
    ended(serving)
    assert "The address is public" in said
    assert LINK.search(said)[1].startswith("https://news.example.org/desk/start/?token=")
