"""A form that was submitted after its session or token had ended. What was typed is shown again, ready to be sent.

The fields travel signed through the log-in form, so nothing is stored for people who are not logged in. They are kept
only if the browser says that the form was on our own pages: a page elsewhere must not fill in an editor's form.
"""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.core import signing
from django.http import HttpRequest
from django.urls import reverse

SALT = "newsletter.desk.kept-form"
# A log-in form may stay open over night.
MAX_AGE_SECONDS = 24 * 60 * 60
OF_THE_PAGE = {"seen", "next", "version"}
SENT_BY_BUTTONS = re.compile(r"[a-z0-9_:.+-]*")
SECRETS = {"csrfmiddlewaretoken", "username", "password", "sendgrid_api_key", "smtp_password"}


@dataclass(frozen=True, slots=True)
class KeptField:
    """One field as it was sent. What a person typed is shown and can be changed."""

    name: str
    value: str

    @property
    def is_typed(self) -> bool:
        """Whether a person may have typed this: buttons send numbers, slugs and digests."""
        return self.name not in OF_THE_PAGE and not SENT_BY_BUTTONS.fullmatch(self.value)

    @property
    def label(self) -> str:
        """A label made of the name."""
        return self.name.replace("_", " ").replace("-", " ").capitalize()

    @property
    def rows(self) -> int:
        """How many lines of a text area the value needs, from 2 to 12."""
        return min(12, max(2, self.value.count("\n") + 1, len(self.value) // 60))


@dataclass(frozen=True, slots=True)
class KeptForm:
    """The path that a form was posted to, and its fields. Files cannot be kept: `files` says whether there were any."""

    path: str
    fields: tuple[KeptField, ...]
    files: bool = False

    def __bool__(self) -> bool:
        """Whether there is something typed in it."""
        return any(each.is_typed for each in self.fields)

    def signed(self) -> str:
        """Return the form as a signed text."""
        pairs = [(each.name, each.value) for each in self.fields]
        return signing.dumps([self.path, pairs, self.files], salt=SALT, compress=True)


NOTHING = KeptForm("", ())


def submitted_form(request: HttpRequest) -> KeptForm:
    """Return the form that a request posts to the desk, or an empty one if it is from elsewhere or not to be kept."""
    if request.method != "POST" or not is_from_our_pages(request):
        return NOTHING
    if not request.path.startswith(reverse("desk:dashboard")) or request.path in {
        reverse("desk:log-in"),
        reverse("desk:log-out"),
    }:
        return NOTHING
    fields = tuple(
        KeptField(name, str(value))
        for name, values in request.POST.lists()
        for value in values
        if name not in SECRETS
    )
    return KeptForm(request.path, fields, bool(request.FILES))


def kept_form(signed: str) -> KeptForm:
    """Return the form of a signed text, or an empty one if there is none or it is too old."""
    try:
        content: Any = signing.loads(signed, salt=SALT, max_age=MAX_AGE_SECONDS)
    except signing.BadSignature:
        return NOTHING
    path, pairs, files = content
    return KeptForm(path, tuple(KeptField(name, value) for name, value in pairs), files)


def is_from_our_pages(request: HttpRequest) -> bool:
    """Return whether the browser says that one of our own pages sent this request."""
    origin = request.headers.get("Origin", "")
    if origin and origin != "null":
        return urlsplit(origin).netloc == request.get_host()
    return request.headers.get("Sec-Fetch-Site", "") == "same-origin"
