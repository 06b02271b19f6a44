"""Settings for every environment. Environment variables are read here and in the other modules."""

from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import available_timezones

import tantivy
from django.conf import global_settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _
from wagtail.embeds import oembed_providers

from settings.environment import env
from settings.headers import *
from settings.search import reader_backend

BASE_DIR = Path(__file__).resolve().parent.parent

# Everything the site writes: database, media, search index, collected static files.
DATA_DIR = Path(env.str("DATA_DIR", default=str(BASE_DIR / "var")))

INSTALLED_APPS = [
    "home",
    "search",
    "blog",
    "wagtail.contrib.redirects",
    "wagtail.contrib.routable_page",
    "wagtail.contrib.search_promotions",
    "wagtail.contrib.settings",
    "wagtail.contrib.typed_table_block",
    "wagtail.embeds",
    "wagtail.sites",
    "wagtail.users",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "wagtailmetadata",
    "csp",
    "axes",
    "django_otp",
    "django_otp.plugins.otp_static",
    "django_otp.plugins.otp_totp",
    "django_otp_webauthn",
    "modelcluster",
    "taggit",
    "django_filters",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sitemaps",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    # First, so that every answer has their headers. They need no service.
    "django.middleware.security.SecurityMiddleware",
    "home.middleware.PolicyMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    # Before the others, so that monitoring is answered even if they fail.
    "home.health.health_middleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "home.middleware.keep_sessions_private",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "home.accounts.second_factor.SecondFactorMiddleware",
    "home.accounts.limits.LimitMiddleware",
    "axes.middleware.AxesMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "home.middleware.speculate",
    "home.middleware.remember_site",
    "blog.schedule.middleware.DueMiddleware",
    "blog.editing.drafts.IncompleteDraftMiddleware",
    "blog.redirecting.PublicRedirectMiddleware",
]

ROOT_URLCONF = "settings.urls"
WSGI_APPLICATION = "settings.wsgi.application"

TEMPLATES = [
    {
        # For readers' pages, in the `jinja2` folders: Jinja2 renders several times as fast.
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "APP_DIRS": True,
        "OPTIONS": {
            "environment": "home.jinja.environment",
            "extensions": [
                "jinja2.ext.i18n",
                "wagtail.admin.jinja2tags.userbar",
                "wagtail.images.jinja2tags.images",
                "wagtail.jinja2tags.core",
                "wagtailmetadata.jinja2tags.WagtailMetadataExtension",
            ],
        },
    },
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.debug",
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "wagtail.contrib.settings.context_processors.settings",
            ],
        },
    },
]

# Databases, caches and files

DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{DATA_DIR}/daybook.sqlite3")}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # Transactions wait for the lock when they begin, instead of failing later, and readers never
    # wait for a writer (WAL).
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        # In seconds. So short because home.sqlite does the waiting.
        "timeout": 0.02,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
else:
    DATABASES["default"]["ENGINE"] = "home.postgresql"
    # In seconds. A machine that is off does not refuse a connection.
    DATABASES["default"].setdefault("OPTIONS", {}).setdefault("connect_timeout", 5)
# Connections are reused, and replaced if PostgreSQL has closed them.
DATABASES["default"].setdefault("CONN_MAX_AGE", 60)
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# The size of each process's page cache in MB; 0 turns it off.
PAGE_CACHE_MB = env.whole("PAGE_CACHE_MB", default=64, least=0)
CACHES = {
    "default": env.cache("CACHE_URL", default="locmemcache://"),
    # Values that hold until the next change that a reader could notice.
    "until_change": {
        "BACKEND": "home.page_cache.until_change.UntilChangeCache",
        "OPTIONS": {"MAX_ENTRIES": 2000},
    },
}
HAS_REDIS = CACHES["default"]["BACKEND"].endswith("RedisCache")
if HAS_REDIS:
    # While Redis is away the site goes on without it, and waits for it only briefly.
    CACHES["default"]["BACKEND"] = "home.cache.RedisCache"
    CACHES["default"].setdefault("OPTIONS", {}).update(
        socket_timeout=0.5, socket_connect_timeout=0.5
    )
