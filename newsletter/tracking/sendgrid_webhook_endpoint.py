"""Receives SendGrid's signed Event Webhook: verifies the signature, stores the raw post and responds at once.

webhook_inbox.py stores the post, and process_events.py reads it later. A post without a valid signature has no effect.
"""

import logging

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from newsletter.sending_settings.current import sending_settings
from newsletter.sending_settings.webhook_public_key import WrongKey
from newsletter.tracking import webhook_inbox, webhook_signature_check
from subscribers.whole_numbers import whole_number

log = logging.getLogger(__name__)

# SendGrid sends 768 KB at most.
LARGEST = 4_000_000
SIGNATURE = "X-Twilio-Email-Event-Webhook-Signature"
TIMESTAMP = "X-Twilio-Email-Event-Webhook-Timestamp"


@csrf_exempt
@require_POST
def sendgrid_events(request: HttpRequest) -> HttpResponse:
    """Respond with 200 if stored, 401 if not signed, 403 if the signature or key is wrong, and 413 if too large."""
    if not sending_settings().sendgrid_webhook_key:
        return _refused(
            403, "We cannot check signatures yet. Set NEWSLETTER_SENDGRID_WEBHOOK_KEY to receive events."
        )
    signed, timestamp = request.headers.get(SIGNATURE, ""), request.headers.get(TIMESTAMP, "")
    if not (signed and timestamp):
        return _refused(401, "The request is not signed. Turn on signature verification in SendGrid.")
    if _announced_size(request) > LARGEST:
        return _refused(413, f"The request is larger than {LARGEST:,} bytes.")
    # The announced size may be wrong, so we limit reading too.
    body = request.read(LARGEST + 1)
    if len(body) > LARGEST:
        return _refused(413, f"The request is larger than {LARGEST:,} bytes.")
    if not (
        _is_genuine(signed, timestamp, body) and webhook_signature_check.is_recent(timestamp, timezone.now())
    ):
        return _refused(403, "The request’s signature is not valid, or the request is too old.")
    webhook_inbox.keep(body)
    return HttpResponse(status=200)


def _announced_size(request: HttpRequest) -> int:
    announced = whole_number(str(request.META.get("CONTENT_LENGTH") or "0"))
    return LARGEST + 1 if announced is None else announced


def _is_genuine(signed: str, timestamp: str, body: bytes) -> bool:
    try:
        keys = webhook_signature_check.keys_of(sending_settings().sendgrid_webhook_key)
    except WrongKey as error:
        log.error("NEWSLETTER_SENDGRID_WEBHOOK_KEY: %s", error)  # noqa: TRY400 - the sentence says everything
        return False
    return webhook_signature_check.is_genuine(keys, signed, timestamp, body)


def _refused(status: int, sentence: str) -> HttpResponse:
    return HttpResponse(sentence, status=status, content_type="text/plain; charset=utf-8")
