"""Backups of a PostgreSQL database: who is in the way, what is missing, and users with few rights."""

import contextlib
import shutil
import uuid
from urllib.parse import urlsplit

import pytest

from tests.journeys.installation import Press, twin_of
from tests.journeys.test_backup import refusal
from tests.waiting import lease_duration

pytestmark = pytest.mark.enable_socket


@pytest.mark.postgres
def test_who_is_connected_is_named_and_postgresql_itself_is_not_in_the_way(on_postgres, tmp_path):
    import psycopg

    press, file = Press(tmp_path), tmp_path / "press.tar.gz"
    press.newsletter("backup", file)
    url = press.environment["DATABASE_URL"]
    with psycopg.connect(url, application_name="monitor") as monitor:
        said = refusal(press, "restore", file, "--replace")
        assert f"monitor (user press, server process {monitor.info.backend_pid})" in said
    with autovacuum_at_work(url) as pid:
        press.newsletter("restore", file, "--replace")
        assert pid


@contextlib.contextmanager
def autovacuum_at_work(url):
    """While inside, PostgreSQL vacuums a table of its own accord, and is slow about it."""
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET autovacuum_naptime = '1s'")
        connection.execute("ALTER SYSTEM SET autovacuum = on")
        connection.execute("SELECT pg_reload_conf()")
        connection.execute("CREATE TABLE much AS SELECT n, repeat('x', 500) FROM generate_series(1, 20000) n")
        connection.execute(
            "ALTER TABLE much SET (autovacuum_vacuum_threshold = 0, autovacuum_vacuum_scale_factor = 0,"
            " autovacuum_vacuum_cost_delay = 100, autovacuum_vacuum_cost_limit = 1)"
        )
        connection.execute("UPDATE much SET n = n + 1")
        for _ in range(int(lease_duration()) * 10):
            found = connection.execute(
                "SELECT pid FROM pg_stat_activity WHERE backend_type = 'autovacuum worker'"
                " AND datname = current_database()"
            ).fetchone()
            if found:
                break
            connection.execute("SELECT pg_sleep(0.1)")
        assert found, "PostgreSQL did not vacuum"
    yield found[0]


@pytest.mark.postgres
def test_what_is_missing_for_postgresql_is_named(on_postgres, tmp_path):
    press, file, programs = Press(tmp_path), tmp_path / "press.tar.gz", tmp_path / "programs"
    press.newsletter("backup", file)
    other = twin_of(press, tmp_path / "other", DATABASE_URL="")
    assert "This backup contains a PostgreSQL" in refusal(other, "restore", file)
    programs.mkdir()
    press.environment["PATH"] = str(programs)
    assert "could not find the program pg_dump" in refusal(press, "backup", tmp_path / "again.tar.gz")
    old = programs / "pg_dump"
    old.write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 9.6.24'\n")
    old.chmod(0o700)
    assert "pg_dump is version 9" in refusal(press, "backup", tmp_path / "again.tar.gz")
    assert not (tmp_path / "again.tar.gz").exists()


@pytest.mark.postgres
def test_an_ordinary_user_of_the_database_can_back_up_and_restore(on_postgres, tmp_path):
    import psycopg

    press, file = Press(tmp_path), tmp_path / "press.tar.gz"
    url = urlsplit(press.environment["DATABASE_URL"])
    name = f"plain_{uuid.uuid4().hex[:8]}"
    with psycopg.connect(url.geturl(), autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {name} LOGIN")
        connection.execute(f"CREATE DATABASE {name} OWNER {name}")
    plain_url = url._replace(netloc=f"{name}@{url.hostname}:{url.port}", path=f"/{name}").geturl()
    plain = twin_of(press, shutil.copytree(press.home, tmp_path / "plain"), DATABASE_URL=plain_url)
    plain.run("-m", "newsletter", "init")
    plain.newsletter("backup", file)
    plain.newsletter("restore", file, "--replace")
    assert plain.newsletter("instance", "status")["may_send"] is False
