"""The hashes of released migrations, in released_migrations.txt: a migration that databases have run stays as it is.

Only the path of a validator or a default may change in it, since these functions move with the code: no database knows
them.
"""

import re
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PINS = Path(__file__).parent / "released_migrations.txt"
APPS = ("newsletter", "subscribers")
IMPORT_OF_OURS = re.compile(r"^(import|from) (newsletter|subscribers)\b.*\n", re.MULTILINE)
FUNCTION_OF_OURS = re.compile(r"\b(newsletter|subscribers)(\.\w+)+\.(?=\w)")


def pin_migrations():
    """Write down the hash of each migration that is new; those of released migrations stay."""
    pins = sorted((hashes_of(ROOT) | pinned_hashes()).items())
    PINS.write_text("".join(f"{digest}  {name}\n" for name, digest in pins), encoding="ascii")


def pinned_hashes():
    """The hash of each released migration by its path."""
    if not PINS.exists():
        return {}
    return {name: digest for digest, name in map(str.split, PINS.read_text(encoding="ascii").splitlines())}


def hashes_of(root):
    """The hash of each migration below a folder by its path."""
    files = sorted(file for app in APPS for file in (root / app / "migrations").glob("[0-9]*.py"))
    return {str(file.relative_to(root)): hash_of(file.read_text(encoding="utf-8")) for file in files}


def hash_of(text):
    """The SHA-256 of a migration without the paths of our functions."""
    return sha256(FUNCTION_OF_OURS.sub("", IMPORT_OF_OURS.sub("", text)).encode()).hexdigest()
