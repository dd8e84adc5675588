"""Writes an issue's email to files, as one person would receive it, as a preview."""

import os
import uuid
from pathlib import Path

from django.utils import timezone

from newsletter.articles.pictures.store_pictures import keep_pictures_in
from newsletter.errors import Invalid, NotFound
from newsletter.issues.models import Issue
from newsletter.rendering.merge_tags import fill_tags
from newsletter.rendering.render_email import render_emails
from newsletter.sending.build_message import build_message, message_id_of
from newsletter.sending.personalise_email import Personalizer
from newsletter.sending.preview_recipient import SAMPLE, reader_at
from newsletter.sending.recheck_recipients import Candidate
from newsletter.sending.variant_of_reader import email_for


def export_email(issue: Issue, folder: Path, *, address: str = "") -> list[Path]:
    """Write email.html, email.txt and email.eml into a folder, which is created if necessary; return the paths.

    They are what the subscriber with that address would receive, with working links, or a sample person if no address
    is given. Each file is complete or absent. Raises NotFound if nobody on the list has the address, and Invalid if we
    cannot write to the folder.
    """
    reader = _reader(issue, address) if address else SAMPLE
    email = email_for(
        render_emails(issue), reader.subscription if address else None, issue.publication.mailing_list
    )
    # Somebody may send these files.
    keep_pictures_in([email.html], timezone.now())
    envelope = Personalizer.of_issue(issue).envelope(reader)
    filled = fill_tags(email, envelope.person)
    message = build_message(
        email,
        envelope,
        message_id=message_id_of(uuid.uuid4(), envelope.recipient, email.sender_address),
        date=timezone.now(),
    )
    contents = {
        "email.html": filled.html.encode(),
        "email.txt": filled.text.encode(),
        "email.eml": message.as_bytes(),
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return [_write(folder / name, data) for name, data in contents.items()]
    except OSError as error:
        raise Invalid(f"We could not write to {folder}: {error.strerror}. Choose another folder.") from error


def _reader(issue: Issue, address: str) -> Candidate:
    reader = reader_at(issue, address)
    if reader is None:
        name = issue.publication.mailing_list.name
        raise NotFound(
            f"Nobody on the list “{name}” has that address. To use a sample person, leave out --as."
        )
    return reader


def _write(path: Path, data: bytes) -> Path:
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    unfinished.write_bytes(data)
    return unfinished.replace(path)
