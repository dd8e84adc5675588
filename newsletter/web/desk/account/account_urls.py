"""The URLs of second factors, under the names by which django-allauth finds them.

Only what is listed here exists: none of allauth's own lists of URLs is included.
"""

from django.urls import URLPattern, path

from newsletter.web.desk.account import (
    begin_session,
    confirm,
    own_codes,
    own_passkeys,
    own_totp,
    second_factor_step,
)
from newsletter.web.desk.account.overview import account
from newsletter.web.desk.shell.login import LogIn

# It receives a signal, wherever a session begins.
__all__ = ["begin_session", "urlpatterns"]

urlpatterns: list[URLPattern] = [
    path("log-in/", LogIn.as_view(), name="account_login"),
    path("log-in/code/", second_factor_step.AskForSecondFactor.as_view(), name="mfa_authenticate"),
    path("log-in/passkey/", second_factor_step.LogInByPasskey.as_view(), name="mfa_login_webauthn"),
    path("account/", account, name="mfa_index"),
    path("account/confirm/", confirm.ConfirmByPassword.as_view(), name="account_reauthenticate"),
    path("account/confirm/code/", confirm.ConfirmByCode.as_view(), name="mfa_reauthenticate"),
    path("account/confirm/passkey/", confirm.ConfirmByPasskey.as_view(), name="mfa_reauthenticate_webauthn"),
    path("account/app/", own_totp.AddApp.as_view(), name="mfa_activate_totp"),
    path("account/app/remove/", own_totp.RemoveApp.as_view(), name="mfa_deactivate_totp"),
    path("account/passkeys/", account, name="mfa_list_webauthn"),
    path("account/passkeys/add/", own_passkeys.AddPasskey.as_view(), name="mfa_add_webauthn"),
    path("account/passkeys/<int:pk>/name/", own_passkeys.RenamePasskey.as_view(), name="mfa_edit_webauthn"),
    path(
        "account/passkeys/<int:pk>/remove/", own_passkeys.RemovePasskey.as_view(), name="mfa_remove_webauthn"
    ),
    path("account/codes/", own_codes.ShowCodes.as_view(), name="mfa_view_recovery_codes"),
    path("account/codes/new/", own_codes.MakeCodes.as_view(), name="mfa_generate_recovery_codes"),
]
