"""Check the size of the email, of its styles and of its pictures."""

from collections.abc import Iterator

from django.db.models.functions import Length

from newsletter.articles.pictures.models import PictureFile
from newsletter.preflight.checked_issue import CheckedIssue
from newsletter.preflight.finding import Basis, Finding, Level, Place, Rule
from newsletter.rendering.delivered_html_size import GMAIL_CLIPS_AT, WARN_AT, delivered_bytes, size_warning

CHECK = "size"
MEASURED = Basis(
    "Independent tests found a limit between 99,500 and 100,200 bytes. Google does not publish its limit",
    "https://github.com/hteumeuleu/email-bugs/issues/41",
    "November 2026",
)
WHY = "Gmail hides the end of a long email behind a link. The unsubscribe link is at the end."
CLIPPED = Rule(
    "size.clipped",
    "Gmail cuts off the email",
    Level.ERROR,
    WHY,
    "Remove articles or shorten the introduction.",
    MEASURED,
)
NEARLY_CLIPPED = Rule(
    "size.nearly-clipped",
    "The email is nearly too long for Gmail",
    Level.WARNING,
    WHY,
    "Do not add anything else.",
    MEASURED,
)
STYLES = Rule(
    "size.styles",
    "Gmail removes the email’s styles",
    Level.WARNING,
    "Gmail ignores style blocks that are too large, so its users do not get dark mode or the phone layout.",
    "Shorten the style blocks in the theme.",
    Basis(
        "Independent tests between 2017 and 2022 found a limit of 16 KB. Google does not publish its limit",
        "https://github.com/hteumeuleu/email-bugs/issues/90",
        "November 2026",
    ),
)
PICTURES = Rule(
    "size.pictures",
    "The email’s pictures are large",
    Level.WARNING,
    "Readers with a slow or metered connection wait for the pictures, or do not see them.",
    "Choose smaller pictures, or turn off “Show pictures directly from the articles’ sites” in the newsletter’s "
    "settings, so that we can resize them.",
    Basis("The size of a page that loads within three seconds on 3G", as_of="November 2026"),
)
RULES = (CLIPPED, NEARLY_CLIPPED, STYLES, PICTURES)
MOST_STYLES = 16_384
MOST_PICTURES = 1_500_000


def check(checked: CheckedIssue) -> Iterator[Finding]:
    """Measure the largest variant of the email as it is delivered to the reader with the longest values."""
    emails = [variant.email for variant in checked.emails.variants] if checked.emails else []
    if emails:
        email = max(emails, key=delivered_bytes)
        size = delivered_bytes(email)
        if size >= WARN_AT:
            rule = CLIPPED if size >= GMAIL_CLIPS_AT else NEARLY_CLIPPED
            yield rule.found(size_warning(email), Place("contents"))
    styles = sum(len((each.text or "").encode()) for each in checked.document.iter("style"))
    if styles > MOST_STYLES:
        what = f"The style blocks add up to {styles // 1_000} KB. Gmail ignores styles beyond 16 KB."
        yield STYLES.found(what, Place("settings", "look"))
    weight = _weight_of_pictures(checked)
    if weight > MOST_PICTURES:
        what = f"The pictures in this email add up to {weight / 1_000_000:.1f} MB."
        yield PICTURES.found(what, Place("contents"))


def _weight_of_pictures(checked: CheckedIssue) -> int:
    """Return the bytes of the pictures, as far as they are known: our own files, and what other sites stated."""
    urls = {picture.url for picture in checked.pictures}
    names = {url.rpartition("/")[2] for url in urls}
    own = PictureFile.objects.filter(name__in=names).annotate(size=Length("content"))
    sizes: dict[str, int] = dict(own.values_list("name", "size"))
    stated = sum(row.bytes or 0 for url, row in checked.known_links.items() if url in urls)
    return stated + sum(sizes.values())
