"""The URLs of our own pages about one's account. Those that django-allauth looks for are in account_urls.py."""

from django.urls import path

from newsletter.web.desk.account import overview, own_password, own_sessions

urlpatterns = [
    path("account/", overview.account, name="account"),
    path("account/password/", own_password.change_password, name="account-password"),
    path("account/sessions/end/", own_sessions.end, name="account-end-session"),
    path("account/sessions/end-others/", own_sessions.end_others, name="account-end-other-sessions"),
]
