"""Fetches the scripts that the desk and its tests bring along from the npm registry, as deploy/vendor.toml names them.

`npm pack` checks each package against the registry; this checks it, and every file in it, against deploy/vendor.lock.
With `--update`, the lock is written from what was fetched instead: read the diff before you commit it.
"""

import base64
import hashlib
import json
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LIST, LOCK = ROOT / "deploy" / "vendor.toml", ROOT / "deploy" / "vendor.lock"
SECONDS = 120


def main() -> None:
    """Fetch every package, and write its files and its licence."""
    update = sys.argv[1:] == ["--update"]
    locked = {} if update else json.loads(LOCK.read_text(encoding="utf-8"))
    fetched = {}
    for name, package in tomllib.loads(LIST.read_text(encoding="utf-8")).items():
        with tempfile.TemporaryDirectory() as folder:
            archive = fetch(f"{name}@{package['version']}", Path(folder))
            files = files_of(archive, package["files"])
            fetched[name] = {
                "version": package["version"],
                "integrity": "sha512-"
                + base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode(),
                "files": {path: hashlib.sha256(content).hexdigest() for path, content in files.items()},
            }
        if not update and fetched[name] != locked.get(name):
            sys.exit(f"{name} is not what deploy/vendor.lock expects. Nothing of it was written.")
        for path, content in files.items():
            (ROOT / path).parent.mkdir(parents=True, exist_ok=True)
            (ROOT / path).write_bytes(content)
            print(f"{name} {package['version']}: {path}")
    if update:
        LOCK.write_text(json.dumps(fetched, indent=2) + "\n", encoding="utf-8")


def fetch(package: str, folder: Path) -> Path:
    """Return the archive of a package, such as `uplot@1.6.32`."""
    command = ["npm", "pack", "--silent", "--ignore-scripts", package]
    subprocess.run(command, cwd=folder, check=True, timeout=SECONDS)  # noqa: S603 - fixed words, and names of ours
    [archive] = folder.glob("*.tgz")
    return archive


def files_of(archive: Path, wanted: dict[str, str]) -> dict[str, bytes]:
    """Return the wanted files of an archive by their paths in this repository."""
    with tarfile.open(archive) as opened:
        return {path: opened.extractfile(f"package/{inside}").read() for inside, path in wanted.items()}


if __name__ == "__main__":
    main()
