"""Renders templates of the desk with what all of them know, and sets the headers of its pages."""

from collections.abc import Mapping
from datetime import UTC
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.templatetags.static import static
from django.urls import reverse
from django.utils import translation

from newsletter.accounts.actor import Role, current_actor
from newsletter.web.desk import formatting
from newsletter.web.desk.creation_form_keys import new_key

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
LANGUAGE = "en-gb"


def rendered(request: HttpRequest, template: str, context: Mapping[str, Any]) -> str:
    """Return a template of templates/desk/, given by its name, filled in. Its words are British English."""
    with translation.override(LANGUAGE):
        html: str = (
            engines["jinja2"]
            .get_template(f"desk/{template}.html")
            .render({**_known_to_every_template(), **context}, request)
        )
    return html


def _known_to_every_template() -> dict[str, Any]:
    return {
        "url": reverse,
        "static": static,
        "fmt": formatting,
        "utc": UTC,
        "actor": current_actor(),
        "administrator": current_actor().may(Role.ADMINISTRATOR),
        "form_error": None,
        "new_form_key": new_key,
    }


def secured(response: HttpResponse) -> HttpResponse:
    """Return the response with the headers that limit what a browser does with a page of the desk."""
    response["Content-Security-Policy"] = POLICY
    response["Cross-Origin-Opener-Policy"] = "same-origin"
    response["X-Robots-Tag"] = "noindex"
    return response
