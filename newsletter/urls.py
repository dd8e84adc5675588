"""Every URL that the web server answers."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

from newsletter.accounts.login_by_host_site import has_own_sign_in
from newsletter.accounts.user_admin import change_own_password
from newsletter.tracking.sendgrid_webhook_endpoint import sendgrid_events
from newsletter.web import (
    archive_feeds,
    error_pages,
    proof_page,
    public_archive,
    public_corrections_page,
    reader_case_pages,
    search_engine_files,
    was_it_useful_page,
)
from newsletter.web.metrics import metrics
from newsletter.web.serve_pictures import no_such_picture

admin.autodiscover()
# Their tables show nothing that people need, and some hold secrets.
_HIDDEN = ("procrastinate.", "allauth.")
for _model in [each for each in admin.site._registry if each.__module__.startswith(_HIDDEN)]:  # noqa: SLF001 - nothing public says it
    admin.site.unregister(_model)
urlpatterns: list[URLPattern | URLResolver] = [
    path("", public_archive.front_page, name="front-page"),
    *([path("desk/", include("newsletter.web.desk.account.allauth_urls"))] if has_own_sign_in() else []),
    path("desk/", include("newsletter.web.desk.urls")),
    # Only one way to log in, with a limit on guesses.
    path("admin/login/", RedirectView.as_view(pattern_name="desk:log-in", query_string=True)),
    # Django's own page would not record that a user changed their password.
    path("admin/password_change/", admin.site.admin_view(change_own_password)),
    path("admin/", admin.site.urls),
    path("", include("subscribers.urls")),
    path("webhooks/sendgrid/", sendgrid_events, name="sendgrid-events"),
    path("metrics", metrics, name="metrics"),
    path("media/<str:name>", no_such_picture, name="media"),
    path("sitemap.xml", search_engine_files.sitemap, name="sitemap"),
    path("robots.txt", search_engine_files.robots, name="robots"),
    path(
        "useful/<slug:slug>/<int:number>/<str:token>/<int:article>/<str:answer>/",
        was_it_useful_page.useful,
        name="useful",
    ),
    path("ask/<slug:slug>/data-protection/", reader_case_pages.complain, name="complain"),
    path("ask/<slug:slug>/sent/", reader_case_pages.sent, name="case-sent"),
    path("ask/<slug:slug>/<int:article>/", reader_case_pages.ask_about_article, name="ask-about-article"),
    path("my-question/<str:token>/", reader_case_pages.my_question, name="my-question"),
    path("proof/<str:token>/", proof_page.proof, name="proof"),
    path("proof/<str:token>/email/", proof_page.proof_email, name="proof-email"),
    path("proof/<str:token>/text/", proof_page.proof_text, name="proof-text"),
    # Last, because the name of a publication may be any word.
    path("<slug:slug>/", public_archive.publication, name="archive"),
    path("<slug:slug>/feed.<str:kind>", archive_feeds.feed, name="archive-feed"),
    path("<slug:slug>/corrections/", public_corrections_page.corrections, name="archive-corrections"),
    path("<slug:slug>/<int:number>/", public_archive.issue, name="read-online"),
]
handler400 = error_pages.bad_request
handler403 = error_pages.refused
handler404 = error_pages.not_found
handler500 = error_pages.failed
# django-allauth asks for this one.
handler429 = error_pages.too_often
