"""What every command that runs for long looks at before it begins."""

from django.conf import settings

from newsletter.backups.work_folders import RESTORING, remove_abandoned
from newsletter.errors import Refused
from newsletter.owner_only_files import close_to_others
from newsletter.schema_check import database_file, require_usable
from newsletter.secret_keys import FILE, keys_there_are


def require_ready() -> None:
    """Close the home folder to others, and remove what a killed restore left of its work.

    Raises Refused, with what to do, where work cannot begin.
    """
    close_home()
    require_usable()
    remove_left_over()
    if not keys_there_are(settings.NEWSLETTER):
        raise Refused(
            f"There is no secret key in {settings.NEWSLETTER.home.resolve()}. Where another machine uses this "
            f"database, copy its file {FILE} here, or set NEWSLETTER_SECRET_KEY to the same. Else run "
            "`newsletter init`."
        )


def close_home() -> None:
    """Take from others what they may read in the home folder, and of the database."""
    close_to_others(settings.NEWSLETTER.home, database_file())


def remove_left_over() -> None:
    """Remove what a killed restore left of its work. Only where `require_usable` found none that has to be repeated."""
    remove_abandoned(settings.NEWSLETTER.home, RESTORING)
