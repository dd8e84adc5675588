"""Check the HTML and CSS of the email against what the large mail programs support. This never blocks an approval."""

from collections.abc import Iterator

from newsletter.preflight.checked_issue import CheckedIssue
from newsletter.preflight.client_support import Feature, client_name, data_date, features
from newsletter.preflight.finding import Basis, Finding, Level, Rule
from newsletter.preflight.used_html_features import used_features
from subscribers.phrases import listed

CHECK = "mail programs"
# The programs that most readers use.
LARGE = (
    *("gmail/desktop-webmail", "gmail/ios", "gmail/android", "apple-mail/ios", "apple-mail/macos"),
    *("outlook/windows", "outlook/outlook-com", "outlook/ios", "outlook/android"),
    *("yahoo/desktop-webmail", "yahoo/ios", "yahoo/android"),
)
# Without these, a layout falls apart or something is missing, so one program counts.
BREAKS = frozenset(
    {
        *(
            "css-display-grid",
            "css-display-flex",
            "css-position",
            "css-variables",
            "css-float",
            "css-background-image",
        ),
        *(
            "css-linear-gradient",
            "css-radial-gradient",
            "html-svg",
            "html-video",
            "html-audio",
            "html-object",
        ),
        *("html-picture", "html-form", "html-input-text", "html-button-submit", "html-background"),
        *("image-webp", "image-avif", "image-svg", "image-bmp", "image-heif", "image-apng"),
    }
)
# Nothing is lost where these are not understood.
HARMLESS = frozenset(
    {
        *(
            "css-color-scheme",
            "css-overflow-wrap",
            "css-height",
            "html-bdi",
            "html-body",
            "html-meta-color-scheme",
        ),
        *("html-abbr", "html-acronym", "html-hidden", "html-semantics", "html-target", "css-at-font-face"),
    }
)
ENOUGH = 4
NOT_SUPPORTED = Rule(
    "clients.not-supported",
    "Some mail programs do not support a feature in the email",
    Level.ADVICE,
    "Readers who use these programs see the email without this feature.",
    (
        "In the preview, look at the email without this feature. If something is missing, change the theme "
        "or the text."
    ),
    Basis("caniemail.com", "https://www.caniemail.com/", data_date()),
    never_blocks=True,
)
RULES = (NOT_SUPPORTED,)


def check(checked: CheckedIssue) -> Iterator[Finding]:
    """Name each feature that large mail programs do not support, with the place where it is first used."""
    if checked.email is None:
        return
    known = features()
    for name, element in used_features(checked.document).items():
        feature = known.get(name)
        if feature is None or name in HARMLESS:
            continue
        refusing = feature.refused_by(LARGE)
        if len(refusing) >= (1 if name in BREAKS else ENOUGH):
            place, position = checked.places.place_and_position(element)
            yield NOT_SUPPORTED.found(_sentence(feature, refusing), place, position=position)


def _sentence(feature: Feature, refusing: list[str]) -> str:
    return (
        f"{feature.title} is not supported by {listed([client_name(each) for each in refusing])}. It was last tested "
        f"in {feature.tested[:4]}."
    )
