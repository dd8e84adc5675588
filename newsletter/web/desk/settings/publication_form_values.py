"""The values in the forms of a publication's settings: as stored, as typed, and as words."""

from collections.abc import Mapping
from typing import Any

from newsletter.errors import InvalidFields, NewsletterError
from newsletter.first_run.brand_colours import accents
from newsletter.http.web_addresses import normalise_url
from newsletter.issues.models import Publication
from newsletter.web.desk.settings.publication_fields import FIELDS, REQUIRED, SettingField
from subscribers.whole_numbers import whole_number


def stored_values(publication: Publication, part: str) -> dict[str, Any]:
    """Return what a form of a plain part shows: texts by name, and booleans for boxes to tick."""
    return {each.name: _shown(each, getattr(publication, each.name)) for each in FIELDS[part]}


def typed_values(form: Mapping[str, str], part: str) -> dict[str, Any]:
    """Return what was typed into the form of a plain part, to show it again."""
    return {
        each.name: form.get(each.name) == "on" if each.kind == "tick" else form.get(each.name, "")
        for each in FIELDS[part]
    }


def settings_of_form(form: Mapping[str, str], part: str, publication: Publication) -> dict[str, Any]:
    """Return the settings that a form of a plain part describes. Raises InvalidFields."""
    values = typed_values(form, part)
    wrong = {name: REQUIRED[name] for name in values if name in REQUIRED and not str(values[name]).strip()}
    for each in FIELDS[part]:
        if each.kind == "number":
            number = whole_number(values[each.name].strip(), digits=9)  # no number here is longer
            if number is None:
                wrong[each.name] = "Enter a whole number."
            else:
                values[each.name] = number
    if wrong:
        raise InvalidFields(wrong)
    if values.get("website"):
        values["website"] = _whole_address(values["website"])
    if part == "look":
        _set_readable_colours(values, publication)
    return values


def in_words(part: str, values: Mapping[str, Any], publication: Publication) -> list[tuple[str, str]]:
    """Return settings as a page says them: the labels of their fields and their values."""
    shown = ((each, values[each.name]) for each in FIELDS[part] if each.name in values)
    return [(each.label, _in_words(each, value, publication)) for each, value in shown]


def _in_words(each: SettingField, value: Any, publication: Publication) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    names = dict(each.choices(publication)) if each.choices else {}
    return names.get(str(value), str(value)) or "empty"


def _shown(each: SettingField, value: Any) -> Any:
    return value if each.kind == "tick" else str(value)


def _whole_address(text: str) -> str:
    try:
        return normalise_url(text.strip())
    except NewsletterError:  # the validator of the field says what is wrong
        return text


def _set_readable_colours(values: dict[str, Any], publication: Publication) -> None:
    """Make the colours readable. Without a choice for dark mode, its colour is made from the other one."""
    light, dark = values["accent_colour"], values["accent_colour_dark"]
    same_dark = dark.lower() == publication.accent_colour_dark.lower()
    if light.lower() != publication.accent_colour.lower() and (colours := accents(light)):
        values["accent_colour"] = colours[0]
        if same_dark:
            values["accent_colour_dark"] = colours[1]
    if not same_dark and (colours := accents(dark)):
        values["accent_colour_dark"] = colours[1]
