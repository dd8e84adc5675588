"""The URLs of logging in by a provider."""

from django.urls import path

from newsletter.web.desk.single_sign_on import link_page, provider_pages

urlpatterns = [
    path("log-in/provider/", provider_pages.begin, name="single-sign-on"),
    path("log-in/provider/answer/", provider_pages.answer, name="single-sign-on-answer"),
    path("log-in/provider/link/", link_page.link, name="single-sign-on-link"),
]
