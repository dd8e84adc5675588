"""What every long-running command checks before it begins."""

from django.conf import settings

from newsletter.backups.left_by_restore import remove_left_by_restore
from newsletter.errors import Refused
from newsletter.owner_only_files import close_to_others, make_home
from newsletter.schema_check import database_file, make_tables, require_usable
from newsletter.secret_keys import FILE, keys_there_are, secret_keys_of


def require_ready(*, columns: bool = True) -> None:
    """Close the home folder to other users, and remove what an interrupted restore left behind.

    Raises Refused, saying what to do, if work cannot begin. A process that `newsletter serve` starts does not check the
    columns again: looking at every field of every model copies the memory that it shares with `serve`.
    """
    close_home()
    require_usable(columns=columns)
    remove_left_by_restore(settings.NEWSLETTER.home)
    if not keys_there_are(settings.NEWSLETTER):
        raise Refused(
            f"We could not find the secret key in {settings.NEWSLETTER.home.resolve()}. If another machine uses "
            f"the same database, copy its file {FILE} to this folder, or set NEWSLETTER_SECRET_KEY to "
            "the same value. Otherwise, run `newsletter init`."
        )


def set_up_home() -> None:
    """Create the home folder, the database and the secret key, or bring them up to date. Repeating this is safe."""
    make_home(settings.NEWSLETTER.home)
    close_home()
    make_tables()
    remove_left_by_restore(settings.NEWSLETTER.home)
    secret_keys_of(settings.NEWSLETTER)


def home_is_empty() -> bool:
    """Return whether the home folder has neither a database nor a secret key yet.

    This is False where the database is a server, which other machines may use, and where only one of the two is
    missing: a new one would hide that the other was lost.
    """
    file = database_file()
    return file is not None and not file.exists() and not (settings.NEWSLETTER.home / FILE).exists()


def close_home() -> None:
    """Remove other users' permissions on the home folder and the database."""
    close_to_others(settings.NEWSLETTER.home, database_file())