# Where the generation of the page cache is kept: "file" on one machine, "redis" on several.
PAGE_CACHE_SHARED = env.str("PAGE_CACHE_SHARED", default="file")
env.require(
    PAGE_CACHE_SHARED in {"file", "redis"},
    "PAGE_CACHE_SHARED",
    f"is “{PAGE_CACHE_SHARED}” instead of file or redis.",
)
env.require(
    PAGE_CACHE_SHARED != "redis" or HAS_REDIS,
    "PAGE_CACHE_SHARED",
    "is redis, but CACHE_URL names no Redis server, such as redis://host:6379/0.",
)
# Whether pages are also written to DATA_DIR/pages, for nginx to serve.
PAGE_CACHE_FILES = env.bool("PAGE_CACHE_FILES", default=False)
# The number of machines of the site. With more than one, PAGE_CACHE_SHARED must be "redis".
MACHINES = env.whole("MACHINES", default=1, least=1)
env.require(
    MACHINES == 1 or not PAGE_CACHE_MB or PAGE_CACHE_SHARED == "redis",
    "MACHINES",
    f"is {MACHINES}, but they do not tell each other what has changed: PAGE_CACHE_SHARED must be"
    " redis, or PAGE_CACHE_MB 0.",
)
# After how many hours health warns that the last backup is too old.
BACKUP_HOURS = env.whole("BACKUP_HOURS", default=26, least=1)
# A Varnish in front of the site, with deploy/varnish.vcl. A CDN is another entry. `home.purge`
# empties them after a change; Wagtail's app, which purges single URLs, is not installed.
FRONTEND_CACHE_URL = env.str("FRONTEND_CACHE_URL", default="")
if FRONTEND_CACHE_URL:
    WAGTAILFRONTENDCACHE = {
        "default": {
            "BACKEND": "wagtail.contrib.frontend_cache.backends.HTTPBackend",
            "LOCATION": FRONTEND_CACHE_URL,
        }
    }

STATIC_ROOT = DATA_DIR / "static"
try:
    STATIC_ROOT.mkdir(parents=True, exist_ok=True)
except OSError as error:
    env.require(False, "DATA_DIR", f"is a folder that cannot be written to: {error.strerror}.")
STATIC_URL = "/static/"
MEDIA_ROOT = DATA_DIR / "media"
MEDIA_URL = "/media/"
STORAGES = {
    "default": {"BACKEND": "home.storage.MediaStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# Unset, each machine keeps an index in DATA_DIR. Else one of Wagtail's backends, for plain results:
# its name alone, or with the address of a cluster, "opensearch3+https://search.example:9200/index".
SEARCH_BACKEND = env.str("SEARCH_BACKEND", default="")
# The English name of the language whose stems and stop words the search uses.
SEARCH_LANGUAGE = env.str("SEARCH_LANGUAGE", default="english")
try:
    stemmer = tantivy.Filter.stemmer(SEARCH_LANGUAGE.lower())
    tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).filter(stemmer)
except ValueError:
    env.require(False, "SEARCH_LANGUAGE", f"is “{SEARCH_LANGUAGE}”, which has no stemmer.")
SEARCH_STOP_WORDS = env.list("SEARCH_STOP_WORDS", default=[])

# Logging, to the standard error stream

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "home.log.SparingHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        # Without Django's handlers, which write in development only and send e-mails.
        "django": {"handlers": [], "level": "INFO"},
        # A page that is not found is not worth a message.
        "django.request": {"level": "ERROR"},
    },
}

# Addresses and accounts

BASE_URL = env.str("BASE_URL", default="http://127.0.0.1:8000").rstrip("/")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])

AUTH_USER_MODEL = "home.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "wagtailadmin_login"
LOGIN_REDIRECT_URL = "wagtailadmin_home"
AUTHENTICATION_BACKENDS = [
    # First, so that no password is hashed for who is locked out.
    "axes.backends.AxesBackend",
    "django.contrib.auth.backends.ModelBackend",
]
# Ten failures lock an account, and an address, for a quarter of an hour (home.accounts.limits).
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = "home.accounts.limits.lockout_parameters"
AXES_LOCKOUT_CALLABLE = "home.accounts.limits.locked_out"
AXES_CLIENT_IP_CALLABLE = "home.accounts.address.client_address"
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
# Who signs in rightly, and from where, is not written down.
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = False
# What an authenticator app shows of the site beside the code.
OTP_TOTP_ISSUER = "Daybook"
# A passkey is a second factor only. It belongs to the host of BASE_URL, but never to an IP address.
OTP_WEBAUTHN_ALLOW_PASSWORDLESS_LOGIN = False
OTP_WEBAUTHN_ALLOWED_ORIGINS = [BASE_URL.lower().replace("//127.0.0.1", "//localhost")]
OTP_WEBAUTHN_RP_ID = urlsplit(OTP_WEBAUTHN_ALLOWED_ORIGINS[0]).hostname
OTP_WEBAUTHN_RP_NAME = "Daybook"
# The addresses of the proxies whose X-Forwarded-For is believed.
TRUSTED_PROXIES = env.list("TRUSTED_PROXIES", default=[])
# Requests of one address in a minute, by method and view.
REQUEST_LIMITS = {
    "GET search": 120,
    "GET search_suggest": 300,
    "POST csp_report": 30,
    "POST wagtailadmin_login": 30,
    "POST wagtailcore_login": 30,
    "POST second_factor": 30,
    "POST wagtailadmin_password_reset": 10,
    "POST wagtailcore_authenticate_with_password": 30,
    "POST wagtaildocs_authenticate_with_password": 30,
}
# Whether the demo may create accounts with a published password.
DEMO_ACCOUNTS = False

