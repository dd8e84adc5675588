"""Receiving a file that somebody uploads, whole or in parts. It is stored in the home folder, for its owner alone."""

import shutil
from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from newsletter.accounts.actor import current_actor
from newsletter.accounts.form_idempotency import once
from newsletter.accounts.role_checked_subscriber_acts import why_not_import
from newsletter.background_jobs import job_files
from newsletter.errors import Invalid, Refused, refuse_if
from newsletter.people_files.models import ImportedFile
from newsletter.people_files.stored_import_file import UPLOAD, folder_of
from subscribers.clean_text import folded

MEGABYTE = 1_000_000
LARGEST_FILE = 500 * MEGABYTE
# What stays free on the disk for everything else.
KEPT_FREE = 500 * MEGABYTE
LONGEST_NAME = 200


def begin_file(name: str, size: int, *, form: str = "") -> ImportedFile:
    """Begin to receive a file with this name and size in bytes. `form` is the key of the form, which begins one file.

    Raises Invalid for an empty file and one that is too large, Refused if the disk has no room, and AlreadyMadeError.
    """
    refuse_if(why_not_import())
    name = folded(name).replace("\\", "/").rpartition("/")[2][:LONGEST_NAME] or "people.csv"
    _require_bearable_size(name, size)
    now = timezone.now()
    folder = job_files.new_folder()
    try:
        _require_room(folder, size)
        with transaction.atomic(), once(form) as made:
            file = ImportedFile.objects.create(
                name=name,
                size=size,
                folder=folder,
                uploaded_by=current_actor().name[:150],
                began_at=now,
                changed_at=now,
            )
            made.made = str(file.pk)
    except BaseException:
        job_files.remove_folder(folder)
        raise
    (folder_of(file) / UPLOAD).touch(mode=0o600)
    return file


def add_part(file: ImportedFile, begins_at: int, chunks: Iterable[bytes]) -> ImportedFile:
    """Store the next part of a file. A part that was received before changes nothing. Return the file as it is then.

    The caller compares `received` with what it has sent, and goes on there. Raises Invalid for more than the size that
    was named.
    """
    refuse_if(why_not_import())
    if begins_at != file.received or file.step != ImportedFile.Step.RECEIVING:
        return file
    end = begins_at
    with (folder_of(file) / UPLOAD).open("r+b") as stream:
        stream.seek(begins_at)
        for chunk in chunks:
            end += len(chunk)
            if end > file.size:
                raise Invalid("The file is larger than it was when the upload began. Upload it again.")
            stream.write(chunk)
    rows = ImportedFile.objects.filter(pk=file.pk, received=begins_at)
    rows.update(received=end, changed_at=timezone.now())
    file.refresh_from_db()
    return file


def _require_bearable_size(name: str, size: int) -> None:
    if size <= 0:
        raise Invalid(f"“{name}” is empty. Choose another file.")
    if size > LARGEST_FILE:
        raise Invalid(
            f"“{name}” is larger than {LARGEST_FILE // MEGABYTE} MB (it is {size / MEGABYTE:,.0f} MB). "
            "Split it into several files, and import them one after the other."
        )


def _require_room(folder: str, size: int) -> None:
    free = shutil.disk_usage(job_files.folder_of(folder)).free
    if free < size + KEPT_FREE:
        raise Refused(
            f"The server’s disk has only {free / MEGABYTE:,.0f} MB of free space, which is not enough for "
            "this file. Ask a server administrator to free some disk space."
        )
