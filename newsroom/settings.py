"""Settings. What differs between sites comes from the environment: see docs/configuration.md."""

import sys
from pathlib import Path

from csp.constants import NONE, SELF

from newsroom import environment, logs, sentry

BASE_DIR = Path(__file__).resolve().parent.parent

environment.load_file(BASE_DIR / ".env")
IS_DEMO = sys.argv[1:2] == ["demo"]
if IS_DEMO:
    environment.become_demo(BASE_DIR)
DEBUG = environment.flag("NEWSROOM_DEBUG", default=False)
SECRET_KEY = environment.secret_key("NEWSROOM_SECRET_KEY", BASE_DIR / ".secret-key")
NEWSROOM_BASE_URL = environment.base_url("NEWSROOM_BASE_URL", "http://localhost:8000")
ALLOWED_HOSTS = environment.hosts("NEWSROOM_ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]", NEWSROOM_BASE_URL)
NEWSROOM_SITE_NAME = environment.text("NEWSROOM_SITE_NAME", "Newsroom")
# How many of the front page's first 20 cards one outlet may have; 0: any number.
NEWSROOM_OUTLET_LIMIT = environment.number("NEWSROOM_OUTLET_LIMIT", 0, 20)
# Whether articles join stories by themselves where the suggestion is sure enough. It is recorded, and can be undone.
NEWSROOM_AUTOMATIC_STORIES = environment.flag("NEWSROOM_AUTOMATIC_STORIES", default=False)
# Whose `tag:` addresses feeds' entries have: a domain and a day that it was the site's.
NEWSROOM_TAG_AUTHORITY = environment.tag_authority("NEWSROOM_TAG_AUTHORITY", NEWSROOM_BASE_URL)
# The WebSub hub that passes changes of feeds on to those who wait for them; empty: none.
NEWSROOM_WEBSUB_HUB = environment.optional_url("NEWSROOM_WEBSUB_HUB")

globals().update(environment.mail_settings(environment.mail_server("NEWSROOM_EMAIL_URL")))
DEFAULT_FROM_EMAIL = environment.mail_sender("NEWSROOM_EMAIL_FROM", NEWSROOM_BASE_URL, NEWSROOM_SITE_NAME)
# Whether readers can sign up: not where mail would only be printed, but to try it.
NEWSROOM_SENDS_MAIL = DEBUG or IS_DEMO or environment.text("NEWSROOM_EMAIL_URL", "") != ""

# Accounts: which proxies are believed about who a client is, and whether staff must have a second factor.
NEWSROOM_TRUSTED_PROXIES = environment.proxies("NEWSROOM_TRUSTED_PROXIES")
NEWSROOM_REQUIRE_SECOND_FACTOR = environment.flag("NEWSROOM_REQUIRE_SECOND_FACTOR", default=False)
PASSWORD_RESET_TIMEOUT = 2 * 60 * 60  # seconds

INSTALLED_APPS = [
    "taggit",
    "articles",
    "csp",
    "django_htmx",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "newsroom.headers.add_headers",  # outermost, so that every answer has them
    "csp.middleware.CSPMiddleware",
    "newsroom.logs.identify_requests",  # early: whatever answers, the answer has the request's id
    "newsroom.unavailable.wait_for_nobody",
    "newsroom.health.answer_monitors",  # whatever host they ask for
    "newsroom.metrics.count_requests",  # likewise
    "newsroom.open_data.allow_all_origins",  # before redirects, which need it too
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "newsroom.compression.compress_texts",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "newsroom.limits.limit_bodies",  # before anything reads them
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "newsroom.accounts.sessions.guard_accounts",
    "django_htmx.middleware.HtmxMiddleware",
    "newsroom.accounts.time_zones.use_own_zone",
    "articles.admin.unsaved.show_what_was_not_saved",
    "articles.public.display.vary_on_display",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "articles.search.index.index_after_writing",
    "newsroom.open_data.answer_errors_in_json",  # last: no cookie of pages is about these answers
]