# Language and time

LANGUAGE_CODE = env.str("LANGUAGE_CODE", default="en-gb")
LOCALE_PATHS = [BASE_DIR / "home" / "locale"]
env.require(
    LANGUAGE_CODE in dict(global_settings.LANGUAGES),
    "LANGUAGE_CODE",
    f"is “{LANGUAGE_CODE}”, which Django has no words for.",
)
TIME_ZONE = env.str("TIME_ZONE", default="Europe/London")
if TIME_ZONE not in available_timezones():
    env.require(False, "TIME_ZONE", f"is “{TIME_ZONE}”, which is no time zone.")
    TIME_ZONE = "UTC"

# E-mail

vars().update(env.email("EMAIL_URL", default="consolemail://"))
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="daybook@localhost")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# Announcements of new posts

# A WebSub hub (https://www.w3.org/TR/websub/) that tells feed readers of new posts at once.
WEBSUB_HUB_URL = env.str("WEBSUB_HUB_URL", default="")
for name, address in {
    "BASE_URL": BASE_URL,
    "FRONTEND_CACHE_URL": FRONTEND_CACHE_URL,
    "WEBSUB_HUB_URL": WEBSUB_HUB_URL,
}.items():
    parts = urlsplit(address)
    env.require(
        not address or (parts.scheme in {"http", "https"} and parts.hostname),
        name,
        "is no address that begins with http:// or https://.",
    )
# The key of the site for IndexNow (https://www.indexnow.org/).
INDEXNOW_KEY = env.str("INDEXNOW_KEY", default="")
# Whether robots.txt lets search engines in; settings.production does by default.
SEARCH_ENGINES = env.bool("SEARCH_ENGINES", default=False)

# Wagtail

WAGTAIL_SITE_NAME = "Daybook"
WAGTAILADMIN_BASE_URL = BASE_URL
WAGTAILSEARCH_BACKENDS = {
    # For the admin.
    "default": {"BACKEND": "wagtail.search.backends.database"},
}
try:
    WAGTAILSEARCH_BACKENDS["reader"] = reader_backend(
        SEARCH_BACKEND,
        MODELS=["blog.PostPage", "home.StandardPage"],
        LANGUAGE=SEARCH_LANGUAGE,
        STOP_WORDS=SEARCH_STOP_WORDS,
        PATH=DATA_DIR / "search_index",
    )
except ImproperlyConfigured as error:
    env.problems.append(str(error))
WAGTAILIMAGES_IMAGE_MODEL = "blog.Photo"
# What a page without a date becomes when it is imported, below the front page.
IMPORTED_PAGE_MODEL = "home.StandardPage"
WAGTAILIMAGES_EXTENSIONS = ["avif", "gif", "jpg", "jpeg", "png", "webp"]
# Looks as good as WebP at its default of 80, in no more bytes. AVIF at 80 needs twice as many.
WAGTAILIMAGES_AVIF_QUALITY = 60
WAGTAILIMAGES_IMAGE_FORM_BASE = "blog.photos.uploads.PhotoForm"
WAGTAILIMAGES_MAX_UPLOAD_SIZE = 20 * 1024 * 1024
# Checked before a picture is decoded, as a small file can decode to gigabytes. Enough for cameras
# with 48 megapixels, which take 150 MB of a worker's memory.
WAGTAILIMAGES_MAX_IMAGE_PIXELS = 50_000_000
WAGTAILDOCS_EXTENSIONS = ["csv", "docx", "odt", "ods", "odp", "pdf", "pptx", "rtf", "txt", "xlsx"]
WAGTAILDOCS_MAX_UPLOAD_SIZE = 20 * 1024 * 1024
# Served by a view, which checks permissions and lets browsers download all but PDF, as a document
# can contain scripts.
WAGTAILDOCS_SERVE_METHOD = "serve_view"
WAGTAILEMBEDS_FINDERS = [
    {"class": "blog.editing.embeds.PrivateFinder"},
    {
        "class": "blog.editing.embeds.GuardedFinder",
        "providers": [oembed_providers.soundcloud, oembed_providers.spotify, oembed_providers.ted],
    },
]
# `blog.redirects` creates them, but not for drafts.
WAGTAILREDIRECTS_AUTO_CREATE = False
WAGTAILMETADATA_IMAGE_FILTER = "fill-1200x630|format-jpeg"
WAGTAILADMIN_PERMITTED_LANGUAGES = [("en-gb", _("English (United Kingdom)")), ("en", _("English"))]
WAGTAILADMIN_USER_PASSWORD_RESET_FORM = "home.accounts.forms.PasswordResetForm"  # noqa: S105
# Do not send the editors' e-mail hashes to Gravatar.
WAGTAIL_GRAVATAR_PROVIDER_URL = None
TAGGIT_CASE_INSENSITIVE = True
# The form of a long body has many fields.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000
