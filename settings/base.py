"""What holds everywhere: each environment variable is read here or in production, on one line."""

from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from settings.search import reader_backend

env = environ.Env()

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
    # Answers whoever watches over the site, whatever else has failed.
    "home.health.HealthMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "home.middleware.keep_sessions_private",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "home.middleware.remember_site",
    "blog.schedule.middleware.DueMiddleware",
    "blog.editing.drafts.IncompleteDraftMiddleware",
    "wagtail.contrib.redirects.middleware.RedirectMiddleware",
]

ROOT_URLCONF = "settings.urls"
WSGI_APPLICATION = "settings.wsgi.application"

TEMPLATES = [
    {
        # Readers' pages, in the `jinja2` folders: it renders them several times as fast.
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

# Where things are kept

DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{DATA_DIR}/daybook.sqlite3")}
if DATABASES["default"]["ENGINE"].rpartition(".")[2] not in {"sqlite3", "postgresql"}:
    raise ImproperlyConfigured("DATABASE_URL begins with neither sqlite:// nor postgres://.")
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # Writers queue for the lock when their transaction begins, instead of failing in its middle,
    # and readers never wait for a writer.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        # In seconds; home.sqlite says why so short, and waits for longer.
        "timeout": 0.02,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
else:
    # In seconds; a machine that is gone does not say so.
    DATABASES["default"].setdefault("OPTIONS", {}).setdefault("connect_timeout", 5)
# Connecting costs more than a query. One that a restarted PostgreSQL left behind is replaced.
DATABASES["default"].setdefault("CONN_MAX_AGE", 60)
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"


# What each process keeps of pages, in MB; 0 keeps nothing.
PAGE_CACHE_MB = env.int("PAGE_CACHE_MB", default=64)
CACHES = {
    "default": env.cache("CACHE_URL", default="locmemcache://"),
    # What is worked out once after each change that a reader could notice.
    "until_change": {
        "BACKEND": "home.page_cache.until_change.UntilChangeCache",
        "OPTIONS": {"MAX_ENTRIES": 2000},
    },
}
if CACHES["default"]["BACKEND"].endswith("RedisCache"):
    # Without Redis the site is slower, and no more: nobody waits for it either.
    CACHES["default"]["BACKEND"] = "home.cache.RedisCache"
    CACHES["default"].setdefault("OPTIONS", {}).update(
        socket_timeout=0.5, socket_connect_timeout=0.5
    )
# Who says that a kept page is still true: a file on one machine, "redis" on several.
PAGE_CACHE_SHARED = env.str("PAGE_CACHE_SHARED", default="file")
# Whether pages are also written to DATA_DIR/pages, from where nginx answers by itself.
PAGE_CACHE_FILES = env.bool("PAGE_CACHE_FILES", default=False)
# On how many machines the site runs: with more than one, PAGE_CACHE_SHARED must be "redis".
MACHINES = env.int("MACHINES", default=1)
# Names of addresses, or beginnings of paths, whose answers are never kept.
PAGE_CACHE_SKIPPED = [
    "wagtailadmin_home",
    "search",
    "/documents/",
    "/api/",
    "/health",
    "/sitemap-news",
]

# A Varnish in front of the site, with deploy/varnish.vcl: `home.purge` empties it after a change.
# A CDN is one more entry. Wagtail's own app, which purges a page's address, is not installed.
FRONTEND_CACHE_URL = env.str("FRONTEND_CACHE_URL", default="")
if FRONTEND_CACHE_URL:
    WAGTAILFRONTENDCACHE = {
        "default": {
            "BACKEND": "wagtail.contrib.frontend_cache.backends.HTTPBackend",
            "LOCATION": FRONTEND_CACHE_URL,
        }
    }

STATIC_ROOT = DATA_DIR / "static"
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
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
# The English name of the language whose stems and stop words are used.
SEARCH_LANGUAGE = env.str("SEARCH_LANGUAGE", default="english")
SEARCH_STOP_WORDS = env.list("SEARCH_STOP_WORDS", default=[])

# What is logged, all of it to the standard error stream

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "home.log.SparingHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        # Django's own are written in development only, and mailed.
        "django": {"handlers": [], "level": "INFO"},
        # A page that is not found is no fault.
        "django.request": {"level": "ERROR"},
    },
}

