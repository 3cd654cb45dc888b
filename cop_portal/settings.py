"""Settings: one file. Production is the default; a demo, or tests, must say so (PORTAL_MODE)."""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import django_stubs_ext
import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from cop_portal.api.enum_names import ENUM_NAMES
from cop_portal.installation import environment

# Lets generic views and forms name their model, ListView[Community], as the type checker wants it.
django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

MODE = env.str("PORTAL_MODE", default="production")
if MODE not in ("production", "demo", "test"):
    raise ImproperlyConfigured(f"PORTAL_MODE is {MODE!r}. Use production (the default), demo or test.")
IS_DEMO = MODE == "demo"
IS_TEST = MODE == "test"
IS_PRODUCTION = MODE == "production"
if problems := environment.problems(MODE, os.environ):
    raise ImproperlyConfigured("\n\n".join(problems))
DEBUG = env.bool("DEBUG", default=False)

DATA_DIR = Path(env.str("DATA_DIR", default=str(BASE_DIR / "var" / MODE)))
KEY_DIR = Path(env.str("KEY_DIR", default="") or DATA_DIR / "keys")
SECRET_KEY = env.str("SECRET_KEY", default="demo-and-tests-only-never-in-earnest-0123456789-abcdefghijklmnopqrstuvwxyz")
LOOPBACK = ["localhost", "127.0.0.1", "[::1]"]
ALLOWED_HOSTS = (
    [host.strip() for host in env.str("ALLOWED_HOSTS").split(",") if host.strip()] if IS_PRODUCTION else LOOPBACK
)

INSTALLED_APPS = [
    "cop_portal.design",
    "cop_portal.installation",
    "cop_portal.keeping",
    "cop_portal.audit",
    "cop_portal.outbox",
    "cop_portal.accounts",
    "communities",
    "evaluations",
    *(["cop_portal.demo"] if IS_DEMO or IS_TEST else []),
    "cop_portal.accounts.admin_config.PortalAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "csp",
    "django_filters",
    "drf_spectacular",
    "rest_framework",
]

MIDDLEWARE = [
    *(["cop_portal.installation.middleware.LoopbackOnly"] if IS_DEMO else []),
    "cop_portal.installation.middleware.RouteForTheLog",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "cop_portal.accounts.middleware.SessionEndMiddleware",
    "cop_portal.accounts.middleware.SignInMiddleware",
    "cop_portal.accounts.middleware.SecondFactorMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
    # The last: what comes after it is not asked about a write that is sent twice.
    "cop_portal.api.repeats.RepeatedWrites",
]

ROOT_URLCONF = "cop_portal.urls"
WSGI_APPLICATION = "cop_portal.wsgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "cop_portal.design.context.portal",
            ],
        },
    },
]

# Database: SQLite in WAL with immediate transactions for one small team; DATABASE_URL for PostgreSQL.
DATABASE_URL = env.str("DATABASE_URL", default="")
if DATABASE_URL:
    DATABASES: dict[str, Any] = {"default": env.db("DATABASE_URL")}
else:
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": DATA_DIR / "portal.sqlite3",
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": (
                    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA secure_delete=ON;"
                ),
            },
            # A file, not memory: the tests see the same locking as one small team does.
            "TEST": {"NAME": str(DATA_DIR / "test.sqlite3")},
        }
    }
DATABASES["default"] |= {"CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.str("REDIS_URL", default="")
CACHES: dict[str, Any] = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
    if REDIS_URL
    else {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "portal_cache"}
}
# How far a long task has come. It is told while a transaction is open, so it cannot be kept in the database.
PROGRESS_FILES = {"BACKEND": "django.core.cache.backends.filebased.FileBasedCache", "LOCATION": DATA_DIR / "progress"}
CACHES["progress"] = CACHES["default"] if REDIS_URL else PROGRESS_FILES
CACHES["throttles"] = CACHES["default"] if REDIS_URL else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}

