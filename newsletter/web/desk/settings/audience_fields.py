"""The form of the audience in the settings of a publication, which every issue without one of its own has."""

from collections.abc import Mapping
from typing import Any

from django.http import QueryDict

from newsletter.issues.audience_choice import choice_from_json, choice_to_json
from newsletter.issues.change_issue_audience import check_choice, with_pasted
from newsletter.issues.look_up_audience import in_words as choice_in_words
from newsletter.issues.models import Publication
from newsletter.web.desk.audience.audience_form import audience_of_form, shown_choice


def stored_values(publication: Publication) -> dict[str, Any]:
    """Return what the form shows of the stored audience."""
    return shown_choice(choice_from_json(publication.audience))


def settings_of_form(form: QueryDict, publication: Publication) -> dict[str, Any]:
    """Return the settings that the form describes. Raises InvalidFields, and Invalid for what does not exist."""
    audience = audience_of_form(form)
    check_choice(audience.choice, publication)
    choice = audience.choice
    if audience.pasted.keys:
        choice = with_pasted(choice, publication, audience.pasted)
    return {"audience": choice_to_json(choice) or None}


def in_words(values: Mapping[str, Any], publication: Publication) -> list[tuple[str, str]]:
    """Return the audience as a page says it."""
    words = choice_in_words(choice_from_json(values["audience"]), publication)
    return [("Sent to", words)]
