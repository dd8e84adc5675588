"""Every field of the desk into which somebody types is kept until the server has it, or the table says why not.

What keeps a text, tests/journeys/desk tries for a form of each kind, in a browser: a killed server, an ended session,
no connection, a closed tab (test_nothing_typed_is_lost.py and test_forms_are_kept.py).
"""

import re
from pathlib import Path

import pytest

TEMPLATES = Path(__file__).parents[3] / "templates" / "desk"
# What keeps texts: autosave.js saves them while somebody types; keep_forms.js keeps the form in the browser.
KEPT_BY = re.compile(r"data-(?:keep-form|autosave-form)\b")
SECRET = "It is a secret or a code, which no browser shall keep."
IN_ADDRESS = "The address of the page has it, and every page that leads back."
BESIDE_SECRET = "Its form has a secret, and forms are kept whole."
SHORT = "It is a number or a word that is typed again at once."
NOT_KEPT = {
    ("account/add_app.html", "code"): SECRET,
    ("account/add_passkey.html", "name"): SHORT,
    ("account/address.html", "address"): SHORT,
    ("account/confirm.html", "code"): SECRET,
    ("account/confirm.html", "password"): SECRET,
    ("account/forgotten.html", "name"): SHORT,
    ("account/new_password.html", "password"): SECRET,
    ("account/password.html", "new"): SECRET,
    ("account/password.html", "old"): SECRET,
    ("account/rename_passkey.html", "name"): SHORT,
    ("account/second_factor.html", "code"): SECRET,
    ("articles/articles.html", "q"): IN_ADDRESS,
    ("articles/articles.html", "topic"): IN_ADDRESS,
    ("articles/reference.html", "find"): IN_ADDRESS,
    ("corrections/corrections.html", "q"): IN_ADDRESS,
    ("issue/contents_add.html", "q"): IN_ADDRESS,
    ("issue/contents_move.html", "place"): SHORT,
    ("issue/contents_move.html", "to_section"): SHORT,
    ("issue/email_pane.html", "reader"): SHORT,
    ("issues/issues.html", "q"): IN_ADDRESS,
    ("issues/new_issue.html", "at_most"): SHORT,
    ("issues/series.html", "phrase"): IN_ADDRESS,
    ("sending/sending.html", "address"): SHORT,
    ("sending/sendgrid.html", "sendgrid_api_key"): SECRET,
    ("sending/smtp.html", "smtp_host"): BESIDE_SECRET,
    ("sending/smtp.html", "smtp_password"): SECRET,
    ("sending/smtp.html", "smtp_port"): BESIDE_SECRET,
    ("sending/smtp.html", "smtp_user"): BESIDE_SECRET,
    ("settings/backups.html", "keep"): SHORT,
    ("settings/invitation.html", "name"): SHORT,
    ("settings/invitation.html", "password"): SECRET,
    ("shell/activity.html", "from"): IN_ADDRESS,
    ("shell/activity.html", "to"): IN_ADDRESS,
    ("shell/activity.html", "person"): IN_ADDRESS,
    ("shell/find.html", "q"): IN_ADDRESS,
    ("shell/log_in.html", "password"): SECRET,
    ("shell/log_in.html", "username"): SHORT,
    ("shell/palette.html", "q"): IN_ADDRESS,
    ("imports/columns.html", "collected_on"): SHORT,
    ("imports/columns.html", "received_on"): SHORT,
    ("subscribers/erase.html", "address"): SHORT,
    ("subscribers/pause.html", "until"): SHORT,
    ("subscribers/subscribers.html", "q"): IN_ADDRESS,
    ("subscribers/subscribers.html", "from"): IN_ADDRESS,
    ("subscribers/subscribers.html", "to"): IN_ADDRESS,
}
# The page that shows components for developers.
SAMPLES = "shell/components.html"
FORM = re.compile(r"<form\b(?P<tag>(?:[^>{]|\{\{.*?\}\}|\{%.*?%\})*)>(?P<inside>.*?)</form>", re.DOTALL)
COMPONENT = re.compile(r"ui\.(?:field|date_field)\(\s*\"(?P<name>\w+)\"(?P<rest>[^\n]*)")
ELEMENT = re.compile(
    r"<(?:textarea|input type=\"(?:text|search|email|url|number|password)\")[^>]*\bname=\"(?P<name>\w+)\""
)


