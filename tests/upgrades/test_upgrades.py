"""A database of every released version becomes one of this version, and its mailing goes on: everybody gets it once."""

import gzip
import json
import os
import sqlite3
import sys
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from newsletter import __version__
from tests import forked
from tests.made_tables import new_database
from tests.upgrades.make_dumps import DUMPS, surroundings
from tests.waiting import lease_duration

ROOT = Path(__file__).resolve().parents[2]
GUIDE = ROOT / "docs/operations/upgrading.md"
URL = os.environ.get("DATABASE_URL", "")
KIND = "postgresql" if URL.startswith("postgres") else "sqlite"
RELEASED = sorted(folder.name for folder in DUMPS.iterdir())
ACTIVE = {*(f"import{n}@example.org" for n in range(8)), "paused@example.org"} | {
    f"{name}@example.org"
    for name in ("ana", "ben", "cem", "dora", "eve", "finn", "gwen", "hugo", "ida", "jo", "kai")
}
MAILED = ACTIVE - {"paused@example.org"}


def sql_of(version, kind):
    return gzip.decompress((DUMPS / version / f"{kind}.sql.gz").read_bytes()).decode()


def restored(version, home):
    """The address of a database as that version left it; "" for SQLite, whose file is in the home folder."""
    text = sql_of(version, KIND)
    if KIND == "sqlite":
        with closing(sqlite3.connect(home / "newsletter.sqlite3")) as connection:
            connection.executescript(text)
        return ""
    import psycopg

    url = new_database(URL)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(text)
    return url


def upgraded(version, home):
    """What this version makes of the database, once it has finished its mailings."""
    environment = {**os.environ, **surroundings(home, restored(version, home))}
    sent = DUMPS / version / f"{KIND}.sent.json"
    ended = forked.run(
        [sys.executable, "-m", "tests.upgrades.finish", str(sent)],
        env=environment, cwd=ROOT, capture_output=True, text=True, timeout=lease_duration(), check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    taken_before = json.loads(sent.read_text(encoding="utf-8"))
    return {"taken before": taken_before} | json.loads(ended.stdout.splitlines()[-1])


@pytest.fixture(scope="module", params=RELEASED)
def found(request, tmp_path_factory):
    """What is in the database of a released version, once this version has upgraded it and sent what was unsent."""
    return upgraded(request.param, tmp_path_factory.mktemp("home"))


@pytest.mark.django_db
def test_a_database_of_a_released_version_is_upgraded_and_its_mailing_reaches_everybody_once(found):
    assert found["usable"] == ""
    assert found["differences"] == []
    for number in (1, 2):
        category = f"press harbour {number}"
        taken = found["taken before"] + found["taken now"]
        got = Counter(address for categories, address in taken if category in categories)
        assert got == Counter(MAILED)
    assert {address for _categories, address in found["taken now"]} < MAILED
    audience = len(MAILED)
    assert sorted(found["mailings"]) == ["1", "2"]
    for mailing in found["mailings"].values():
        assert mailing == ["sent", audience, audience]


@pytest.mark.django_db
def test_nothing_that_people_said_is_lost_by_an_upgrade(found):
    assert set(found["active"]) == ACTIVE
    assert found["issues"] == {"1": "sent", "2": "sent", "3": "scheduled", "4": "draft"}
    assert set(found["articles found"]) == {True}
    assert found["topics"] == ["boats", "tides"]
    assert found["readers of tides"] == len(MAILED) - 8 + 1  # and somebody who has not confirmed
    assert found["suppressions"] == 2
    assert found["consent entries"] > len(ACTIVE)
    assert found["series"] == ["Europe/London"]
    assert found["audit entries"]


@pytest.mark.django_db
def test_an_approval_of_an_email_that_this_version_words_differently_ends_as_the_upgrade_guide_says(found):
    [(number, (state, because))] = found["approvals ended"].items()
    assert (number, state) == ("3", "draft")
    assert "because you subscribed to Readers" in because
    assert "because you are on the mailing list Readers" in because
    assert "## Approvals after an upgrade" in GUIDE.read_text(encoding="utf-8")


def test_the_version_in_the_tree_has_its_dumps():
    assert __version__ in RELEASED, (
        "Before a release, run python -m tests.upgrades.make_dumps and commit what it made."
    )


def test_the_mailing_of_a_dump_is_half_way():
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(sql_of("0.1.0", "sqlite"))
        states = connection.execute(
            "SELECT state, count(*) FROM newsletter_recipient GROUP BY state ORDER BY state"
        )
        assert states.fetchall() == [("accepted", 24), ("unknown", 5), ("waiting", 9)]
