"""Settings for the test suite: fast password hashing, and files in temporary folders."""

import os
import tempfile

from .base import *

DEBUG = False
SECRET_KEY = "for-tests-only"
ALLOWED_HOSTS = ["*"]
DEMO_ACCOUNTS = True
REQUEST_LIMITS = {}
INSTALLED_APPS += ["tests.notices"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
MEDIA_ROOT = Path(tempfile.mkdtemp(prefix="daybook-media-"))
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
WHITENOISE_USE_FINDERS = True
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # In a file, so that it can be reused and opened by several processes.
    DATA_DIR.mkdir(parents=True, exist_ok=True)
    DATABASES["default"]["TEST"] = {"NAME": str(DATA_DIR / "test.sqlite3")}
if HAS_REDIS:
    # Clearing the cache clears its Redis database, so each process of the suite needs its own.
    address, _slash, number = CACHES["default"]["LOCATION"].rpartition("/")
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    CACHES["default"]["LOCATION"] = f"{address}/{int(number) + worker}"

env.refuse()

# Each test that searches builds the index of its own posts, and takes in what it writes.
WAGTAILSEARCH_BACKENDS["reader"] |= {
    "AT_ONCE": True,
    "PATH": Path(tempfile.mkdtemp(prefix="daybook-search-")),
}
# Last, as the test database is in the original folder. Everything else is temporary.
DATA_DIR = Path(tempfile.mkdtemp(prefix="daybook-data-"))
