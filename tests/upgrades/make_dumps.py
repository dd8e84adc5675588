"""Keeps the databases of the version that is about to be released, and pins its migrations.

`python -m tests.upgrades.make_dumps`: from then on every version must upgrade these databases (test_upgrades.py), and
these migrations stay as they are (test_released_migrations.py). What was kept of a version is never made again.
"""

import gzip
import os
import re
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path

from newsletter import __version__
from tests.postgres import running, server_programs
from tests.upgrades.released_migrations import pin_migrations

ROOT = Path(__file__).resolve().parents[2]
DUMPS = Path(__file__).parent / "dumps"
# What a dump of PostgreSQL holds for psql alone, or for servers of its own version.
FOR_PSQL = re.compile(r"\\(un)?restrict |SET transaction_timeout ")
SECRET_KEY = "the-key-of-the-dumps-which-guards-nothing"


def main():
    programs = server_programs()
    if programs is None:
        sys.exit("PostgreSQL's server programs are needed: Debian: apt install postgresql.")
    if (DUMPS / __version__).exists():
        sys.exit(f"Version {__version__} has its dumps. Raise the version first.")
    with tempfile.TemporaryDirectory() as made:
        make(programs, Path(made))
        (DUMPS / __version__).mkdir(parents=True)
        for file in Path(made).iterdir():
            (DUMPS / __version__ / file.name).write_bytes(file.read_bytes())
    pin_migrations()


def make(programs, folder):
    with tempfile.TemporaryDirectory() as home:
        fill(home, "", folder / "sqlite.sent.json")
        with closing(sqlite3.connect(Path(home, "newsletter.sqlite3"))) as connection:
            keep(folder / "sqlite.sql.gz", connection.iterdump())
    with tempfile.TemporaryDirectory() as home, running(programs) as url:
        fill(home, url, folder / "postgresql.sent.json")
        command = ["pg_dump", "--no-owner", "--no-privileges", "--inserts", url]
        printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        keep(folder / "postgresql.sql.gz", printed.split("\n"))


def fill(home, database, sent):
    """Make the installation in a process of its own, with nothing of ours in its environment."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("NEWSLETTER_")}
    environment = ours | surroundings(home, database)
    subprocess.run(
        [sys.executable, "-m", "tests.upgrades.installation", sent], check=True, env=environment, cwd=ROOT
    )


def surroundings(home, database):
    """The environment of the installation, when its dump is made and when it is upgraded."""
    return {
        "NEWSLETTER_HOME": str(home),
        "DATABASE_URL": database,
        "DJANGO_SETTINGS_MODULE": "newsletter.settings",
        "NEWSLETTER_SECRET_KEY": SECRET_KEY,
        "NEWSLETTER_TRANSPORT": "sendgrid",
        "SENDGRID_API_KEY": "SG.dumps",
        "NEWSLETTER_BASE_URL": "https://press.example.org",
    }


def keep(file, lines):
    """Write SQL, compressed, and the same bytes for the same lines."""
    text = "\n".join(line for line in lines if not FOR_PSQL.match(line)) + "\n"
    file.write_bytes(gzip.compress(text.encode(), mtime=0))


if __name__ == "__main__":
    main()
