"""Everything configurable, from the environment and nowhere else; docs/settings.md lists it all.

A value that cannot be used stops the start with a sentence that names the variable.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import os
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import environ
from django.core.exceptions import ImproperlyConfigured

from server import embedded
from server.timetable import timetable

env = environ.Env()


def one_of(name: str, values: tuple[str, ...], default: str) -> str:
    """Return the variable's value. Raises ImproperlyConfigured unless it is one of `values`."""
    value: str = env.str(name, default=default)
    if value not in values:
        raise ImproperlyConfigured(f"{name}={value!r}: must be one of {', '.join(values)}.")
    return value


def some_of(name: str, values: tuple[str, ...]) -> frozenset[str]:
    """Return the variable's words, with commas between. Raises ImproperlyConfigured for others."""
    given = frozenset(word.strip() for word in env.list(name, default=[]))
    if not given <= set(values):
        raise ImproperlyConfigured(f"{name}: must be some of {', '.join(values)}.")
    return given


def at_least(name: str, least: int, default: int, most: int | None = None) -> int:
    """Return the variable as a number. Raises ImproperlyConfigured below `least`, above `most`."""
    try:
        value: int = env.int(name, default=default)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} must be a whole number.") from error
    if value < least:
        raise ImproperlyConfigured(f"{name}={value}: must be at least {least}.")
    if most is not None and value > most:
        raise ImproperlyConfigured(f"{name}={value}: must be at most {most}.")
    return value


def yes_or_no(name: str, *, default: bool) -> bool:
    """Return whether the variable says yes; env.bool would take a misspelt yes for a no."""
    return one_of(name, ("true", "false"), str(default).lower()) == "true"


def beginning(name: str, schemes: tuple[str, ...]) -> str:
    """Return the address the variable holds, "" when it is not set.

    Raises ImproperlyConfigured unless it begins with one of `schemes`. The address itself is not
    repeated: it may hold a password.
    """
    value: str = env.str(name, default="")
    if value and not value.startswith(schemes):
        raise ImproperlyConfigured(f"{name} must begin with {' or '.join(schemes)}.")
    return value


def long_enough(name: str, least: int) -> str:
    """Return the secret, "" when it is not set. Raises ImproperlyConfigured when it is short."""
    value: str = env.str(name, default="")
    if value and len(value) < least:
        raise ImproperlyConfigured(f"{name} must have at least {least} characters.")
    return value


def networks(name: str) -> list[str]:
    """Return the variable's IP networks, with commas between. Raises ImproperlyConfigured."""
    values: list[str] = env.list(name, default=[])
    for value in values:
        try:
            ipaddress.ip_network(value)
        except ValueError as error:
            raise ImproperlyConfigured(f"{name}={value!r}: must be like 10.1.0.0/16.") from error
    return values


def time_zone(name: str, default: str) -> str:
    """Return the name of a time zone. Raises ImproperlyConfigured when there is none such."""
    value: str = env.str(name, default=default)
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ImproperlyConfigured(f"{name}={value!r}: there is no such time zone.") from error
    return value


def day_of_year(name: str, default: str) -> tuple[int, int]:
    """Return the variable as (month, day). Raises ImproperlyConfigured when no year has such."""
    value: str = env.str(name, default=default)
    try:
        day = dt.date.fromisoformat(f"2025-{value}")
    except ValueError as error:
        raise ImproperlyConfigured(f"{name}={value!r}: must be month-day, e.g. 06-10.") from error
    return day.month, day.day


# What comes with the project keeps its data here: database, files, spool, secrets.
VAR = embedded.var_folder(os.environ)

SECRET_KEY = long_enough("SECRET_KEY", 32) or embedded.secret(VAR, "secret_key")
DEBUG = False

PUBLIC_URL = beginning("PUBLIC_URL", ("http://", "https://")).rstrip("/")
# What `serve` listens on, and with how much.
BIND: str = env.str("BIND", default="127.0.0.1")
PORT = at_least("PORT", 1, 8000, most=65_535)
WEB_PROCESSES = at_least("WEB_PROCESSES", 1, 2, most=64)
WEB_THREADS = at_least("WEB_THREADS", 1, 8, most=64)  # a process; each has a connection

ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", default=[]) or embedded.allowed_hosts(
    PUBLIC_URL, BIND
)
# The proxy of docker-compose.yml ends TLS and says so; nobody else is believed.
BEHIND_TLS_PROXY = yes_or_no("BEHIND_TLS_PROXY", default=False)
PROXY_ADDRESS: str = env.str("PROXY_ADDRESS", default="127.0.0.1")  # as connections show it
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_TLS_PROXY else None
SECURE_HSTS_SECONDS = 31_536_000 if BEHIND_TLS_PROXY else 0

