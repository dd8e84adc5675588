"""The URLs of second factors, under the names by which django-allauth finds them.

Only what is listed here exists: none of allauth's own lists of URLs is included.
"""

from django.urls import URLPattern, path

from newsletter.web.desk.account import begin_session, record_factor_changes
from newsletter.web.desk.account.account_overview_page import account
from newsletter.web.desk.account.lazily_imported_views import view_on_demand
from newsletter.web.desk.shell.login_pages import LogIn

# They receive signals, wherever a session begins or a second factor changes.
__all__ = ["begin_session", "record_factor_changes", "urlpatterns"]

urlpatterns: list[URLPattern] = [
    path("log-in/", LogIn.as_view(), name="account_login"),
    path(
        "log-in/code/",
        view_on_demand("second_factor_login_pages", "AskForSecondFactor"),
        name="mfa_authenticate",
    ),
    path(
        "log-in/passkey/",
        view_on_demand("second_factor_login_pages", "LogInByPasskey"),
        name="mfa_login_webauthn",
    ),
    path("account/", account, name="mfa_index"),
    path(
        "account/confirm/",
        view_on_demand("reauthentication_pages", "ConfirmByPassword"),
        name="account_reauthenticate",
    ),
    path(
        "account/confirm/code/",
        view_on_demand("reauthentication_pages", "ConfirmByCode"),
        name="mfa_reauthenticate",
    ),
    path(
        "account/confirm/passkey/",
        view_on_demand("reauthentication_pages", "ConfirmByPasskey"),
        name="mfa_reauthenticate_webauthn",
    ),
    path("account/app/", view_on_demand("authenticator_app_pages", "AddApp"), name="mfa_activate_totp"),
    path(
        "account/app/remove/",
        view_on_demand("authenticator_app_pages", "RemoveApp"),
        name="mfa_deactivate_totp",
    ),
    path("account/passkeys/", account, name="mfa_list_webauthn"),
    path("account/passkeys/add/", view_on_demand("passkeys_pages", "AddPasskey"), name="mfa_add_webauthn"),
    path(
        "account/passkeys/<int:pk>/name/",
        view_on_demand("passkeys_pages", "RenamePasskey"),
        name="mfa_edit_webauthn",
    ),
    path(
        "account/passkeys/<int:pk>/remove/",
        view_on_demand("passkeys_pages", "RemovePasskey"),
        name="mfa_remove_webauthn",
    ),
    path(
        "account/codes/", view_on_demand("recovery_codes_pages", "ShowCodes"), name="mfa_view_recovery_codes"
    ),
    path(
        "account/codes/new/",
        view_on_demand("recovery_codes_pages", "MakeCodes"),
        name="mfa_generate_recovery_codes",
    ),
]
