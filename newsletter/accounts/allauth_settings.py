"""Settings for django-allauth, which signs people in: passwords, second factors, passkeys and the list of sessions.

Inside another Django site, leave `APPS` and `MIDDLEWARE` out of its settings: its own users and sign-in are used then,
and none of our pages about accounts exist (see login_by_host_site.py).
"""

from typing import Any

# Without "allauth" itself, so that its own templates are never found. Each page and email has a template of ours.
APPS = ("allauth.account", "allauth.mfa", "newsletter.web.allauth_session_list_app.ListedSessionsConfig")
MIDDLEWARE = (
    "allauth.account.middleware.AccountMiddleware",
    "newsletter.web.session_activity.track_session",
)
# After the middleware that sets the actor.
GATE = ("newsletter.web.second_factor_gate.gate",)
# Its limits count here, for all processes together. The table is that of `CachedValue`.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "newsletter_cache",
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    }
}
# Checks passwords. Only our form asks it, after `try_sign_in`.
BACKENDS = ("django.contrib.auth.backends.ModelBackend",)


def allauth_settings(*, base_url_host: str, https: bool, ask_again_minutes: int) -> dict[str, Any]:
    """Return the values of allauth's own settings, by name."""
    return {
        "ACCOUNT_ADAPTER": "newsletter.accounts.allauth_adapters.AccountAdapter",
        "ACCOUNT_LOGIN_METHODS": {"username"},
        "ACCOUNT_SIGNUP_FIELDS": ["username*", "email*", "password1*"],
        "ACCOUNT_EMAIL_VERIFICATION": "none",
        "ACCOUNT_EMAIL_NOTIFICATIONS": True,
        "ACCOUNT_PRESERVE_USERNAME_CASING": True,
        "ACCOUNT_CHANGE_EMAIL": True,
        "ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE": False,
        "ACCOUNT_REAUTHENTICATION_TIMEOUT": ask_again_minutes * 60,
        # Anybody could make a name wait by guessing. Instead, slow_down_password_guesses.py slows down guesses.
        "ACCOUNT_RATE_LIMITS": {"login": None, "login_failed": None},
        "MFA_ADAPTER": "newsletter.accounts.allauth_adapters.SecondFactorAdapter",
        "MFA_FORMS": {
            "authenticate": "newsletter.accounts.allauth_code_forms.SecondFactorForm",
            "reauthenticate": "newsletter.accounts.allauth_code_forms.ConfirmByCodeForm",
            "authenticate_webauthn": "newsletter.accounts.passkey_answer_forms.SecondFactorPasskeyForm",
            "login_webauthn": "newsletter.accounts.passkey_answer_forms.LogInByPasskeyForm",
            "reauthenticate_webauthn": "newsletter.accounts.passkey_answer_forms.ConfirmByPasskeyForm",
            "add_webauthn": "newsletter.accounts.passkey_answer_forms.AddPasskeyForm",
        },
        "MFA_SUPPORTED_TYPES": ["totp", "webauthn", "recovery_codes"],
        "MFA_PASSKEY_LOGIN_ENABLED": True,
        "MFA_RECOVERY_CODES_SHOW_ONCE": True,
        # Phones' clocks may be wrong by half a minute.
        "MFA_TOTP_TOLERANCE": 1,
        # Browsers allow passkeys on http://localhost, for trying the software out.
        "MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN": not https and base_url_host in {"localhost", "127.0.0.1"},
        "USERSESSIONS_TRACK_ACTIVITY": False,
    }
