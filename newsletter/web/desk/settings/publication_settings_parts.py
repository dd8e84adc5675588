"""The parts of a publication's settings: what each is called, from when a change counts, and its form."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

from newsletter.issues.models import Publication
from newsletter.issues.publication_settings import PARTS
from newsletter.web.desk.audience import audience_form
from newsletter.web.desk.settings import (
    audience_fields,
    publication_form_values,
    section_fields,
    selection_fields,
)

IN_EMAILS = "Changes apply to every email that has not been sent yet, including existing drafts."
IN_DRAFTS = "Changes apply to issues drafted from now on. Existing issues stay the same."

IN_AUDIENCES = "Changes apply to every issue that has not been sent yet and does not have its own audience."


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the settings. `in_emails` says that a change can be seen in emails, which ends approvals."""

    name: str
    title: str
    counts: str
    in_emails: bool = False

    def stored(self, publication: Publication) -> dict[str, Any]:
        """Return what the form shows before anything is typed."""
        if self.name == "selection":
            return selection_fields.stored_values(publication)
        if self.name == "sections":
            return section_fields.stored_values(publication)
        if self.name == "audience":
            return audience_fields.stored_values(publication)
        return publication_form_values.stored_values(publication, self.name)

    def typed(self, form: QueryDict) -> dict[str, Any]:
        """Return what was typed, to show it again."""
        if self.name == "selection":
            return selection_fields.typed_values(form)
        if self.name == "sections":
            return section_fields.typed_values(form)
        if self.name == "audience":
            return audience_form.typed_values(form)
        return publication_form_values.typed_values(_texts(form), self.name)

    def settings(self, form: QueryDict, publication: Publication) -> dict[str, Any]:
        """Return the settings that a form describes. Raises InvalidFields."""
        if self.name == "selection":
            return selection_fields.settings_of_form(form, publication)
        if self.name == "sections":
            return section_fields.settings_of_form(form)
        if self.name == "audience":
            return audience_fields.settings_of_form(form, publication)
        return publication_form_values.settings_of_form(_texts(form), self.name, publication)

    def in_words(self, values: Mapping[str, Any], publication: Publication) -> list[tuple[str, str]]:
        """Return settings as a page says them: labels and values."""
        if self.name == "selection":
            return selection_fields.in_words(values)
        if self.name == "sections":
            return section_fields.in_words(values)
        if self.name == "audience":
            return audience_fields.in_words(values, publication)
        return publication_form_values.in_words(self.name, values, publication)

    def now(self, publication: Publication) -> list[tuple[str, str]]:
        """Return all settings of the part as a page says them."""
        return self.in_words({name: getattr(publication, name) for name in PARTS[self.name]}, publication)


ALL_PARTS: Mapping[str, Part] = {
    part.name: part
    for part in (
        Part("identity", "Name and language", IN_EMAILS, in_emails=True),
        Part("sender", "Sender and address", IN_EMAILS, in_emails=True),
        Part("look", "Look", IN_EMAILS, in_emails=True),
        Part("selection", "Article selection", IN_DRAFTS),
        Part("sections", "Sections", IN_DRAFTS),
        Part("audience", "Audience", IN_AUDIENCES, in_emails=True),
        Part("questions", "Questions from readers", IN_EMAILS, in_emails=True),
        Part("approval", "Approval and undo", "Changes take effect immediately."),
    )
}


def _texts(form: QueryDict) -> dict[str, str]:
    return {name: str(form.get(name, "")) for name in form}
