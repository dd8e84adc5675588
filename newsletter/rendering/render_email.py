"""Renders an issue as an email: contents, theme, inlined CSS and text. It is done once, with merge tags still open."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from django.conf import settings
from markupsafe import Markup

from newsletter.errors import Invalid
from newsletter.issues.models import Issue, Publication
from newsletter.issues.page_urls import question_url
from newsletter.issues.placeholders import fill_placeholders
from newsletter.issues.running_order import why_nothing_to_send
from newsletter.rendering.ascii_sender_names import ascii_name
from newsletter.rendering.email import Email
from newsletter.rendering.email_contents import EmailContents
from newsletter.rendering.email_set import EmailSet, EmailVariant
from newsletter.rendering.find_theme import Theme, colours_of, find_theme
from newsletter.rendering.fixed_words import words_in
from newsletter.rendering.localisation import has_italics
from newsletter.rendering.merge_tags import OpenTags
from newsletter.rendering.read_contents import read_contents
from newsletter.rendering.readable_colours import checked_colour
from newsletter.rendering.required_parts import check_complete
from subscribers.bidi import isolate_in_html, isolates_where_needed
from subscribers.clean_text import on_one_line
from subscribers.encode_headers import domain_in_ascii, list_id_value
from subscribers.translated_languages import direction
from subscribers.wrap_text import tidy

# One character outside Latin-1 keeps SendGrid from sending iso-8859-1, which Gmail clips (sendgrid-python#1011).
KEEPS_UTF8 = "\u200c"
_FONTS = re.compile(r"[\w '-]+(,[\w '-]+)*")
_INDENTATION = re.compile(r"\n\s+")
# Subject, preheader and introduction, by the names that templates use.
Texts = Mapping[str, str]


def render_email(issue: Issue, day: date | None = None, *, dateline: str = "") -> Email:
    """Render the email of an issue for a day, with that day's date and blocks, and its merge tags open (merge_tags.py).

    `dateline` replaces the date, to find out what else a day changes. The number of queries does not grow with the
    issue. Raises Invalid for a mistake of an editor or a theme, naming the field, or the template and line. Raises
    NotFound if the theme does not exist. Nothing is stored.
    """
    theme = find_theme(issue.publication.theme)
    return render_contents(issue, read_contents(issue, theme, day, dateline=dateline), theme)


def render_contents(
    issue: Issue, contents: EmailContents, theme: Theme, *, kind: str = "issue", texts: Texts | None = None
) -> Email:
    """Render an email from contents that are already read. Raises as `render_email`. Needs no database.

    `texts` replace the subject, preheader and introduction of the issue, for an email of another `kind`.
    """
    from newsletter.rendering.theme_sandbox import render

    publication = issue.publication
    tags = OpenTags()
    context = _context(issue, contents, theme, tags) | dict(texts or {})
    subject = on_one_line(render("subject.txt", context, theme=theme))
    html = _html(render("body.html", context | {"subject": subject}, theme=theme))
    html = isolate_in_html(html, tags.words["first_name"])
    text = render("body.txt", context, theme=theme)
    text = tidy(isolates_where_needed(text, context["direction"]))
    check_complete(theme.name, contents, {"body.html": html, "body.txt": text}, tags)
    return Email(
        subject=tags.open_in_text(subject),
        preheader=tags.open_in_text(context["preheader"]),
        html=tags.open_in_html(html),
        text=tags.open_in_text(_keeping_utf8(text)),
        language=publication.language,
        sender_name=publication.sender_name,
        page=tags.open_in_html(render("partials/web_page.html", context, theme=theme).strip()),
        sender_name_ascii=ascii_name(publication.sender_name, publication.sender_name_ascii),
        sender_address=publication.sender_address,
        reply_to=publication.reply_to,
        list_id=list_id(publication),
        first_name_fallback=publication.first_name_fallback,
        headers=_headers(issue, kind),
        links_to=settings.NEWSLETTER.root_url,
        tracked=_tracked(),
    )


def render_alone(issue: Issue, contents: EmailContents, theme: Theme) -> tuple[str, ...]:
    """Render contents that are only a part of an email. Return its subject, HTML, text and web page.

    Raises as `render_email`.
    """
    from newsletter.rendering.theme_sandbox import render

    tags = OpenTags()
    context = _context(issue, contents, theme, tags)
    subject = on_one_line(render("subject.txt", context, theme=theme))
    html = _html(render("body.html", context | {"subject": subject}, theme=theme))
    text = render("body.txt", context, theme=theme)
    page = render("partials/web_page.html", context, theme=theme)
    return tuple(map(tags.open_in_text, (subject, html, text, page)))


def render_to_send(issue: Issue, day: date) -> EmailSet:
    """Render the emails of an issue for sending on a day. Raises as `render_email`, and Invalid if it is empty."""
    if why_empty := why_nothing_to_send(issue, day):
        raise Invalid(why_empty)
    return render_emails(issue, day)


def render_emails(issue: Issue, day: date | None = None, *, dateline: str = "") -> EmailSet:
    """Render each variant of an issue's email once. Raises as `render_email`."""
    theme = find_theme(issue.publication.theme)
    return render_emails_from(issue, read_contents(issue, theme, day, dateline=dateline), theme)


