"""A log tells what went wrong and nobody's address, link or key, in lines and in JSON, also in tracebacks."""

import json
import logging
import os
import subprocess
import sys
import time

import pytest
from django.db import IntegrityError, connection
from django.urls import reverse

from newsletter.logs import RedactingFormatter, RedactingJsonFormatter
from subscribers import signed_links
from subscribers.models import AddressChange, Subscriber, Subscription
from subscribers.signed_links import Purpose
from tests import forked

SECRET = "correct-horse-battery"


@pytest.fixture(params=[RedactingFormatter, RedactingJsonFormatter])
def written(request):
    """What a handler would write: `written("It failed for %s", address)`."""
    formatter = request.param([SECRET])

    def write(message, *arguments, exc_info=None):
        record = logging.LogRecord("press", logging.ERROR, __file__, 1, message, arguments, exc_info)
        return formatter.format(record)

    return write


@pytest.mark.parametrize(
    "personal",
    [
        "ana@example.org",
        "o'brien+news@mail.example.co.uk",
        "jürgen@bücher.example",
        "SG.abcdefghijklmnop.qrstuvwxyz0123456789",
        SECRET,
        "s3cr3t-of-the-database",
    ],
)
def test_addresses_and_keys_are_taken_out_of_messages_and_arguments(written, personal):
    said = f"postgres://press:{personal}@db/news" if personal.startswith("s3cr3t") else personal
    assert personal not in written(f"It failed for <{said}>.")
    assert personal not in written("It failed for %s, %r", said, [said])
    assert "It failed for" in written("It failed for %s", said)


@pytest.mark.django_db
@pytest.mark.parametrize("purpose", sorted(set(Purpose) - {Purpose.READ_ONLINE, Purpose.USEFUL}))
def test_a_token_in_a_link_is_taken_out_and_its_page_stays(written, purpose):
    kind = Subscriber if purpose in signed_links.OF_A_SUBSCRIBER else Subscription
    row = AddressChange(pk=7) if purpose == Purpose.NEW_ADDRESS else kind(pk=7)
    token = signed_links.make_token(purpose, row)
    line = written("Internal Server Error: %s", signed_links.make_url(purpose, row))
    assert token not in line
    assert token not in written("GET /harbour/3/?reader=%s", token)
    assert f"/{purpose.value}/" in line


def test_the_token_of_an_answer_is_taken_out(written):
    token = signed_links.make_token(Purpose.USEFUL, Subscriber(pk=7))
    line = written("Internal Server Error: %s", reverse("useful", args=["harbour", 3, token, 12, "yes"]))
    assert token not in line
    assert "/useful/harbour/3/" in line


def test_what_a_log_is_read_for_stays(written):
    for said in (
        "Mailing 7, batch 12: waits until 07:30:00.",
        "/srv/press/var/newsletter.sqlite3",
        "newsletter.sending.engines.local_worker",
        "https://harbour.example.org/2026/11/tides",
        "/srv/the_press_of_the_harbour_and_its_friends/newsletter/scheduler.py",
    ):
        assert said in written(said)


@pytest.mark.django_db(transaction=True)
def test_a_real_traceback_of_the_database_names_nobody(written):
    person = {"address": "ana@example.org", "address_key": "ana@example.org", "first_name": "Ana"}
    Subscriber.objects.create(**person)
    with pytest.raises(IntegrityError):
        Subscriber.objects.create(**person)
    try:
        Subscriber.objects.create(**person)
    except IntegrityError:
        line = written("We could not process reports", exc_info=sys.exc_info())
    assert "ana@" not in line
    assert "IntegrityError" in line
    assert "address_key" in line


@pytest.mark.django_db(transaction=True)
def test_a_row_that_the_database_refuses_is_not_shown(written):
    person = {"address": "at home", "address_key": None, "first_name": "Annabel"}
    try:
        Subscriber.objects.create(**person)
    except IntegrityError:
        line = written("It failed", exc_info=sys.exc_info())
    assert "Annabel" not in line
    if connection.vendor == "postgresql":
        assert "Failing row contains (…)" in line


def test_json_is_one_object_a_line_with_the_traceback_in_it():
    def fail():
        raise ValueError("two\nlines")

    try:
        fail()
    except ValueError:
        record = logging.LogRecord(
            "press", logging.ERROR, __file__, 1, "It failed", (), exc_info=sys.exc_info()
        )
    line = RedactingJsonFormatter().format(record)
    assert "\n" not in line
    entry = json.loads(line)
    assert (entry["level"], entry["logger"], entry["message"]) == ("ERROR", "press", "It failed")
    assert entry["traceback"].endswith("ValueError: two\nlines")
    assert entry["time"].endswith("+00:00")