# The supervisor that the first start makes.
ADMIN_EMAIL: str = env.str("ADMIN_EMAIL", default="giamsat@soxa.local")
if "@" not in ADMIN_EMAIL:
    raise ImproperlyConfigured(f"ADMIN_EMAIL={ADMIN_EMAIL!r}: must be an e-mail address.")
ADMIN_PASSWORD = long_enough("ADMIN_PASSWORD", 8)  # not set: one is made up and printed once
# Whether `serve` makes a first device's key and prints it at every start. Not where logs are kept.
FIRST_APP_USER = yes_or_no("FIRST_APP_USER", default=True)

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "server.upkeep",
    "server.projects",
    "server.hooks",
    "server.forms",
    "server.communes",
    "server.entities",
    "server.submissions",
    "server.inspections",
    "server.plans",
    "server.reports",
    "server.api",
    "server.console",
    "sync",
    "server.serving",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "server.edges.Packing",
    "django.middleware.http.ConditionalGetMiddleware",
    "django.middleware.common.CommonMiddleware",
    "server.edges.SlashesOfNames",
    "server.edges.programs_first",
]
ROOT_URLCONF = "server.urls"
WSGI_APPLICATION = "server.wsgi.application"
APPEND_SLASH = False  # a redirected POST loses its body (openrosa.md §10.9)
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["server.console.templatetags.console"],
            "context_processors": ["django.template.context_processors.request"],
        },
    }
]
# People at desks; who they are, server.console.sessions tells.
CSRF_FAILURE_VIEW = "server.console.errors.csrf_refused"
CSRF_COOKIE_NAME = "so_xa_csrf"
CSRF_COOKIE_AGE = None  # until the browser is closed
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SECURE = SESSION_COOKIE_SECURE = BEHIND_TLS_PROXY
# Not `no-referrer`: browsers then send forms with `Origin: null`, which CSRF must refuse.
# Other hosts are told nothing either way.
SECURE_REFERRER_POLICY = "same-origin"

_DATABASE: dict[str, Any] = (
    env.db("DATABASE_URL")
    if beginning("DATABASE_URL", ("postgres://", "postgresql://"))
    else embedded.database(VAR)
)
DATABASES = {
    "default": {
        **_DATABASE,
        # A phone is told within 5 s that the database is away: what it asked on an old connection
        # fails after the second, a new one after the first. libpq's own patience is hours.
        "OPTIONS": {
            "connect_timeout": 2,  # seconds
            "tcp_user_timeout": 2500,  # milliseconds
            "prepare_threshold": 1,  # statements by hand are planned for good the second time
            "options": "-c cursor_tuple_fraction=1",  # cursors are read to their end; it plans so
            **_DATABASE.get("OPTIONS", {}),
        },
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "ATOMIC_REQUESTS": False,  # each command opens its own durable transaction
        "ENGINE": "server.postgres",  # Django's, see there
    }
}
# How long a request waits for one answer of a PostgreSQL that hangs (server.postgres.patience).
DATABASE_TIMEOUT_S = at_least("DATABASE_TIMEOUT_S", 1, 20, most=300)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "projects.User"
AUTH_PASSWORD_VALIDATORS: list[dict[str, Any]] = []  # projects.passwords has them
PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher"]

LANGUAGE_CODE = "vi"
USE_I18N = True
TIME_ZONE = "UTC"  # local time appears only where a person reads it
LOCAL_TIME_ZONE = time_zone("LOCAL_TIME_ZONE", "Asia/Ho_Chi_Minh")
USE_TZ = True

# Files: a local folder unless an S3 store is named.
STORAGE = one_of("STORAGE", ("folder", "minio"), "folder")
FILES_DIR = Path(env.str("FILES_DIR", default=str(VAR / "files")))
if STORAGE == "minio":
    INSTALLED_APPS.append("minio_storage")
    MINIO_STORAGE_ENDPOINT: str = env.str("MINIO_ENDPOINT")
    MINIO_STORAGE_ACCESS_KEY: str = env.str("MINIO_ACCESS_KEY")
    MINIO_STORAGE_SECRET_KEY: str = env.str("MINIO_SECRET_KEY")
    MINIO_STORAGE_USE_HTTPS = yes_or_no("MINIO_USE_HTTPS", default=True)
    # Named, because asking the store for it is one more request and not every store can answer.
    MINIO_STORAGE_REGION: str = env.str("MINIO_REGION", default="us-east-1")
    MINIO_STORAGE_MEDIA_BUCKET_NAME: str = env.str("MINIO_BUCKET", default="so-xa")
    MINIO_STORAGE_AUTO_CREATE_MEDIA_BUCKET = True
    MINIO_STORAGE_MEDIA_USE_PRESIGNED = True
