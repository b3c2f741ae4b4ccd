"""Every setting of the desk. The environment decides; .env.example explains each name read here.

Importing this module starts nothing: no connection, no process, no file written. On a laptop `manage.py desk_run`
starts PostgreSQL and Valkey and hands their addresses down as DATABASE_URL and REDIS_URL; so does the test run.
"""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from servicedesk.database_url import parse_database_url, parse_redis_url
from servicedesk.email_url import parse_email_url, parse_sender
from servicedesk.env import env_bool, env_choice, env_int, env_list, env_secret, env_socket_origin, env_str

BASE_DIR = Path(__file__).resolve().parent.parent

# --- What this process is -------------------------------------------------------------------------------------------

DEBUG = env_bool("DEBUG", False)
SECRET_KEY = env_secret("SECRET_KEY", least=50)
SECRET_KEY_FALLBACKS = env_list("SECRET_KEY_FALLBACKS")
# MultiFernet keys, newest first: the first one encrypts, all of them decrypt.
FIELD_ENCRYPTION_KEYS = env_list("FIELD_ENCRYPTION_KEYS")
if not FIELD_ENCRYPTION_KEYS:
    raise ImproperlyConfigured(
        "FIELD_ENCRYPTION_KEYS is not set: channel secrets are stored encrypted. .env.example says how to make a key."
    )
# Set by desk_run: folder of the laptop's own servers. Empty where servers are given by URL.
DATA_DIR = env_str("DATA_DIR", "")
# Updates too large for a row. One folder for every process: what web stores, a worker reads.
FILES_DIR = env_str("FILES_DIR", "")
MEDIA_ROOT = FILES_DIR or str((Path(DATA_DIR) if DATA_DIR else BASE_DIR / ".data") / "files")
# Seconds in which a person may take back what they sent (tickets/services/undo.py); 0: it goes at once.
UNDO_SECONDS = env_int("UNDO_SECONDS", 10, low=0, high=60)
# Automatic messages within a day to an address that somebody typed or said and whose owner has not written to us yet,
# from all accounts together; after that a person decides (tickets/services/notice_facts.py).
UNPROVEN_MESSAGES_PER_DAY = env_int("UNPROVEN_MESSAGES_PER_DAY", 3, low=1, high=100)
# True only for the laptop's demo: pages say so, and the sandbox on loopback may be spoken to.
DEMO = env_bool("DEMO", False)
# The demo's make-believe town, where one writes as a caller: pages lead there. Set by desk_run.
TOWN_URL = env_str("TOWN_URL", "")
#: Whether a manager may name a network's address that is private or loopback, as the sandbox's is.
NETWORKS_MAY_BE_PRIVATE = env_bool("NETWORKS_MAY_BE_PRIVATE", DEMO)
ALLOWED_HOSTS = env_list("ALLOWED_HOSTS", ("127.0.0.1", "localhost", "[::1]"))
# The address people reach the desk at, for links in messages and for webhooks: https://desk.example.org
PUBLIC_URL = env_str("PUBLIC_URL", "http://127.0.0.1:8000").rstrip("/")
CSRF_TRUSTED_ORIGINS = env_list("CSRF_TRUSTED_ORIGINS")
# Where the process `live` is reached: '' at /ws of PUBLIC_URL, by the proxy; ws://host:port without one; "none": it
# does not run, and pages ask by themselves.
LIVE_URL = env_socket_origin("LIVE_URL")
# Days after the end of a ticket for which its caller's links still lead to its page (tickets/services/status_links.py).
STATUS_LINK_DAYS = env_int("STATUS_LINK_DAYS", 60, low=1, high=3_650)

INSTALLED_APPS = [
    "servicedesk.apps.ServicedeskConfig",
    "accounts",
    "priority",
    "tickets",
    "channels_social",
    "reports",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "allauth",
    "allauth.account",
    "allauth.usersessions",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "rest_framework",
    "csp",
]

