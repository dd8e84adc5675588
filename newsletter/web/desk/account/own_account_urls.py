"""The URLs of our own pages about one's account. Those that django-allauth looks for are in allauth_urls.py."""

from django.urls import path

from newsletter.web.desk.account import (
    account_overview_page,
    change_password_page,
    end_own_sessions,
    forgotten_password_pages,
    own_email_address_pages,
    unlink_provider_page,
)

urlpatterns = [
    path("account/", account_overview_page.account, name="account"),
    path("account/password/", change_password_page.change_password, name="account-password"),
    path("account/address/", own_email_address_pages.change_address, name="account-address"),
    path("account/address/cancel/", own_email_address_pages.cancel_change, name="account-cancel-address"),
    path("confirm-address/", own_email_address_pages.confirm_change, name="confirm-address"),
    path("forgotten-password/", forgotten_password_pages.forgotten_password, name="forgotten-password"),
    path(
        "forgotten-password/sent/",
        forgotten_password_pages.forgotten_password_sent,
        name="forgotten-password-sent",
    ),
    path("forgotten-password/new/", forgotten_password_pages.new_password, name="new-password"),
    path("account/provider/unlink/", unlink_provider_page.end_link, name="account-unlink"),
    path("account/sessions/end/", end_own_sessions.end, name="account-end-session"),
    path("account/sessions/end-others/", end_own_sessions.end_others, name="account-end-other-sessions"),
]
