"""Inside another Django site, that site logs people in and out."""

from django.conf import settings
from django.contrib.auth.views import LogoutView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url


def log_in(request: HttpRequest) -> HttpResponse:
    """Lead to the login page of the site (LOGIN_URL), and from there to where the person wanted to go."""
    query = request.META.get("QUERY_STRING", "")
    return redirect(f"{resolve_url(settings.LOGIN_URL)}{'?' if query else ''}{query}")


log_out = LogoutView.as_view()
