"""The look of confirmations and notifications: that of the publication's theme, with its colours, fonts and logo."""

from newsletter.errors import NewsletterError
from newsletter.issues.models import Publication
from newsletter.rendering.choose_pictures import EmailPictures
from newsletter.rendering.find_theme import Colours, colours_of, find_theme
from newsletter.rendering.readable_colours import checked_colour
from subscribers.mail_look import DEFAULT_LOOK, MailColours, MailLogo, MailLook
from subscribers.models import List


def look_of_list(mailing_list: List) -> MailLook:
    """Return the look of the first publication on a list, or the default if the list has none."""
    publication = Publication.objects.filter(mailing_list=mailing_list).order_by("pk").first()
    return look_of_publication(publication)


def look_of_publication(publication: Publication | None) -> MailLook:
    """Return the look of a publication. It is the default while its theme or a colour has a mistake."""
    if publication is None:
        return DEFAULT_LOOK
    try:
        theme = find_theme(publication.theme)
        light = colours_of(theme.light, checked_colour(publication.accent_colour, "accent_colour"))
        dark = colours_of(theme.dark, checked_colour(publication.accent_colour_dark, "accent_colour_dark"))
    except NewsletterError:
        return DEFAULT_LOOK
    logo = EmailPictures(publication, [], []).logo()
    return MailLook(
        light=_mail_colours(light),
        dark=_mail_colours(dark),
        heading_font=publication.heading_font.replace('"', "'"),
        body_font=publication.body_font.replace('"', "'"),
        logo=MailLogo(url=logo.url, alt=logo.alt, width=logo.width, height=logo.height) if logo else None,
        reply_to=publication.reply_to,
    )


def _mail_colours(colours: Colours) -> MailColours:
    return MailColours(
        page=colours.page,
        card=colours.card,
        ink=colours.ink,
        quiet=colours.quiet,
        button=colours.button,
        on_button=colours.on_button,
    )
