"""The commands that upgrade or restore this installation, by how it was installed.

Only the pages of the system show them, and somebody types them on the server.
"""

import re
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[4]
CONTAINER_MARKS = (".dockerenv", "run/.containerenv")
UNIT = re.compile(r"/system\.slice/(?:[^/\n]+\.slice/)?([^/\n]+)\.service$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class ServerCommands:
    """How to stop and start the software, and how to install a new version. `stop` is empty for a key to press."""

    stop: str
    install: tuple[str, ...]
    newsletter: str
    start: str

    def upgrade(self) -> list[str]:
        """Return the commands that bring the installation up to date."""
        is_whole = not self.stop or self.start.startswith("docker")
        rest = (self.start,) if is_whole else (self.stop, f"{self.newsletter} init", self.start)
        return [*self.install, *rest]

    def restore(self, file: str) -> list[str]:
        """Return the commands that replace everything with what a backup contains."""
        restore = f"{self.newsletter} restore --replace {shlex.quote(file)}"
        return [*([self.stop] if self.stop else []), restore, self.start]


def server_commands(
    *, is_postgresql: bool, system: Path = Path("/"), program: Path = Path(sys.prefix), folder: Path = FOLDER
) -> ServerCommands:
    """Return the commands for a systemd service, for containers, for `make serve`, or else for any other way."""
    lock = f"requirements{'-postgres' if is_postgresql else ''}.lock"
    pip = f"{program}/bin/pip install"
    install = ("git pull", f"{pip} --require-hashes -r {lock}", f"{pip} --no-deps .")
    newsletter = f"{program}/bin/newsletter"
    if unit := _unit(system):
        units = f"'{unit.partition('@')[0]}@*'" if "@" in unit else unit
        start = f"systemctl start {units}{' --all' if '@' in unit else ''}"
        return ServerCommands(f"systemctl stop {units}", install, newsletter, start)
    if program == folder / ".venv" and (folder / "Makefile").is_file():
        return ServerCommands("", ("git pull",), ".venv/bin/newsletter", "make serve")
    if any((system / mark).exists() for mark in CONTAINER_MARKS):
        return ServerCommands(
            stop="docker compose stop web worker scheduler",
            install=("git pull", "docker compose build"),
            newsletter="docker compose run --rm web",
            start="docker compose up --detach",
        )
    return ServerCommands("", (*install, f"{newsletter} init"), newsletter, f"{newsletter} serve")


def _unit(system: Path) -> str:
    """Return the systemd service that this process belongs to, or an empty string."""
    try:
        found = UNIT.search((system / "proc/self/cgroup").read_text(encoding="utf-8", errors="replace"))
    except OSError:
        return ""
    return found[1] if found and found[1].startswith("newsletter") else ""
