"""`newsletter backup|restore`: back up the whole installation into one file, and restore it."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from django.conf import settings

from newsletter.cli.output import JsonOption, print_json, print_text
from subscribers.phrases import written_moment

if TYPE_CHECKING:
    from newsletter.backups.backup_file import Manifest


Backup = Annotated[Path, typer.Argument(help="Path of the backup file, such as newsletter.tar.gz.")]


def backup(
    file: Backup,
    verify: Annotated[
        bool,
        typer.Option(
            "--verify", help="Check that an existing backup is complete, instead of making a new one."
        ),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Back up the database, the secret key and the media into one file, while everything keeps running.

    The file contains every subscriber's address and the secret key, so keep it in a safe place. Settings and
    emails in a local Maildir are not backed up. With `--verify`, the command reads a backup completely and
    shows what it contains.

    Example: `newsletter backup newsletter-2026-11-25.tar.gz`
    """
    from newsletter.backups.make_backup import make_backup

    if verify:
        _verify(file, as_json=as_json)
        return
    card = make_backup(file)
    size = file.stat().st_size
    if as_json:
        print_json({"file": str(file), "bytes": size, **_facts(card)})
        return
    print_text(
        f"Saved the backup in {file} ({size / 1000000.0:,.1f} MB). It contains all email addresses and "
        "the secret key, so only your user account can read it. Keep it in a safe place that is not on "
        "this machine."
    )


def _verify(file: Path, *, as_json: bool) -> None:
    from newsletter.backups.backup_file import DATABASE, opened_backup
    from newsletter.backups.restore_backup import NAMES

    with opened_backup(file) as found:
        card, sizes, unpacked = found.card, found.sizes, found.unpacked_bytes
    media = [name for name in sizes if name.startswith("media/")]
    if as_json:
        facts = {"file": str(file), "whole": True, "unpacked_bytes": unpacked, "media_files": len(media)}
        print_json({**facts, "database_bytes": sizes[DATABASE], **_facts(card)})
        return
    print_text(
        f"{file} is a complete backup. It was made on {written_moment(card.made_at)} UTC by version "
        f"{card.version} and contains a {NAMES.get(card.database, card.database)} database "
        f"({sizes[DATABASE] / 1000000.0:,.1f} MB), the secret key and {len(media):,} media files. "
        f"Unpacked, the backup takes up {unpacked / 1000000.0:,.1f} MB."
    )


def restore(
    file: Backup,
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace all data in this installation with the backup.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Restore all data from a backup. Stop all newsletter processes first.

    People who unsubscribed, complained or were erased after the backup was made are unsubscribed, suppressed or
    erased again, if we can read the database that the backup replaces. A restored installation does not send emails
    until you allow it. If a mailing was being sent when the backup was made, the mailing is paused, because more emails
    might have been sent since then.

    Example: `newsletter restore newsletter-2026-11-25.tar.gz`
    """
    from newsletter.backups.restore_backup import describe_repeated, restore_backup

    restored = restore_backup(file, replace=replace)
    card = restored.card
    if as_json:
        home, again = str(settings.NEWSLETTER.home.resolve()), asdict(restored.repeated)
        print_json({"home": home, **_facts(card), "repeated": again, "unknown": restored.unknown})
        return
    print_text(f"The backup was restored. All data is as it was on {written_moment(card.made_at)} UTC.")
    print_text(restored.unknown or describe_repeated(restored.repeated))
    print_text(
        "We will not send any emails until you allow it. To see which emails are waiting, run "
        "`newsletter instance status`."
    )


def _facts(card: "Manifest") -> dict[str, object]:
    return {"made_at": card.made_at, "version": card.version, "database": card.database}
