"""Fills in the forms by which readers question a fact or complain, as a person does: not within two seconds."""

import re
from datetime import timedelta
from html import unescape

import time_machine
from django.test import Client
from django.utils import timezone

from newsletter.feedback.case_mails import send_next_case_mail

HIDDEN = re.compile(r'<input type="hidden" name="([^"]*)" value="([^"]*)"')
CASE_LINK = re.compile(r"http://localhost:8000(/my-question/[^/\s]+/)")


def hidden_fields(page):
    """The hidden fields of the form on a page."""
    return {name: unescape(value) for name, value in HIDDEN.findall(page.content.decode())}


def send_form(path, *, network="192.0.2.1", seconds=5, **typed):
    """Open a form, fill it in, and send it some seconds later. Return the response."""
    reader = Client(enforce_csrf_checks=True, REMOTE_ADDR=network)
    page = reader.get(path)
    assert page.status_code == 200, page.content.decode()
    with time_machine.travel(timezone.now() + timedelta(seconds=seconds), tick=False):
        return reader.post(path, {**hidden_fields(page), **typed})


def send_mails():
    """Send every email to readers, also those of forms that were sent some seconds from now."""
    with time_machine.travel(timezone.now() + timedelta(seconds=10), tick=False):
        for _ in range(500):
            if not send_next_case_mail():
                return
    raise AssertionError("There was always another email to send.")


def link_in(mail):
    """The path of the reader's page, from an email."""
    return CASE_LINK.search(mail.body)[1]
