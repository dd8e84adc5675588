"""Django's settings, all of them derived from the environment (see environment.py)."""

from functools import cache
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import dj_database_url
from django.utils.functional import lazy

from newsletter.accounts import allauth_settings
from newsletter.environment import read_environment
from newsletter.owner_only_files import keep_to_owner
from newsletter.secret_keys import keys_there_are, secret_keys_of, secrets_of

keep_to_owner()
NEWSLETTER = read_environment()
PACKAGE = Path(__file__).resolve().parent
# The wheel carries the templates inside the package; a checkout has them beside it.
TEMPLATES_DIR = next(
    folder for folder in (PACKAGE / "templates", PACKAGE.parent / "templates") if folder.is_dir()
)

# The key does not exist before the first start. It is created when first needed, so that `--help` writes nothing.
SECRET_KEYS = keys_there_are(NEWSLETTER)
SECRET_KEY = SECRET_KEYS[0] if SECRET_KEYS else lazy(cache(lambda: secret_keys_of(NEWSLETTER)[0]), str)()
SECRET_KEY_FALLBACKS = SECRET_KEYS[1:]
DEBUG = NEWSLETTER.debug
ALLOWED_HOSTS = (
    ["*"] if DEBUG else [NEWSLETTER.base_url.host or "localhost", "localhost", "127.0.0.1", "[::1]"]
)
ROOT_URLCONF = "newsletter.urls"
WSGI_APPLICATION = "newsletter.wsgi.application"

INSTALLED_APPS = [
    # Its pages are in urls.py, because commands without a web server do not need them.
    "newsletter.accounts.admin_site_config.AdministrationConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    # Brings htmx, and tells views whether htmx asks.
    "django_htmx",
    *allauth_settings.APPS,
    "subscribers",
    "newsletter",
]
MIDDLEWARE = [
    "newsletter.web.health_checks.health_checks",
    "newsletter.web.nul_removal.without_nul",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "newsletter.web.serve_pictures.served_media",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    *allauth_settings.MIDDLEWARE,
    "newsletter.web.actor_middleware.set_actor",
    *allauth_settings.GATE,
    "newsletter.web.admin_security_headers.admin_headers",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "NAME": "jinja2",
        "DIRS": [TEMPLATES_DIR],
        "APP_DIRS": False,
        "OPTIONS": {
            "environment": "newsletter.page_templates.environment",
            "trim_blocks": True,
            "lstrip_blocks": True,
            "context_processors": ["newsletter.web.csrf_field.csrf_field"],
        },
    },
    {
        # The admin has its own Django templates; ours use Jinja2.
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

DATABASES = {
    "default": dj_database_url.parse(
        NEWSLETTER.database_url
        or f"sqlite:///{quote(str((NEWSLETTER.home / 'newsletter.sqlite3').resolve()))}",
        conn_max_age=600,
        conn_health_checks=True,
    )
}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # Writers take their lock when they begin, so that two processes wait for each other.
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 30,
        "transaction_mode": "IMMEDIATE",
        # Every thread's connection has its own cache, for which 8 MB are enough: mailings read people in order,
        # and the operating system caches the file's pages anyway, which helps imports in random order.
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-8000; "
        # Checkpoints copy pages into the database and wait for the disk. They happen after every 32 MB of
        # changes.
        "PRAGMA wal_autocheckpoint=8000;",
    }

if DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql" and find_spec("procrastinate"):
    # Its tables are created with ours, so that you can choose the engine at any time.
    INSTALLED_APPS.append("procrastinate.contrib.django")
    PROCRASTINATE_AUTODISCOVER_MODULE_NAME = ""

