"""Reads bounces from a Maildir (https://cr.yp.to/proto/maildir.html).

Processed messages are deleted. The others are moved from `new` to `cur` without a flag, as mail programs do with
messages that they have noticed: they stay unread, and we do not read them again.
"""

from contextlib import suppress
from pathlib import Path

from newsletter.errors import Invalid


class BounceMaildir:
    """A Maildir folder that contains `new` and `cur`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def name(self) -> str:
        """The name that people know it by."""
        return str(self._folder)

    def why_not_usable(self) -> str:
        """Say why we cannot read the Maildir; empty if we can."""
        missing = [room for room in ("new", "cur") if not (self._folder / room).is_dir()]
        if missing:
            return (
                f"“{self._folder}” is not a Maildir because it does not contain {' or '.join(missing)}. "
                "Set NEWSLETTER_BOUNCE_MAILDIR to a Maildir folder."
            )
        return ""

    def waiting(self, at_most: int) -> list[str]:
        """Return the names of new messages, oldest first. Raises Invalid if the folder is not a Maildir."""
        if why_not := self.why_not_usable():
            raise Invalid(why_not)
        found = [
            (entry.stat(follow_symlinks=False).st_mtime_ns, entry.name)
            for entry in (self._folder / "new").iterdir()
            if not entry.name.startswith(".") and entry.is_file() and not entry.is_symlink()
        ]
        return [name for _at, name in sorted(found)[:at_most]]

    def beginning(self, name: str, size: int) -> bytes | None:
        """Return the first bytes of a message; None if it is gone, as another process may have taken it."""
        try:
            with (self._folder / "new" / name).open("rb") as file:
                return file.read(size)
        except FileNotFoundError:
            return None

    def remove(self, name: str) -> None:
        """Delete a processed message."""
        (self._folder / "new" / name).unlink(missing_ok=True)

    def leave(self, name: str) -> None:
        """Leave a message for people to read."""
        with suppress(FileNotFoundError):
            (self._folder / "new" / name).rename(self._folder / "cur" / f"{name.partition(':')[0]}:2,")
