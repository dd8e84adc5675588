"""The URLs of our own pages about one's account. Those that django-allauth looks for are in account_urls.py."""

from django.urls import path

from newsletter.web.desk.account import (
    forgotten_password_pages,
    overview,
    own_address,
    own_link,
    own_password,
    own_sessions,
)

urlpatterns = [
    path("account/", overview.account, name="account"),
    path("account/password/", own_password.change_password, name="account-password"),
    path("account/address/", own_address.change_address, name="account-address"),
    path("account/address/cancel/", own_address.cancel_change, name="account-cancel-address"),
    path("confirm-address/", own_address.confirm_change, name="confirm-address"),
    path("forgotten-password/", forgotten_password_pages.forgotten_password, name="forgotten-password"),
    path(
        "forgotten-password/sent/",
        forgotten_password_pages.forgotten_password_sent,
        name="forgotten-password-sent",
    ),
    path("forgotten-password/new/", forgotten_password_pages.new_password, name="new-password"),
    path("account/provider/unlink/", own_link.end_link, name="account-unlink"),
    path("account/sessions/end/", own_sessions.end, name="account-end-session"),
    path("account/sessions/end-others/", own_sessions.end_others, name="account-end-other-sessions"),
]