CACHES = allauth_settings.CACHES
AUTHENTICATION_BACKENDS = list(allauth_settings.BACKENDS)
globals().update(
    allauth_settings.allauth_settings(
        base_url_host=NEWSLETTER.base_url.host or "localhost",
        https=NEWSLETTER.base_url.scheme == "https",
        ask_again_minutes=NEWSLETTER.ask_again_minutes,
    )
)

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True
STATIC_URL = "static/"
MEDIA_ROOT = NEWSLETTER.home / "media"
# Static files are served from the apps themselves, so an upgrade has nothing to collect.
WHITENOISE_USE_FINDERS = True

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
# The link to a new password works for two hours.
PASSWORD_RESET_TIMEOUT = 7_200
SECURE_REFERRER_POLICY = "same-origin"
SESSION_ENGINE = "newsletter.accounts.session_store"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = NEWSLETTER.base_url.scheme == "https"
X_FRAME_OPTIONS = "DENY"
# A year, the maximum that browsers keep (RFC 6797). Sent only if the request came by HTTPS.
SECURE_HSTS_SECONDS = 31_536_000 if NEWSLETTER.base_url.scheme == "https" else 0
LOGIN_URL = LOGOUT_REDIRECT_URL = "desk:log-in"
LOGIN_REDIRECT_URL = "desk:dashboard"
CSRF_FAILURE_VIEW = "newsletter.web.desk.shell.login_pages.form_too_old"

SUBSCRIBERS_BASE_URL = NEWSLETTER.root_url
SUBSCRIBERS_SIGN_UPS_PER_HOUR = NEWSLETTER.sign_ups_per_hour
SUBSCRIBERS_SIGN_UPS_PER_HOUR_IN_ALL = NEWSLETTER.sign_ups_per_hour_in_all
SUBSCRIBERS_MAILS_PER_DAY = NEWSLETTER.sign_up_mails_per_day
SUBSCRIBERS_MAIL_LOOK = "newsletter.rendering.system_mail_look.look_of_list"
SUBSCRIBERS_LANGUAGES_OF_EMAILS = "newsletter.issues.notice_translations.languages_for_readers"
SUBSCRIBERS_CONFIRM_HOURS = NEWSLETTER.confirm_hours
SUBSCRIBERS_PROOF_OF_WORK = NEWSLETTER.proof_of_work

# Emails to confirm a subscription use the same transport as issues; to SendGrid they are sent by SMTP.
EMAIL_TIMEOUT = NEWSLETTER.smtp_timeout_seconds
# Time to connect, to transmit the email, to get the reply, and a minute more for a slow machine.
SUBSCRIBERS_MAIL_SECONDS = 2 * NEWSLETTER.smtp_timeout_seconds + NEWSLETTER.smtp_reply_timeout_seconds + 60
EMAIL_BACKEND = "newsletter.sending.django_mail_backends.TransportBackend"
DEFAULT_FROM_EMAIL = f"newsletter@{NEWSLETTER.base_url.host or 'localhost'}"

SECRETS = [
    *SECRET_KEYS,
    str(DATABASES["default"].get("PASSWORD", "")),
    *secrets_of(NEWSLETTER),
]
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {"()": "newsletter.logs.RedactingFormatter", "secrets": SECRETS},
        "json": {"()": "newsletter.logs.RedactingJsonFormatter", "secrets": SECRETS},
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": NEWSLETTER.log_format}},
    "root": {"handlers": ["stderr"], "level": NEWSLETTER.log_level},
    "loggers": {
        # Django would add its own handlers, which remove no secrets.
        "django": {"handlers": [], "level": "INFO"},
        # python_http_client prints the API key at DEBUG.
        "python_http_client": {"level": "WARNING"},
        # Requests for unknown addresses are normal on the web, not worth a warning.
        "django.request": {"level": "ERROR"},
        # The same goes for oversized bodies and strange hosts. They are refused, and nobody needs to be alerted.
        "django.security": {"level": "CRITICAL"},
        # Two lines per task and a warning for each that is still running: 650,000 lines a day.
        "apscheduler": {"level": "ERROR"},
        "procrastinate": {"level": "WARNING"},
        # One line for each rule that it tries on each paragraph.
        "markdown_it": {"level": "WARNING"},
        "trafilatura": {"level": "CRITICAL"},
        "htmldate": {"level": "CRITICAL"},
    },
}