# Who the site is

BASE_URL = env.url("BASE_URL", default="http://127.0.0.1:8000").geturl().rstrip("/")
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
# Whether the demo may make accounts whose password everybody knows.
DEMO_ACCOUNTS = False

# Language and time

LANGUAGE_CODE = env.str("LANGUAGE_CODE", default="en-gb")
TIME_ZONE = env.str("TIME_ZONE", default="Europe/London")
USE_I18N = True
USE_TZ = True

# Post

vars().update(env.email("EMAIL_URL", default="consolemail://"))
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="daybook@localhost")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# Whom to tell of new posts

# A hub (https://www.w3.org/TR/websub/) that passes new posts on to feed readers at once.
WEBSUB_HUB_URL = env.str("WEBSUB_HUB_URL", default="")
# Proves to search engines that a notice (https://www.indexnow.org/) comes from this site.
INDEXNOW_KEY = env.str("INDEXNOW_KEY", default="")
# Whether search engines may come: off everywhere but in production.
SEARCH_ENGINES = env.bool("SEARCH_ENGINES", default=False)

# Wagtail

WAGTAIL_SITE_NAME = "Daybook"
WAGTAILADMIN_BASE_URL = BASE_URL
WAGTAILSEARCH_BACKENDS = {
    # The admin's and the API's.
    "default": {"BACKEND": "wagtail.search.backends.database"},
    "reader": reader_backend(
        SEARCH_BACKEND,
        MODELS=["blog.PostPage", "home.StandardPage"],
        LANGUAGE=SEARCH_LANGUAGE,
        STOP_WORDS=SEARCH_STOP_WORDS,
        PATH=DATA_DIR / "search_index",
    ),
}
WAGTAILIMAGES_IMAGE_MODEL = "blog.Photo"
WAGTAILIMAGES_EXTENSIONS = ["avif", "gif", "jpg", "jpeg", "png", "webp"]
# As good to look at as WebP at Wagtail's 80, in as many bytes or fewer; 80 takes twice as many.
WAGTAILIMAGES_AVIF_QUALITY = 60
WAGTAILIMAGES_IMAGE_FORM_BASE = "blog.photos.uploads.PhotoForm"
WAGTAILIMAGES_MAX_UPLOAD_SIZE = 20 * 1024 * 1024
# A few bytes can unfold into gigabytes: looked at before anything is decoded. Cameras of 48
# megapixels are served, for 150 MB of a worker's memory.
WAGTAILIMAGES_MAX_IMAGE_PIXELS = 50_000_000
WAGTAILDOCS_EXTENSIONS = ["csv", "docx", "odt", "ods", "odp", "pdf", "pptx", "rtf", "txt", "xlsx"]
WAGTAILDOCS_MAX_UPLOAD_SIZE = 20 * 1024 * 1024
# A document can carry a script: browsers are told to save it, not to show it, save for PDF.
WAGTAILDOCS_SERVE_METHOD = "serve_view"
WAGTAILEMBEDS_FINDERS = [
    {"class": "blog.editing.embeds.PrivateFinder"},
    {"class": "wagtail.embeds.finders.oembed"},
]
# `blog.redirects` does it, and leaves out the addresses of drafts.
WAGTAILREDIRECTS_AUTO_CREATE = False
WAGTAILMETADATA_IMAGE_FILTER = "fill-1200x630|format-jpeg"
WAGTAIL_I18N_ENABLED = False
WAGTAIL_WORKFLOW_ENABLED = True
WAGTAILADMIN_COMMENTS_ENABLED = True
WAGTAILADMIN_PERMITTED_LANGUAGES = [("en-gb", _("English (United Kingdom)")), ("en", _("English"))]
# Nobody else learns who edits here.
WAGTAIL_GRAVATAR_PROVIDER_URL = None
TAGGIT_CASE_INSENSITIVE = True
# A long body is many fields.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000
