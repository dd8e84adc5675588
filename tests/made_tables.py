"""Databases that have all tables: made by the migrations once in a run of the tests, and copied for whoever needs one.

The migrations take longer than most tests. All workers of pytest-xdist share what the first of them made.
"""

import atexit
import fcntl
import os
import shutil
import sys
import tempfile
import uuid
from functools import cache
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

from tests import forked
from tests.waiting import lease_duration

ROOT = Path(__file__).resolve().parents[1]
# The folder that the workers of a run share. The process that starts them makes it, and removes it afterwards.
FOLDER = "NEWSLETTER_TESTS_FOLDER"


def make_home(home):
    """A folder with a database in SQLite that has all tables, for what needs no more than that."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    copy_tables_to(home / "newsletter.sqlite3")


def copy_tables_to(file):
    """Make a database in SQLite that has all tables."""
    shutil.copy(made_once(_folder() / "tables.sqlite3", _make_file), file)


def database_with_tables(url):
    """The address of a database of its own on the same PostgreSQL, with the tables of the press."""
    return new_database(url, template=database_to_copy(url))


@cache
def database_to_copy(url):
    """The name of a database that has all tables, on the PostgreSQL of this address."""

    def make(file):
        template = new_database(url)
        _make_tables(tempfile.gettempdir(), template)
        file.write_text(urlsplit(template).path[1:], encoding="utf-8")

    name = sha256(url.encode()).hexdigest()
    return made_once(_folder() / name, make).read_text(encoding="utf-8")


def new_database(url, *, template="template1"):
    """The address of a new database on the same PostgreSQL, empty unless it is a copy; "" where there is none."""
    if not url.startswith("postgres"):
        return ""
    import psycopg

    name = f"journey_{uuid.uuid4().hex}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    return urlsplit(url)._replace(path=f"/{name}").geturl()


def made_once(file, make):
    """The file, which `make(path)` makes in the first process of the run that asks for it; others wait for that."""
    with file.with_name(f"{file.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not file.exists():
            unfinished = file.with_name(f"{file.name}.unfinished")
            make(unfinished)
            unfinished.rename(file)
    return file


@cache
def _folder():
    if os.environ.get(FOLDER):
        return Path(os.environ[FOLDER])
    folder = tempfile.TemporaryDirectory(prefix="newsletter-tests-")
    atexit.register(folder.cleanup)
    return Path(folder.name)


def _make_file(file):
    with tempfile.TemporaryDirectory(prefix="newsletter-tests-") as home:
        _make_tables(home, "")
        made = Path(home) / "newsletter.sqlite3"
        made.chmod(0o600)
        shutil.move(made, file)


def _make_tables(home, database):
    environment = {
        **os.environ,
        "NEWSLETTER_HOME": str(home),
        "DATABASE_URL": database,
        "DJANGO_SETTINGS_MODULE": "newsletter.settings",
    }
    command = [sys.executable, "-m", "django", "migrate", "--verbosity", "0"]
    forked.run(command, env=environment, cwd=ROOT, check=True, timeout=lease_duration())
