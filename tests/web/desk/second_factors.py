"""What tests of second factors share: the code that an app shows, and a browser that has logged in as a person does."""

import time

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.test import Client

PASSWORD = "ebb and flow at the quay"
SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


def code_of(secret=SECRET, half_minutes=0):
    """The code that an authenticator app shows, or that of other half minutes: a code counts only once."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + half_minutes))


def log_in(name="ruth", password=PASSWORD, client=None, **more):
    """A browser in which somebody has entered name and password."""
    client = client or Client()
    client.post("/desk/log-in/", {"username": name, "password": password, **more})
    return client


def just_now(client):
    """Let the browser of somebody who is logged in have proved just now who they are."""
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": time.time()}]
    session.save()
    return client


def is_in(client):
    """Whether the desk opens in this browser."""
    return client.get("/desk/issues/").status_code == 200


def give_app(user):
    """Set up an app with SECRET and recovery codes for a user, and return the codes."""
    TOTP.activate(user, SECRET)
    return RecoveryCodes.activate(user).generate_codes()


def factors(user):
    return set(Authenticator.objects.filter(user=user).values_list("type", flat=True))
