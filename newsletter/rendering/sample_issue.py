"""A made-up issue, to look at a theme without a publication, articles or a database."""

import struct
import zlib
from base64 import b64encode
from datetime import date
from decimal import Decimal
from pathlib import Path

from django.core.exceptions import ValidationError

from newsletter.errors import Invalid
from newsletter.issues.block_data import Amount, Appeal, Copyright, NetworkLink, Notice, Promotion, Social
from newsletter.issues.blocks_shown_in_email import Block
from newsletter.issues.models import Issue, Publication
from newsletter.issues.validators import validate_language_tag
from newsletter.rendering.email import Email
from newsletter.rendering.email_contents import (
    CorrectionNote,
    EmailContents,
    Link,
    PublicationDetails,
    Section,
    Story,
)
from newsletter.rendering.find_theme import Theme, find_theme
from newsletter.rendering.fixed_words import Words, words_in
from newsletter.rendering.localisation import long_date
from newsletter.rendering.merge_tags import MergeValues, fill_tags
from newsletter.rendering.picture_sizes import LEAD_WIDTH, THUMBNAIL_WIDTH, Picture
from newsletter.rendering.render_email import render_contents
from newsletter.rendering.sample_issue_texts import SampleWords, sample_words
from subscribers.bidi import isolated
from subscribers.models import List

SITE = "https://harbour.example.org"
DAY = date(2026, 3, 5)
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
READER = MergeValues(f"{SITE}/unsubscribe", f"{SITE}/preferences", f"{SITE}/weekly/12/", "Sam")


def sample_email(theme: Theme, language: str = "en") -> Email:
    """Render the sample with a theme, in the words of a language, as one reader gets it. Raises as `render_email`.

    The texts are English if we have no sample in the language.
    """
    issue = sample_issue(theme, language)
    return fill_tags(render_contents(issue, sample_contents(theme, language), theme), READER)


def write_sample(name: str, folder: Path, *, language: str = "en") -> list[Path]:
    """Write the sample in a theme as NAME-LANGUAGE.html and .txt into a folder; return the paths.

    Raises as `sample_email`, NotFound without such a theme, and Invalid for an unknown language or a folder that we
    cannot write to.
    """
    try:
        validate_language_tag(language)
    except ValidationError as error:
        raise Invalid(error.messages[0]) from error
    email = sample_email(find_theme(name), language)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        paths = [folder / f"{name}-{language}{ending}" for ending in (".html", ".txt")]
        for path, content in zip(paths, (email.html, email.text), strict=True):
            path.write_text(content, encoding="utf-8")
    except OSError as error:
        raise Invalid(f"We could not write to {folder}: {error.strerror}. Choose another folder.") from error
    return paths


def sample_issue(theme: Theme, language: str) -> Issue:
    """Return an issue that is not stored."""
    words = sample_words(language)
    publication = Publication(
        slug="weekly", name=words.publication, organisation=words.organisation, tagline=words.tagline,
        website=SITE, mailing_list=List(slug="weekly", name=words.publication), language=language,
        sender_name=words.publication, sender_address="news@harbour.example.org",
        postal_address=f"{words.organisation}\n1 Quay Street\nNewtown", theme=theme.name,
    )  # fmt: skip
    return Issue(
        publication=publication,
        number=12,
        preheader=words.titles[1],
        opening=f"**{{{{ first_name }}}}**,\n\n{words.texts[0]}",
    )


def sample_contents(theme: Theme, language: str) -> EmailContents:
    """Return what the issue contains: every kind of thing that a theme has to show, long and short."""
    words = sample_words(language)
    fixed = words_in(language, theme.words)
    day = long_date(DAY, language)
    stories = [_story(words, number, fixed, day) for number in range(5)]
    return EmailContents(
        publication=PublicationDetails(
            name=words.publication,
            tagline=words.tagline,
            organisation=words.organisation,
            website=SITE,
            postal_address=(words.organisation, "1 Quay Street", "Newtown"),
            reason=fixed.phrase(fixed["why"].replace("{list}", isolated(words.publication))),
            logo=None,
        ),
        number=12,
        date=day,
        section=words.sections[0],
        lead=stories[0],
        sections=(
            Section(title=words.sections[0], stories=tuple(stories[1:3])),
            Section(title=words.sections[1], stories=tuple(stories[3:])),
        ),
        blocks=_blocks(words),
        corrections=(CorrectionNote(title=words.titles[3], url=f"{SITE}/3", date=day, text=words.texts[1]),),
    )


def _story(words: SampleWords, number: int, fixed: Words, day: str) -> Story:
    is_lead, has_picture = number == 0, number in (0, 1, 3)
    width = LEAD_WIDTH if is_lead else THUMBNAIL_WIDTH
    by = fixed.phrase(fixed["by"].replace("{authors}", isolated(words.author)))
    minutes = fixed.isolated(fixed.counted("minutes", 4))
    return Story(
        number=number + 1,
        title=words.titles[number % len(words.titles)],
        url=f"{SITE}/{number}",
        standfirst=words.texts[number % len(words.texts)],
        byline=" · ".join([by, isolated(day), minutes] if number != 1 else [isolated(day)]),
        language="",
        direction="",
        picture=Picture(url=_grey_picture(), alt="", width=width, height=width * 9 // 16)
        if has_picture
        else None,
        anchor=f"article-{number}",
        based_on=(Link(text=words.titles[2], url=f"{SITE}/study"),) * (3 if number else 1)
        if number in (0, 2)
        else (),
        responses=(Link(text=words.titles[1], url=f"{SITE}/response"),) if number == 2 else (),  # noqa: PLR2004
    )


def _blocks(words: SampleWords) -> tuple[Block, ...]:
    appeal = Appeal(
        target=Decimal(5000), raised=Decimal(3210), url=f"{SITE}/give", button=words.button,
        amounts=(Amount(amount=Decimal(5), url=f"{SITE}/5"), Amount(amount=Decimal(20), url=f"{SITE}/20")),
    )  # fmt: skip
    promotion = Promotion(url=f"{SITE}/book", date=words.sections[1])
    social = Social(links=(NetworkLink(network="Mastodon", url=f"{SITE}/social"),))
    return (
        Block(name="appeal", kind="appeal", title=words.button, body=words.texts[1], data=appeal),
        Block(name="book", kind="promotion", title=words.titles[1], body=words.texts[2], data=promotion),
        Block(name="notice", kind="notice", title=words.titles[3], body=words.texts[1], data=Notice()),
        Block(name="social", kind="social", title="", body="", data=social),
        Block(name="copyright", kind="copyright", title="", body=f"© {words.organisation}", data=Copyright()),
    )


def _grey_picture() -> str:
    """Return a grey picture as a data URL, because a preview must not depend on the network."""
    width, height = 16, 9
    rows = b"".join(b"\0" + b"\x9a" * width for _ in range(height))
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows)),
        (b"IEND", b""),
    )
    chunks = b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in parts
    )
    return f"data:image/png;base64,{b64encode(PNG_SIGNATURE + chunks).decode()}"
