"""The key of a form that makes something, so that the form makes it once (accounts/form_idempotency.py).

What was typed is part of the key: a form that was sent before, changed and sent again makes another thing.
"""

import hashlib
import json
from uuid import uuid4

from django.http import HttpRequest

FIELD = "form_key"
# What may differ when the same form arrives again.
NOT_TYPED = {"csrfmiddlewaretoken", "kept_as", "agreed", FIELD}


def new_key() -> str:
    """Return the key for a form that is shown."""
    return uuid4().hex


def form_key(request: HttpRequest) -> str:
    """Return the key of the form that was sent together with what was typed, or an empty string if it has none."""
    key = request.POST.get(FIELD, "")
    if not key:
        return ""
    typed = sorted((name, texts) for name, texts in request.POST.lists() if name not in NOT_TYPED)
    files = sorted(
        (name, each.name or "", each.size or 0)
        for name in request.FILES
        for each in request.FILES.getlist(name)
    )
    return hashlib.sha256(json.dumps([key, typed, files], default=str).encode()).hexdigest()