def test_every_handler_of_the_press_is_discreet(settings):
    kinds = {handler["formatter"] for handler in settings.LOGGING["handlers"].values()}
    assert {settings.LOGGING["formatters"][kind]["()"] for kind in kinds} <= {
        "newsletter.logs.RedactingFormatter",
        "newsletter.logs.RedactingJsonFormatter",
    }
    assert [
        name
        for name, logger in logging.root.manager.loggerDict.items()
        if name == "django" and logger.handlers
    ] == []


def test_the_key_of_the_home_is_among_what_logs_leave_out(tmp_path):
    (tmp_path / "secret-key").write_text(f"{'k' * 50}\n", encoding="ascii")
    environment = {
        **os.environ,
        "NEWSLETTER_HOME": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "newsletter.settings",
    }
    code = "from django.conf import settings; print(settings.SECRET_KEY in settings.SECRETS, settings.SECRET_KEY)"
    said = forked.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=60
    )
    assert said.stdout == f"True {'k' * 50}\n"


HOSTILE = {
    "one letter": "a",
    "dots": ".",
    "slashes": "/",
    "links": "://",
    "capitals after a sign": "=A",
    "ats": "a@",
    "keys": "SG.",
    "basic and spaces": "basic   ",
    "keys of rows": "Key (",
    "rows": "Failing row contains (1, ",
    "spaces": " ",
    "letters and spaces": "a ",
}


@pytest.mark.parametrize("piece", HOSTILE.values(), ids=HOSTILE)
def test_a_message_of_a_megabyte_costs_little(written, piece):
    message = piece * (1_000_000 // len(piece))
    began = time.process_time()
    line = written("It failed: %s", message)
    # A fifth of a second was asked for; a busy machine's caches are worth as much again.
    assert time.process_time() - began < 0.4
    assert len(line) < 12_000
    assert "It failed:" in line


@pytest.mark.parametrize("place", [5_950, 5_980, 5_990, 7_990, 92_000, 97_990, 98_010])
@pytest.mark.parametrize(
    "personal", ["ana.of.the.harbour@mail.example.org", f"/leave/A{'bC1' * 12}/", SECRET]
)
def test_where_a_long_message_is_cut_nothing_personal_stays(written, place, personal):
    line = written("%s", f"{'x ' * (place // 2)} {personal} {'y ' * ((100_000 - place) // 2)}")
    for part in (personal[:8], personal[-8:], personal[8:20]):
        assert part not in line.replace("/leave/", "")


def test_a_row_of_several_lines_and_one_without_an_end_are_not_shown(written):
    assert "Annabel" not in written("DETAIL:  Failing row contains (7, two\nlines), Annabel\n, x).")
    assert "Annabel" not in written(
        "DETAIL:  Failing row contains (7, " + "long " * 3_000 + "Annabel, and no end"
    )


class Unwritable:
    def __str__(self):
        raise ZeroDivisionError


@pytest.mark.parametrize(
    ("message", "arguments"),
    [("%s and %s", ("ana@example.org",)), ("%d", ("ana@example.org",)), ("%s", (Unwritable(),))],
)
def test_a_message_that_cannot_be_written_is_said_and_raises_nothing(written, message, arguments):
    line = written(message, *arguments)
    assert "could not write" in line
    assert "ana@" not in line


def test_half_a_surrogate_and_a_nul_are_written_somehow(written):
    assert "before" in written("before \ud83d \0 after")


UNCAUGHT = """
import logging.config, threading, warnings
import django
django.setup()
from newsletter.logs import log_everything
log_everything()
warnings.warn("a warning")
def fail():
    raise ValueError("ana@example.org")
thread = threading.Thread(target=fail, name="worker")
thread.start()
thread.join()
fail()
"""


def test_in_json_what_nothing_caught_is_json_too():
    environment = {
        **os.environ,
        "NEWSLETTER_LOG_FORMAT": "json",
        "DJANGO_SETTINGS_MODULE": "newsletter.settings",
    }
    ended = subprocess.run(
        [sys.executable, "-W", "always", "-c", UNCAUGHT],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    entries = [json.loads(line) for line in ended.stderr.splitlines()]
    assert [entry["logger"] for entry in entries] == ["py.warnings", "newsletter.logs", "newsletter.logs"]
    assert "ana@" not in ended.stderr
    assert ended.returncode == 1


@pytest.mark.parametrize(
    "name", ["apscheduler.scheduler", "apscheduler.executors.default", "markdown_it.rules_block"]
)
def test_what_others_write_at_every_turn_is_left_out_at_any_level(name):
    assert not logging.getLogger(name).isEnabledFor(logging.INFO)


def test_the_tick_of_a_chore_that_is_still_at_it_is_no_warning():
    assert not logging.getLogger("apscheduler.scheduler").isEnabledFor(logging.WARNING)
