"""Begins the session of somebody whom the provider has proved, or confirms that it is still them."""

import time
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.internal.flows.reauthentication import resume_request
from allauth.account.models import Login
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.utils.http import urlencode

from newsletter.accounts.allauth_adapters import BY_PROVIDER
from newsletter.accounts.reauthentication import RECORDS
from newsletter.single_sign_on.oidc_code_flow import Proven
from newsletter.web.desk.shell.login_stages import finish
from newsletter.web.second_factor_gate import BY_PROVIDER as FACTOR_BY_PROVIDER

METHOD = "socialaccount"


def begin_session(request: HttpRequest, user: Any, proven: Proven, next_path: str) -> HttpResponse:
    """Log the user in. Our own second factor comes first, unless we trust that the provider has asked for one."""
    if request.user.is_authenticated:
        logout(request)
    setattr(request, BY_PROVIDER, True)
    _record(request, user, proven)
    begun = Login(user=user, redirect_url=next_path)
    if not proven.has_second_factor:
        return finish(request, perform_login(request, begun))
    adapter = get_adapter(request)
    more = {
        "email_verification": begun.email_verification,
        "redirect_url": next_path,
        "signal_kwargs": None,
        "signup": False,
        "email": None,
    }
    if refused := adapter.pre_login(request, user, **more):
        return refused  # type: ignore[no-any-return]  # allauth has no types
    adapter.login(request, user)
    request.session[FACTOR_BY_PROVIDER] = True
    return finish(request, adapter.post_login(request, user, **more))


def confirm(request: HttpRequest, user: Any, proven: Proven, next_path: str) -> HttpResponse:
    """Go on with what the person had asked for before they confirmed that it is them."""
    _record(request, user, proven)
    request.GET = QueryDict(urlencode({"next": next_path}))  # where allauth looks
    return resume_request(request) or HttpResponseRedirect(next_path, status=303)


def _record(request: HttpRequest, user: Any, proven: Proven) -> None:
    """Note when the person was last asked for a password. A session at the provider may be days old."""
    record_authentication(request, user, METHOD)
    records = request.session[RECORDS]
    records[-1]["at"] = min(proven.proved_at, time.time())
    request.session[RECORDS] = records
