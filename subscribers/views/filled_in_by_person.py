"""Tells forms that a person filled in from those that a robot filled in: by a hidden field, and by the time it took."""

from datetime import timedelta

from django.core.signing import BadSignature, SignatureExpired, TimestampSigner

from subscribers import app_settings

# People do not see this field. Robots fill it in.
HONEYPOT = "website"
FORM_GOOD_FOR = 24 * 3600
_signer = TimestampSigner(salt="subscribers.sign-up")


def time_shown(form: str) -> str:
    """Return the signed time at which a form is shown, for its hidden field `shown`."""
    return _signer.sign(form)


def was_open_long_enough(shown: str) -> bool:
    """Return whether the form with this signed time was open as long as a person needs, and at most a day."""
    try:
        _signer.unsign(shown, max_age=FORM_GOOD_FOR)
    except BadSignature:
        return False
    try:
        _signer.unsign(shown, max_age=timedelta(seconds=app_settings.form_seconds()))
    except SignatureExpired:
        return True
    return False
