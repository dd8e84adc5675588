"""Metrics for Prometheus at /metrics. They contain no personal data (collect_metrics.py).

Only this machine itself, or clients that send NEWSLETTER_METRICS_TOKEN, can read them. Everybody else gets a 404. See
docs/operations/monitoring.md for the alerts to set up.
"""

import secrets

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from newsletter.web.trusted_proxies import came_through_a_proxy
from subscribers.network_addresses import parse_network_address


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Return the current metrics in Prometheus' text format."""
    if not _may_read(request):
        raise Http404
    # Prometheus' library is large, and most installations never show metrics.
    from prometheus_client.exposition import CONTENT_TYPE_LATEST

    from newsletter.web.collect_metrics import current_metrics

    return HttpResponse(current_metrics(), content_type=CONTENT_TYPE_LATEST)


def _may_read(request: HttpRequest) -> bool:
    token = settings.NEWSLETTER.metrics_token.get_secret_value()
    kind, _, given = request.headers.get("Authorization", "").partition(" ")
    if token and kind.lower() == "bearer" and secrets.compare_digest(given.strip().encode(), token.encode()):
        return True
    # Behind a proxy, every request comes from the address of the proxy, even if the settings do not mention the proxy.
    if settings.NEWSLETTER.proxy_count or came_through_a_proxy(request.META):
        return False
    address = parse_network_address(request.META.get("REMOTE_ADDR", ""))
    return address is not None and address.is_loopback
