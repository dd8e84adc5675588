"""Runs a command with DATABASE_URL set to a PostgreSQL made for it alone and removed afterwards.

python -m tests.postgres pytest
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MAY_NOT_SKIP = "NEWSLETTER_TESTS_MAY_NOT_SKIP"


def server_programs() -> Path | None:
    """The folder with initdb and pg_ctl: Debian keeps them off the PATH."""
    on_path = shutil.which("initdb")
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: float(folder.parent.name))
    return Path(on_path).parent if on_path else (folders[-1] if folders else None)


@contextmanager
def running(programs: Path) -> Iterator[str]:
    """Start a server in a folder of its own and yield its URL."""
    # PostgreSQL refuses to run as root; Debian's package brings the user.
    prefix = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    with tempfile.TemporaryDirectory(prefix="newsletter-postgres-") as folder:
        if prefix:
            shutil.chown(folder, "postgres")
        data, port = f"{folder}/data", free_port()
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": port,
            "unix_socket_directories": folder,
            # Nothing here outlives a power cut.
            "fsync": "off",
            "synchronous_commit": "off",
            "full_page_writes": "off",
            # It would note that tables are empty, whose rows a test has not committed, and queries that then are
            # planned for none would take minutes.
            "autovacuum": "off",
        }
        run = [*prefix, str(programs / "pg_ctl"), "-D", data, "-s", "-w"]
        subprocess.run(
            [*prefix, str(programs / "initdb"), "-D", data, "-U", "press", "-A", "trust", "-E", "UTF8", "-N"],
            check=True, stdout=subprocess.DEVNULL, cwd="/",
        )  # fmt: skip
        with Path(data, "postgresql.conf").open("a", encoding="ascii") as file:
            file.writelines(f"{name} = '{value}'\n" for name, value in settings.items())
        subprocess.run([*run, "-l", f"{folder}/log", "start"], check=True, cwd="/")
        try:
            yield f"postgres://press@127.0.0.1:{port}/postgres"
        finally:
            subprocess.run([*run, "-m", "immediate", "stop"], check=True, cwd="/")


def free_port() -> int:
    """A loopback port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main(command: list[str]) -> int:
    """Run the command on PostgreSQL, or say why it is left out."""
    programs = server_programs()
    if programs is None:
        print(
            "Skipped on PostgreSQL: its server programs are not installed (Debian: apt install postgresql)."
        )
        return 1 if os.environ.get(MAY_NOT_SKIP) else 0
    with running(programs) as url:
        return _run_and_wait(command, {**os.environ, "DATABASE_URL": url})


def _run_and_wait(command: list[str], environment: dict[str, str]) -> int:
    """Run the command; on Ctrl-C or SIGTERM it ends by itself and says what it found, before its server goes."""
    with subprocess.Popen(command, env=environment) as process:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, lambda *_: process.send_signal(signal.SIGINT))
        return process.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