CSRF_FAILURE_VIEW = "articles.admin.unsaved.csrf_failure"
ROOT_URLCONF = "newsroom.urls"
# No WSGI_APPLICATION: `manage.py runserver` needs no key of its own, which newsroom/wsgi.py asks for.

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "articles.public.context_processors.site",
            ],
        },
    },
]

DATABASES = {"default": environment.with_driver("DATABASE_URL", environment.database("DATABASE_URL", BASE_DIR))}
environment.at_a_place("DATABASE_URL", DATABASES["default"])
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {"default": environment.with_driver("CACHE_URL", environment.cache("CACHE_URL"))}

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{validator}"}
    for validator in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

# A site speaks one language to all its readers, so that a page is the same for all of them.
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
LANGUAGE_CODE = environment.one_of("NEWSROOM_LANGUAGE", "en", dict(LANGUAGES))
USE_I18N = True
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = "newsroom.formats"  # of dates
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = environment.folder("NEWSROOM_STATIC_ROOT", BASE_DIR / "staticfiles")
STATICFILES_DIRS = [BASE_DIR / "static"]
# Before `collectstatic` (in development and tests) the files are found where they lie.
WHITENOISE_USE_FINDERS = not (STATIC_ROOT / "staticfiles.json").exists()
MEDIA_URL = "media/"
MEDIA_ROOT = environment.folder("NEWSROOM_MEDIA_ROOT", BASE_DIR / "media")
STORAGES = {
    "default": {"BACKEND": "newsroom.storage.WholeFileStorage"},
    "staticfiles": {"BACKEND": "newsroom.static.StaticStorage"},
}

# Readers' browsers talk to this site only; a video's player loads when a reader opens it.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],  # data: the admin's own icons
        "font-src": [SELF],
        "connect-src": [SELF],
        "frame-src": ["https://www.youtube-nocookie.com"],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
X_FRAME_OPTIONS = "DENY"

if NEWSROOM_BASE_URL.startswith("https://"):
    # A proxy that ends TLS must set X-Forwarded-Proto itself and drop what clients send.
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    CSRF_TRUSTED_ORIGINS = [NEWSROOM_BASE_URL]
    SECURE_SSL_REDIRECT = True
    SECURE_HSTS_SECONDS = 31_536_000
    # Whether neighbouring subdomains speak HTTPS only is not for Newsroom to say.
    SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True

# How much a form may hold: a story with 1,000 links has 16 fields for each. newsroom/limits.py allows readers less.
DATA_UPLOAD_MAX_MEMORY_SIZE, DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000_000, 20_000

TAGGIT_CASE_INSENSITIVE = False  # topics are named exactly as their files name them

# What goes wrong, and who is told: see docs/monitoring.md.
LOGGING = logs.settings(
    environment.one_of("NEWSROOM_LOG_LEVEL", "warning", ["debug", "info", "warning", "error"]),
    environment.one_of("NEWSROOM_LOG_FORMAT", "short" if IS_DEMO else "text", ["text", "json", "short"]),
    environment.flag("NEWSROOM_ACCESS_LOG", default=not IS_DEMO),
)
DEFAULT_EXCEPTION_REPORTER = "newsroom.errors.ExceptionReporter"
DEFAULT_EXCEPTION_REPORTER_FILTER = "newsroom.errors.ExceptionFilter"
NEWSROOM_SENTRY_DSN = environment.sentry_dsn("NEWSROOM_SENTRY_DSN")
if NEWSROOM_SENTRY_DSN and not IS_DEMO:
    sentry.start(NEWSROOM_SENTRY_DSN)
# Where backups are kept: `manage.py doctor` looks how old the newest one is. None: nowhere that it knows.
NEWSROOM_BACKUPS = environment.optional_folder("NEWSROOM_BACKUPS")
# Who may read /metrics: nobody (""), everybody ("1"), or who has this token.
NEWSROOM_METRICS = environment.metrics("NEWSROOM_METRICS")
