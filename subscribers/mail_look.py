"""How the app's own emails look: colours, fonts and a logo, which the site can choose for each list."""

from dataclasses import dataclass

from django.utils.module_loading import import_string

from subscribers import app_settings
from subscribers.models import List


@dataclass(frozen=True, slots=True, kw_only=True)
class MailColours:
    """The colours in light or dark mode, all of the form `#rrggbb`. `on_button` is for the text on the button."""

    page: str
    card: str
    ink: str
    quiet: str
    button: str
    on_button: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MailLogo:
    """A picture in place of the name. The height may be unknown."""

    url: str
    alt: str
    width: int
    height: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MailLook:
    """The look of an email. `reply_to` is the address for replies; if empty, they go to the sender."""

    light: MailColours
    dark: MailColours
    heading_font: str = "Georgia,'Times New Roman',serif"
    body_font: str = "Helvetica,Arial,sans-serif"
    logo: MailLogo | None = None
    reply_to: str = ""


DEFAULT_LOOK = MailLook(
    light=MailColours(
        page="#fbfaf7", card="#ffffff", ink="#1c1f21", quiet="#565d61", button="#0b5d7a", on_button="#ffffff"
    ),
    dark=MailColours(
        page="#0e1012", card="#16191c", ink="#ebe8e2", quiet="#a5abb2", button="#7cc4de", on_button="#0e1012"
    ),
)


def look_of(mailing_list: List) -> MailLook:
    """Return the look that SUBSCRIBERS_MAIL_LOOK gives a list, or the default."""
    path = app_settings.mail_look()
    if not path:
        return DEFAULT_LOOK
    found: MailLook = import_string(path)(mailing_list)
    return found