# Celery wakes the sender; nothing is recorded there.
# Kombu has its own words for a Redis on a socket.
CELERY_BROKER_URL = (
    REDIS_URL.replace("unix://", "redis+socket://").replace("?db=", "?virtual_host=") or "filesystem://localhost"
)
# None: the transport that the address names.
CELERY_BROKER_TRANSPORT = None if REDIS_URL else "cop_portal.installation.broker:Transport"
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = (
    {}
    if REDIS_URL
    else {
        "data_folder_in": str(DATA_DIR / "broker"),
        "data_folder_out": str(DATA_DIR / "broker"),
        "control_folder": str(DATA_DIR / "broker" / "control"),
        "store_processed": False,
        "polling_interval": 0.2,
    }
)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ALWAYS_EAGER = False
CELERY_TIMEZONE = "Europe/London"
CELERY_ENABLE_UTC = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
# What beat sweeps, and how often, stands in celery.py.
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "beat-schedule")

# Signing in
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
    "cop_portal.accounts.grants.GrantsBackend",
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
# Nobody signs up: this is how allauth is told that there are passwords.
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_ADAPTER = "cop_portal.accounts.adapter.PortalAccountAdapter"
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 600
ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS = 5
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_RATE_LIMITS = {"request_login_code": "20/m/ip,3/m/key,10/h/key"}
MFA_ADAPTER = "cop_portal.accounts.adapter.PortalMFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = env.str("PORTAL_NAME", default="Communities of practice")
# A telephone's clock may be half a minute off.
MFA_TOTP_TOLERANCE = 1
MFA_RECOVERY_CODES_SHOW_ONCE = True
# Accounts are made by others; signing in by a code is what verifies an address.
MFA_ALLOW_UNVERIFIED_EMAIL = True
# Guessing one person's password from many places: allauth's own throttles count per place.
AXES_USERNAME_CALLABLE = "cop_portal.accounts.guessing.address_tried"
AXES_LOCKOUT_PARAMETERS = ["username"]
AXES_HANDLER = "cop_portal.accounts.guessing.AddressOnlyHandler"
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_CALLABLE = "cop_portal.accounts.guessing.locked_out"
AXES_DISABLE_ACCESS_LOG = True
AXES_VERBOSE = False
# Counted by address only, on purpose: someone locked out by a stranger's guesses signs in by a code.
SILENCED_SYSTEM_CHECKS = ["axes.W006"]

SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
STAFF_IDLE_MINUTES = 30
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "cop_portal.design.errors.csrf_failure"
USES_HTTPS = env.bool("USES_HTTPS", default=MODE == "production")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = USES_HTTPS
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if USES_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = USES_HTTPS
SECURE_HSTS_PRELOAD = USES_HTTPS
# Probes come from this machine, without TLS.
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
BEHIND_PROXY = env.bool("BEHIND_PROXY", default=False)
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# The throttles count per address: behind a proxy that is the last one it names.
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if BEHIND_PROXY else 0
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSP_DIRECTIVES: dict[str, Any] = {
    "default-src": [NONE],
    "script-src": [SELF],
    "style-src": [SELF],
    "img-src": [SELF, "data:"],
    "font-src": [SELF],
    "connect-src": [SELF],
    "form-action": [SELF],
    "manifest-src": [SELF],
    "frame-ancestors": [NONE],
    "base-uri": [NONE],
}
CONTENT_SECURITY_POLICY = {"DIRECTIVES": CSP_DIRECTIVES}

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "Europe/London"
USE_I18N = True
USE_TZ = True
FORMAT_MODULE_PATH = ["cop_portal.design.formats"]

STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static" / "build"]
# Files that people upload: outside every folder that a web server gives out, under names that say nothing, and handed
# out by our own views only.
MEDIA_ROOT = DATA_DIR / "media"
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if IS_TEST
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
FILE_UPLOAD_HANDLERS = [
    "cop_portal.installation.uploads.LimitedUploadHandler",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
FORM_RENDERER = "cop_portal.design.forms.NHSFormRenderer"

REST_FRAMEWORK: dict[str, Any] = {
    # The token first: its challenge is what a 401 names.
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "cop_portal.api.authentication.TokenAuthentication",
        "cop_portal.api.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["cop_portal.api.permissions.Declared"],
    "DEFAULT_PARSER_CLASSES": ["cop_portal.api.parsers.JSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PAGINATION_CLASS": "cop_portal.api.pagination.CursorPagination",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "cop_portal.api.problems.problem_details",
    "DEFAULT_THROTTLE_CLASSES": [
        "cop_portal.api.throttling.AnonThrottle",
        "cop_portal.api.throttling.UserThrottle",
    ],
    "DEFAULT_THROTTLE_RATES": {"anon": "60/min", "user": "600/min"},
    "NUM_PROXIES": ALLAUTH_TRUSTED_PROXY_COUNT,
    "PAGE_SIZE": 50,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "Communities of practice portal",
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "ENUM_NAME_OVERRIDES": ENUM_NAMES,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "cop_portal.api.schema.add_problems",
        "cop_portal.api.schema.add_keys",
    ],
}

# Mail leaves through cop_portal.outbox only. EMAIL_URL names the relay; a demo and tests write letters to a folder.
EMAIL_URL = env.str("EMAIL_URL") if IS_PRODUCTION else f"file://{DATA_DIR / 'mail'}"
EMAIL_BACKEND = "cop_portal.outbox.backend.OutboxOnlyBackend"
DEFAULT_FROM_EMAIL = env.str("FROM_EMAIL", default="Communities of practice <portal@example.org>")
BASE_URL = env.str(
    "BASE_URL",
    default=f"{'https' if USES_HTTPS else 'http'}://{ALLOWED_HOSTS[0]}" if IS_PRODUCTION else "http://127.0.0.1:8000",
)
OUTBOX_LEASE_SECONDS = env.int("OUTBOX_LEASE_SECONDS", default=120)
OUTBOX_GRACE_SECONDS = env.int("OUTBOX_GRACE_SECONDS", default=600)
OUTBOX_REPLY_SECONDS = env.float("OUTBOX_REPLY_SECONDS", default=30)
OUTBOX_DOT_SECONDS = env.float("OUTBOX_DOT_SECONDS", default=300)
OUTBOX_WAIT_SECONDS = env.float("OUTBOX_WAIT_SECONDS", default=60)

# Words and rules that a site may change
PORTAL_NAME = env.str("PORTAL_NAME", default="Communities of practice")
# Only the host can fill these in; the legal pages show them and `check --deploy` insists on them.
CONTROLLER_NAME = env.str("CONTROLLER_NAME", default="" if IS_PRODUCTION else "Health Innovation Network South London")
CONTROLLER_ADDRESS = env.str("CONTROLLER_ADDRESS", default="" if IS_PRODUCTION else "1 Example Street, London")
CONTACT_EMAIL = env.str("CONTACT_EMAIL", default="" if IS_PRODUCTION else "portal@example.org")
DATA_PROTECTION_EMAIL = env.str("DATA_PROTECTION_EMAIL", default="" if IS_PRODUCTION else "privacy@example.org")
COMPLAINTS_EMAIL = env.str("COMPLAINTS_EMAIL", default="" if IS_PRODUCTION else "complaints@example.org")
MINIMUM_BASE = max(5, env.int("MINIMUM_BASE", default=5))
DRIFTING_AFTER_DAYS = env.int("DRIFTING_AFTER_DAYS", default=90)
UNANSWERED_AFTER_DAYS = env.int("UNANSWERED_AFTER_DAYS", default=60)
# How long before a session its invitation leaves, where it was planned earlier in a series.
SESSION_NOTICE_DAYS = env.int("SESSION_NOTICE_DAYS", default=28)
# The owner of an action is reminded once before the day it is due and once after it.
ACTION_REMINDER_DAYS_BEFORE = env.int("ACTION_REMINDER_DAYS_BEFORE", default=3)
ACTION_REMINDER_DAYS_AFTER = env.int("ACTION_REMINDER_DAYS_AFTER", default=3)
# The person who can act is reminded once; after longer silence the problem reads “no reply”.
ESCALATION_REMINDER_DAYS = env.int("ESCALATION_REMINDER_DAYS", default=14)
NO_REPLY_AFTER_DAYS = env.int("NO_REPLY_AFTER_DAYS", default=90)
ANSWER_CORRECTION_DAYS = 14
ESTABLISHED_MEMBER_DAYS = 14
SURVEY_EXTENSION_DAYS = 7
# The plan of asking: the full questions once a year, the core ones half-yearly between.
FULL_QUESTIONNAIRE = env.str("FULL_QUESTIONNAIRE", default="cop-full")
CORE_QUESTIONNAIRE = env.str("CORE_QUESTIONNAIRE", default="cop-core")
FULL_SURVEY_MONTHS = env.int("FULL_SURVEY_MONTHS", default=12)
CORE_SURVEY_MONTHS = env.int("CORE_SURVEY_MONTHS", default=6)
KEY_DESTRUCTION_DAYS = 14
# How long the key to the pseudonyms of confidential surveys lasts: over a year, so that next year's answers of the same
# person go under the same pseudonym. What is printed in mail does not change with it.
PSEUDONYM_KEY_DAYS = env.int("PSEUDONYM_KEY_DAYS", default=400)
# And how long, at the least, after a survey has closed, for people to see, correct or erase what they sent.
PSEUDONYM_KEY_LEFT_DAYS = 28
# Rows of a confidential survey leave the portal only from so many on.
CONFIDENTIAL_ROWS_FROM = max(30, env.int("CONFIDENTIAL_ROWS_FROM", default=30))
# The public half of a key kept offline, to which the keys of open surveys are sealed too; or the word none.
RECOVERY_PUBLIC_KEY = env.str("RECOVERY_PUBLIC_KEY", default="")
# Answers of single people, and texts that are not shown as written, are kept so long after the close; then they stand
# on a list, and an administrator destroys them. The tallies stay.
RESPONSES_KEPT_DAYS = env.int("RESPONSES_KEPT_DAYS", default=365)
# An archive that someone asked for is kept for them so long; making it again gives the same.
EXPORT_KEPT_DAYS = env.int("EXPORT_KEPT_DAYS", default=7)
CAP_WORKING_DAYS = 5
# How long after a session those who were there can be asked, by mail, how it was.
PULSE_OFFERED_DAYS = env.int("PULSE_OFFERED_DAYS", default=14)
PAGE_SIZE = 50
# A larger upload is refused before it is read. An import has at most so many rows.
UPLOAD_MAX_BYTES = env.int("UPLOAD_MAX_MB", default=10) * 1024 * 1024
IMPORT_MAX_ROWS = env.int("IMPORT_MAX_ROWS", default=20_000)

BACKUP_DIR = Path(env.str("BACKUP_DIR", default=str(DATA_DIR / "backups")))
# 0 hours: the database is backed up elsewhere.
BACKUP_EVERY = timedelta(hours=env.int("BACKUP_EVERY_HOURS", default=24))
BACKUPS_KEPT = max(2, env.int("BACKUPS_KEPT", default=14))

# Links behind mail hold a token, so no log names a path: see cop_portal/installation/logs.py.
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"route_not_path": {"()": "cop_portal.installation.logs.RouteNotPath"}},
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["route_not_path"]},
    },
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="WARNING")},
    # Django's own handlers would mail errors, with the path, to administrators.
    "loggers": {"django": {"handlers": [], "propagate": True}},
}