def render_emails_from(issue: Issue, contents: EmailContents, theme: Theme) -> EmailSet:
    """Do the same with contents that are already read. Raises as `render_email`. Needs no database.

    Readers whose language has notices of its own get a variant. Everybody else gets the last one.
    """
    return for_each_language(contents, lambda each: render_contents(issue, each, theme))


def for_each_language(contents: EmailContents, rendered: Callable[[EmailContents], Email]) -> EmailSet:
    """Return the emails for readers of each language, and for everybody else, as a function renders them."""
    of_languages = [
        EmailVariant(
            email=rendered(replace(contents, notices=each.notices, other_notices=())),
            language=each.language,
            readers=each.readers,
        )
        for each in contents.other_notices
    ]
    main = rendered(replace(contents, other_notices=()))
    return EmailSet((*of_languages, EmailVariant(email=main)))


def list_id(publication: Publication) -> str:
    """Return the List-Id of a publication's list (RFC 2919): its slug below the sender's domain. It never changes.

    Raises Invalid if the domain of the sender's address is not valid for email.
    """
    domain = publication.sender_address.rpartition("@")[2]
    try:
        identifier = f"{publication.mailing_list.slug}.{domain_in_ascii(domain)}"
    except Invalid:
        raise Invalid(
            f"The sender’s address has the domain “{domain}”, which is not valid for email. Correct the address."
        ) from None
    return list_id_value(on_one_line(publication.mailing_list.name), identifier)


def _headers(issue: Issue, kind: str) -> dict[str, str]:
    # Gmail's Postmaster Tools group by these four: issue, publication, kind of email, sender.
    return {"Feedback-ID": f"{issue.number}:{issue.publication.slug}:{kind}:newsletter"}


def _tracked() -> str:
    environment = settings.NEWSLETTER
    tracked = {"opens": environment.track_opens, "clicks": environment.track_clicks}
    return ", ".join(name for name, is_on in tracked.items() if is_on)


def _context(issue: Issue, contents: EmailContents, theme: Theme, tags: OpenTags) -> dict[str, Any]:
    publication = issue.publication
    written = {
        name: fill_placeholders(getattr(issue, name), tags.words, field)
        for name, field in (("subject", "Subject"), ("preheader", "Preheader"), ("opening", "Introduction"))
    }
    rtl = direction(publication.language) == "rtl"
    words = words_in(publication.language, theme.words)
    italics = has_italics(publication.language)
    return {
        **{
            name: getattr(contents, name) for name in contents.__dataclass_fields__ if name != "other_notices"
        },
        "subject": on_one_line(written["subject"]),
        "preheader": on_one_line(written["preheader"]),
        "opening": written["opening"].strip(),
        "pictures": {block.name: contents.pictures.get(block.name) for block in contents.blocks},
        "tags": tags.words,
        "ask_useful": publication.ask_useful,
        # The ID of the article follows.
        "question_url": question_url(publication) if publication.takes_questions else "",
        "words": words,
        # For an element that has only a fixed text.
        "in_words": _spoken(words.language) if words.language != publication.language else "",
        "language": publication.language,
        "direction": "rtl" if rtl else "ltr",
        "italics": italics,
        "slanted": "font-style:italic" if italics else "font-style:normal",
        "start": "right" if rtl else "left",
        "end": "left" if rtl else "right",
        "light": colours_of(theme.light, checked_colour(publication.accent_colour, "accent_colour")),
        "dark": colours_of(theme.dark, checked_colour(publication.accent_colour_dark, "accent_colour_dark")),
        "heading_font": _fonts(publication.heading_font, "heading_font"),
        "body_font": _fonts(publication.body_font, "body_font"),
    }


def _spoken(language: str) -> Markup:
    return Markup(' lang="{}" dir="{}"').format(language, direction(language))


def _html(rendered: str) -> str:
    # premailer takes longer to import than most commands to run.
    from newsletter.rendering.inline_css import inline_styles

    html = inline_styles(_INDENTATION.sub("\n", rendered.strip()))
    return html if KEEPS_UTF8 in html else html.replace("</body>", f"{KEEPS_UTF8}</body>")


def _keeping_utf8(text: str) -> str:
    return text if KEEPS_UTF8 in text else f"{text.rstrip()}{KEEPS_UTF8}\n"


def _fonts(names: str, field: str) -> str:
    names = names.replace('"', "'")
    if _FONTS.fullmatch(names) is None:
        raise Invalid(
            f"{field} must be font names separated by commas, such as 'Georgia, serif', instead of {names!r}. "
            "Correct the names."
        )
    return names