# Where programs reach the store itself, and how long a signed address there opens one file.
PRESIGNED = beginning("PRESIGNED", ("http://", "https://")).rstrip("/")
PRESIGNED_S = at_least("PRESIGNED_S", 5, 60, most=3_600)
# Files that people ask for (server.reports.jobs): how long they are kept, how many one person may
# have made at once and keep, and after how long a maker that gives no sign is taken for dead.
EXPORT_KEPT_DAYS = at_least("EXPORT_KEPT_DAYS", 1, 7, most=365)
EXPORTS_WAITING = at_least("EXPORTS_WAITING", 1, 3, most=100)
EXPORTS_KEPT = at_least("EXPORTS_KEPT", 1, 20, most=1_000)
EXPORT_STALE_S = at_least("EXPORT_STALE_S", 10, 60, most=3_600)
# How long what was taken away can be brought back (server.inspections.purge).
TRASH_KEPT_DAYS = at_least("TRASH_KEPT_DAYS", 1, 30, most=3_650)
# Webhooks: what they may reach beside public addresses by https, and how long a target may take.
WEBHOOK_ALLOW = networks("WEBHOOK_ALLOW")
WEBHOOK_HTTP = yes_or_no("WEBHOOK_HTTP", default=False)
WEBHOOK_TIMEOUT_S = at_least("WEBHOOK_TIMEOUT_S", 1, 10, most=60)
# Reports are due before these days of the year (plan 59/KH-UBND of 2023, II.9), month-day.
DUE_H1 = day_of_year("DUE_H1", "06-10")
DUE_FY = day_of_year("DUE_FY", "11-10")
# Sensitive counts of 1 to K-1 are never printed outside the units they are of.
SMALL_CELL_K = at_least("SMALL_CELL_K", 3, 5, most=100)
# Days that an inspector is given to complete what was returned; 0: no last day is shown.
RETURN_DAYS = at_least("RETURN_DAYS", 0, 7, most=365)
# What may wait on the local disk while the object store is down; then nothing more is taken.
SPOOL_BYTES = at_least("SPOOL_BYTES", 100_000_000, 5_000_000_000)
# How long a phone is kept waiting for the store. Collect gives up after 60 s (openrosa.md §1.1),
# and a post may ask twice.
MINIO_TIMEOUT_S = at_least("MINIO_TIMEOUT_S", 1, 10, most=25)
MINIO_AWAY_S = at_least("MINIO_AWAY_S", 1, 60, most=3_600)
STORAGES: dict[str, Any] = {
    "default": (
        {"BACKEND": "server.bucket.Bucket"}
        if STORAGE == "minio"
        else {"BACKEND": "server.folder.DurableFolder", "OPTIONS": {"location": str(FILES_DIR)}}
    ),
    # Local folders beside an object store: where blobs wait while it is down, and copies of what
    # phones download.
    **(
        {
            "spool": {
                "BACKEND": "server.folder.Spool",
                "OPTIONS": {"location": str(VAR / "spool"), "most_bytes": SPOOL_BYTES},
            },
            "cache": {
                "BACKEND": "server.folder.DurableFolder",
                "OPTIONS": {"location": str(VAR / "cache")},
            },
        }
        if STORAGE == "minio"
        else {}
    ),
    "staticfiles": {"BACKEND": "server.console.static_files.HashedFiles"},
}
STATIC_URL = "/static/"
STATIC_ROOT = VAR / "static"  # gathered at each start (server.console.static_files)
STATICFILES_DIRS = [Path(__file__).parent / "console/static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "server.console.static_files.PackageFiles",
]

