"""The fields of the plain parts of a publication's settings: their labels, hints and choices, and what a form gives."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise

from newsletter.errors import NewsletterError
from newsletter.first_run.publication_details import MISSING
from newsletter.issues.models import Nation, Publication
from newsletter.issues.models.publication import MAX_UNDO_MINUTES, MAX_WORKING_DAYS, SERIF
from newsletter.issues.validators import theme_names
from newsletter.rendering.find_theme import find_theme
from newsletter.web.desk import languages_and_zones
from newsletter.web.desk.languages_and_zones import languages_with_our_texts

Choices = Callable[[Publication], list[tuple[str, str]]]
FONTS = (
    (SERIF, "Georgia"),
    ("'Palatino Linotype', Palatino, 'Book Antiqua', Georgia, serif", "Palatino"),
    ("'Times New Roman', Times, serif", "Times New Roman"),
    ("Arial, Helvetica, sans-serif", "Arial"),
    ("Verdana, Geneva, sans-serif", "Verdana"),
    ("'Trebuchet MS', Arial, sans-serif", "Trebuchet"),
    ("Tahoma, Verdana, sans-serif", "Tahoma"),
)
REQUIRED = {
    **MISSING,
    "first_name_fallback": "Enter a word for readers whose first name you do not know. For example, “reader”.",
}


@dataclass(frozen=True, slots=True)
class SettingField:
    """One field of a form: the name of the setting, what kind of field it is, its label and its hint."""

    name: str
    kind: str
    label: str
    hint: str | Promise = ""
    note: str = ""
    longest: int | str = ""
    choices: Choices | None = None
    attrs: Mapping[str, Any] = field(default_factory=dict)


def languages(publication: Publication) -> list[tuple[str, str]]:
    """Return the languages that have fixed texts, and the one that the publication has."""
    return languages_with_our_texts(publication.language)


def time_zones(publication: Publication) -> list[tuple[str, str]]:
    """Return the time zones to choose from, and the one that the publication has."""
    return languages_and_zones.time_zones(publication.zone)


def _themes(publication: Publication) -> list[tuple[str, str]]:
    return [(name, _theme_title(name)) for name in dict.fromkeys([*theme_names(), publication.theme])]


def _theme_title(name: str) -> str:
    try:
        return find_theme(name).title
    except NewsletterError:
        return name


def _fonts(now: str) -> list[tuple[str, str]]:
    return [*FONTS] if now in dict(FONTS) else [(now, now.partition(",")[0].strip(" '\"")), *FONTS]


def _archives(_publication: Publication) -> list[tuple[str, str]]:
    return [(value, str(label)) for value, label in Publication.Archive.choices]


def _nations(_publication: Publication) -> list[tuple[str, str]]:
    return [(nation.value, str(nation.label)) for nation in Nation]


WORKING_DAYS = {"min": 1, "max": MAX_WORKING_DAYS, "inputmode": "numeric", "class": "short"}
ADDRESS = {"inputmode": "url", "autocapitalize": "none", "spellcheck": "false"}
FIELDS: Mapping[str, tuple[SettingField, ...]] = {
    "identity": (
        SettingField("name", "text", "Newsletter name", "The name that readers see.", longest=200),
        SettingField("tagline", "text", "Tagline", "A line that appears below the name.", "optional", 300),
        SettingField(
            "organisation", "text", "Organisation", "The publisher, as shown in the copyright line.", "", 200
        ),
        SettingField("website", "text", "Website", longest=500, attrs=ADDRESS),
        SettingField(
            "language",
            "select",
            "Language",
            "We use this language for the standard wording and dates in emails. The sign-up form and readers’ "
            "pages have their own language.",
            choices=languages,
        ),
        SettingField(
            "zone",
            "select",
            "Time zone",
            "We use this time zone for times in the desk and dates in emails.",
            choices=time_zones,
        ),
        SettingField(
            "archive",
            "radio",
            "Who can read sent issues on the web",
            "Changes take effect immediately.",
            choices=_archives,
        ),
    ),
    "sender": (
        SettingField("sender_name", "text", "Sender’s name", longest=200),
        SettingField(
            "sender_address", "email", "Sent from", "The email address that readers see.", "", 254
        ),
        SettingField(
            "reply_to", "email", "Replies go to", "If empty, replies go to the address above.", "optional", 254
        ),
        SettingField(
            "sender_name_ascii",
            "text",
            "Sender’s name without accents",
            "SendGrid cannot show accents or other scripts, so it uses this name. If empty, we remove the accents.",
            "optional",
            200,
        ),
        SettingField(
            "postal_address",
            "lines",
            "Postal address",
            "This appears at the foot of every issue. Many countries require a postal address by law.",
            longest=2_000,
        ),
        SettingField(
            "charity_number",
            "text",
            "Registered charity number",
            "We show this number beside each appeal for money. By law, a registered charity must say that "
            "it is registered.",
            "optional",
            100,
        ),
        SettingField(
            "reason",
            "lines",
            "Why readers get this email",
            "A sentence at the foot of every issue. If empty, we use a standard sentence that names the list.",
            "optional",
            2_000,
        ),
        SettingField(
            "first_name_fallback",
            "text",
            "How to address readers without a first name",
            "For example, “reader” gives “Dear reader”.",
            longest=80,
        ),
    ),
    "look": (
        SettingField("theme", "select", "Theme", choices=_themes),
        SettingField("accent_colour", "colour", "Accent colour", "We use this colour for links and buttons."),
        SettingField(
            "accent_colour_dark",
            "colour",
            "Accent colour in dark mode",
            "If you change only the accent colour above, we choose a matching colour for dark mode.",
        ),
        SettingField(
            "heading_font",
            "select",
            "Heading font",
            "These fonts work in every mail program.",
            choices=lambda it: _fonts(it.heading_font),
        ),
        SettingField(
            "body_font", "select", "Body font", choices=lambda it: _fonts(it.body_font)
        ),
        SettingField(
            "logo_alt",
            "text",
            "Logo description",
            "Describe the logo for readers who cannot see it. This is usually the name of the newsletter.",
            "optional",
            300,
        ),
        SettingField(
            "hotlink_pictures",
            "tick",
            "Show pictures directly from the articles’ sites",
            "Those sites can then see who reads the emails. Otherwise, we make our own copies in the right size.",
        ),
        SettingField(
            "ask_useful",
            "tick",
            "Ask “Was this useful?” below each article",
            "You will find the answers in the issue’s report.",
        ),
    ),
    "questions": (
        SettingField(
            "takes_questions",
            "tick",
            "Readers can question facts",
            "Each article in an email links to a form. People with the board role reply to readers. Give "
            "somebody this role first.",
        ),
        SettingField(
            "working_days",
            "select",
            "Public holidays in",
            "These public holidays do not count when we calculate deadlines.",
            choices=_nations,
        ),
        SettingField(
            "acknowledge_days",
            "number",
            "Working days to acknowledge a question",
            "Complaints about data protection must be acknowledged within 30 days, by law.",
            attrs=WORKING_DAYS,
        ),
        SettingField(
            "answer_days", "number", "Working days to answer", attrs=WORKING_DAYS
        ),
        SettingField(
            "show_question_figures",
            "tick",
            "Show in the archive how many questions were answered",
            "The archive shows how many questions readers asked in the last 12 months, how many corrections they "
            "led to, and the median time to an answer.",
        ),
    ),
    "approval": (
        SettingField(
            "four_eyes",
            "tick",
            "A second person must approve each issue",
            "Nobody can then approve an issue that they worked on. If you turn the rule off, it still applies to "
            "issues that have already been started.",
        ),
        SettingField(
            "undo_minutes",
            "number",
            "Undo window in minutes",
            f"How long you can undo “Send”. Enter a number of minutes from 0 to {MAX_UNDO_MINUTES}.",
            attrs={"min": 0, "max": MAX_UNDO_MINUTES, "inputmode": "numeric", "class": "short"},
        ),
    ),
}  # fmt: skip
