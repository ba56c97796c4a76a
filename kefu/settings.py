"""Django's settings. All values that operators may change come from the environment."""

from pathlib import Path

from . import environment
from .environment import env

BASE_DIR = Path(__file__).resolve().parent.parent
environment.read_files()
DATA_DIR = environment.data_dir(BASE_DIR / "var")

SECRET_KEY = environment.secret_key(DATA_DIR)
SECRET_KEY_FALLBACKS = environment.former_keys()
DEBUG = environment.parse_switch("DEBUG", False)
PUBLIC_URL = environment.public_url()
ALLOWED_HOSTS = environment.allowed_hosts(PUBLIC_URL)
TRUSTED_PROXIES = environment.networks("TRUSTED_PROXIES")
METRICS_ALLOW = environment.networks("METRICS_ALLOW", "127.0.0.0/8", "::1")
WEBHOOK_ALLOW = environment.networks("WEBHOOK_ALLOW")
AI_ALLOW = environment.networks("AI_ALLOW")
CHANNEL_ALLOW = environment.networks("CHANNEL_ALLOW")
PUSH_ALLOW = environment.networks("PUSH_ALLOW")
RATE_LIMITS = environment.parse_switch("RATE_LIMITS", True)
REDIS_URL = environment.redis_url()
DEMO = environment.demo()

INSTALLED_APPS = [
    "daphne",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "channels",
    "accounts.apps.GuessingConfig",
    "csp",
    "kefu",
    "accounts",
    "chat",
]

MIDDLEWARE = [
    "kefu.monitoring.CountRequests",
    "kefu.static_files.StaticFiles",
    "chat.api.answers.ApiAnswers",
    "django.middleware.security.SecurityMiddleware",
    "kefu.compression.CompressPages",
    "csp.middleware.CSPMiddleware",
    "accounts.middleware.SessionCookie",
    "django.middleware.locale.LocaleMiddleware",
    "kefu.limits.BodyLimit",
    "kefu.partitions.PartitionCookies",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "kefu.limits.AccountLimit",
    "accounts.middleware.Authentication",
    "accounts.middleware.MemberMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "kefu.urls"
ASGI_APPLICATION = "kefu.asgi.application"
# The forms' own templates, too, are read and kept as TEMPLATES says.
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "kefu.folding.Loader",
                    [
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "accounts.theme.theme",
            ],
        },
    },
]

DATABASES = {"default": environment.database(DATA_DIR)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# The schema of the seed has column comments. SQLite has none, and each check would warn.
SILENCED_SYSTEM_CHECKS = ["fields.W163", "models.W046"]

# A single process sends nothing through the layer (chat/delivery/bus.py), so none is needed.
CHANNEL_LAYERS = (
    {
        "default": {
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            "CONFIG": {
                "hosts": [environment.redis_host(REDIS_URL)],
                "prefix": env.str("REDIS_PREFIX", default="kefu"),
            },
        }
    }
    if REDIS_URL
    else {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
)

AUTH_USER_MODEL = "accounts.Member"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "accounts.backends.MemberBackend",
    "accounts.backends.DirectoryBackend",
    "accounts.backends.FactorBackend",
]
PASSWORD_HASHERS = [
    "accounts.passwords.hashers.Argon2InTurn",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
    # Of accounts that were imported, until their first sign-in.
    "accounts.passwords.hashers.Argon2OfMD5",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["name", "nickname", "email"]},
    },
    {"NAME": "accounts.passwords.strength.MinimumLength"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "agent-login"
LOGIN_REDIRECT_URL = "workspace"
LOGOUT_REDIRECT_URL = "agent-login"
SESSION_ENGINE = "accounts.sign_ins.store"
SESSION_COOKIE_AGE = 14 * 24 * 3600
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_HANDLER = "accounts.passwords.attempts.Handler"
AXES_CLIENT_IP_CALLABLE = "accounts.passwords.attempts.network_of"
# A row for each wrong password; accounts/passwords/attempts.py counts them.
AXES_ENABLE_ACCESS_FAILURE_LOG = True
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = 0.25  # hours
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_CALLABLE = "accounts.pages.sign_in.locked_out"
AXES_VERBOSE = False
AXES_CLIENT_STR_CALLABLE = "kefu.logs.client_of"
AXES_USERNAME_FORM_FIELD = "username"
# django-axes stores the fields of a failed form; these are masked.
AXES_SENSITIVE_PARAMETERS = [
    *("username", "ip_address", "old_password", "new_password1", "new_password2"),
    "code",
]
# Attempts during the lockout must not extend it.
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False

# Providers of single sign-on may be asked by plain http while one develops.
OIDC_PLAIN_HTTP = DEBUG

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = "kefu.formats"
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "static/"
WHITENOISE_ALLOW_ALL_ORIGINS = False
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    # nginx may read them by an access list, whose mask are the rights of the group.
    "staticfiles": {
        "BACKEND": "kefu.storage.StaticStorage",
        "OPTIONS": {"file_permissions_mode": 0o640},
    },
}
MEDIA_ROOT = DATA_DIR / "media"
# A picture has up to 2 MB, and a form may have two; the rest of it is small. A file in a message
# has 10 MiB.
MAX_BODY = DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
# An article has up to 100,000 characters; JSON may write each of them with six.
MAX_API_BODY = 640 * 1024
MAX_FILE_BODY = 11 * 1024 * 1024
# A file with customers or articles has 20 MiB.
MAX_IMPORT_BODY = 21 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FILES = 10
# The page of a team sends four fields for each of its members. MAX_BODY bounds what is parsed.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000
FILE_UPLOAD_PERMISSIONS = 0o600

EMAIL_CONFIG = environment.email()
vars().update(EMAIL_CONFIG)
DEFAULT_FROM_EMAIL = environment.sender()

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "kefu.views.csrf_failure"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
        "manifest-src": ["'self'"],
        "require-trusted-types-for": ["'script'"],
    }
}
if PUBLIC_URL.startswith("https://"):
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^health/", r"^metrics$"]
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
if PUBLIC_URL:
    CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "kefu.logs.formatter"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "kefu": {"level": "INFO"},
        # An empty list removes the handlers that Django and uvicorn add.
        "django": {"handlers": [], "level": "WARNING"},
        "django.request": {"level": "ERROR"},
        "django.server": {"handlers": [], "propagate": True},
        "uvicorn": {"handlers": [], "level": "WARNING", "propagate": True},
        # It logs a traceback at every attempt while Redis is down; chat/delivery/bus.py logs once.
        "channels_redis": {"level": "CRITICAL"},
    },
}
