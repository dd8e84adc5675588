"""The WSGI application, for `newsletter serve` or any other WSGI server."""

import os
from importlib import import_module

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "newsletter.settings")
_django = get_wsgi_application()
# Otherwise, the first request would wait until every page is imported.
import_module(settings.ROOT_URLCONF)

# These read the settings, which Django has loaded by now.
from newsletter.web.bodiless_responses import drop_needless_bodies  # noqa: E402
from newsletter.web.trusted_proxies import trust_proxies  # noqa: E402

application = drop_needless_bodies(trust_proxies(_django))
