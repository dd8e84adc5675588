"""Install what a lock file names into the environment of this Python, and show the progress: pip hides most of it.

Usage: .venv/bin/python deploy/install_locked.py requirements.lock
"""

import re
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

SITE_PACKAGES = Path(sysconfig.get_path("purelib"))
# Seconds between two looks. On a terminal each look rewrites one line; elsewhere every fifth look adds a line.
INTERVAL = 1.0
LOOKS_PER_LINE = 5


def main(lock: str) -> int:
    """Run pip, report its progress, and return its exit code. pip itself prints what fails."""
    # A lock file also names packages for other systems, so the counts can end below the total.
    total = len(re.findall(r"^\S+==", Path(lock).read_text(encoding="utf-8"), re.MULTILINE))
    before = installed()
    command = [sys.executable, "-m", "pip", "install", "--progress-bar=off", "--require-hashes", "-r", lock]
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder, "pip.log")
        with log.open("w") as output:
            pip = subprocess.Popen(command, stdout=output)  # noqa: S603 - pip, and a lock file of ours
            looks = 0
            while not has_ended(pip):
                new = installed() - before
                show(f"installed {new}" if new else f"fetched {fetched(log)}", total, looks)
                looks += 1
    if sys.stdout.isatty():
        print()
    return pip.returncode


def has_ended(pip: subprocess.Popen[bytes]) -> bool:
    """Wait for one interval, and return whether pip has ended."""
    try:
        pip.wait(INTERVAL)
    except subprocess.TimeoutExpired:
        return False
    return True


def installed() -> int:
    """Return how many packages the environment has."""
    return sum(1 for _ in SITE_PACKAGES.glob("*.dist-info"))


def fetched(log: Path) -> int:
    """Return how many packages pip has begun to fetch."""
    lines = log.read_text(encoding="utf-8", errors="replace")
    return len(re.findall(r"^(?:Collecting|Processing) ", lines, re.MULTILINE))


def show(progress: str, total: int, looks: int) -> None:
    """Print how far pip is."""
    if sys.stdout.isatty():
        print(f"\r  {progress} of {total} packages", end="\033[K", flush=True)
    elif looks % LOOKS_PER_LINE == 0:
        print(f"  {progress} of {total} packages", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
