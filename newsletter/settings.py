"""Django's settings, all of them derived from the environment (see environment.py)."""

from functools import cache
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import dj_database_url
from django.utils.functional import lazy

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

# Before the first start there is no key; it is made when it is first asked for, so that `--help` writes nothing.
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
    # Its pages are found in urls.py, because commands without a web server need none of them.
    "django.contrib.admin.apps.SimpleAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "subscribers",
    "newsletter",
]
MIDDLEWARE = [
    "newsletter.web.health.answering_health",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "newsletter.web.actor_middleware.acting_user",
    "newsletter.web.admin_policies.guarding_administration",
    "django.contrib.messages.middleware.MessageMiddleware",
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
        },
    },
    {
        # The admin brings Django templates of its own; none of ours is one.
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
        # Every thread's connection has a cache of its own, for which 8 MB are enough: mailings read people in their
        # order, and the system keeps the pages of the file anyhow, which imports in no order gain from.
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-8000; "
        # Checkpoints, which copy pages into the database and wait for the disk, come every 32 MB of changes.
        "PRAGMA wal_autocheckpoint=8000;",
    }

if DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql" and find_spec("procrastinate"):
    # Its tables are made with ours, so that the engine can be chosen at any time.
    INSTALLED_APPS.append("procrastinate.contrib.django")
    PROCRASTINATE_AUTODISCOVER_MODULE_NAME = ""

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True
STATIC_URL = "static/"
MEDIA_ROOT = NEWSLETTER.home / "media"
# Static files are served from the apps themselves: nothing to collect at an upgrade.
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
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = NEWSLETTER.base_url.scheme == "https"
X_FRAME_OPTIONS = "DENY"
# A year, the most that browsers keep (RFC 6797); said only where the request came by https.
SECURE_HSTS_SECONDS = 31_536_000 if NEWSLETTER.base_url.scheme == "https" else 0
LOGIN_URL = LOGOUT_REDIRECT_URL = "desk:log-in"
LOGIN_REDIRECT_URL = "desk:dashboard"
CSRF_FAILURE_VIEW = "newsletter.web.desk.login.form_too_old"

SUBSCRIBERS_BASE_URL = NEWSLETTER.root_url
SUBSCRIBERS_SIGN_UPS_PER_HOUR = NEWSLETTER.sign_ups_per_hour
SUBSCRIBERS_SIGN_UPS_PER_HOUR_IN_ALL = NEWSLETTER.sign_ups_per_hour_in_all
SUBSCRIBERS_MAILS_PER_DAY = NEWSLETTER.sign_up_mails_per_day
SUBSCRIBERS_CONFIRM_HOURS = NEWSLETTER.confirm_hours
SUBSCRIBERS_PROOF_OF_WORK = NEWSLETTER.proof_of_work

# The subscribers' own mails (please confirm) go the way of the letters; SendGrid takes them by SMTP.
EMAIL_TIMEOUT = NEWSLETTER.smtp_timeout_seconds
# To connect, to hand the mail over, for the answer, and a minute for a slow machine.
SUBSCRIBERS_MAIL_SECONDS = 2 * NEWSLETTER.smtp_timeout_seconds + NEWSLETTER.smtp_reply_timeout_seconds + 60
if NEWSLETTER.transport == "maildir":
    EMAIL_BACKEND = "newsletter.sending.django_mail_backends.MaildirBackend"
elif NEWSLETTER.transport == "smtp":
    EMAIL_BACKEND = "newsletter.sending.django_mail_backends.SmtpBackend"
    EMAIL_HOST, EMAIL_PORT = NEWSLETTER.smtp_host, NEWSLETTER.smtp_port
    EMAIL_HOST_USER = NEWSLETTER.smtp_user
    EMAIL_HOST_PASSWORD = NEWSLETTER.smtp_password.get_secret_value()
    EMAIL_USE_TLS = NEWSLETTER.smtp_security == "starttls"
    EMAIL_USE_SSL = NEWSLETTER.smtp_security == "tls"
else:
    EMAIL_BACKEND = "newsletter.sending.django_mail_backends.SmtpBackend"
    in_europe = ".eu." in (NEWSLETTER.sendgrid_host.host or "")
    EMAIL_HOST, EMAIL_PORT = f"smtp{'.eu' if in_europe else ''}.sendgrid.net", 587
    EMAIL_HOST_USER, EMAIL_USE_TLS = "apikey", True
    EMAIL_HOST_PASSWORD = NEWSLETTER.sendgrid_api_key.get_secret_value()
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
        # Django would have handlers of its own, which hide nothing.
        "django": {"handlers": [], "level": "INFO"},
        # python_http_client prints the API key at DEBUG.
        "python_http_client": {"level": "WARNING"},
        # Addresses where nothing is are the weather of the web, not a warning.
        "django.request": {"level": "ERROR"},
        # So are oversized bodies and strange hosts; they are refused, and nobody needs to be woken.
        "django.security": {"level": "CRITICAL"},
        # Two lines a chore and a warning for each that is still at it, 650,000 lines a day.
        "apscheduler": {"level": "ERROR"},
        "procrastinate": {"level": "WARNING"},
        # A line for each rule that it tries on each paragraph.
        "markdown_it": {"level": "WARNING"},
        "trafilatura": {"level": "CRITICAL"},
        "htmldate": {"level": "CRITICAL"},
    },
}
