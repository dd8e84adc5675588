"""Sends to the same people with django-anymail, if it is installed: its SendGrid backend in batches of 1,000 with
merge_data, merge_metadata and merge_headers, posted to the same sink, without a database, and with every link made
before the measurement starts.

We do not depend on it: run `pip install --no-deps --target FOLDER django-anymail`, then add FOLDER to PYTHONPATH.
"""

import time
import warnings
from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any

BACKEND = "anymail.backends.sendgrid.EmailBackend"


def is_installed() -> bool:
    """Return whether django-anymail is installed."""
    return find_spec("anymail") is not None


def anymail_loop(email: Any, people: Sequence[dict[str, Any]], port: int, *, batch: int) -> float:
    """Send the email to people, each given as SendGrid's personalization; return the seconds."""
    from django.core.mail import get_connection

    with warnings.catch_warnings():
        # django-anymail warns that its support for SendGrid is no longer official.
        warnings.simplefilter("ignore")
        backend: Any = get_connection(BACKEND, api_key="SG.benchmark", api_url=f"http://127.0.0.1:{port}/v3/")
    started = time.perf_counter()
    with backend:
        for start in range(0, len(people), batch):
            assert message_to(people[start : start + batch], email, backend).send() == 1
    return time.perf_counter() - started


def message_to(people: Sequence[dict[str, Any]], email: Any, backend: Any) -> Any:
    """Return one batch, made as in django-anymail's documentation."""
    from django.core.mail import EmailMultiAlternatives

    named = [(person["to"][0]["email"], person["to"][0]["name"], person) for person in people]
    message: Any = EmailMultiAlternatives(
        email.subject,
        email.text,
        email.sender_address,
        [f"{name} <{address}>" for address, name, _person in named],
        connection=backend,
    )
    message.attach_alternative(email.html, "text/html")
    message.merge_data = {address: person["substitutions"] for address, _name, person in named}
    message.merge_metadata = {address: person["custom_args"] for address, _name, person in named}
    message.merge_headers = {address: person["headers"] for address, _name, person in named}
    message.esp_extra = {"merge_field_format": "{}"}
    return message