MIDDLEWARE = [
    "servicedesk.health.DatabaseAway",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    # Closed unless a view says otherwise: a page that forgets its decorator is no open page.
    "accounts.middleware.SignInFirst",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "servicedesk.urls"
WSGI_APPLICATION = "servicedesk.wsgi.application"
AUTH_USER_MODEL = "accounts.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# --- PostgreSQL -----------------------------------------------------------------------------------------------------

STATEMENT_TIMEOUT_MS = env_int("DATABASE_STATEMENT_TIMEOUT_MS", 30_000, low=100, high=3_600_000)
LOCK_TIMEOUT_MS = env_int("DATABASE_LOCK_TIMEOUT_MS", 5_000, low=50, high=600_000)
_database = parse_database_url(env_str("DATABASE_URL"))
_database["OPTIONS"] = {
    "connect_timeout": 5,
    "application_name": env_str("PROCESS_NAME", "servicedesk"),
    # A dead peer must not hold a worker for the kernel's two hours.
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "options": (
        f"-c statement_timeout={STATEMENT_TIMEOUT_MS} -c lock_timeout={LOCK_TIMEOUT_MS}"
        " -c idle_in_transaction_session_timeout=60000 -c timezone=UTC"
        # Statements here take milliseconds; to compile one takes PostgreSQL longer, and of a million tickets it thinks
        # that a count to the cap would read them all.
        " -c jit=off"
    ),
    **_database["OPTIONS"],
}
DATABASES: dict[str, dict[str, Any]] = {
    "default": {
        **_database,
        # A new connection reads its catalogue and plans anew, some 20 ms at the first post that meets it.
        "CONN_MAX_AGE": env_int("DATABASE_CONN_MAX_AGE", 600, low=0, high=86_400),
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": env_bool("DATABASE_BEHIND_POOLER", False),
    }
}

# --- Redis and Celery: they only shorten the wait -------------------------------------------------------------------

REDIS_URL, CELERY_BROKER_URL = parse_redis_url(env_str("REDIS_URL"))
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_STORE_ERRORS_EVEN_IF_IGNORED = False
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_ACKS_ON_FAILURE_OR_TIMEOUT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_TIME_LIMIT = 120
CELERY_TASK_SOFT_TIME_LIMIT = 110
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# None is "for ever": a worker outlives any length of Redis being away.
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_CONNECTION_TIMEOUT = 2
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_timeout": 5,
    "socket_connect_timeout": 2,
    "socket_keepalive": True,
    "health_check_interval": 10,
    # Longer than the hard limit of any task, so that a running task is never delivered a second time.
    "visibility_timeout": 300,
    "max_retries": 0,
}
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_MAX_LOOP_INTERVAL = 2

# --- Networks -------------------------------------------------------------------------------------------------------

# The whole time of one call. A lease is always three times as long, so a dead worker's messages wait for that.
CALL_DEADLINE_SECONDS = env_int("CALL_DEADLINE_SECONDS", 20, low=1, high=60)

# What hangs on messages (channels_social/attachments.py). The scanner is a command that gets a path and ends with 0 for
# clean, 1 for found, anything else for "could not say" (as clamscan does); without one nothing is scanned.
ATTACHMENT_MOST_BYTES = env_int("ATTACHMENT_MOST_MB", 25, low=1, high=200) * 1_000_000
ATTACHMENT_SCANNER = shlex.split(env_str("ATTACHMENT_SCANNER", ""))

# --- Mail to colleagues (tickets/services/staff_mails.py); callers are written to by channel accounts ----------------

_email_url = env_str("EMAIL_URL", "")
#: False: no mail goes out to colleagues, and their pages say so.
MAILS_GO_OUT = bool(_email_url)
if MAILS_GO_OUT:
    _mail = parse_email_url(_email_url)
    EMAIL_HOST, EMAIL_PORT = _mail.host, _mail.port
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _mail.user, _mail.password
    EMAIL_USE_SSL, EMAIL_USE_TLS = _mail.tls == "at once", _mail.tls == "asked for"
    DEFAULT_FROM_EMAIL = parse_sender(env_str("EMAIL_FROM"))
else:
    EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
EMAIL_TIMEOUT = CALL_DEADLINE_SECONDS

# --- Time and language ----------------------------------------------------------------------------------------------

USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = True
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("nl", _("Dutch"))]
LOCALE_PATHS = [BASE_DIR / "locale"]

# --- Static files ---------------------------------------------------------------------------------------------------

STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
# True where `manage.py collectstatic` has run (with it set); then names carry a hash and are cached for ever.
STATIC_COLLECTED = env_bool("STATIC_COLLECTED", False)
STATIC_ROOT = BASE_DIR / "staticfiles" if STATIC_COLLECTED else None
# Without a collected folder (laptop, tests) whitenoise serves from the apps and static/ through the finders.
WHITENOISE_USE_FINDERS = not STATIC_COLLECTED
WHITENOISE_AUTOREFRESH = DEBUG
_static_storage = (
    "whitenoise.storage.CompressedManifestStaticFilesStorage"
    if STATIC_COLLECTED
    else "django.contrib.staticfiles.storage.StaticFilesStorage"
)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": _static_storage},
}

