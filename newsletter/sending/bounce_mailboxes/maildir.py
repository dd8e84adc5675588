"""Bounces in a Maildir (https://cr.yp.to/proto/maildir.html).

What was dealt with is deleted. What is left is moved from `new` to `cur` without a flag, as a mail program does with
what it has noticed: it stays unread, and is not read here again.
"""

from contextlib import suppress
from pathlib import Path

from newsletter.errors import Invalid


class BounceMaildir:
    """The folder of a Maildir, with `new` and `cur` in it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def name(self) -> str:
        """What people know it by."""
        return str(self._folder)

    def why_not_usable(self) -> str:
        """Why it cannot be read, in a sentence; empty when it can."""
        missing = [room for room in ("new", "cur") if not (self._folder / room).is_dir()]
        if missing:
            return (
                f"{self._folder} is not a Maildir: it does not contain {' or '.join(missing)}. "
                "Correct NEWSLETTER_BOUNCE_MAILDIR."
            )
        return ""

    def waiting(self, at_most: int) -> list[str]:
        """The names of messages that nobody has looked at, the oldest first. Raises Invalid for another folder."""
        if why_not := self.why_not_usable():
            raise Invalid(why_not)
        found = [
            (entry.stat(follow_symlinks=False).st_mtime_ns, entry.name)
            for entry in (self._folder / "new").iterdir()
            if not entry.name.startswith(".") and entry.is_file() and not entry.is_symlink()
        ]
        return [name for _at, name in sorted(found)[:at_most]]

    def beginning(self, name: str, size: int) -> bytes | None:
        """The first bytes of a message; None when it is gone, as another process may have taken it."""
        try:
            with (self._folder / "new" / name).open("rb") as file:
                return file.read(size)
        except FileNotFoundError:
            return None

    def remove(self, name: str) -> None:
        """Delete a message that was dealt with."""
        (self._folder / "new" / name).unlink(missing_ok=True)

    def leave(self, name: str) -> None:
        """Leave a message to people."""
        with suppress(FileNotFoundError):
            (self._folder / "new" / name).rename(self._folder / "cur" / f"{name.partition(':')[0]}:2,")
