"""The URLs of the desk. Each folder has a list of its own."""

from django.urls import include, path

from newsletter.accounts.login_by_host_site import has_own_sign_in

app_name = "desk"

urlpatterns = [
    path("", include("newsletter.web.desk.home.home_urls")),
    path("", include("newsletter.web.desk.shell.shell_urls")),
    path("", include("newsletter.web.desk.issues.issue_list_urls")),
    path("issues/<slug:slug>/<int:number>/", include("newsletter.web.desk.issue.issue_urls")),
    path("", include("newsletter.web.desk.articles.article_urls")),
    path("", include("newsletter.web.desk.corrections.correction_urls")),
    path("", include("newsletter.web.desk.reports.report_urls")),
    path("", include("newsletter.web.desk.questions.question_urls")),
    path("", include("newsletter.web.desk.settings.publication_urls")),
    path("", include("newsletter.web.desk.sending.sending_urls")),
    path("", include("newsletter.web.desk.settings.notification_urls")),
    path("", include("newsletter.web.desk.settings.system_urls")),
    path("", include("newsletter.web.desk.subscribers.subscriber_urls")),
    path("", include("newsletter.web.desk.imports.import_urls")),
    *([path("", include("newsletter.web.desk.account.own_account_urls"))] if has_own_sign_in() else []),
    *(
        [path("", include("newsletter.web.desk.single_sign_on.single_sign_on_urls"))]
        if has_own_sign_in()
        else []
    ),
    *([path("", include("newsletter.web.desk.settings.user_urls"))] if has_own_sign_in() else []),
    path("start/", include("newsletter.web.desk.first_run.first_run_urls")),
]
