"""PostgreSQL backups: its own programs dump a database at one moment, and restore it in a single transaction."""

import os
import re
import shutil
import subprocess
from pathlib import Path

from django.db import connection
from django.db.backends.postgresql.client import DatabaseClient

from newsletter.errors import Invalid, Refused, Unreachable

# Drop what this user owns, so that the names in the backup are free. Extensions stay.
DROP_EVERYTHING = """
SET lock_timeout = '30s';
SET client_min_messages = warning;
DO $$
DECLARE each record;
BEGIN
  FOR each IN SELECT c.oid::regclass AS name, c.relkind FROM pg_class c
    WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm')
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
  LOOP
    EXECUTE format('DROP %s IF EXISTS %s CASCADE',
      CASE each.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' ELSE 'TABLE' END, each.name);
  END LOOP;
  FOR each IN SELECT p.oid::regprocedure AS name FROM pg_proc p
    WHERE p.pronamespace = current_schema()::regnamespace AND p.prokind IN ('f', 'p')
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
  LOOP
    EXECUTE format('DROP ROUTINE IF EXISTS %s CASCADE', each.name);
  END LOOP;
  FOR each IN SELECT t.oid::regtype AS name FROM pg_type t LEFT JOIN pg_class c ON c.oid = t.typrelid
    WHERE t.typnamespace = current_schema()::regnamespace AND (t.typtype IN ('e', 'd') OR c.relkind = 'c')
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = t.oid AND d.deptype = 'e')
  LOOP
    EXECUTE format('DROP TYPE IF EXISTS %s CASCADE', each.name);
  END LOOP;
END $$;
"""
MAX_NAMED = 3
# psql exits with 2 when the connection broke. With 3 a statement failed, which in a single transaction changes
# nothing.
LOST_CONNECTION = 2
# In the same transaction, so that the restored database may not send from its first moment.
REQUIRE_ADOPTION = "UPDATE public.newsletter_instance SET fingerprint = '';\n"


def dump(target: Path) -> None:
    """Write the state of the database at one moment to a file, in PostgreSQL's own format, without blocking
    writers.

    Raises Invalid if pg_dump is missing or older than the server.
    """
    program = _program("pg_dump")
    ours, theirs = _major_version(program), _major_version_of_server()
    if ours < theirs:
        raise Invalid(
            f"pg_dump is version {ours}, but the PostgreSQL server is version {theirs}. Install "
            f"postgresql-client-{theirs}, and put its programs first on the PATH."
        )
    # The backup file is compressed as a whole.
    _run([program, "--format=custom", "--compress=0", "--no-owner", "--no-privileges", f"--file={target}"])


def has_data() -> bool:
    """Return whether the database has tables already."""
    with connection.cursor() as cursor:
        return bool(connection.introspection.table_names(cursor))


def require_unused() -> None:
    """Raise Refused, naming it, while a program is connected, since it would continue in the restored database.

    PostgreSQL's own processes (autovacuum) do not count as programs, and give way.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT application_name, usename, pid FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid()"
            # An ordinary user does not see the type of another user's connection. PostgreSQL's own connections
            # have no user.
            " AND coalesce(backend_type = 'client backend', usename IS NOT NULL) ORDER BY pid"
        )
        others = [
            f"{application or 'an unnamed program'} (user {user}, server process {pid})"
            for application, user, pid in cursor.fetchall()
        ]
    if others:
        named = ", ".join(others[:MAX_NAMED]) + (" and others" if len(others) > MAX_NAMED else "")
        raise Refused(
            f"The database {connection.settings_dict['NAME']} is still in use by {named}. Stop all "
            "newsletter processes and other programs that use the database, then restore the backup."
        )


def script_of(file: Path, room: Path) -> list[str]:
    """Return the psql command that replaces everything with what was dumped. Its files are written into a folder.

    Raises Invalid if pg_restore or psql are missing, and Refused if the dump cannot be read. Nothing is changed.
    """
    script, before, after = room / "restore.sql", room / "before.sql", room / "after.sql"
    restoring = [_program("pg_restore"), "--no-owner", "--no-privileges", "--no-comments"]
    _run([*restoring, f"--file={script}", str(file)], connects=False)
    _forget_newer_settings(script)
    before.write_text(DROP_EVERYTHING, encoding="utf-8")
    after.write_text(REQUIRE_ADOPTION, encoding="utf-8")
    files = [word for path in (before, script, after) for word in ("--file", str(path))]
    return [
        _program("psql"),
        "--no-psqlrc",
        "--quiet",
        "--set=ON_ERROR_STOP=1",
        "--single-transaction",
        *files,
    ]


def restore_script(script: list[str]) -> None:
    """Run the command that `script_of` returned: either all of it takes effect or nothing.

    Raises Refused if the server rejected it and nothing was changed, and Unreachable if the connection broke, so
    that the outcome is unknown.
    """
    connection.close()
    _run(script)


def _forget_newer_settings(script: Path) -> None:
    """Remove settings that programs of version 17 write in the first lines of a script and older servers do not
    know.
    """
    with script.open("r+b") as file:
        beginning = file.read(4096)
        file.seek(0)
        file.write(beginning.replace(b"SET transaction_timeout", b"--  transaction_timeout"))


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise Invalid(
            f"We could not find the program {name}. Install the PostgreSQL client (on Debian: "
            "postgresql-client), and make sure that it is on the PATH."
        )
    return found


def _major_version(program: str) -> int:
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout  # noqa: S603 - found by us
    found = re.search(r"\d+", said)
    return int(found[0]) if found else 0


def _major_version_of_server() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version_num')::int / 10000")
        return int(cursor.fetchone()[0])


def _run(command: list[str], *, connects: bool = True) -> None:
    """Run one of PostgreSQL's programs on our database.

    Raises Refused with its first error message, or Unreachable.
    """
    words, variables = DatabaseClient.settings_to_cmd_args_env(connection.settings_dict, [])
    done = subprocess.run(  # noqa: S603 - a program that was found, and settings of ours
        [*command, *(words[1:] if connects else [])],
        env=os.environ | (variables or {}),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        said = next(
            (line for line in done.stderr.splitlines() if "ERROR:" in line or "error:" in line),
            done.stderr.strip(),
        )
        sentence = f"The program {Path(command[0]).name} failed with this message: {said.strip()}"
        raise Unreachable(sentence) if connects and done.returncode == LOST_CONNECTION else Refused(sentence)