# What a device may send. Collect posts the XML and up to 101 files at once (openrosa.md §4.3).
MAX_POST_BYTES = at_least("MAX_POST_BYTES", 1_000_000, 100_000_000)
ADVERTISED_POST_BYTES = at_least("ADVERTISED_POST_BYTES", 100_000, 5_000_000, most=MAX_POST_BYTES)
MAX_XML_BYTES = at_least("MAX_XML_BYTES", 10_000, 5_000_000)
MAX_POST_FILES = at_least("MAX_POST_FILES", 102, 250)
DATA_UPLOAD_MAX_NUMBER_FILES = MAX_POST_FILES
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000  # of a page: every commune of a province may be ticked
QUARANTINE_BYTES = at_least("QUARANTINE_BYTES", 1_000_000, 500_000_000)  # one device, undecided
# With less room than this on the disks for files, nothing is taken at all.
MIN_FREE_BYTES = at_least("MIN_FREE_BYTES", 0, 200_000_000)
# Forms as XForms, which cannot be checked for what may not be asked (server.forms.given).
ACCEPT_XFORMS = yes_or_no("ACCEPT_XFORMS", default=False)
FILE_UPLOAD_TEMP_DIR = str(embedded.folder(VAR, "uploads"))
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]

# Whoever has one of these roles in a project opens nothing before they have codes on their phone.
TOTP_REQUIRED_ROLES = some_of("TOTP_REQUIRED_ROLES", ("manager", "supervisor", "viewer"))
# Wrong keys and passwords (server.projects.throttle): for one account from one address, and for
# the address, where a whole office may stand.
THROTTLE_TRIES = at_least("THROTTLE_TRIES", 3, 10)
THROTTLE_ADDRESS_TRIES = at_least("THROTTLE_ADDRESS_TRIES", 3, 300)
THROTTLE_WINDOW_S = at_least("THROTTLE_WINDOW_S", 1, 900)

# Background work. Without a broker Celery passes its messages through a folder
# (docs/decisions/0003-broker.md).
BROKER_URL = beginning("BROKER_URL", ("redis://", "rediss://", "amqp://", "amqps://"))
SWEEP_S = at_least("SWEEP_S", 1, 30, most=86_400)  # seconds between two looks at what is owed
CELERY_BROKER_URL = BROKER_URL or "filesystem://localhost//"
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = (
    # Whoever tells a worker of something tries once: a request waits, the sweep finds it too.
    {"max_retries": 1, "interval_start": 0, "interval_step": 0, "socket_connect_timeout": 2}
    if BROKER_URL
    else embedded.spool(embedded.folder(VAR, "broker"))
)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_IGNORE_RESULT = True  # what a task did stands in the rows it changed
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_ACCEPT_CONTENT = ["json"]  # never pickle, which runs what it reads
CELERY_BEAT_SCHEDULE = timetable(SWEEP_S, has_spool=STORAGE == "minio")

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["server.api.auth.BearerToken", "server.api.auth.Password"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "server.api.errors.answer",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Sổ Xã",
    "DESCRIPTION": "Kiểm tra công tác bình đẳng giới cấp xã: từ phiếu đến một dòng mỗi xã.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",  # whose shapes are JSON Schema as it stands
    "COMPONENT_SPLIT_REQUEST": True,  # what is sent may not be blank where nothing says it may
    # Several shapes have a field `state` or `decision`; these name their vocabularies.
    "ENUM_NAME_OVERRIDES": {
        "ConflictChoice": "server.entities.conflicts.Choice",
        "QuarantineDecision": "server.submissions.models.Decision",
        "RecommendationStep": "server.api.recommendations_shapes.REACHABLE",
        "FormState": "server.forms.models.FormState",
        "PlanState": "server.plans.models.PlanState",
        "Covered": "server.inspections.expected.COVERED",
        "Reported": "server.inspections.expected.REPORTED",
    },
}

LOG_LEVEL = one_of("LOG_LEVEL", ("DEBUG", "INFO", "WARNING", "ERROR"), "INFO")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {
        "keys": {"()": "server.logs.MaskKeys"},
        "quiet": {"()": "server.logs.WithoutTraceback"},
    },
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "filters": ["keys"], "formatter": "line"}
    },
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    # One line for every look at what is owed would hide the others.
    "loggers": {
        **{
            name: {"level": LOG_LEVEL if LOG_LEVEL in ("DEBUG", "ERROR") else "WARNING"}
            for name in ("celery", "kombu")
        },
        # A line for each request that waits for another would slow both down.
        "waitress.queue": {"level": "ERROR"},
        # Robots try every address on the internet under every name.
        "django.security.DisallowedHost": {"filters": ["quiet"]},
    },
}