def forms():
    """Yield each form of each template: the template, its tag, and the names of its fields for typing."""
    for path in sorted(TEMPLATES.rglob("*.html")):
        name, text = str(path.relative_to(TEMPLATES)), path.read_text(encoding="utf-8")
        for form in FORM.finditer(text):
            typed = [m["name"] for m in COMPONENT.finditer(form["inside"]) if 'type="file"' not in m["rest"]]
            typed += [m["name"] for m in ELEMENT.finditer(form["inside"])]
            yield name, form["tag"], typed


def test_every_field_is_kept_or_says_why_not():
    nothing_keeps = {
        (template, field)
        for template, tag, typed in forms()
        for field in typed
        if not KEPT_BY.search(tag) and template != SAMPLES
    }
    assert nothing_keeps == set(NOT_KEPT)


@pytest.mark.parametrize(
    "field",
    [
        ("articles/write.html", "markdown"),
        ("first_run/publication.html", "postal_address"),
        ("issue/contents_edit.html", "alt"),
        ("issue/send_when.html", "at"),
        ("issues/series.html", "to"),
        ("reports/web_page.html", "note"),
    ],
)
def test_the_fields_of_forms_are_found_where_they_are(field):
    assert field in {
        (template, each) for template, tag, typed in forms() for each in typed if KEPT_BY.search(tag)
    }


def test_every_form_that_makes_a_text_carries_what_it_started_from_or_a_key():
    """A form that is kept is put back later, perhaps after others have changed the same thing, or after it was sent."""
    carries_none = {
        (template, re.search(r'data-keep-form="([^"{]*)', tag)[1].strip(" “"))
        for template, tag, _typed in forms()
        if "data-keep-form" in tag and not _versions_of(template, tag)
    }
    # Their things are unique by address or name, are found again by it, or are decided once.
    assert carries_none == {
        ("articles/add.html", "Link to an article"),
        ("articles/sources.html", "Source address"),
        ("articles/sources.html", "Feed list"),
        ("first_run/account.html", "Your account"),
        ("first_run/source.html", "Website address"),
        ("imports/check.html", "Import"),
        ("issue/contents_add.html", "Link to an article"),
        ("issue/review_finding.html", "Reason for overruling an error"),
        ("issue/send_approve.html", "Reason for not approving"),
        ("issue/send_mailing.html", "Reason for pausing"),
        ("issue/send_test.html", "Test email addresses"),
        ("issue/send_when.html", "Send time"),
        ("issues/series.html", "Issue time"),
        ("questions/question.html", "Answer to"),
        ("reports/web_page.html", "Reason for withdrawing the web page"),
        ("settings/invite.html", "Invitation"),
        ("settings/webhook_add.html", "Webhook"),
        ("subscribers/add.html", "New subscriber"),
        ("subscribers/address.html", "Subscriber address"),
        ("subscribers/basis.html", "Lawful basis"),
        ("subscribers/lift.html", "Reason for allowing emails"),
        ("subscribers/list.html", "New topic"),
        ("subscribers/paste.html", "Pasted addresses"),
        ("subscribers/subscribe.html", "Subscriber consent"),
        ("subscribers/suppress.html", "Reason for suppressing"),
        ("subscribers/unsubscribe.html", "Reason for unsubscribing"),
    }


def _versions_of(template, tag):
    text = (TEMPLATES / template).read_text(encoding="utf-8")
    inside = next(form["inside"] for form in FORM.finditer(text) if form["tag"] == tag)
    return "data-keep-version" in inside