# --- Sign-in, cookies, headers --------------------------------------------------------------------------------------

LOGIN_URL = env_str("LOGIN_URL", "/sign-in/")
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = LOGIN_URL
# Where an administrator goes on with a first run that is not over.
FIRST_RUN_URL = "/first-run/"
# django-allauth: people are invited (no sign-up), sign in by name, and no mail is sent. Of its addresses only those in
# accounts/urls.py are there. accounts/throttle.py is the rule for wrong passwords; the library's own counts beside it
# are wide (a whole office signs in from one address) and, like everything it counts, in PostgreSQL (CACHES).
ACCOUNT_ADAPTER = "accounts.adapter.DeskAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_NOTIFICATIONS = False
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_RATE_LIMITS = {"login": "300/m/ip", "login_failed": "100/m/ip"}
# The address of a caller of the door is the proxy's last word, where there is a proxy of ours.
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if env_bool("BEHIND_TLS_PROXY", False) else 0
# Written at sign-in only: a row per request would cost more than it tells.
USERSESSIONS_TRACK_ACTIVITY = False
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "accounts_cacheentry",
        "OPTIONS": {"MAX_ENTRIES": 10_000},
    }
}
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
HTTPS = env_bool("HTTPS", False)
if HTTPS and LIVE_URL.startswith("ws://"):
    raise ImproperlyConfigured("LIVE_URL begins with ws://, which no page over HTTPS may open; write wss://.")
# Browsers keep cookies by host, not by port: without a name of its own a second desk on 127.0.0.1 would sign the
# first one out.
INSTANCE = env_str("INSTANCE", "desk")
if not (INSTANCE.isascii() and INSTANCE.replace("-", "").isalnum()):
    raise ImproperlyConfigured("INSTANCE goes into cookie names: ASCII letters, digits and - only.")
_cookie_prefix = "__Host-" if HTTPS else ""
SESSION_COOKIE_NAME = f"{_cookie_prefix}{INSTANCE}-session"
SESSION_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 60 * 60 * 12
CSRF_COOKIE_NAME = f"{_cookie_prefix}{INSTANCE}-csrf"
CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_NAME = f"{INSTANCE}-language"
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = env_int("HSTS_SECONDS", 31_536_000 if HTTPS else 0, low=0, high=63_072_000)
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS and env_bool("HSTS_INCLUDE_SUBDOMAINS", False)
SECURE_HSTS_PRELOAD = HTTPS and env_bool("HSTS_PRELOAD", False)
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
# Only where a proxy of ours sets (and strips) the header; believed from anyone else it forges a secure request.
if env_bool("BEHIND_TLS_PROXY", False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF, *([LIVE_URL] if LIVE_URL not in ("", "none") else [])],
        "manifest-src": [SELF],
        "frame-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    }
}

# --- Bounds on what comes in ----------------------------------------------------------------------------------------

DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
# A policy of eighty categories with durations of their own is one form; refused, all that was typed would be gone.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000
DATA_UPLOAD_MAX_NUMBER_FILES = 20
FILE_UPLOAD_HANDLERS = [
    "tickets.uploads.Bounded",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_THROTTLE_CLASSES": ["accounts.throttle_api.PerPerson"],
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
# Of one person to one endpoint. A page asks four times a minute what changed; a dozen open pages stay well below.
API_REQUESTS_PER_MINUTE = 240

# --- Logs: ids and codes, never what somebody wrote -----------------------------------------------------------------

LOG_LEVEL = env_choice("LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR"))
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {process} {name}: {message}", "style": "{"}},
    "filters": {"hook_keys": {"()": "servicedesk.logs.WithoutHookKeys"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["hook_keys"]}},
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    "loggers": {
        # At DEBUG these print SQL with its values and whole requests: a caller's words.
        "django.db.backends": {"level": "INFO"},
        "urllib3": {"level": "INFO"},
        "requests_oauthlib": {"level": "INFO"},
        "oauthlib": {"level": "INFO"},
        # One line and a trace for whatever knocks at the port and speaks no WebSocket.
        "servicedesk.live.sockets": {"level": "CRITICAL"},
    },
}
